"""The observation of a school's replication, from a third machine: it sees both ends even when one of them is dead."""

import time
from collections.abc import Callable
from functools import partial

from vigie.observe import texts
from vigie.observe.asking import Asked, TooLateError
from vigie.observe.postgres import PostgresError
from vigie.observe.replication.ends import Answer, ask
from vigie.observe.replication.follower import follower_of, line_of
from vigie.observe.replication.judge import pair_of, receiver_of, sender_of
from vigie.observe.replication.model import End, EndRole, Promise, ReplicationObservation, ReplicationSeen
from vigie.observe.replication.settings import ObserveReplication
from vigie.observe.replication.slots import slots_of

# Share of the deadline for the servers; what is left is for judging and writing.
_FOR_SERVERS = 0.85


def observe_replication(
    settings: ObserveReplication, *, clock: Callable[[], float] = time.time
) -> ReplicationObservation:
    """Observe the replication of a school: both ends at once.

    Args:
        settings: where the ends are and what was promised.
        clock: the time of day, epoch seconds.

    Returns:
        What was seen. An end that does not answer in time is gone, with the reason in its own `error`; the `error` of
        the whole stays empty, since that is what there is to see.
    """
    begun = time.monotonic()
    until = begun + settings.deadline * _FOR_SERVERS
    services = (settings.primary_service, settings.standby_service)
    seconds = settings.deadline * _FOR_SERVERS
    asked = [Asked(partial(ask, service, settings.service_file, seconds)) for service in services]
    (primary, why_primary), (standby, why_standby) = (_answer(one, until) for one in asked)
    line = line_of(primary, standby)
    upstream, downstream = (line.upstream, line.downstream) if line else (primary, standby)
    follower = follower_of(line, settings)
    sender, receiver = sender_of(upstream, follower), receiver_of(downstream)
    pair = pair_of(primary, standby, sender, receiver, settings)
    seen = ReplicationSeen(
        promise=Promise(settings.max_bytes, settings.max_seconds, settings.slot_max_bytes),
        pair=pair,
        primary=_end(settings.primary, primary, why_primary),
        standby=_end(settings.standby, standby, why_standby),
        sender=sender,
        receiver=receiver,
        slots=slots_of(upstream, pair.state, follower, settings),
    )
    return ReplicationObservation(int(clock()), round(time.monotonic() - begun, 3), seen=seen)


def _answer(asked: Asked[Answer], until: float) -> tuple[Answer | None, str]:
    try:
        return asked.answer(until), ""
    except PostgresError as error:
        return None, texts.sentence(str(error))
    except TooLateError:
        return None, "PostgreSQL does not answer in time"


def _end(name: str, answer: Answer | None, why: str) -> End:
    if answer is None:
        return End(name, 0, EndRole.UNKNOWN, "not known", error=why)
    role = EndRole.IN_RECOVERY if answer.in_recovery else EndRole.WRITABLE
    return End(
        name=name,
        reachable=1,
        role=role,
        role_text=role.name.lower().replace("_", " "),
        timeline=answer.past.timeline,
        lsn=answer.lsn,
        paused=int(answer.paused),
        wal_bytes=answer.wal_bytes,
        last_replay_at=int(answer.last_replay),
        version=answer.version,
    )
