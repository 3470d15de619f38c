"""Canaries: numbered one after the other, each through the syslog socket, none lost without being seen."""

import fcntl
import os
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigie.canary.emission import emit
from vigie.canary.series import Series, read_series, write_series

TEXT = re.compile(
    r"<30>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d vigie-canary: "
    r"n=(\d+) t=(\d+\.\d{3}) id=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
)


class Log:
    """A syslog socket, and what was written into it."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)

    def numbers(self) -> list[int]:
        """The numbers of the canaries that came."""
        found = []
        while True:
            try:
                match = TEXT.fullmatch(self.socket.recv(4096).decode())
            except BlockingIOError:
                return found
            assert match
            found.append(int(match[1]))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """A syslog socket that somebody reads."""
    made = Log(tmp_path / "log")
    yield made
    made.socket.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the series is kept."""
    made = tmp_path / "state"
    made.mkdir()
    return made


def test_numbers_go_up_by_one_in_one_series(log: Log, folder: Path) -> None:
    sent = [emit(log.path, str(folder)) for _ in range(3)]
    assert [one.number for one in sent] == log.numbers() == [1, 2, 3]
    assert len({one.series for one in sent}) == 1
    assert not any(one.error for one in sent)


def test_the_message_says_when_it_was_sent(log: Log, folder: Path) -> None:
    sent = emit(log.path, str(folder), clock=lambda: 1795299637.1239)
    match = TEXT.fullmatch(log.socket.recv(4096).decode())
    assert match
    assert match[2] == "1795299637.124"
    assert sent.sent_at == 1795299637.124


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"id": "x", "number": 4}', '{"id": 3}', "\0", "[" * 9999])
def test_a_lost_or_damaged_state_begins_another_series(log: Log, folder: Path, text: str | None) -> None:
    before = emit(log.path, str(folder))
    file = folder / "series.json"
    file.unlink() if text is None else file.write_text(text)
    after = emit(log.path, str(folder))
    assert after.series != before.series
    assert after.number == 1


def test_what_never_left_takes_no_number(log: Log, folder: Path) -> None:
    emit(log.path, str(folder))
    Path(log.path).rename(f"{log.path}.away")
    refused = emit(log.path, str(folder))
    assert refused.error == f"{log.path} takes no message: No such file or directory"
    Path(f"{log.path}.away").rename(log.path)
    emit(log.path, str(folder))
    assert log.numbers() == [1, 2]


def test_a_socket_that_nobody_reads_any_more_is_said(log: Log, folder: Path) -> None:
    log.socket.close()
    assert "Connection refused" in emit(log.path, str(folder)).error


def test_a_reader_that_hangs_does_not_hold_the_agent_up(log: Log, folder: Path) -> None:
    emitted = emit(log.path, str(folder))
    while not emitted.error:
        emitted = emit(log.path, str(folder))
    assert emitted.error == f"{log.path} takes no message: its reader hangs"
    assert log.numbers()[-1] == emitted.number


def test_a_folder_that_is_missing_is_said_and_nothing_is_sent(log: Log, folder: Path) -> None:
    folder.rmdir()
    assert emit(log.path, str(folder)).error.startswith("the canary's number cannot be kept: ")
    assert log.numbers() == []


def test_a_series_that_cannot_be_written_is_said_and_nothing_is_sent(log: Log, folder: Path) -> None:
    emit(log.path, str(folder))
    (folder / "series.json.partial").mkdir()
    assert "Is a directory" in emit(log.path, str(folder)).error
    assert log.numbers() == [1]


def test_two_at_the_same_time_take_two_numbers(log: Log, folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: emit(log.path, str(folder)), range(8)))
    assert sorted(one.number for one in sent) == sorted(log.numbers()) == list(range(1, 9))


def test_whoever_waits_too_long_for_another_emission_says_so(log: Log, folder: Path) -> None:
    other = os.open(folder, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    begun = time.monotonic()
    refused = emit(log.path, str(folder))
    os.close(other)
    assert refused.error == (
        f"the canary's number cannot be kept: {folder}: another emission has held it for more than 1 s"
    )
    assert time.monotonic() - begun < 2
    assert emit(log.path, str(folder)).number == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write what another user would be refused")
def test_a_canary_tried_as_root_leaves_nothing_that_locks_the_agents_user_out(log: Log, folder: Path) -> None:
    os.chown(folder, 65_534, 65_534)
    before = os.umask(0o077)
    try:
        assert not emit(log.path, str(folder)).error
    finally:
        os.umask(before)
    assert {file.name: (file.stat().st_uid, file.stat().st_gid) for file in folder.iterdir()} == {
        "series.json": (65_534, 65_534)
    }


def test_what_was_put_into_the_place_of_the_number_is_not_written_to(log: Log, folder: Path, tmp_path: Path) -> None:
    (folder / "series.json.partial").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_text("mine")
    assert emit(log.path, str(folder)).number == 1
    assert (tmp_path / "elsewhere").read_text() == "mine"


@given(st.uuids(version=4), st.integers(0, 10**15))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_series_is_read_as_it_was_written(tmp_path: Path, identity: object, number: int) -> None:
    write_series(tmp_path, Series(str(identity), number))
    assert read_series(tmp_path) == Series(str(identity), number)
    assert [file.name for file in tmp_path.iterdir()] == ["series.json"]
