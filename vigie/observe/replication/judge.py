"""Judging a pair from what both ends said. Nothing here asks a server or reads a clock."""

from vigie.hints import Any
from vigie.observe.replication.ends import Answer
from vigie.observe.replication.follower import Follower, Line, follower_of, line_of, row_of
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

# An idle receiver asks for a sign of life after half of its timeout; the answer takes a moment more.
_GRACE = 5.0
_ROLES_TEXT = {
    Roles.DECLARED: "as declared",
    Roles.SWITCHED: "switched: the declared primary follows the declared standby",
    Roles.TAKEN_OVER: "the standby has taken over",
    Roles.NO_PRIMARY: "neither end is writable",
    Roles.UNKNOWN: "not known",
}


def roles_of(primary: Answer | None, standby: Answer | None) -> Roles:
    """Who plays which part."""
    if standby is None:
        return Roles.UNKNOWN
    if primary is None:
        return Roles.UNKNOWN if standby.in_recovery else Roles.TAKEN_OVER
    if primary.in_recovery:
        return Roles.NO_PRIMARY if standby.in_recovery else Roles.SWITCHED
    return Roles.DECLARED


def sender_of(upstream: Answer | None, follower: Follower) -> Sender:
    """The follower's row among those of the upstream."""
    row = None if upstream is None else row_of(follower, upstream)
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
        replay_seconds=_seconds(row.get("replay_seconds")),
        reply_age=_seconds(upstream.now - row["reply_at"] if row.get("reply_at") else None),
    )


def receiver_of(downstream: Answer | None) -> Receiver:
    """The downstream's WAL receiver."""
    row = downstream.receiver if downstream is not None else None
    if not row or not row.get("status"):
        return Receiver(ReceiverState.NONE, "none")
    return Receiver(_named(ReceiverState, row["status"]), str(row["status"]), _seconds(row.get("message_age")))


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
        sender: the row of the end that is fed, at the end that feeds it.
        receiver: the receiver of the end that is fed.
        settings: the promise.
    """
    roles = roles_of(primary, standby)
    line = line_of(primary, standby)
    writable = sum(end is not None and not end.in_recovery for end in (primary, standby))
    lag, seconds = _distance(line, sender)
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
    if reason := _broken(line, sender, receiver, settings):
        return PairState.BROKEN, reason
    if down.paused:
        return PairState.PAUSED, ""
    return (PairState.STREAMING if sender.state == SenderState.STREAMING else PairState.CATCHING_UP), ""


def _broken(line: Line, sender: Sender, receiver: Receiver, settings: ObserveReplication) -> str:
    """Why nothing flows; empty when it does.

    Silence is judged by the fed end's own clock, never by how old its replies are on the clock of the other.
    """
    if receiver.state != ReceiverState.STREAMING or not sender.present:
        follower = follower_of(line, settings)
        own = [slot for slot in line.upstream.slots if slot.get("slot_name") == follower.slot]
        if follower.slot and not own:
            return f"the slot {follower.slot} does not exist on the end that feeds"
        if own and own[0].get("wal_status") == "lost":
            return f"the slot {follower.slot} has lost the WAL that the standby needs: build the standby again"
        missing = "no receiver streams on the fed end" if receiver.state != ReceiverState.STREAMING else ""
        row = "" if sender.present else "the standby has no row in pg_stat_replication"
        return " and ".join(text for text in (missing, row) if text)
    patience = line.downstream.receiver_timeout
    # Without a timeout an idle receiver never asks for a sign of life: its silence says nothing.
    if patience and receiver.message_age > max(settings.max_silence, patience / 2 + _GRACE):
        return f"the receiver has heard nothing for {receiver.message_age} s"
    return ""


def _distance(line: Line | None, sender: Sender) -> tuple[int, int]:
    """How far the fed end is behind: bytes, and seconds at most.

    Two bounds, and the lesser holds: the age of the last replayed commit, by the clock of the end that commits (during
    a long transaction it grows although all is replayed at once), and what the sender measures while it streams.
    """
    if line is None:
        return -1, -1
    # Asked at the same moment, and not within one: the fed end may have replayed what was written in between.
    lag = max(0, line.upstream.at - line.downstream.at)
    if not lag:
        return 0, 0
    up, down = line.upstream, line.downstream
    # A standby that was just built has replayed no transaction yet: it waits at most since it started.
    age = max(0, int(up.now - down.last_replay if down.last_replay else down.now - down.started))
    measured = sender.state == SenderState.STREAMING and sender.replay_seconds >= 0
    return lag, min(age, sender.replay_seconds) if measured else age


def _beyond(lag: int, seconds: int, settings: ObserveReplication) -> bool:
    return lag > settings.max_bytes or seconds > settings.max_seconds


def _seconds(age: float | None) -> int:
    return -1 if age is None else max(0, int(age))


def _behind(upstream: Answer, lsn: str | None) -> int:
    return max(0, upstream.at - position(lsn)) if lsn else -1


def _named(kind: Any, text: Any) -> Any:
    """The member of an enumeration that PostgreSQL's word names; NONE for a word that is not known here."""
    return kind.__members__.get(str(text).upper(), kind.NONE)
