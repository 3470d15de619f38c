"""Judging a pair from what both ends said. Nothing here asks a server or reads a clock."""

from vigie.hints import Any
from vigie.observe.replication.ends import Answer
from vigie.observe.replication.model import (
    Pair,
    PairState,
    Receiver,
    ReceiverState,
    Roles,
    Sender,
    SenderState,
    SyncState,
)
from vigie.observe.replication.settings import ObserveReplication
from vigie.observe.replication.timelines import may_follow, position
from vigie.records import Record

_ROLES_TEXT = {
    Roles.DECLARED: "as declared",
    Roles.SWITCHED: "switched: the declared primary follows the declared standby",
    Roles.TAKEN_OVER: "the standby has taken over",
    Roles.NO_PRIMARY: "neither end is writable",
    Roles.UNKNOWN: "not known",
}


class Line(Record):
    """The two ends in the direction in which WAL should flow."""

    upstream: Answer
    downstream: Answer


def line_of(primary: Answer | None, standby: Answer | None) -> Line | None:
    """Who should feed whom: the writable end feeds the other one. None unless exactly one of two is writable."""
    if primary is None or standby is None or primary.in_recovery == standby.in_recovery:
        return None
    return Line(primary, standby) if standby.in_recovery else Line(standby, primary)


def roles_of(primary: Answer | None, standby: Answer | None) -> Roles:
    """Who plays which part."""
    if standby is None:
        return Roles.UNKNOWN
    if primary is None:
        return Roles.UNKNOWN if standby.in_recovery else Roles.TAKEN_OVER
    if primary.in_recovery:
        return Roles.NO_PRIMARY if standby.in_recovery else Roles.SWITCHED
    return Roles.DECLARED


def sender_of(upstream: Answer | None, settings: ObserveReplication) -> Sender:
    """The standby's row among those of the upstream."""
    row = None if upstream is None else _row_of_the_standby(upstream, settings)
    if upstream is None or row is None:
        return Sender(0, SenderState.NONE, "none", SyncState.NONE, "none")
    state, sync = _named(SenderState, row.get("state")), _named(SyncState, row.get("sync_state"))
    return Sender(
        present=1,
        state=state,
        state_text=str(row.get("state") or "none"),
        sync=sync,
        sync_text=str(row.get("sync_state") or "none"),
        sent_bytes=_behind(upstream, row.get("sent_lsn")),
        write_bytes=_behind(upstream, row.get("write_lsn")),
        flush_bytes=_behind(upstream, row.get("flush_lsn")),
        replay_bytes=_behind(upstream, row.get("replay_lsn")),
        reply_age=int(upstream.now - row["reply_at"]) if row.get("reply_at") else -1,
    )


def receiver_of(downstream: Answer | None) -> Receiver:
    """The downstream's WAL receiver."""
    row = downstream.receiver if downstream is not None else None
    if not row or not row.get("status"):
        return Receiver(ReceiverState.NONE, "none")
    age = row.get("message_age")
    return Receiver(
        _named(ReceiverState, row["status"]), str(row["status"]), max(0, int(age)) if age is not None else -1
    )


def pair_of(
    primary: Answer | None,
    standby: Answer | None,
    sender: Sender,
    receiver: Receiver,
    settings: ObserveReplication,
) -> Pair:
    """Both ends judged as one.

    Args:
        primary: what the declared primary said; None when it cannot be asked.
        standby: what the declared standby said.
        sender: the standby's row, at the end that feeds the other.
        receiver: the receiver of the end that is fed.
        settings: the promise.
    """
    roles = roles_of(primary, standby)
    line = line_of(primary, standby)
    writable = sum(end is not None and not end.in_recovery for end in (primary, standby))
    lag, seconds = _distance(line)
    reason = ""
    if line is None:
        state = _without_line(primary, standby)
    else:
        state, reason = _with_line(line, sender, receiver, settings)
        if state == PairState.STREAMING and _beyond(lag, seconds, settings):
            state = PairState.LAGGING
    moving = state in (PairState.STREAMING, PairState.CATCHING_UP, PairState.LAGGING)
    return Pair(
        state=state,
        state_text=state.name.lower().replace("_", " "),
        roles=roles,
        roles_text=_ROLES_TEXT[roles],
        bytes=lag,
        seconds=seconds,
        late=int(moving and _beyond(lag, seconds, settings)),
        writable=writable,
        error=reason,
    )


