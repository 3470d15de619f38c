"""What the faults of the logs have in common."""

from collections.abc import Callable

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


def silent(source: str) -> Problem:
    """The centre does not hear a source."""
    return Problem(f"Logs of [{source}]: Silent", Severity.AVERAGE, CENTRE)


def host(machines: Machines, name: str) -> Host:
    """A machine by its name in the site file."""
    return machines.school.host(name)


def servers(machines: Machines) -> LogServers:
    """The servers of the logs."""
    return LogServers(machines)


def change_parameters(machines: Machines, name: str, change: Callable[[str], str]) -> str:
    """Change the user parameters of a machine's agent and restart it.

    Returns:
        what they were.
    """
    file = machines.places.hosts / name / "vigie.conf"
    before = file.read_text()
    file.write_text(change(before))
    machines.supervisor.stop(machines.agent_name(host(machines, name)))
    machines.start_agent(host(machines, name))
    return before


def without_item(text: str, key: str) -> str:
    """User parameters without that of one key."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(f"UserParameter={key}["))
