"""Faults of the sources of the logs, and of what lies between them and the centre."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.faults.base import Problem, Severity
from lab.faults.log_base import (
    BACKUP,
    CENTRE,
    OPENERP,
    Gone,
    LogFault,
    LostItem,
    OtherParameters,
    Stopped,
    host,
    servers,
    silent,
)
from lab.faults.log_canaries import CanariesLost, CanariesTwice, SnareGap
from lab.school.chatter import flood
from lab.school.machines import Machines
from lab.waiting import wait_until
from vigie.errors import VigieError
from vigie.observe.logs.impstats import ImpstatsError, read_figures


class SourceStopped(Stopped):
    """The rsyslog of a source is stopped."""

    name = "log-source-stopped"
    slow = 41
    sentence = "the rsyslog of OpenERP's server is stopped: what is written there is lost"
    expected = (Problem("Log source: rsyslog is stopped", Severity.HIGH, OPENERP), silent(OPENERP))
    server = f"rsyslog-{OPENERP}"

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        servers(machines).start_rsyslog(host(machines, OPENERP))


class SourceHangs(LogFault):
    """The rsyslog of a source is there and does nothing."""

    name = "log-source-hangs"
    slow = 45
    sentence = "the rsyslog of the backup server is frozen: it is there and takes nothing"
    expected = (Problem("Log source: rsyslog hangs", Severity.HIGH, BACKUP), silent(BACKUP))

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        os.kill(_pid(machines, f"rsyslog-{BACKUP}"), signal.SIGSTOP)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        os.kill(_pid(machines, f"rsyslog-{BACKUP}"), signal.SIGCONT)


class NetworkCut(LogFault):
    """The cable between a source and the centre is cut."""

    name = "log-network-cut"
    slow = 90
    sentence = "the network between OpenERP's server and the centre is cut: messages wait on the source"
    expected = (Problem("Log source: Queue does not empty", Severity.WARNING, OPENERP), silent(OPENERP))

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        servers(machines).cable(host(machines, OPENERP)).cut(machines.supervisor)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        servers(machines).cable(host(machines, OPENERP)).join(machines.supervisor)


class SocketGone(Gone):
    """The log socket of a source is not where programs look for it."""

    name = "log-socket-gone"
    slow = 41
    sentence = "the log socket of the backup server is gone: nobody can write to its log"
    expected = (Problem("Log source: Canary does not leave", Severity.AVERAGE, BACKUP), silent(BACKUP))

    def file(self, machines: Machines) -> Path:
        return servers(machines).places_of(host(machines, BACKUP)).socket


class FiguresUnreadable(LogFault):
    """The agent may not read the figures of rsyslog."""

    name = "log-figures-unreadable"
    sentence = "the rights of rsyslog's figures on the backup server were changed: the monitoring user cannot read them"
    expected = (Problem("Log source: Check is broken", Severity.HIGH, BACKUP),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        servers(machines).places_of(host(machines, BACKUP)).impstats.chmod(0)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        servers(machines).places_of(host(machines, BACKUP)).impstats.chmod(0o644)


class SourceWithoutVigie(LostItem):
    """The agent of a source does not know the canary."""

    name = "log-source-without-vigie"
    slow = 123
    sentence = "the agent of OpenERP's server lost the canary's user parameter: no canary leaves any more"
    expected = (Problem("Log source: No data from the agent", Severity.AVERAGE, OPENERP),)
    machine = OPENERP
    key = "vigie.canary.get"


class SourceDiscards(LogFault):
    """A flood comes while the network is cut: the queue of the source is full for a moment."""

    name = "log-source-discards"
    sentence = "the queue of OpenERP's server was full while its network was cut: messages were thrown away"
    expected = (Problem("Log source: Messages were discarded", Severity.HIGH, OPENERP),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        there = servers(machines)
        source = host(machines, OPENERP)
        places, cable = there.places_of(source), there.cable(source)
        before = _discarded(places.impstats)
        cable.cut(machines.supervisor)
        machines.supervisor.start(flood(machines, places, size=12_000, every=0.005))
        try:
            wait_until(
                lambda: _discarded(places.impstats) > before, what="the queue is never full", deadline=90, every=0.2
            )
        finally:
            machines.supervisor.stop("flood")
            cable.join(machines.supervisor)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Nothing more is to be done: the way is free, and the problem stays for a while so that it is seen."""


class ClockWrong(OtherParameters):
    """The clock of a source is behind."""

    name = "log-clock-wrong"
    slow = 34
    sentence = "the clock of the backup server is 40 s behind, as its canaries tell"
    expected = (Problem(f"Logs of [{BACKUP}]: Clock is wrong", Severity.WARNING, CENTRE),)
    machine = BACKUP

    def changed(self, machines: Machines, text: str) -> str:
        python = str(machines.places.prefix / "bin/python")
        program = next(word for word in text.split() if word.endswith("/vigie-canary"))
        return text.replace(f"{python} -I {program}", f"{python} -I -m lab.wrongclock -40 vigie.canary.program")


class NothingOfItsOwn(Stopped):
    """A source sends its canaries and nothing else."""

    name = "log-nothing-of-its-own"
    slow = 58
    sentence = "the programs of the backup server write to its log no more; its canary still comes"
    expected = (Problem(f"Logs of [{BACKUP}]: Nothing of its own", Severity.WARNING, CENTRE),)
    server = f"chatter-{BACKUP}"

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        servers(machines).start_chatter(host(machines, BACKUP))


class WindowsSilent(Stopped):
    """A Windows source sends nothing more."""

    name = "log-windows-silent"
    slow = 41
    sentence = "the Snare of a Windows machine is stopped"
    expected = (silent("poste-02"),)
    server = "windows-poste-02"

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        servers(machines).start_station(host(machines, "poste-02"))


def _pid(machines: Machines, name: str) -> int:
    record = machines.supervisor.record_of(name)
    if record is None or not record.is_alive():
        raise VigieError(f"{name} does not run: start the lab first with `vigie lab up`")
    return record.pid


def _discarded(impstats: Path) -> int:
    try:
        return read_figures(str(impstats)).discarded
    except ImpstatsError:
        return 0


FAULTS = (
    SourceStopped(),
    SourceHangs(),
    NetworkCut(),
    SocketGone(),
    FiguresUnreadable(),
    SourceWithoutVigie(),
    SourceDiscards(),
    ClockWrong(),
    NothingOfItsOwn(),
    WindowsSilent(),
    CanariesLost(),
    CanariesTwice(),
    SnareGap(),
)
