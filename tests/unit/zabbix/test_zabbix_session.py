"""The session: every failure is one sentence, every call has a deadline, no secret leaves it."""

import gzip
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import responses
from pydantic import SecretStr

from vigie.errors import Exit
from vigie.zabbix.errors import CallRefusedError, RightsMissingError, TokenRefusedError, UnreachableError, ZabbixError
from vigie.zabbix.session import Session, is_read

URL = "http://zabbix.example.org/zabbix"
API = f"{URL}/api_jsonrpc.php"
TOKEN = "ab" * 32


def session(url: str = URL, timeout: float = 5) -> Session:
    return Session(url, SecretStr(TOKEN), timeout)


def answer(result: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "result": result, "id": 0}


def refusal(data: str) -> dict[str, object]:
    return {"jsonrpc": "2.0", "error": {"code": -32602, "message": "Invalid params.", "data": data}, "id": 0}


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@contextmanager
def server(behaviour: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on the loopback that does one thing to each connection."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.recv(65536)
                try:
                    behaviour(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        thread.join()
        listener.close()


def test_connecting_checks_release_and_rights_with_two_calls(web: responses.RequestsMock) -> None:
    web.post(API, json=answer("6.0.14"))
    web.post(API, json=answer("4"))
    connected = session().connect()
    assert str(connected.release) == "6.0.14"
    assert (connected.reads, connected.writes) == (2, 0)


def test_the_token_travels_in_the_header_from_6_4_on(web: responses.RequestsMock) -> None:
    web.post(API, json=answer("7.0.22"))
    web.post(API, json=answer("4"))
    session().connect()
    request = web.calls[1].request
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in str(request.body)


def test_the_version_is_asked_without_the_token(web: responses.RequestsMock) -> None:
    web.post(API, json=answer("7.0.22"))
    web.post(API, json=answer("4"))
    session().connect()
    first = web.calls[0].request
    assert TOKEN not in f"{first.headers}{first.body!r}"


def test_a_netrc_entry_never_replaces_the_token(
    web: responses.RequestsMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine zabbix.example.org login somebody password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    web.post(API, json=answer("7.0.22"))
    web.post(API, json=answer("4"))
    session().connect()
    assert web.calls[1].request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_zabbix_older_than_6_0_is_told_so(web: responses.RequestsMock) -> None:
    web.post(API, json=answer("5.4.12"))
    with pytest.raises(ZabbixError, match=r"this is Zabbix 5\.4\.12, too old: Vigie needs 6\.0 or newer"):
        session().connect()


@pytest.mark.parametrize(
    "reason", ["Not authorised.", "Not authorized.", "Session terminated, re-login, please.", "API token expired."]
)
def test_a_wrong_token_is_noticed_at_once(web: responses.RequestsMock, reason: str) -> None:
    web.post(API, json=answer("6.0.14"))
    web.post(API, json=refusal(reason))
    with pytest.raises(TokenRefusedError, match="the API token is not accepted"):
        session().connect()


def test_a_user_who_is_no_super_admin_is_told_so(web: responses.RequestsMock) -> None:
    web.post(API, json=answer("6.0.14"))
    web.post(API, json=answer("0"))
    with pytest.raises(RightsMissingError, match="Super admin"):
        session().connect()


def test_a_method_that_the_role_denies_is_named(web: responses.RequestsMock) -> None:
    web.post(API, json=refusal('No permissions to call "host.create".'))
    with pytest.raises(RightsMissingError, match=r"too few rights for host\.create"):
        session().call("host.create", {"host": "a"})


def test_what_zabbix_refuses_is_said_in_its_own_words(web: responses.RequestsMock) -> None:
    web.post(API, json=refusal('Host with the same name "a" already exists.'))
    with pytest.raises(CallRefusedError, match=r'^Zabbix refused host\.create: Host with the same name "a"'):
        session().call("host.create", {"host": "a"})


@pytest.mark.parametrize(
    "body",
    ["<html>hello</html>", "", "[]", "null", '"text"', "{}", '{"result": null}', '{"result": "not a version"}', "1"],
)
def test_something_that_is_not_zabbix_is_told_so(web: responses.RequestsMock, body: str) -> None:
    web.post(API, body=body)
    with pytest.raises(UnreachableError, match="not Zabbix's API"):
        session().connect()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "a password of its own"),
        (404, "there is no Zabbix frontend there"),
        (413, "limits the size"),
        (500, "PHP memory"),
        (502, "cannot reach PHP"),
        (504, "PHP took too long"),
        (418, "error log"),
    ],
)
def test_each_http_error_says_what_to_look_at(web: responses.RequestsMock, status: int, words: str) -> None:
    web.post(API, status=status, body="<html>")
    with pytest.raises(UnreachableError, match=words) as caught:
        session().connect()
    assert caught.value.exit_code is Exit.FAILED


