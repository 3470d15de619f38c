"""Faults of who is primary: of two ends exactly one should be writable, and the other one able to follow it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.faults.base import Fault, Problem, Severity
from lab.faults.replication import ReplicationFault, problem
from lab.school.machines import POSTGRES, Machines
from lab.school.standby import STANDBY, cable_of, standby_of


class SplitBrain(ReplicationFault):
    """The standby is promoted beside a living primary."""

    name = "split-brain"
    sentence = "the standby is promoted beside a living primary: a promotion fences nothing, both are writable"
    expected = problem("Split brain", Severity.HIGH)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        standby_of(machines).cluster.sql("SELECT pg_promote();")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        standby_of(machines).rebuild(machines.supervisor)
        self.wait_until_it_streams(machines)


class StandbyDiverged(ReplicationFault):
    """A standby that was promoted is made a standby again, without being rebuilt."""

    name = "standby-diverged"
    sentence = "the standby was promoted for a moment, then started as a standby again without being rebuilt"
    expected = problem("Diverged", Severity.HIGH)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        standby = standby_of(machines)
        # Cut off first: nobody sees the moment in which both are writable.
        cable_of(machines).cut(machines.supervisor)
        try:
            standby.cluster.sql("SELECT pg_promote();\nCHECKPOINT;")
            machines.supervisor.stop(STANDBY)
        finally:
            cable_of(machines).join(machines.supervisor)
        standby.obey()
        standby.start(machines.supervisor)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        standby_of(machines).rebuild(machines.supervisor)
        self.wait_until_it_streams(machines)


class StandbyTookOver(ReplicationFault):
    """The primary is dead and the standby was promoted: what a recovery plan does, and what must not be forgotten."""

    name = "standby-took-over"
    sentence = "the primary is dead and the standby was promoted"
    alone = True
    expected = (
        *problem("Roles are not the declared ones", Severity.WARNING),
        Problem("OpenERP: PostgreSQL does not answer", Severity.HIGH, host="srv-openerp"),
    )

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(POSTGRES)
        standby_of(machines).cluster.sql("SELECT pg_promote();")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Go back to the primary: nothing was written on the other end meanwhile.

        That one is read only before the primary is back, and stays there to be read while it is built again.
        """
        standby = standby_of(machines)
        machines.supervisor.stop(STANDBY)
        standby.obey()
        machines.start_postgres()
        standby.start(machines.supervisor)
        standby.rebuild(machines.supervisor)
        self.wait_until_it_streams(machines)


class NeitherWritable(ReplicationFault):
    """The primary is started as a standby: everybody reads, nobody writes."""

    name = "neither-end-writable"
    sentence = "a standby.signal was left in the primary's data: it answers everybody, and nothing can be saved"
    alone = True
    expected = problem("Neither end is writable", Severity.HIGH)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(POSTGRES)
        signal = self._signal(machines)
        signal.touch()
        machines.account.own(signal)
        machines.supervisor.start(machines.cluster.server())
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Start it as what it was: nothing was promoted, so the standby goes on following."""
        machines.supervisor.stop(POSTGRES)
        self._signal(machines).unlink()
        machines.start_postgres()
        self.wait_until_it_streams(machines)

    @staticmethod
    def _signal(machines: Machines) -> Path:
        return machines.cluster.data / "standby.signal"


FAULTS: tuple[Fault, ...] = (
    SplitBrain(),
    StandbyDiverged(),
    StandbyTookOver(),
    NeitherWritable(),
)
