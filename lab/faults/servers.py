"""Faults of the servers around the dumps."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.faults.base import Fault, Problem, Severity
from lab.school.backup_server import RSYNCD
from lab.school.machines import POSTGRES, Machines
from vigie.backups.catalogue import Layout


class ReceiverStopped(Fault):
    """The rsync daemon of the backup server is stopped."""

    name = "receiver-stopped"
    sentence = "the rsync daemon of the backup server is stopped: tonight's dumps will not arrive"
    expected = (Problem("Backups: Receiver does not answer", Severity.HIGH),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(RSYNCD)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.start_rsyncd()


class PostgresDown(Fault):
    """The school's PostgreSQL is stopped."""

    name = "postgres-down"
    alone = True
    sentence = "the school's PostgreSQL is stopped: one problem, whatever else asks it"
    expected = (Problem("OpenERP: PostgreSQL does not answer", Severity.HIGH, host="srv-openerp"),)
    observed_by = "vigie.openerp.seconds"

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(POSTGRES)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.start_postgres()


class ListRefused(Fault):
    """The school's PostgreSQL answers, and no longer lets the backups' observation in."""

    name = "list-refused"
    sentence = "the passfile of the backups' observation is gone: PostgreSQL gives it no list; dumps are still watched"
    expected = (Problem("Backups: PostgreSQL does not give its list", Severity.AVERAGE),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        _passfile(machines).rename(_aside(machines))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        _aside(machines).rename(_passfile(machines))


def _passfile(machines: Machines) -> Path:
    return machines.backup.observation.service_file.with_name("pgpass")


def _aside(machines: Machines) -> Path:
    return _passfile(machines).with_name("pgpass.aside")


class AgentDown(Fault):
    """The agent of the backup server is stopped."""

    name = "agent-down"
    sentence = "the Zabbix agent of the backup server is stopped: one problem, not one for each thing it watched"
    expected = (Problem("Zabbix agent is not available", Severity.AVERAGE),)
    silent_for = 135

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(machines.agent_name(machines.backup_host))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.start_agent(machines.backup_host)


class AgentWithoutVigie(Fault):
    """The agent answers and does not know Vigie's item."""

    name = "agent-without-vigie"
    sentence = "the agent of the backup server was installed again without Vigie's user parameters"
    expected = (
        Problem("Backups: No data from the agent", Severity.AVERAGE),
        Problem("Log source: No data from the agent", Severity.AVERAGE),
    )
    silent_for = 100

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(machines.agent_name(machines.backup_host))
        machines.start_agent(machines.backup_host, parameters="")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.supervisor.stop(machines.agent_name(machines.backup_host))
        machines.start_agent(machines.backup_host)


class CatalogueUnreadable(Fault):
    """The catalogue is there, and the monitoring user may not read it."""

    name = "catalogue-unreadable"
    sentence = "the rights of the catalogue were changed: the monitoring user cannot read it"
    expected = (Problem("Backups: Check is broken", Severity.HIGH),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        # Nobody may: as an ordinary user, the agent is the owner too.
        Layout(machines.places.store).index.chmod(0o000)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        Layout(machines.places.store).index.chmod(0o640)
