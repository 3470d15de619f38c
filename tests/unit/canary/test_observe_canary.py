"""What a source says of its own log: one cause, one thing that is wrong."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lab.waiting import wait_until
from vigie.canary.emission import Emitted
from vigie.canary.series import Series, read_series, write_series
from vigie.check.command import app
from vigie.observe.canary.alive import running_since, started_by_name
from vigie.observe.canary.document import of_canary
from vigie.observe.canary.model import CanaryObservation, Emission, QueueSeen, RsyslogState, SourceSeen
from vigie.observe.canary.observation import observe_canary
from vigie.observe.canary.settings import ObserveCanary

SENT = Emitted("0b0b1d1e-0000-4000-8000-000000000000", 7, 1795299637.5)
REFUSED = replace(SENT, sent_at=0.0, error="/dev/log takes no message: Connection refused")
FIGURES = (
    '1795299637: { "name": "vigie_forward", "origin": "core.action", "processed": 9, "failed": 1, "suspended": 2 }\n'
    '1795299637: { "name": "vigie_forward queue", "origin": "core.queue", '
    '"size": 12, "discarded.full": 3, "discarded.nf": 4 }\n'
)


def name_of(pid: int) -> str:
    """What a process is called."""
    return Path(f"/proc/{pid}/comm").read_text().strip()


class Source:
    """A source whose rsyslogd is a process of that name which does nothing."""

    def __init__(self, folder: Path, pid: int) -> None:
        self.pid_file = folder / "rsyslogd.pid"
        self.impstats = folder / "impstats.json"
        self.pid_file.write_text(f"{pid}\n")
        self.impstats.write_text(FIGURES)
        self.settings = ObserveCanary(
            school="9990001X",
            source="srv-openerp",
            socket=str(folder / "log"),
            state=str(folder),
            impstats=str(self.impstats),
            pid_file=str(self.pid_file),
            silent_after=60,
        )

    def started(self, ago: float) -> None:
        """Let rsyslogd have been started that many seconds ago."""
        os.utime(self.pid_file, (time.time() - ago,) * 2)

    def wrote(self, ago: float) -> None:
        """Let its figures have been written that many seconds ago."""
        os.utime(self.impstats, (time.time() - ago,) * 2)

    def observed(self, sent: Emitted = SENT) -> CanaryObservation:
        return observe_canary(self.settings, emit=lambda: sent)

    def seen(self, sent: Emitted = SENT) -> SourceSeen:
        seen = self.observed(sent).seen
        assert seen
        return seen


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    """A source in which all is well since an hour ago."""
    program = tmp_path / "rsyslogd"
    shutil.copy("/bin/sleep", program)
    process = subprocess.Popen([program, "60"])
    wait_until(lambda: name_of(process.pid) == "rsyslogd", what="it has no name yet", deadline=10)
    made = Source(tmp_path, process.pid)
    made.started(3600)
    yield made
    process.kill()
    process.wait()


def test_all_is_well(source: Source) -> None:
    seen = source.seen()
    assert (seen.rsyslog.state, seen.canary.emitted, seen.canary.number) == (RsyslogState.RUNNING, Emission.DONE, 7)
    assert seen.queue == QueueSeen(size=12, longest="vigie_forward queue", discarded=7, failed=1, suspended=2)


@pytest.mark.parametrize("text", ["", "no number", "-1", "0x1", "9" * 40, "4194305"])
def test_a_pid_file_that_names_nobody_is_a_stopped_rsyslog(source: Source, text: str) -> None:
    source.pid_file.write_text(text)
    assert source.seen().rsyslog.state == RsyslogState.STOPPED


def test_an_id_that_was_given_to_another_program_is_not_rsyslog(source: Source) -> None:
    source.pid_file.write_text(str(os.getpid()))
    assert source.seen().rsyslog.state == RsyslogState.STOPPED


def test_a_process_of_another_user_can_be_seen(source: Source) -> None:
    source.pid_file.write_text("1")
    assert running_since(str(source.pid_file)) is None


def test_an_rsyslog_without_a_pid_file_is_known_by_its_name(tmp_path: Path) -> None:
    program = tmp_path / f"rs-{os.getpid()}"
    shutil.copy("/bin/sleep", program)
    assert started_by_name(program.name) is None
    begun = time.time()
    with subprocess.Popen([program, "60"]) as process:
        wait_until(lambda: name_of(process.pid) == program.name, what="it has no name yet", deadline=10)
        started = started_by_name(program.name)
        process.kill()
    assert started is not None
    assert abs(started - begun) < 5
    assert started_by_name(program.name) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a container's process here")
def test_an_rsyslog_of_a_container_is_not_the_one_of_this_machine(tmp_path: Path) -> None:
    program = tmp_path / f"rc-{os.getpid()}"
    shutil.copy("/bin/sleep", program)
    command = ["unshare", "--pid", "--fork", "--kill-child", "--", program, "60"]

    def inside() -> bool:
        return any(entry.read_text().strip() == program.name for entry in Path("/proc").glob("[0-9]*/comm"))

    with subprocess.Popen(command) as process:
        wait_until(inside, what="it does not run", deadline=10)
        started = started_by_name(program.name)
        process.kill()
    assert started is None


def test_the_settings_without_a_pid_file_ask_by_name() -> None:
    assert running_since("") == started_by_name("rsyslogd")


def test_while_rsyslog_is_stopped_its_consequences_are_not_counted(source: Source) -> None:
    source.pid_file.unlink()
    seen = source.seen(REFUSED)
    assert seen.rsyslog.state == RsyslogState.STOPPED
    assert seen.canary.emitted == Emission.UNTRIED
    assert seen.queue == QueueSeen()


def test_a_rsyslog_that_writes_no_figures_any_more_hangs(source: Source) -> None:
    source.wrote(61)
    seen = source.seen(REFUSED)
    assert (seen.rsyslog.state, seen.canary.emitted) == (RsyslogState.HANGS, Emission.UNTRIED)
    assert seen.rsyslog.error == "it wrote its figures 61 s ago"


def test_a_rsyslog_that_was_just_started_has_no_figures_yet(source: Source) -> None:
    source.started(5)
    source.impstats.unlink()
    seen = source.seen()
    assert (seen.rsyslog.state, seen.rsyslog.age, seen.queue) == (RsyslogState.RUNNING, -1, QueueSeen())


def test_the_figures_of_the_rsyslog_before_are_not_those_of_this_one(source: Source) -> None:
    source.started(5)
    source.wrote(400)
    seen = source.seen()
    assert (seen.rsyslog.state, seen.queue) == (RsyslogState.RUNNING, QueueSeen())


def test_figures_that_never_come_are_a_broken_check_and_no_verdict(source: Source) -> None:
    source.impstats.unlink()
    observation = source.observed()
    assert observation.seen is None
    assert str(source.impstats) in observation.error


def test_a_canary_that_does_not_leave_a_running_rsyslog_is_the_problem(source: Source) -> None:
    canary = source.seen(REFUSED).canary
    assert (canary.emitted, canary.error) == (Emission.FAILED, REFUSED.error)


def test_the_document_has_nothing_but_its_error_when_it_could_not_see(source: Source) -> None:
    source.impstats.write_text("garbage\n")
    document = of_canary(source.observed())
    assert set(document) == {"observed_at", "seconds", "error"}


def test_the_document_is_plain_data(source: Source) -> None:
    document = of_canary(source.observed())
    assert document["rsyslog"]["state"] == 0
    assert document["canary"]["series"] == SENT.series
    assert document["queue"]["size"] == 12


def _checked(source: Source, tmp_path: Path) -> tuple[int, str]:
    file = tmp_path / "canary-9990001X.json"
    file.write_text(source.settings.to_json())
    done = CliRunner().invoke(app, ["canary", str(file)])
    return done.exit_code, done.output


def test_a_person_is_shown_the_last_canary_and_none_is_emitted(source: Source, tmp_path: Path) -> None:
    write_series(tmp_path, Series(SENT.series, 7))
    code, shown = _checked(source, tmp_path)
    assert code == 1  # messages were discarded
    assert f"number 7 of {SENT.series}" in shown
    assert read_series(tmp_path) == Series(SENT.series, 7)


def test_a_person_is_told_that_rsyslog_is_stopped(source: Source, tmp_path: Path) -> None:
    source.pid_file.unlink()
    code, shown = _checked(source, tmp_path)
    assert code == 2
    assert "rsyslog is stopped: no rsyslogd runs by" in shown
