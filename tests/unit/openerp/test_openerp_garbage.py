"""What may stand at OpenERP's port instead of it: each is told apart, in time, whatever it says."""

import socket
import time
import xmlrpc.client
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from rawserver import HEAD, RawServer, ok, raw, value

from vigie.observe.openerp.model import ServerSeen
from vigie.observe.openerp.server import Asking
from vigie.observe.openerp.states import ServerState
from vigie.observe.openerp.xmlrpc import NotXmlRpcError, answer

_DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


def asked(port: int, *, seconds: float = 3.0) -> ServerSeen:
    return Asking("127.0.0.1", port, time.monotonic() + seconds).seen("6.0")


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port where nothing listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


def test_a_server_that_is_stopped_refuses(free_port: int) -> None:
    seen = asked(free_port)
    assert (seen.state, seen.error) == (ServerState.REFUSED, f"nothing listens at 127.0.0.1:{free_port}")


def test_a_host_without_a_name_is_unreachable() -> None:
    seen = Asking("nowhere.invalid", 8069, time.monotonic() + 20).seen("6.0")
    assert seen.state == ServerState.UNREACHABLE
    assert "no way to nowhere.invalid:8069" in seen.error


def test_a_server_that_accepts_and_never_answers_is_silent_and_costs_the_deadline_alone() -> None:
    with RawServer(lambda *_: b"", silent=True) as server:
        begun = time.monotonic()
        seen = asked(server.port, seconds=0.5)
        took = time.monotonic() - begun
    assert (seen.state, seen.release, seen.answer_seconds) == (ServerState.SILENT, "", 0)
    assert 0.4 < took < 1.5


def test_a_server_that_drips_is_cut_off_at_the_deadline_of_the_whole() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        begun = time.monotonic()
        asking = Asking("127.0.0.1", listener.getsockname()[1], begun + 0.8)
        connections = [listener.accept()[0] for _ in range(2)]
        for byte in HEAD[:40]:
            for connection in connections:
                try:
                    connection.sendall(bytes([byte]))
                except OSError:
                    break
            time.sleep(0.05)
        assert asking.seen("6.0").state == ServerState.SILENT
        for connection in connections:
            connection.close()


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", ServerState.GARBAGE),
        (b"@RSYNCD: 31.0\n", ServerState.GARBAGE),
        (b"", ServerState.GARBAGE),
        (b"HTTP/1.1 200 OK\r\n", ServerState.GARBAGE),
        (b"HTTP/1.1\r\n\r\n", ServerState.GARBAGE),
        (HEAD + b"Content-Length: 500\r\n\r\n" + raw("6.0.4-server_version"), ServerState.GARBAGE),
        (HEAD + b"Content-Length: many\r\n\r\n", ServerState.GARBAGE),
        (ok(b"<html><body>It works!</body></html>"), ServerState.GARBAGE),
        (ok(b"It works!"), ServerState.GARBAGE),
        (ok(_DOCTYPE + b"<methodResponse/>"), ServerState.GARBAGE),
        (b"HTTP/1.0 501 Unsupported method ('POST')\r\n\r\n", ServerState.NOT_OPENERP),
        (b"HTTP/1.1 404 Not Found\r\n\r\n<html>", ServerState.NOT_OPENERP),
        (b"HTTP/1.1 302 Found\r\nLocation: /web\r\n\r\n", ServerState.NOT_OPENERP),
        (value({"version": "6.0.4"}), ServerState.NOT_OPENERP),
        (value("hello"), ServerState.NOT_OPENERP),
        (value(True), ServerState.NOT_OPENERP),
    ],
)
def test_something_else_at_the_port_is_no_openerp(said: bytes, state: ServerState) -> None:
    with RawServer(lambda *_: said) as server:
        seen = asked(server.port)
    assert (seen.state, seen.release) == (state, "")
    assert seen.error


def test_an_endless_answer_is_bounded() -> None:
    with RawServer(lambda *_: HEAD + b"\r\n" + b" " * (3 << 20)) as server:
        assert "longer than 1 MiB" in asked(server.port, seconds=10).error


def test_entities_are_refused_before_they_are_expanded() -> None:
    bomb = _DOCTYPE + b"<methodResponse><params><param><value>&b;</value></param></params></methodResponse>"
    with pytest.raises(NotXmlRpcError, match="document type"):
        answer(bomb)


def test_a_deep_answer_is_refused() -> None:
    with pytest.raises(NotXmlRpcError, match="deeply"):
        answer(b"<value>" * 100_000)


def read(document: bytes) -> bool:
    """Whether it is an answer; anything but the one error that is known fails the test."""
    try:
        answer(document)
    except NotXmlRpcError:
        return False
    return True


@given(some.binary(max_size=300))
def test_any_bytes_are_an_answer_or_the_one_known_error(document: bytes) -> None:
    assert not read(document)


@settings(max_examples=200)
@given(some.sampled_from(["6.0.3-list", "6.0.3-access_denied", "6.0.4-server_version"]), some.data())
def test_a_mangled_answer_is_an_answer_or_the_one_known_error(name: str, data: some.DataObject) -> None:
    document = bytearray(raw(name))
    for _ in range(data.draw(some.integers(1, 4))):
        at = data.draw(some.integers(0, len(document) - 1))
        document[at : at + data.draw(some.integers(0, 6))] = data.draw(some.binary(max_size=6))
        if not document:
            break
    read(bytes(document))


_TEXTS = some.text(some.characters(exclude_categories=["C"]))


@given(some.recursive(_TEXTS | some.integers(-(2**31), 2**31 - 1) | some.booleans(), some.lists, max_leaves=8))
def test_what_xmlrpc_client_writes_is_read_back(written: object) -> None:
    document = xmlrpc.client.dumps((written,), methodresponse=True).encode()
    assert answer(document) == written
