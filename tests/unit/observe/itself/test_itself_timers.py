"""A timer without success is late; how the whole is told."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from itselfbuilder import DAY, NOW, SCHOOL, Machine, shown, systemctl
from typer.testing import CliRunner

from vigie import __version__
from vigie.check.command import app
from vigie.observe.itself.model import TimerState
from vigie.observe.itself.settings import ObserveItself, Service, Timer
from vigie.settings import SettingsError

KEEP = Timer("vigie-keep", 26 * 3600)
PROGRAM = Path(__file__).parents[4] / "userparameters" / "vigie-self"


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