def _without_line(primary: Answer | None, standby: Answer | None) -> PairState:
    if primary is None:
        return PairState.BOTH_GONE if standby is None else PairState.PRIMARY_GONE
    if standby is None:
        return PairState.STANDBY_GONE
    return PairState.NO_PRIMARY if primary.in_recovery else PairState.SPLIT_BRAIN


def _with_line(line: Line, sender: Sender, receiver: Receiver, settings: ObserveReplication) -> tuple[PairState, str]:
    up, down = line.upstream, line.downstream
    if up.system != down.system:
        return PairState.DIVERGED, "the two ends are not copies of one another: their system identifiers differ"
    if not may_follow(up.past, down.past, down.at):
        sentence = (
            f"the fed end is on timeline {down.past.timeline} at {down.lsn}, "
            f"which is not on the line of timeline {up.past.timeline}"
        )
        return PairState.DIVERGED, sentence
    if reason := _broken(sender, receiver, settings, up):
        return PairState.BROKEN, reason
    if down.paused:
        return PairState.PAUSED, ""
    return (PairState.STREAMING if sender.state == SenderState.STREAMING else PairState.CATCHING_UP), ""


def _broken(sender: Sender, receiver: Receiver, settings: ObserveReplication, up: Answer) -> str:
    """Why nothing flows; empty when it does."""
    if receiver.state != ReceiverState.STREAMING or not sender.present:
        own = [slot for slot in up.slots if slot.get("slot_name") == settings.slot]
        if settings.slot and not own:
            return f"the slot {settings.slot} does not exist on the end that feeds"
        if own and own[0].get("wal_status") == "lost":
            return f"the slot {settings.slot} has lost the WAL that the standby needs: build the standby again"
        missing = "no receiver streams on the fed end" if receiver.state != ReceiverState.STREAMING else ""
        row = "" if sender.present else "the standby has no row in pg_stat_replication"
        return " and ".join(text for text in (missing, row) if text)
    if receiver.message_age > settings.max_silence:
        return f"the receiver has heard nothing for {receiver.message_age} s"
    if sender.reply_age > settings.max_silence:
        return f"the standby has answered nothing for {sender.reply_age} s"
    return ""


def _distance(line: Line | None) -> tuple[int, int]:
    """How far the fed end is behind: bytes, and seconds at most."""
    if line is None:
        return -1, -1
    # Asked at the same moment, and not within one: the fed end may have replayed what was written in between.
    lag = max(0, line.upstream.at - line.downstream.at)
    if not lag:
        return 0, 0
    # A standby that was just built has replayed no transaction yet: it waits at most since it started.
    waits_since = line.downstream.last_replay or line.downstream.started
    return lag, max(0, int(line.downstream.now - waits_since))


def _beyond(lag: int, seconds: int, settings: ObserveReplication) -> bool:
    return lag > settings.max_bytes or seconds > settings.max_seconds


def _row_of_the_standby(upstream: Answer, settings: ObserveReplication) -> dict[str, Any] | None:
    """Told by its slot, else by its name, else by where it comes from; pg_basebackup streams too and is not it."""
    rows = [row for row in upstream.senders if row.get("state") != "backup"]
    readers = {slot.get("active_pid") for slot in upstream.slots if slot.get("slot_name") == settings.slot} - {None}
    by_slot = [row for row in rows if row.get("pid") in readers]
    by_name = [row for row in rows if row.get("application_name") == settings.application_name]
    by_address = [row for row in rows if row.get("client_addr") == settings.standby_address]
    for found in (by_slot, by_name, by_address):
        if found:
            return found[0]
    return None


def _behind(upstream: Answer, lsn: str | None) -> int:
    return max(0, upstream.at - position(lsn)) if lsn else -1


def _named(kind: Any, text: Any) -> Any:
    """The member of an enumeration that PostgreSQL's word names; NONE for a word that is not known here."""
    return kind.__members__.get(str(text).upper(), kind.NONE)
