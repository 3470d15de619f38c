"""Vigie's own parts: a timer without success is late, a dead service is dead, a request that waits is seen."""

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from itselfbuilder import DAY, NOW, SCHOOL, Machine
from typer.testing import CliRunner

import vigie.observe.itself.units
from vigie import __version__
from vigie.check.command import app
from vigie.observe.itself.document import of_itself
from vigie.observe.itself.model import CertificateState, ServiceState, TimerState
from vigie.observe.itself.settings import Certificate, ObserveItself, Service, Timer
from vigie.observe.itself.verdict import findings
from vigie.observe.levels import Level
from vigie.settings import SettingsError

KEEP = Timer("vigie-keep", 26 * 3600)
PROGRAM = Path(__file__).parents[3] / "userparameters" / "vigie-self"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine without systemd, with one timer that succeeded an hour ago."""
    monkeypatch.setattr(vigie.observe.itself.units, "_BOOTED", str(tmp_path / "no systemd"))
    made = Machine(tmp_path, timers=[KEEP])
    made.succeeded("vigie-keep", 3600)
    return made


def test_a_timer_that_succeeded_in_time_is_on_time(machine: Machine) -> None:
    seen = machine.seen()
    timer = seen.timers["vigie-keep"]
    assert (timer.state, timer.at, timer.age, timer.error) == (TimerState.ON_TIME, NOW - 3600, 3600, "")
    assert (seen.version, seen.manager, seen.counts.late) == (__version__, 0, 0)


@pytest.mark.parametrize(("age", "state"), [(26 * 3600, TimerState.ON_TIME), (26 * 3600 + 1, TimerState.LATE)])
def test_a_timer_is_late_when_its_last_success_is_older_than_allowed(
    machine: Machine, age: int, state: TimerState
) -> None:
    machine.succeeded("vigie-keep", age)
    assert machine.seen().timers["vigie-keep"].state == state


def test_a_timer_that_never_succeeded_is_a_problem(machine: Machine) -> None:
    machine.timers.append(Timer("vigie-other", 3600))
    seen = machine.seen()
    assert seen.timers["vigie-other"].state == TimerState.NEVER
    assert (seen.timers["vigie-other"].at, seen.timers["vigie-other"].age, seen.counts.late) == (0, -1, 1)


def test_a_new_installation_gives_its_timers_their_time(machine: Machine) -> None:
    machine.timers.append(Timer("vigie-other", 3600))
    os.utime(machine.stamps, (NOW - 3599, NOW - 3599))
    assert machine.seen().timers["vigie-other"].state == TimerState.WAITING


@pytest.mark.parametrize(
    ("age", "state"), [(60, TimerState.WAITING), (3600, TimerState.WAITING), (3601, TimerState.NEVER)]
)
@pytest.mark.parametrize("others", [True, False], ids=["beside others", "alone"])
def test_a_new_timer_gets_its_time_from_when_its_unit_was_installed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, age: int, state: TimerState, others: bool
) -> None:
    """On a new machine systemd makes the folder of the stamps at the first run, which may be a night away."""
    machine.timers.append(Timer("vigie-other", 3600))
    unit = machine.folder / "vigie-other.timer"
    unit.touch()
    os.utime(unit, (NOW - age, NOW - age))
    if not others:
        machine.stamps.rename(machine.folder / "away")
        machine.timers.pop(0)
    answer = "\\n".join([shown("vigie-keep.timer"), shown("vigie-other.timer", file=str(unit))])
    systemctl(machine, monkeypatch, f"printf '{answer}'")
    assert machine.seen().timers["vigie-other"].state == state


def test_without_the_folder_of_stamps_nothing_ever_succeeded(machine: Machine) -> None:
    machine.stamps.rename(machine.folder / "away")
    assert machine.seen().timers["vigie-keep"].state == TimerState.NEVER


def test_a_success_of_tomorrow_proves_nothing(machine: Machine) -> None:
    machine.succeeded("vigie-keep", -DAY)
    timer = machine.seen().timers["vigie-keep"]
    assert timer.state == TimerState.LATE
    assert "future" in timer.error


def test_what_another_observation_judges_is_shown_and_never_late_here(machine: Machine) -> None:
    machine.timers[:] = [Timer("vigie-backup", 0)]
    machine.succeeded("vigie-backup", 90 * DAY)
    seen = machine.seen()
    assert (seen.timers["vigie-backup"].state, seen.timers["vigie-backup"].age) == (TimerState.ELSEWHERE, 90 * DAY)
    assert seen.counts.late == 0


def test_a_stamp_that_cannot_be_read_is_an_error_and_nothing_else(machine: Machine) -> None:
    file = machine.succeeded("vigie-keep", 0)
    file.unlink()
    file.mkdir()  # root reads everything else
    observation = machine.observed()
    assert observation.seen is None
    assert "the stamp cannot be read: Is a directory" in observation.error


def test_a_damaged_stamp_is_an_error_and_never_a_success(machine: Machine) -> None:
    machine.succeeded("vigie-keep", 0).write_text("garbage")
    observation = machine.observed()
    assert observation.seen is None
    assert "is not a stamp" in observation.error


def test_a_disk_that_hangs_is_a_sentence_in_time(machine: Machine) -> None:
    file = machine.succeeded("vigie-keep", 0)
    file.unlink()
    os.mkfifo(file)
    machine.deadline = 0.4
    assert "cut off after 0.4 s" in machine.observed().error


def systemctl(machine: Machine, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let systemd be there, as its own `systemctl show` would speak: the machine of the tests has none."""
    booted = machine.folder / "systemd"
    booted.mkdir()
    program = machine.folder / "bin/systemctl"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(vigie.observe.itself.units, "_BOOTED", str(booted))
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def shown(
    *names: str,
    load: str = "loaded",
    active: str = "active",
    sub: str = "running",
    result: str = "success",
    file: str = "",
) -> str:
    states = f"LoadState={load}\\nActiveState={active}\\nSubState={sub}"
    return f"Result={result}\\nNames={' '.join(names)}\\n{states}\\nFragmentPath={file}\\n"


