"""The observation of a school's OpenERP: the server, its PostgreSQL, its contexts, all asked at once."""

import time
from collections.abc import Callable

from vigie.naming import Classifier, key_of
from vigie.observe import texts
from vigie.observe.asking import Asked, TooLateError
from vigie.observe.openerp import contexts, judging, release
from vigie.observe.openerp.contexts import Reading
from vigie.observe.openerp.model import (
    OpenErpObservation,
    OpenErpSeen,
    PostgresSeen,
    Promise,
    ServerSeen,
    postgres_seen,
)
from vigie.observe.openerp.server import Asking
from vigie.observe.openerp.settings import ObserveOpenErp
from vigie.observe.openerp.states import Connected, PostgresState
from vigie.observe.postgres import PostgresError

# Shares of the deadline: the servers are asked together; what is left is for judging and writing.
_FOR_OPENERP = 0.85
_FOR_CONTEXTS = 0.9


def observe_openerp(settings: ObserveOpenErp, *, clock: Callable[[], float] = time.time) -> OpenErpObservation:
    """Observe a school's OpenERP.

    Args:
        settings: where it is and what was declared.
        clock: the time of day, epoch seconds.

    Returns:
        What was seen: a server that is down or a PostgreSQL that does not answer is seen too. Contexts that were not
        reached before the deadline are counted as missed.
    """
    begun = time.monotonic()
    now = clock()
    reading = contexts.asked(
        settings.service,
        settings.service_file,
        connections=settings.connections,
        until=begun + settings.deadline * _FOR_CONTEXTS,
    )
    server = Asking(settings.address, settings.port, begun + settings.deadline * _FOR_OPENERP).seen(settings.version)
    seen = _seen(settings, server, reading, begun + settings.deadline * _FOR_CONTEXTS, now)
    return OpenErpObservation(int(now), round(time.monotonic() - begun, 3), seen=seen)


def _seen(
    settings: ObserveOpenErp, server: ServerSeen, reading: Asked[Reading], until: float, now: float
) -> OpenErpSeen:
    promise = Promise(settings.version)
    try:
        # The readers have their own deadline; what they have then is here a moment later.
        read = reading.answer(until + settings.deadline * (1 - _FOR_CONTEXTS) / 2)
    except (PostgresError, TooLateError) as error:
        sentence = texts.sentence(str(error) or "PostgreSQL does not answer in time")
        return OpenErpSeen(promise, server, _postgres_without_list(server, sentence))
    wanted = release.reference(server.release, settings.version)
    found = judging.judged(read, settings.classes, wanted, now)
    classify = Classifier(settings.classes)
    return OpenErpSeen(
        promise=promise,
        server=server,
        postgres=_postgres_with_list(server),
        counts=judging.counted(read, found, settings.deadline),
        contexts=found,
        names={(key := key_of(name)): (texts.short_name(name, key), classify(name).kind) for name in read.listed},
    )


def _postgres_without_list(server: ServerSeen, sentence: str) -> PostgresSeen:
    """PostgreSQL that this observation cannot ask: down, unless it serves OpenERP or says itself that it refuses us."""
    if server.connected == Connected.YES:
        return postgres_seen(PostgresState.CLOSED_TO_US, sentence)
    if server.connected == Connected.UNKNOWN and "FATAL" in sentence:
        return postgres_seen(PostgresState.CLOSED_TO_US, sentence)
    return postgres_seen(PostgresState.SILENT, sentence)


def _postgres_with_list(server: ServerSeen) -> PostgresSeen:
    if server.connected == Connected.NO:
        return postgres_seen(PostgresState.LOST, server.error or "OpenERP says that it does not reach PostgreSQL")
    return postgres_seen(PostgresState.ANSWERS)
