"""Faults of the replication, on the real pair."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from lab.faults.base import Fault, Problem, Severity
from lab.school.machines import Machines
from lab.school.standby import ROLE, STANDBY, cable_of, standby_of
from lab.waiting import wait_until
from vigie.errors import VigieError

_HOST = "srv-standby"
_SCHEDULED = 60.0


def problem(name: str, severity: Severity) -> tuple[Problem, ...]:
    """The one problem of the pair that a fault must raise."""
    return (Problem(f"Replication: {name}", severity, _HOST),)


class ReplicationFault(Fault):
    """A fault of the pair; what it breaks is mended when the standby streams again."""

    subject: ClassVar[str] = "replication"
    observed_by: ClassVar[str] = "vigie.replication.seconds"

    @staticmethod
    def wait_until_it_streams(machines: Machines) -> None:
        """Wait until the primary sees the standby stream again."""
        standby = standby_of(machines)
        wait_until(standby.is_streaming, what="the standby does not stream", deadline=_SCHEDULED, every=0.3)


class StandbyStopped(ReplicationFault):
    """The standby's PostgreSQL is stopped."""

    name = "standby-stopped"
    sentence = "the standby is stopped: its slot, its row and its receiver are gone with it, and that is one problem"
    expected = problem("Standby does not answer", Severity.HIGH)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(STANDBY)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        standby_of(machines).start(machines.supervisor)
        self.wait_until_it_streams(machines)


class ReplicationCut(ReplicationFault):
    """The network between the two ends is cut; both still answer Zabbix."""

    name = "replication-cut"
    sentence = "the network between primary and standby is cut; both still answer"
    expected = problem("Broken", Severity.HIGH)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        cable_of(machines).cut(machines.supervisor)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        cable_of(machines).join(machines.supervisor)
        self.wait_until_it_streams(machines)


class ReceiverDisconnected(ReplicationFault):
    """The standby is told a wrong primary; nothing is written, so that by its own timestamps it is not late."""

    name = "receiver-disconnected"
    sentence = "the standby's primary_conninfo leads nowhere; by its own replay timestamps it is not late at all"
    expected = problem("Broken", Severity.HIGH)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        standby = standby_of(machines)
        standby.set("primary_conninfo", f"host={standby.primary.address} port=1 user=nobody")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        standby_of(machines).set("primary_conninfo", None)
        self.wait_until_it_streams(machines)


class ReplayPaused(ReplicationFault):
    """The standby receives and does not replay."""

    name = "replay-paused"
    sentence = "somebody paused the standby's replay and forgot it"
    expected = problem("Replay is paused", Severity.AVERAGE)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        standby_of(machines).cluster.sql("SELECT pg_wal_replay_pause();")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        standby_of(machines).cluster.sql("SELECT pg_wal_replay_resume();")


class ReplayLate(ReplicationFault):
    """The standby delays its replay: few bytes, and more seconds than promised."""

    name = "replay-late"
    slow = 32
    sentence = "recovery_min_apply_delay was set on the standby: few bytes behind, and later with every second"
    expected = problem("Standby is late", Severity.WARNING)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        standby = standby_of(machines)
        standby.set("recovery_min_apply_delay", "1h")
        wait_until(self._holds_up(machines), what="the standby replays at once", deadline=30, every=1)
        return {}

    @staticmethod
    def _holds_up(machines: Machines) -> Callable[[], bool]:
        """Whether what was written a second ago is still to be replayed; then writes again.

        The process that replays reads its settings in its own time: what it had begun it does at once.
        """
        primary, name = machines.cluster, standby_of(machines).name
        query = f"SELECT replay_lsn < pg_current_wal_lsn() FROM pg_stat_replication WHERE application_name = '{name}'"  # noqa: S608

        def holds() -> bool:
            behind = primary.sql(query) == "t"
            primary.sql("CREATE ROLE vigie_lab_was_here; DROP ROLE vigie_lab_was_here;")
            return behind

        return holds

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        standby_of(machines).set("recovery_min_apply_delay", None)


class RoleRefused(ReplicationFault):
    """The primary does not let Vigie's role in; everybody else is served."""

    name = "replication-role-refused"
    slow = 29
    sentence = "the primary's pg_hba.conf no longer lets the checking role in; OpenERP is served as before"
    expected = problem("Primary does not answer", Severity.HIGH)
    _line: ClassVar[str] = f"host all {ROLE} all reject\n"

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        file = machines.cluster.data / "pg_hba.conf"
        file.write_text(self._line + file.read_text())
        machines.cluster.sql("SELECT pg_reload_conf();")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        file = machines.cluster.data / "pg_hba.conf"
        file.write_text(file.read_text().replace(self._line, ""))
        machines.cluster.sql("SELECT pg_reload_conf();")


class SettingsUnreadable(ReplicationFault):
    """The check's settings are there, and the user of the Zabbix server may not read them."""

    name = "replication-settings-unreadable"
    sentence = "the rights of the check's settings were changed: nothing is known of the replication"
    expected = problem("Check is broken", Severity.HIGH)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        (machines.places.etc / f"replication-{machines.school.uai}.json").chmod(0o000)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        (machines.places.etc / f"replication-{machines.school.uai}.json").chmod(0o640)


class CheckMissing(ReplicationFault):
    """The external check is gone, as after an upgrade of the machine that forgot it."""

    name = "replication-check-missing"
    sentence = "the external check is no longer where Zabbix looks for it"
    expected = problem("No data from the check", Severity.AVERAGE)
    silent_for = 50
    _program: ClassVar[str] = "vigie-replication"

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        program = machines.places.external_scripts / self._program
        if not program.exists():
            raise VigieError(f"{program} is missing: start the lab first with `vigie lab up`")
        program.rename(program.with_name(f".{self._program}.away"))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        folder = machines.places.external_scripts
        (folder / f".{self._program}.away").rename(folder / self._program)


FAULTS: tuple[Fault, ...] = (
    StandbyStopped(),
    ReplicationCut(),
    ReceiverDisconnected(),
    ReplayPaused(),
    ReplayLate(),
    RoleRefused(),
    SettingsUnreadable(),
    CheckMissing(),
)
