"""Asking one end of the replication: one connection, one question, and two more where the role may ask them."""

import json

from vigie.hints import Any
from vigie.observe.postgres import connected, query
from vigie.observe.replication.timelines import Past, ancestry, position
from vigie.records import Record


class Answer(Record):
    """What one end said of itself. Positions in bytes; rows as PostgreSQL names their columns.

    Times are of its own clock, except `last_replay`: that is the clock of the end that committed.
    """

    in_recovery: bool
    now: float
    version: int
    system: str
    past: Past
    lsn: str
    at: int
    paused: bool
    last_replay: float
    started: float
    wal_bytes: int
    receiver: dict[str, Any] | None
    receiver_timeout: float
    senders: list[dict[str, Any]]
    slots: list[dict[str, Any]]


def ask(service: str, service_file: str, seconds: float) -> Answer:
    """Ask one end.

    Args:
        service: its connection service.
        service_file: file that describes it.
        seconds: longest time of a statement; see `connected`.

    Raises:
        PostgresError: when it cannot be asked.
    """
    with connected(service, service_file, seconds) as connection, connection.cursor() as cursor:
        cursor.execute(query(__file__, "end"))
        told = json.loads(cursor.fetchall()[0][0])
        timeline = _timeline(told)
        wal_bytes, past = -1, Past(timeline, () if timeline == 1 else None)
        if told["may_list_wal"]:
            cursor.execute(query(__file__, "wal"))
            wal_bytes = cursor.fetchall()[0][0]
        if timeline > 1 and told["may_read_history"]:
            cursor.execute(query(__file__, "history"), (timeline,))
            text = cursor.fetchall()[0][0]
            past = Past(timeline, ancestry(text) if text else None)
    lsn = told["lsn"] or "0/0"
    return Answer(
        in_recovery=told["in_recovery"],
        now=told["now"],
        version=told["version"],
        system=told["system"],
        past=past,
        lsn=lsn,
        at=position(lsn),
        paused=told["paused"],
        last_replay=told["last_replay"] or 0.0,
        started=told["started"],
        wal_bytes=wal_bytes,
        receiver=told["receiver"],
        receiver_timeout=told["receiver_timeout"],
        senders=told["senders"],
        slots=told["slots"],
    )


def _timeline(told: dict[str, Any]) -> int:
    """The timeline that an end is on: in recovery, the newest of what it receives and what it has on disk."""
    if not told["in_recovery"]:
        return int(told["timeline"])
    receiver = told["receiver"] or {}
    known = (told["timeline"], told["checkpoint_timeline"], receiver.get("received_tli"))
    return max(int(timeline or 0) for timeline in known)