def test_a_timer_that_is_stopped_is_a_problem_before_it_is_late(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.timers.append(Timer("vigie-backup", 0))
    answer = "\\n".join(
        [
            shown("vigie-keep.timer", active="inactive"),
            shown("vigie-keep.service", active="inactive"),
            shown("vigie-backup.timer", load="not-found", active="inactive"),
        ]
    )
    systemctl(machine, monkeypatch, f"printf '{answer}'")
    seen = machine.seen()
    assert seen.manager == 1
    assert seen.timers["vigie-keep"].state == TimerState.STOPPED
    assert seen.timers["vigie-keep"].error == "vigie-keep.timer is inactive"
    assert seen.timers["vigie-backup"].error == "vigie-backup.timer is not-found"
    assert seen.counts.late == 2


def test_a_failed_run_is_told_while_the_last_success_is_young(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = shown("vigie-keep.service", active="failed", result="exit-code")
    systemctl(machine, monkeypatch, f"""printf '{shown("vigie-keep.timer")}\\n{failed}'""")
    timer = machine.seen().timers["vigie-keep"]
    assert timer.state == TimerState.ON_TIME
    assert timer.error == "the last run of vigie-keep.service failed (exit-code)"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'Failed to connect to bus' >&2; exit 1", "systemctl failed: Failed to connect to bus"),
        ("exec sleep 20", "systemd does not answer in time"),
    ],
)
def test_a_systemd_that_does_not_answer_is_an_error_and_no_verdict(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    systemctl(machine, monkeypatch, script)
    monkeypatch.setattr(vigie.observe.itself.units, "_BUS", str(machine.folder))
    machine.deadline = 0.6 if "sleep" in script else 5.0
    observation = machine.observed()
    assert observation.seen is None
    assert words in observation.error


def test_a_machine_without_the_system_bus_is_told_what_it_lacks(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemctl(machine, monkeypatch, "echo 'Failed to connect to bus: No such file or directory' >&2; exit 1")
    monkeypatch.setattr(vigie.observe.itself.units, "_BUS", str(machine.folder / "no-bus"))
    assert "install the package dbus" in machine.observed().error


def test_a_service_is_asked_by_its_unit_where_systemd_runs(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.services += [Service("a", "a.service", "", "", 0), Service("b", "b.service", "", "", 0)]
    answer = "\\n".join(
        [shown("vigie-keep.timer"), shown("a.service"), shown("b.service", active="failed", result="oom-kill")]
    )
    systemctl(machine, monkeypatch, f"printf '{answer}'")
    services = machine.seen().services
    assert services["a"].state == ServiceState.ALIVE
    assert (services["b"].state, services["b"].error) == (ServiceState.DEAD, "b.service is failed (oom-kill)")


@pytest.mark.parametrize("sub", ["auto-restart", "auto-restart-queued"])
def test_a_service_that_ends_and_is_started_again_and_again_is_dead(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, sub: str
) -> None:
    machine.services += [Service("a", "a.service", "", "", 0), Service("b", "b.service", "", "", 0)]
    answer = "\\n".join(
        [
            shown("vigie-keep.timer"),
            shown("a.service", active="activating", sub=sub, result="exit-code"),
            shown("b.service", active="activating", sub="start"),
        ]
    )
    systemctl(machine, monkeypatch, f"printf '{answer}'")
    services = machine.seen().services
    assert services["a"].state == ServiceState.DEAD
    assert services["a"].error == "a.service ended, and systemd waits to start it again (exit-code)"
    assert services["b"].state == ServiceState.ALIVE


def test_a_unit_that_is_declared_by_an_alias_is_found(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.services.append(Service("ssh", "sshd.service", "", "", 0))
    answer = "\\n".join([shown("vigie-keep.timer"), shown("ssh.service", "sshd.service")])
    systemctl(machine, monkeypatch, f"printf '{answer}'")
    assert machine.seen().services["ssh"].state == ServiceState.ALIVE


def test_a_unit_without_systemd_is_unknown_and_counted_as_not_alive(machine: Machine) -> None:
    machine.services.append(Service("a", "a.service", "", "", 0))
    seen = machine.seen()
    assert (seen.services["a"].state, seen.counts.dead) == (ServiceState.UNKNOWN, 1)
    assert "declare its port or its pid_file" in seen.services["a"].error


def test_a_service_is_alive_when_its_port_answers_and_dead_when_it_no_longer_does(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        machine.services.append(Service("page", "", "", "127.0.0.1", port))
        assert machine.seen().services["page"].state == ServiceState.ALIVE
    dead = machine.seen().services["page"]
    assert (dead.state, dead.error) == (ServiceState.DEAD, f"nothing answers at 127.0.0.1:{port}: Connection refused")


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (str(os.getpid()), ServiceState.ALIVE),
        ("99999999", ServiceState.DEAD),
        ("0", ServiceState.DEAD),
        ("-1", ServiceState.DEAD),
        ("", ServiceState.DEAD),
        ("../self", ServiceState.DEAD),
        (None, ServiceState.DEAD),
    ],
)
def test_a_service_is_as_alive_as_the_process_of_its_file(
    machine: Machine, content: str | None, state: ServiceState
) -> None:
    file = machine.folder / "pid"
    if content is not None:
        file.write_text(content)
    machine.services.append(Service("daemon", "", str(file), "", 0))
    assert machine.seen().services["daemon"].state == state


def test_requests_are_counted_and_the_oldest_tells_whether_they_are_stuck(machine: Machine) -> None:
    machine.request("a.json", 30)
    machine.request("b.json", 600)
    machine.request(".c.json", 9999)  # being written
    machine.request("c.txt", 9999)  # no request
    requests = machine.seen().requests
    assert (requests.count, requests.oldest_age, requests.stuck) == (2, 600, 0)
    machine.request("d.json", 601)
    assert machine.seen().requests.stuck == 1


def test_no_folder_and_an_empty_one_hold_no_request(machine: Machine) -> None:
    assert machine.seen().requests.oldest_age == -1
    machine.requests.mkdir()
    assert machine.seen().requests.count == 0


def test_a_queue_that_somebody_floods_is_counted_within_bounds(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import vigie.observe.itself.requests

    monkeypatch.setattr(vigie.observe.itself.requests, "_MOST", 5)
    for number in range(9):
        machine.request(f"{number}.json", 1)
    assert machine.seen().requests.count == 5


def test_a_certificate_is_worth_what_openssl_says_of_its_end(machine: Machine) -> None:
    machine.certificate("long", 40 * DAY)
    machine.certificate("short", 29 * DAY)
    machine.certificate("over", -DAY)
    seen = machine.seen()
    assert {name: row.state for name, row in seen.certificates.items()} == {
        "long": CertificateState.VALID,
        "short": CertificateState.EXPIRING,
        "over": CertificateState.EXPIRED,
    }
    assert (seen.certificates["long"].expires_at, seen.certificates["long"].left) == (NOW + 40 * DAY, 40 * DAY)
    assert seen.counts.expiring == 2


@pytest.mark.parametrize(("content", "words"), [(None, "No such file"), ("", "not a cert"), ("x" * 9999, "not a cert")])
def test_a_file_without_certificate_is_never_valid(machine: Machine, content: str | None, words: str) -> None:
    file = machine.folder / "x.pem"
    if content is not None:
        file.write_text(content)
    machine.certificates.append(Certificate("x", str(file), DAY))
    row = machine.seen().certificates["x"]
    assert row.state == CertificateState.UNREADABLE
    assert words in row.error


@pytest.mark.parametrize("hangs", ["file", "openssl"])
def test_a_certificate_that_is_not_read_in_time_has_no_state_and_says_why(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, hangs: str
) -> None:
    file = machine.folder / "x.pem"
    if hangs == "file":
        os.mkfifo(file)
    else:
        file.touch()
        program = machine.folder / "bin/openssl"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\nexec sleep 20\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    machine.certificates.append(Certificate("x", str(file), DAY))
    machine.deadline = 0.5
    observation = machine.observed()
    assert of_itself(observation)["certificates"]["x"] == {
        "name": "x",
        "error": f"{file}: is not read in time",
        "late": 1,
    }
    (finding,) = findings(observation, machine.settings)
    assert (finding.level, finding.text) == (Level.WARNING, f"certificate x: {file}: is not read in time")


def test_a_certificate_that_hangs_takes_no_time_from_the_ports(machine: Machine) -> None:
    os.mkfifo(machine.folder / "x.pem")
    machine.certificates.append(Certificate("x", str(machine.folder / "x.pem"), DAY))
    machine.deadline = 0.5
    with socket.create_server(("127.0.0.1", 0)) as listening:
        machine.services.append(Service("page", "", "", "127.0.0.1", listening.getsockname()[1]))
        seen = machine.seen()
    assert (seen.certificates["x"].late, seen.services["page"].state) == (1, ServiceState.ALIVE)


def test_the_settings_are_read_back_with_their_rows(machine: Machine) -> None:
    machine.services.append(Service("page", "", "", "127.0.0.1", 80))
    file = machine.folder / "settings.json"
    file.write_text(machine.settings.to_json())
    assert ObserveItself.read(file) == machine.settings


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({}, "must be a list of objects"),
        ([1], "must be a list of objects"),
        ([{"name": "a"}], "'within' is missing"),
        ([{"name": "a", "within": "1d"}], "'within' must be a whole number"),
        ([{"name": "a", "within": 1, "x": 1}], "unknown field 'x'"),
    ],
)
def test_wrong_rows_in_settings_are_one_sentence(machine: Machine, rows: object, words: str) -> None:
    file = machine.folder / "settings.json"
    file.write_text(json.dumps(json.loads(machine.settings.to_json()) | {"timers": rows}))
    with pytest.raises(SettingsError, match=words):
        ObserveItself.read(file)


def test_the_program_prints_the_document(machine: Machine) -> None:
    (machine.folder / f"itself-{SCHOOL}.json").write_text(machine.settings.to_json())
    assert PROGRAM.stat().st_mode & stat.S_IXUSR
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), str(machine.folder), SCHOOL], capture_output=True, timeout=20, check=True
    )
    document = json.loads(done.stdout)
    assert (document["error"], document["version"], list(document["timers"])) == ("", __version__, ["vigie-keep"])
    assert document["discovery"]["timers"] == [{"{#KEY}": "vigie-keep", "{#TIMER}": "vigie-keep"}]


@pytest.mark.parametrize(
    ("break_", "code", "words"),
    [
        (None, 0, "Vigie's own parts are as promised"),
        ("certificate", 1, "certificate short ends in 29 days"),
        ("timer", 2, "timer vigie-other never succeeded"),
        ("service", 2, "service a is not seen alive"),
        ("queue", 2, "1 requests wait, the oldest for"),
        ("stamp", 3, "is not a stamp"),
    ],
)
def test_a_check_by_hand_ends_with_its_verdict(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, break_: str | None, code: int, words: str
) -> None:
    match break_:
        case "certificate":
            machine.certificate("short", 29 * DAY + 3600)
        case "timer":
            machine.timers.append(Timer("vigie-other", 60))
        case "service":
            machine.services.append(Service("a", "", "", "127.0.0.1", 1))
        case "queue":
            machine.request("a.json", 10 * DAY)
        case "stamp":
            machine.succeeded("vigie-keep", 0).write_text("garbage")
    file = machine.folder / "settings.json"
    file.write_text(machine.settings.to_json())
    done = CliRunner().invoke(app, ["itself", str(file)])
    assert words in " ".join(done.output.split())
    assert done.exit_code == code
