"""Faults of OpenERP's server, as its users meet them."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from lab.faults.base import Fault, Problem, Severity
from lab.processes import Server
from lab.school import openerp
from lab.school.machines import Machines
from lab.zabbix.server import listens
from vigie.errors import VigieError

_HOST = "srv-openerp"
_GARBAGE = "fault-garbage"
_RSYNCD = "pid file = {pid}\nuse chroot = no\naddress = {address}\nport = {port}\n"


class OpenErpFault(Fault):
    """A fault of OpenERP."""

    subject: ClassVar[str] = "openerp"
    observed_by: ClassVar[str] = "vigie.openerp.seconds"


def problem(name: str, severity: Severity, **tags: str) -> tuple[Problem, ...]:
    """The one problem of a fault, on OpenERP's host."""
    return (Problem(name, severity, host=_HOST, tags={"target": "openerp"} | tags),)


class ServerStopped(OpenErpFault):
    """Nothing listens any more."""

    name = "openerp-stopped"
    sentence = "OpenERP is stopped: one problem, and none for the scheduled actions that nobody runs"
    expected = problem("OpenERP: Server does not answer", Severity.HIGH)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(openerp.OPENERP, patience=40)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        openerp.start_server(machines)


class ServerSilent(OpenErpFault):
    """The server accepts connections and never answers: its process does not get the processor any more."""

    name = "openerp-silent"
    sentence = "OpenERP hangs: its port accepts every connection, and nothing is ever answered"
    expected = problem("OpenERP: Server does not answer", Severity.HIGH)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        _signal(machines, signal.SIGSTOP)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Kill it, as one does with what hangs, and start it again; its pid file is left behind."""
        _signal(machines, signal.SIGKILL)
        machines.supervisor.stop(openerp.OPENERP)
        openerp.start_server(machines)


class GarbageOnThePort(OpenErpFault):
    """Something else holds OpenERP's port: a real rsync daemon."""

    name = "openerp-garbage"
    sentence = "an rsync daemon was given OpenERP's port: what answers there does not speak HTTP"
    expected = problem("OpenERP: Server does not answer", Severity.HIGH)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        declared = openerp.declaration(machines)
        address, port = str(machines.school.host(declared.host).address), declared.port
        machines.supervisor.stop(openerp.OPENERP, patience=40)
        file = machines.places.openerp / "rsyncd.conf"
        file.write_text(_RSYNCD.format(pid=file.with_suffix(".pid"), address=address, port=port))
        machines.supervisor.start(
            Server(
                name=_GARBAGE,
                argv=["rsync", "--daemon", "--no-detach", f"--config={file}"],
                account=machines.account,
                ready=lambda: listens(address, port),
                where=f"{address}:{port}",
            )
        )
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.supervisor.stop(_GARBAGE)
        openerp.start_server(machines)


class OldRelease(OpenErpFault):
    """The server was started from the directory of the release before."""

    name = "openerp-old-release"
    sentence = "OpenERP 6.0.3 is started where 6.0.4 is declared; nothing else would say so"
    expected = problem("OpenERP: Release is not the declared one", Severity.AVERAGE)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        _restart(machines, release="6.0.3")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        _restart(machines)


class SlowAnswers(OpenErpFault):
    """The server answers, two seconds late."""

    name = "openerp-slow"
    sentence = "each answer of OpenERP takes nearly two seconds"
    expected = problem("OpenERP: Answers slowly", Severity.WARNING)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        _restart(machines, delay=1.8)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        _restart(machines)


class OpenErpLockedOut(OpenErpFault):
    """PostgreSQL lets everybody in but OpenERP."""

    name = "openerp-locked-out"
    sentence = "the role of OpenERP may no longer log in to PostgreSQL, which answers everybody else"
    expected = problem("OpenERP: Server does not reach PostgreSQL", Severity.HIGH)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.cluster.sql("ALTER ROLE openerp NOLOGIN;")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.cluster.sql("ALTER ROLE openerp LOGIN;")


class ScriptMissing(OpenErpFault):
    """The external check is not where the Zabbix server looks for it."""

    name = "openerp-check-missing"
    sentence = "the external check of OpenERP was lost when the Zabbix server was installed again"
    expected = problem("OpenERP: No data from the check", Severity.AVERAGE)
    silent_for = 50

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        script = machines.places.external_scripts / "vigie-openerp"
        script.rename(script.with_name(".vigie-openerp-lost"))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        script = machines.places.external_scripts / "vigie-openerp"
        script.with_name(".vigie-openerp-lost").rename(script)


class SettingsLost(OpenErpFault):
    """The check runs and does not know what it must ask."""

    name = "openerp-settings-lost"
    sentence = "the settings of the check are gone: it says that it cannot see, and repeats nothing old"
    expected = problem("OpenERP: Check is broken", Severity.HIGH)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        settings = _settings(machines)
        settings.rename(settings.with_suffix(".lost"))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        settings = _settings(machines)
        settings.with_suffix(".lost").rename(settings)


def _settings(machines: Machines) -> Path:
    return machines.places.etc / f"openerp-{machines.school.uai}.json"


def _restart(machines: Machines, *, release: str = "", delay: float = 0.0) -> None:
    machines.supervisor.stop(openerp.OPENERP, patience=40)
    openerp.start_server(machines, release=release, delay=delay)


def _signal(machines: Machines, number: signal.Signals) -> None:
    record = machines.supervisor.record_of(openerp.OPENERP)
    if record is None or not record.is_alive():
        raise VigieError("OpenERP does not run: start the lab with `vigie lab up`")
    os.kill(record.pid, number)


FAULTS: tuple[Fault, ...] = (
    ServerStopped(),
    ServerSilent(),
    GarbageOnThePort(),
    OldRelease(),
    SlowAnswers(),
    OpenErpLockedOut(),
    ScriptMissing(),
    SettingsLost(),
)
