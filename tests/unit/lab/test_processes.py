"""The lab's servers: what is started is stopped, and nothing else ever is."""

import json
import subprocess
from pathlib import Path

import pytest

from lab.accounts import current
from lab.processes import Server, Supervisor
from vigie.errors import VigieError


@pytest.fixture
def supervisor(tmp_path: Path) -> Supervisor:
    return Supervisor(tmp_path / "run", tmp_path / "log")


def _sleeper(name: str = "sleeper", *, ready: bool = True, argv: list[str] | None = None) -> Server:
    return Server(name, argv or ["sleep", "300"], current(), ready=lambda: ready, deadline=1.0)


def test_a_server_that_runs_is_not_started_twice(supervisor: Supervisor) -> None:
    supervisor.start(_sleeper())
    first = supervisor.record_of("sleeper")
    supervisor.start(_sleeper())
    assert supervisor.record_of("sleeper") == first
    supervisor.stop_all()


def test_a_stopped_server_is_gone_and_stopping_it_again_is_harmless(supervisor: Supervisor) -> None:
    supervisor.start(_sleeper())
    record = supervisor.record_of("sleeper")
    assert record is not None
    supervisor.stop("sleeper")
    supervisor.stop("sleeper")
    assert not record.is_alive()
    assert supervisor.records() == []


def test_a_process_id_given_to_another_program_is_never_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(_sleeper())
    file = tmp_path / "run/sleeper.json"
    record = json.loads(file.read_text())
    supervisor.stop("sleeper")
    with subprocess.Popen(["sleep", "300"]) as innocent:
        try:
            # As if the system had given the id again, some time later.
            file.write_text(json.dumps(record | {"pid": innocent.pid, "started": record["started"] - 500}))
            assert not supervisor.is_alive("sleeper")
            supervisor.stop_all()
            assert innocent.poll() is None
        finally:
            innocent.kill()


def test_a_process_of_before_a_reboot_is_never_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(_sleeper())
    file = tmp_path / "run/sleeper.json"
    text = file.read_text()
    file.write_text(json.dumps(json.loads(text) | {"boot": "another one"}))
    assert not supervisor.is_alive("sleeper")
    file.write_text(text)
    supervisor.stop_all()


def test_a_server_that_ends_at_once_says_why(supervisor: Supervisor) -> None:
    argv = ["sh", "-c", "echo 'the port is taken' >&2; exit 3"]
    with pytest.raises(VigieError, match="the port is taken"):
        supervisor.start(_sleeper(ready=False, argv=argv))


def test_a_server_that_is_never_ready_is_stopped_and_names_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(VigieError, match=r"log/sleeper\.log"):
        supervisor.start(_sleeper(ready=False))
    assert supervisor.records() == []


def test_a_server_that_does_not_listen_is_killed_with_its_children(supervisor: Supervisor, tmp_path: Path) -> None:
    child = tmp_path / "child"
    script = f"trap '' TERM; (trap '' TERM; echo $$ > {child}; sleep 300) & while :; do sleep 1; done"
    supervisor.start(Server("deaf", ["sh", "-c", script], current(), ready=child.exists))
    supervisor.stop("deaf", patience=0.5)
    assert supervisor.records() == []


def test_what_was_started_last_is_stopped_first(supervisor: Supervisor) -> None:
    for name in ("database", "server"):
        supervisor.start(_sleeper(name))
    started = [record.name for record in supervisor.records()]
    assert supervisor.stop_all() == list(reversed(started))


def test_nothing_of_the_callers_environment_reaches_a_server(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_TOKEN", "secret-of-the-caller")
    supervisor.start(_sleeper())
    record = supervisor.record_of("sleeper")
    assert record is not None
    assert b"secret-of-the-caller" not in Path(f"/proc/{record.pid}/environ").read_bytes()
    supervisor.stop_all()
