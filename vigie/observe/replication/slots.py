"""Judging the replication slots of the end that feeds: each is a promise to keep WAL, for which a disk may fill."""

from vigie.hints import Any
from vigie.observe import texts
from vigie.observe.replication.ends import Answer
from vigie.observe.replication.follower import Follower
from vigie.observe.replication.model import PairState, Slots
from vigie.observe.replication.settings import ObserveReplication
from vigie.observe.replication.timelines import position

_MOVING = frozenset({PairState.STREAMING, PairState.CATCHING_UP, PairState.LAGGING, PairState.PAUSED})
_NO_SLOTS = Slots(0, 0, "", 0, "", 0, "", 0, -1)


def slots_of(upstream: Answer | None, state: PairState, follower: Follower, settings: ObserveReplication) -> Slots:
    """The slots, each counted for one thing.

    The follower's own slot is not counted while it is the pair that is broken: that is already said. Which one that is
    nobody can say of switched roles when nothing is received: then none is counted as idle or lost.

    Args:
        upstream: the end whose slots they are; None when it cannot be asked.
        state: what the pair came to.
        follower: the end that is fed, and its slot.
        settings: how much WAL one may hold.
    """
    if upstream is None:
        return _NO_SLOTS
    retained = {_name(slot): _retained(slot, upstream) for slot in upstream.slots}
    others = [slot for slot in upstream.slots if follower.slot is not None and _name(slot) != follower.slot]
    own = [slot for slot in upstream.slots if _name(slot) == follower.slot]
    lost = [slot for slot in others if slot.get("wal_status") == "lost"]
    holding = [slot for slot in upstream.slots if retained[_name(slot)] > settings.slot_max_bytes and slot not in lost]
    # A temporary slot lives and dies with its session.
    inactive = [
        slot
        for slot in others
        if not slot.get("active") and not slot.get("temporary") and slot not in lost and slot not in holding
    ]
    unused = follower.slot and state in _MOVING and not (own and own[0].get("active"))
    return Slots(
        seen=len(upstream.slots),
        inactive=len(inactive),
        inactive_names=_names(inactive),
        holding=len(holding),
        holding_names=_names(holding),
        lost=len(lost),
        lost_names=_names(lost),
        unused=int(bool(unused)),
        retained_bytes=max(retained.values(), default=0),
    )


def _name(slot: dict[str, Any]) -> str:
    return str(slot.get("slot_name", ""))


def _names(slots: list[dict[str, Any]]) -> str:
    return texts.some_of(sorted(texts.sentence(_name(slot)) for slot in slots))


def _retained(slot: dict[str, Any], upstream: Answer) -> int:
    start = slot.get("restart_lsn")
    return max(0, upstream.at - position(start)) if start and slot.get("wal_status") != "lost" else 0
