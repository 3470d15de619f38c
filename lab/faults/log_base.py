"""What the faults of the logs have in common."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from lab.faults.base import Fault, Problem, Severity
from lab.school.logs import LogServers
from lab.school.machines import Machines
from vigie.site import Host

CENTRE = "srv-logs"
OPENERP = "srv-openerp"
BACKUP = "srv-backup"


class LogFault(Fault):
    """A fault of the logs, seen by the observation of their centre."""

    subject = "logs"
    observed_by = "vigie.logs.seconds"


class Stopped(LogFault):
    """A server of the logs is stopped."""

    server: ClassVar[str]

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(self.server)
        return {}


class Gone(LogFault):
    """A file is no longer where it is looked for."""

    @abstractmethod
    def file(self, machines: Machines) -> Path:
        """Which."""

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        file = self.file(machines)
        file.rename(file.with_suffix(".gone"))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        file = self.file(machines)
        file.with_suffix(".gone").rename(file)


class OtherParameters(LogFault):
    """The user parameters of an agent are not what they should be."""

    machine: ClassVar[str]

    @abstractmethod
    def changed(self, machines: Machines, text: str) -> str:
        """What stands in their file instead."""

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        file = self._file(machines)
        before = file.read_text()
        self._write(machines, self.changed(machines, before))
        return {"before": before}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        self._write(machines, str(notes["before"]))

    def _file(self, machines: Machines) -> Path:
        return machines.places.hosts / self.machine / "vigie.conf"

    def _write(self, machines: Machines, text: str) -> None:
        """Write them and restart the agent."""
        self._file(machines).write_text(text)
        agent = host(machines, self.machine)
        machines.supervisor.stop(machines.agent_name(agent))
        machines.start_agent(agent)


class LostItem(OtherParameters):
    """An agent lost the user parameter of an item."""

    key: ClassVar[str]

    def changed(self, machines: Machines, text: str) -> str:
        lines = text.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(f"UserParameter={self.key}["))


def silent(source: str) -> Problem:
    """The centre does not hear a source."""
    return Problem(f"Logs of [{source}]: Silent", Severity.AVERAGE, CENTRE)


def host(machines: Machines, name: str) -> Host:
    """A machine by its name in the site file."""
    return machines.school.host(name)


def servers(machines: Machines) -> LogServers:
    """The servers of the logs."""
    return LogServers(machines)
