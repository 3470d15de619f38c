"""A passfile is read as libpq reads it: each line here is also given to the real one, which sends what it finds."""

import os
import queue
import socket
import struct
from collections.abc import Callable, Iterator
from threading import Thread

import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.credentials.station import Server, passwords_of

ROLE = "openerp_a"
HOST = "srv-openerp"
DATABASE = "SpecibikeDurand"
_STARTED_AT = struct.Struct("!I")
_ASKS_FOR_PASSWORD = b"R" + struct.pack("!II", 8, 3)

Libpq = Callable[[bytes], bytes | None]


def _message(connection: socket.socket) -> bytes:
    (length,) = _STARTED_AT.unpack(connection.recv(4, socket.MSG_WAITALL))
    return connection.recv(length - 4, socket.MSG_WAITALL)


def _serve(listening: socket.socket, sent: "queue.Queue[bytes | None]") -> None:
    """Ask each client for its password in the clear, as a server with `password` in its pg_hba.conf does."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # the tests are over
            return
        with connection:
            _message(connection)
            connection.sendall(_ASKS_FOR_PASSWORD)
            sent.put(_message(connection).removesuffix(b"\0") if connection.recv(1) == b"p" else None)


@pytest.fixture(scope="module")
def port() -> Iterator[tuple[int, "queue.Queue[bytes | None]"]]:
    sent: queue.Queue[bytes | None] = queue.Queue()
    listening = socket.create_server(("127.0.0.1", 0))
    Thread(target=_serve, args=(listening, sent), daemon=True).start()
    yield listening.getsockname()[1], sent
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


@pytest.fixture(scope="module")
def libpq(port: tuple[int, "queue.Queue[bytes | None]"], tmp_path_factory: pytest.TempPathFactory) -> Libpq:
    """What the real libpq sends to HOST, as ROLE, with such a passfile; None when it finds no password."""
    number, sent = port
    file = tmp_path_factory.mktemp("libpq") / "pgpass"
    file.touch(0o600)

    def asked(content: bytes) -> bytes | None:
        file.write_bytes(content)
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(
                host=HOST,
                hostaddr="127.0.0.1",
                port=number,
                user=ROLE,
                dbname=DATABASE,
                passfile=str(file),
                sslmode="disable",
                gssencmode="disable",
                connect_timeout=5,
            )
        return sent.get(timeout=5)

    assert "PGPASSWORD" not in os.environ
    return asked


@pytest.fixture(scope="module")
def server(port: tuple[int, "queue.Queue[bytes | None]"]) -> Server:
    return Server(HOST, port[0], DATABASE)


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"*:*:*:openerp_a:plain", b"plain"),
        (b"srv-openerp:*:SpecibikeDurand:openerp_a:of this server\n", b"of this server"),
        (b"*:*:*:*:for every user\n", b"for every user"),
        (b"*:*:*:openerp_a:pa:ss\n", b"pa"),
        (rb"*:*:*:openerp_a:back\\slash\:colon", rb"back\slash:colon"),
        (b"*:*:*:openerp_a:trailing\\\n", b"trailing\\"),
        (rb"srv\-openerp:*:*:openerp_a:x", b"x"),
        (rb"srv-openerp:*:*:openerp\_\a:x", b"x"),
        (rb"srv-openerp:*:*:openerp_a\:x", None),
        (b"another:*:*:openerp_a:OLD\n*:*:*:openerp_a:NEW\n", b"NEW"),
        (b"another:*:*:openerp_a:x\n", None),
        (b"srv-openerp.example:*:*:openerp_a:x\n", None),
        (b"*:1:*:openerp_a:x\n", None),
        (b"*:*:SpecibikeMartin:openerp_a:x\n", None),
        (b"*:*:*:someone:x\n", None),
        (b"*:*:*:openerp_a:first\n*:*:*:openerp_a:second\n", b"first"),
        (b"*:*:*:openerp_a:\n*:*:*:openerp_a:second\n", None),
        (b"*:*:*:openerp_a::x\n", None),
        (b"*:*:*:openerp_a:of Windows\r\n", b"of Windows"),
        (b"#*:*:*:openerp_a:comment\n", None),
        (b" #*:*:*:openerp_a:no comment\n*:*:*:openerp_a:x\n", b"x"),
        (b"srv-openerp :*:*:openerp_a:x\n", None),
        (b"\xef\xbb\xbf*:*:*:openerp_a:after Notepad's mark\n", None),
        (b"openerp_a:x\n", None),
        (b"", None),
    ],
)
def test_a_passfile_is_read_as_libpq_reads_it(
    libpq: Libpq, server: Server, content: bytes, password: bytes | None
) -> None:
    assert libpq(content) == password
    assert passwords_of(content, server, [ROLE]).get(ROLE) == password


_NAMES = (HOST.encode(), b"*", DATABASE.encode(), ROLE.encode())
_FIELDS = st.sampled_from(
    [b"*", b"**", b"", HOST.encode(), rb"srv\-openerp", rb"srv-opener\p", DATABASE.encode(), b"openerp_a", b"x", b"a\\"]
)
_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r\r\n", b"", b":\n", b"\\\n", b" \n"])
_PASSWORDS = st.binary(max_size=8).map(lambda text: text.replace(b"\0", b":")) | st.sampled_from([b"", b"\\", b"a\\:b"])
_LINES = st.builds(
    lambda comment, fields, password, end: comment + b":".join([*fields, password]) + end,
    st.sampled_from([b"", b"", b"", b"#", b" "]),
    st.tuples(
        *[st.sampled_from([b"*", text, text[:1] + b"\\" + text[1:], text[:-1] + b"\\" + text[-1:]]) for text in _NAMES]
    )
    | st.tuples(_FIELDS, _FIELDS, _FIELDS, _FIELDS),
    _PASSWORDS,
    _ENDS,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_LINES, max_size=4))
def test_whatever_a_passfile_holds_libpq_finds_the_same(libpq: Libpq, server: Server, lines: list[bytes]) -> None:
    content = b"".join(lines)
    assert passwords_of(content, server, [ROLE]).get(ROLE) == libpq(content)


def test_where_no_database_is_named_a_line_for_any_of_them_counts() -> None:
    content = b"srv:5432:SpecibikeDurand:openerp_a:x\n"
    assert passwords_of(content, Server("srv", 5432, ""), [ROLE]) == {ROLE: b"x"}
    assert passwords_of(content, Server("srv", 5432, "SpecibikeMartin"), [ROLE]) == {}


def test_each_role_has_its_own_first_line() -> None:
    content = b"*:*:*:openerp_b:b\n*:*:*:*:any\n"
    assert passwords_of(content, Server("srv", 5432, ""), [ROLE, "openerp_b"]) == {ROLE: b"any", "openerp_b": b"b"}
