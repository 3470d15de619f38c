"""The observation of a school's OpenERP: the server, its PostgreSQL, its contexts, all asked at once."""

import time
from collections.abc import Callable

from vigie.naming import Classifier, key_of
from vigie.observe import texts
from vigie.observe.asking import Asked, TooLateError
from vigie.observe.openerp import contexts, judging, postgres, release
from vigie.observe.openerp.contexts import Reading
from vigie.observe.openerp.model import OpenErpObservation, OpenErpSeen, Promise, ServerSeen
from vigie.observe.openerp.server import Asking
from vigie.observe.openerp.settings import ObserveOpenErp
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
    return OpenErpObservation(int(now), round(time.monotonic() - begun, 3), seen)


def _seen(
    settings: ObserveOpenErp, server: ServerSeen, reading: Asked[Reading], until: float, now: float
) -> OpenErpSeen:
    promise = Promise(settings.version)
    try:
        # The readers have their own deadline; what they have then is here a moment later.
        read = reading.answer(until + settings.deadline * (1 - _FOR_CONTEXTS) / 2)
    except (PostgresError, TooLateError) as error:
        return OpenErpSeen(promise, server, postgres.without_list(server, error))
    wanted = release.reference(server.release, settings.version)
    found = judging.judged(read, settings.classes, wanted, now)
    classify = Classifier(settings.classes)
    return OpenErpSeen(
        promise=promise,
        server=server,
        postgres=postgres.with_list(server),
        counts=judging.counted(read, found, settings.deadline),
        contexts=found,
        names={(key := key_of(name)): (texts.short_name(name, key), classify(name).kind) for name in read.listed},
    )
