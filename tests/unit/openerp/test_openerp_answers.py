"""The raw answers of the real servers, replayed over a socket: each says something else."""

import time
from xmlrpc.client import loads

import pytest
from rawserver import RawServer, fault, later, ok, raw, real, value

from lab.waiting import wait_until
from vigie.observe.openerp import xmlrpc
from vigie.observe.openerp.model import ServerSeen
from vigie.observe.openerp.server import Asking
from vigie.observe.openerp.states import Connected, ReleaseState, ServerState


def asked(server: RawServer, declared: str = "6.0", *, seconds: float = 3.0) -> ServerSeen:
    return Asking("127.0.0.1", server.port, time.monotonic() + seconds).seen(declared)


@pytest.mark.parametrize("release", ["6.0.3", "6.0.4"])
def test_a_sound_server_says_its_release_and_that_it_reaches_postgresql(release: str) -> None:
    with RawServer(real(release)) as server:
        seen = asked(server)
    assert (seen.state, seen.release, seen.connected, seen.error) == (ServerState.ANSWERS, release, Connected.YES, "")
    assert seen.drift == ReleaseState.AS_DECLARED
    assert 0 < seen.answer_seconds < 3
    assert 0 < seen.connect_seconds < 3


def test_server_version_answers_with_postgresql_down_and_only_check_connectivity_tells() -> None:
    with RawServer(real("6.0.3", down=True)) as server:
        seen = asked(server)
    assert (seen.state, seen.release, seen.connected) == (ServerState.ANSWERS, "6.0.3", Connected.NO)


def test_nothing_but_what_writes_nothing_is_ever_asked() -> None:
    """`login` writes a date, installs OpenERP into an empty database and runs a pending upgrade."""
    for reply in (real("6.0.4"), real("6.0.3", down=True), later):
        with RawServer(reply) as server:
            asked(server)
            assert server.methods <= {"server_version", "version", "check_connectivity", "list", "db_exist"}


def test_the_connection_is_not_kept_and_is_closed_in_good_order() -> None:
    """An idle connection holds a thread; a reset one makes OpenERP log an error with a traceback."""
    with RawServer(real("6.0.4")) as server:
        asked(server)
        wait_until(lambda: len(server.left) == 2, what="the connections are not closed", deadline=10)
    assert server.left == ["FIN", "FIN"]
    assert all(b" HTTP/1.0\r\n" in request and b"Connection: close" in request for request in server.heard)


@pytest.mark.parametrize(
    ("running", "declared", "drift"),
    [
        ("6.0.3", "6.0", ReleaseState.AS_DECLARED),
        ("6.0.4", "6.0.4", ReleaseState.AS_DECLARED),
        ("6.0.3", "6.0.4", ReleaseState.DIFFERENT),
        ("6.0.4", "6.0.3", ReleaseState.DIFFERENT),
        ("6.0.4", "6.1", ReleaseState.DIFFERENT),
    ],
)
def test_drift_is_seen_either_way_and_a_series_means_any_of_its_releases(
    running: str, declared: str, drift: ReleaseState
) -> None:
    with RawServer(real(running)) as server:
        assert asked(server, declared).drift == drift


def test_a_later_odoo_says_its_version_at_another_place() -> None:
    with RawServer(later) as server:
        seen = asked(server, "17.0")
    assert (seen.state, seen.release, seen.drift) == (ServerState.ANSWERS, "17.0-20260101", ReleaseState.AS_DECLARED)
    assert seen.connected == Connected.YES  # its list is hidden: that is no problem
    hidden = next(request for request in server.heard if b"db_exist" in request)
    assert loads(hidden.partition(b"\r\n\r\n")[2])[0] == ("postgres",)


@pytest.mark.parametrize(
    ("listed", "connected"),
    [
        (value(["Specibike1"]), Connected.YES),
        (ok(raw("6.0.3-nolist-list")), Connected.UNKNOWN),
        (ok(raw("6.0.3-pgdown-list")), Connected.NO),
    ],
)
def test_without_check_connectivity_the_list_tells_unless_it_is_forbidden(listed: bytes, connected: Connected) -> None:
    def reply(_path: str, method: str) -> bytes:
        if method == "list":
            return listed
        return value("6.0.4") if method == "server_version" else ok(raw("6.0.4-unknown_method"))

    with RawServer(reply) as server:
        assert asked(server).connected == connected


def test_a_proxy_that_keeps_the_databases_from_us_says_nothing_of_postgresql() -> None:
    def reply(path: str, method: str) -> bytes:
        return b"HTTP/1.0 403 Forbidden\r\n\r\n" if path == "/xmlrpc/db" else later(path, method)

    with RawServer(reply) as server:
        seen = asked(server, "17.0")
    assert (seen.state, seen.connected) == (ServerState.ANSWERS, Connected.UNKNOWN)


def test_every_raw_answer_is_told_apart() -> None:
    faults = {name: xmlrpc.answer(raw(f"6.0.3-{name}")) for name in ("unknown_method", "access_denied", "nolist-list")}
    assert all(isinstance(each, xmlrpc.Fault) for each in faults.values())
    assert [name for name, each in faults.items() if each.is_unknown_method] == ["unknown_method"]
    assert [name for name, each in faults.items() if each.is_access_denied] == ["access_denied", "nolist-list"]
    down = xmlrpc.answer(raw("6.0.3-pgdown-list"))
    assert (down.is_unknown_method, down.is_access_denied) == (False, False)
    assert down.sentence == "could not connect to server: Connection refused"
    assert xmlrpc.answer(raw("6.0.4-list")) == ["SpecibikeDupont"]
    assert xmlrpc.answer(raw("6.0.4-check_connectivity")) is True
    assert xmlrpc.answer(raw("6.0.3-pgdown-check_connectivity")) is False


def test_fault_codes_are_texts_and_an_integer_for_what_is_malformed() -> None:
    with RawServer(lambda *_: fault(1, "Traceback\nExpatError: not well-formed")) as server:
        seen = asked(server)
    assert (seen.state, seen.error) == (ServerState.FAULT, "OpenERP answers with a fault: Traceback")