def test_a_redirection_is_not_followed_but_shown(web: responses.RequestsMock) -> None:
    web.post(API, status=301, headers={"Location": "https://zabbix.example.org/zabbix/api_jsonrpc.php"})
    with pytest.raises(UnreachableError, match=r"redirects to https://zabbix\.example\.org/zabbix; write that"):
        session().connect()


def test_a_refused_connection_is_told_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(UnreachableError, match="connection refused"):
        session(f"http://127.0.0.1:{port}").connect()


def test_an_unknown_server_name_is_told_so() -> None:
    with pytest.raises(UnreachableError, match="the name of this server is unknown"):
        session("http://nowhere.invalid").connect()


def test_tls_towards_a_server_without_it_is_told_so() -> None:
    with (
        server(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url,
        pytest.raises(UnreachableError, match="no TLS connection"),
    ):
        session(url.replace("http:", "https:")).connect()


def test_a_connection_closed_without_an_answer_is_told_so() -> None:
    with server(lambda _: None) as url, pytest.raises(UnreachableError, match="connection was lost"):
        session(url).connect()


def test_an_answer_cut_off_is_told_so() -> None:
    def cut(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")

    with server(cut) as url, pytest.raises(UnreachableError, match=r"cut off|connection was lost"):
        session(url).connect()


def test_a_silent_server_is_left_at_the_deadline() -> None:
    with server(lambda _: time.sleep(1)) as url:
        started = time.monotonic()
        with pytest.raises(UnreachableError, match=r"no answer within 0\.3 s"):
            session(url, timeout=0.3).connect()
        assert time.monotonic() - started < 1


TRICKLES = {
    "chunked": ("Transfer-Encoding: chunked", b"1\r\n \r\n"),
    "of a known length": ("Content-Length: 1000", b" "),
    "until the end": ("Connection: close", b" "),
}


@pytest.mark.parametrize(("header", "drop"), TRICKLES.values(), ids=TRICKLES)
def test_an_answer_that_trickles_in_is_left_at_the_deadline(header: str, drop: bytes) -> None:
    def trickle(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\n{header}\r\n\r\n".encode())
        for _ in range(60):
            connection.sendall(drop)
            time.sleep(0.05)

    with server(trickle) as url:
        started = time.monotonic()
        with pytest.raises(UnreachableError, match="no answer within"):
            session(url, timeout=0.5).connect()
        assert time.monotonic() - started < 1.5


def test_an_answer_that_stops_in_its_middle_is_left_at_the_deadline() -> None:
    """A silence is not waited for as long again as the whole call may last."""

    def stops(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        time.sleep(0.6)
        connection.sendall(b" ")
        time.sleep(1.4)

    with server(stops) as url:
        started = time.monotonic()
        with pytest.raises(UnreachableError, match="no answer within"):
            session(url, timeout=1).connect()
        assert time.monotonic() - started < 1.5


def test_a_large_answer_that_comes_compressed_is_read_whole() -> None:
    known = [{"name": f"host {number}"} for number in range(100_000)]
    body = gzip.compress(json.dumps(answer(known)).encode(), compresslevel=1)

    def send(connection: socket.socket) -> None:
        head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        while connection.recv(65536):  # closed with something unread, it would be reset
            continue

    with server(send) as url:
        assert session(url).get("host", output=["name"]) == known


def test_reads_and_writes_are_told_apart(web: responses.RequestsMock) -> None:
    web.post(API, json=answer([]))
    web.post(API, json=answer({"hostids": ["1"]}))
    opened = session()
    opened.get("host", output=["hostid"])
    opened.call("host.delete", ["1", "2"])
    assert (opened.reads, opened.writes) == (1, 1)
    assert json.loads(web.calls[1].request.body or "")["params"] == ["1", "2"]


@pytest.mark.parametrize(
    "method", ["configuration.import", "host.update", "trigger.create", "user.login", "event.acknowledge"]
)
def test_whatever_is_not_known_to_read_counts_as_a_write(method: str) -> None:
    assert not is_read(method)


def test_a_write_without_parameters_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="without parameters"):
        session().call("host.delete", [])


def test_no_secret_is_logged_or_printed(web: responses.RequestsMock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("pyzabbix.api").setLevel(logging.DEBUG)
    web.post(API, json=answer("6.0.14"))  # 6.0 takes the token in the body, which pyzabbix logs
    web.post(API, json=refusal("Not authorized."))
    opened = session()
    with pytest.raises(TokenRefusedError) as caught:
        opened.connect()
    assert TOKEN not in caplog.text
    assert TOKEN not in f"{opened!r}{opened.token!r}{caught.value!r}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
