"""Faults of the replication slots: what is kept for whom."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from lab.faults.base import Fault, Severity
from lab.faults.replication import ReplicationFault, problem
from lab.school.machines import Machines
from lab.school.standby import standby_of
from lab.streaming import write_much
from lab.waiting import wait_until


class _ForgottenSlot(ReplicationFault):
    """A slot that somebody left behind on the primary."""

    slot: ClassVar[str]

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.cluster.sql(f"SELECT pg_create_physical_replication_slot('{self.slot}', true);")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.cluster.sql(f"SELECT pg_drop_replication_slot('{self.slot}');\nCHECKPOINT;")


class SlotUnread(_ForgottenSlot):
    """A slot without a reader."""

    name = "slot-unread"
    sentence = "a standby that was removed left its slot on the primary"
    expected = problem("Slot that nobody reads", Severity.WARNING)
    slot = "vigie_lab_unread"


class SlotHolding(_ForgottenSlot):
    """A slot without a reader that holds WAL beyond what is allowed."""

    name = "slot-holding"
    sentence = "a slot left behind holds more WAL than the primary's disk should carry"
    expected = problem("Slot holds back too much WAL", Severity.HIGH)
    slot = "vigie_lab_holding"

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        notes = super().break_(machines)
        write_much(machines.cluster, 9)
        return notes


class SlotLost(_ForgottenSlot):
    """A slot that asked for more than max_slot_wal_keep_size allows."""

    name = "slot-lost"
    sentence = "a slot fell behind by more than max_slot_wal_keep_size: the primary removed its WAL"
    expected = problem("Slot has lost its WAL", Severity.AVERAGE)
    slot = "vigie_lab_lost"

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        notes = super().break_(machines)
        cluster = machines.cluster
        cluster.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '48MB';\nSELECT pg_reload_conf();")
        for _ in range(6):
            write_much(cluster, 1)
            # The standby's own slot must not be lost with it.
            wait_until(self._standby_has_all(machines), what="the standby does not follow", deadline=30)
        cluster.sql("CHECKPOINT;")
        return notes

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.cluster.sql("ALTER SYSTEM RESET max_slot_wal_keep_size;\nSELECT pg_reload_conf();")
        super().mend(machines, notes)

    @staticmethod
    def _standby_has_all(machines: Machines) -> Callable[[], bool]:
        standby = standby_of(machines)
        query = f"""SELECT flush_lsn >= pg_current_wal_flush_lsn() FROM pg_stat_replication
            WHERE application_name = '{standby.name}'"""  # noqa: S608 - the site file's own name
        return lambda: standby.primary.sql(query) == "t"


class SlotUnused(ReplicationFault):
    """The standby streams without the slot that is declared for it."""

    name = "slot-unused"
    sentence = "the standby streams without its slot: after a night off, the WAL that it needs will be gone"
    expected = problem("Declared slot is not used", Severity.WARNING)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        standby = standby_of(machines)
        standby.set("primary_slot_name", "")
        wait_until(standby.may_drop_slot, what="the standby still uses its slot", deadline=30)
        standby.drop_slot()
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        standby = standby_of(machines)
        standby.make_slot()
        standby.set("primary_slot_name", None)
        self.wait_until_it_streams(machines)


FAULTS: tuple[Fault, ...] = (SlotUnread(), SlotHolding(), SlotLost(), SlotUnused())
