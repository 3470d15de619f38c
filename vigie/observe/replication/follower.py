"""Telling the end that is fed among all those that read from the end that feeds."""

from vigie.hints import Any
from vigie.observe.replication.ends import Answer
from vigie.observe.replication.settings import ObserveReplication
from vigie.records import Record


class Line(Record):
    """The two ends in the direction in which WAL should flow; `switched` when it is not the declared one."""

    upstream: Answer
    downstream: Answer
    switched: bool


class Follower(Record):
    """By what the fed end is told: its slot, else its name, else its address.

    `slot` is empty when it uses none, and None when nobody can say which it uses. `declared` when the site file was
    written for this direction: where it was not, a machine may come from an address that the file does not know.
    """

    slot: str | None
    name: str
    address: str
    declared: bool


def line_of(primary: Answer | None, standby: Answer | None) -> Line | None:
    """Who should feed whom: the writable end feeds the other one. None unless exactly one of two is writable."""
    if primary is None or standby is None or primary.in_recovery == standby.in_recovery:
        return None
    return Line(primary, standby, False) if standby.in_recovery else Line(standby, primary, True)


def follower_of(line: Line | None, settings: ObserveReplication) -> Follower:
    """What tells the fed end.

    The site file names the slot and the name of the declared standby alone: once the roles were switched, the fed end
    itself tells which slot it uses, for as long as it receives.
    """
    if line is None or not line.switched:
        return Follower(settings.slot, settings.application_name, settings.standby_address, True)
    receiver = line.downstream.receiver
    slot = str(receiver.get("slot_name") or "") if receiver else None
    return Follower(slot, "", settings.primary_address, False)


def row_of(follower: Follower, upstream: Answer) -> dict[str, Any] | None:
    """The follower's row in `pg_stat_replication`; pg_basebackup streams too and is not it.

    Where nothing that was declared can tell it, any row will do: PostgreSQL never shows a client by a host name.
    That the fed end receives is judged by its own receiver.
    """
    rows = [row for row in upstream.senders if row.get("state") not in ("backup", None)]
    readers = {slot.get("active_pid") for slot in upstream.slots if slot.get("slot_name") == follower.slot} - {None}
    by_slot = [row for row in rows if row.get("pid") in readers]
    by_name = [row for row in rows if follower.name and row.get("application_name") == follower.name]
    for found in (by_slot, by_name):
        if found:
            return found[0]
    address = _packed(follower.address)
    by_address = [row for row in rows if address and _packed(row.get("client_addr")) == address]
    any_row = [] if follower.declared and address else rows
    return next(iter((*by_address, *any_row)), None)


def _packed(address: str | None) -> bytes | None:
    """An IP address however it is written; None for anything else."""
    import socket  # some milliseconds: not paid where the slot tells it

    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_pton(family, address or "")
        except OSError:
            continue
    return None
