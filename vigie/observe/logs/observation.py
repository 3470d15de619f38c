"""The observation of a school's logs, on the central log server: its store, its rsyslog, its disks, its sources."""

import time
from collections import Counter
from collections.abc import Callable
from functools import partial

from vigie.observe import texts
from vigie.observe.asking import Asked, TooLateError
from vigie.observe.logs.activity import activity_seen, contexts_seen, hours_seen
from vigie.observe.logs.centre import centre_and_disks
from vigie.observe.logs.model import (
    CentreSeen,
    DisksSeen,
    LogsObservation,
    LogsSeen,
    RecentSeen,
    StoreSeen,
    StrangersSeen,
)
from vigie.observe.logs.programs import programs_seen
from vigie.observe.logs.settings import ObserveLogs
from vigie.observe.logs.sources import sources_seen, sources_unknown
from vigie.observe.logs.store import Stored, StoreLackingError, ask_store
from vigie.observe.postgres import PostgresError

_FOR_STORE = 0.8


def observe_logs(settings: ObserveLogs, *, clock: Callable[[], float] = time.time) -> LogsObservation:
    """Observe the logs of a school, on the machine of the central rsyslog.

    Args:
        settings: the declared sources, where things are and what was promised.
        clock: the time of day, epoch seconds: the same clock as the central rsyslog's.

    Returns:
        What was seen. When PostgreSQL cannot be asked, or rsyslog cannot write to it, `store` says so, the sources are
        unknown, and the central rsyslog and the disks are still reported; when a disk hangs or is gone, `error` says so
        and there is nothing else.
    """
    begun = time.monotonic()
    now = clock()
    until = begun + settings.deadline * _FOR_STORE
    asked = Asked(partial(ask_store, settings, now, settings.deadline * _FOR_STORE))
    local = Asked(partial(centre_and_disks, settings, now))
    try:
        centre, disks = local.answer(until)
    except TooLateError:
        sentence = f"cut off after {settings.deadline:g} s while looking at the disks"
        return LogsObservation(int(now), _since(begun), error=sentence)
    except OSError as error:
        sentence = f"{error.filename} cannot be looked at: {error.strerror}"
        return LogsObservation(int(now), _since(begun), error=texts.sentence(sentence))
    stored, store = _answered(asked, until)
    seen = _seen(settings, store, stored, centre, disks, now)
    return LogsObservation(int(now), _since(begun), seen=seen)


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)


def _answered(asked: Asked[Stored], until: float) -> tuple[Stored | None, StoreSeen]:
    try:
        stored = asked.answer(until)
    except PostgresError as error:
        return None, StoreSeen(0, texts.sentence(str(error)))
    except StoreLackingError as error:
        return None, StoreSeen(1, writable=0, lacking=texts.sentence(texts.some_of(error.lacking)))
    except TooLateError:
        return None, StoreSeen(0, "PostgreSQL does not answer in time")
    return stored, StoreSeen(
        reachable=1,
        refused=stored.refused,
        writable=1,
        lacking="",
        future=stored.future,
        future_seconds=stored.future_seconds,
    )


def _seen(
    settings: ObserveLogs, store: StoreSeen, stored: Stored | None, centre: CentreSeen, disks: DisksSeen, now: float
) -> LogsSeen:
    if stored is None:
        return LogsSeen(store, centre, disks, sources_unknown(settings))
    # What does not come while the centre is stopped, or stores only later, is not the sources' fault; nor is a canary
    # late before the centre has listened for as long.
    listened = now - centre.since > settings.canary_late
    deaf = not centre.alive or not listened or (centre.queue or 0) > settings.queue_max
    return LogsSeen(
        store=store,
        centre=centre,
        disks=disks,
        recent=_recent(stored),
        strangers=StrangersSeen(len(stored.strangers), texts.sentence(texts.some_of(stored.strangers))),
        activity=activity_seen(stored),
        sources=sources_seen(settings, stored, now, deaf=deaf),
        programs=programs_seen(settings, stored),
        contexts=contexts_seen(stored),
        hours=hours_seen(settings, stored),
    )


def _recent(stored: Stored) -> RecentSeen:
    by_host: Counter[str] = Counter()
    for program in stored.programs:
        by_host[program.host] += program.of_late
    busiest = ""
    if by_host.total():
        (host, messages), *_ = by_host.most_common(1)
        busiest = f"{texts.short_name(host, '')} {messages / stored.rate_seconds:.1f} a second"
    return RecentSeen(round(by_host.total() / stored.rate_seconds, 2), busiest)
