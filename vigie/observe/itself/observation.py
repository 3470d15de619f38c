"""The observation of Vigie itself on one machine: timers, services, requests that wait, certificates, version."""

import time
from collections.abc import Callable
from functools import partial

from vigie import __version__
from vigie.observe import texts
from vigie.observe.asking import Asked, TooLateError
from vigie.observe.itself.certificates import certificates_asked, certificates_seen
from vigie.observe.itself.model import (
    TIMERS_LATE,
    CertificateState,
    Counts,
    ItselfObservation,
    ItselfSeen,
    RequestsSeen,
    ServiceState,
    TimerSeen,
)
from vigie.observe.itself.requests import requests_seen
from vigie.observe.itself.services import ports_asked, services_seen
from vigie.observe.itself.settings import ObserveItself
from vigie.observe.itself.timers import timers_seen, unit_names
from vigie.observe.itself.units import Unit, UnitsError, runs, units
from vigie.stamps import StampError

# Shares of the deadline: units first, then ports and certificates; what is left is for judging and writing.
_FOR_UNITS = 0.5
_FOR_ANSWERS = 0.85


def observe_itself(settings: ObserveItself, *, clock: Callable[[], float] = time.time) -> ItselfObservation:
    """Observe the parts of Vigie on this machine.

    Args:
        settings: what should be here.
        clock: the time of day, epoch seconds.

    Returns:
        What was seen. When the stamps or the requests cannot be looked at, or systemd runs and does not answer,
        `error` says so and there is nothing else.
    """
    begun = time.monotonic()
    now = clock()
    seen, error = None, ""
    try:
        seen = _seen(settings, begun, now)
    except (StampError, UnitsError) as failure:
        error = texts.sentence(str(failure))
    except TooLateError:
        error = f"cut off after {settings.deadline:g} s while looking at the stamps and the requests"
    except OSError as failure:
        error = texts.sentence(f"{failure.filename} cannot be looked at: {failure.strerror}")
    return ItselfObservation(int(now), round(time.monotonic() - begun, 3), error, seen)


def _seen(settings: ObserveItself, begun: float, now: float) -> ItselfSeen:
    until = begun + settings.deadline * _FOR_ANSWERS
    managed = runs()
    known: dict[str, Unit] = {}
    if managed:
        wanted = unit_names(settings.timers) + [service.unit for service in settings.services if service.unit]
        known = units(wanted, begun + settings.deadline * _FOR_UNITS)
    # A disk may hang, and so may a port: all are asked aside before the first is waited for, or one would take the
    # others' time.
    disk = Asked(partial(_on_disk, settings, known, now))
    asked, ports = certificates_asked(settings.certificates, until), ports_asked(settings.services, until)
    certificates = certificates_seen(settings.certificates, asked, now, until)
    services = services_seen(settings.services, ports, known if managed else None, until)
    timers, requests = disk.answer(until)
    return ItselfSeen(
        version=__version__,
        manager=int(managed),
        requests=requests,
        counts=Counts(
            timers=len(timers),
            late=sum(row.state in TIMERS_LATE for row in timers.values()),
            services=len(services),
            dead=sum(row.state != ServiceState.ALIVE for row in services.values()),
            certificates=len(certificates),
            expiring=sum(row.state != CertificateState.VALID for row in certificates.values()),
        ),
        timers=timers,
        services=services,
        certificates=certificates,
    )


def _on_disk(settings: ObserveItself, known: dict[str, Unit], now: float) -> tuple[dict[str, TimerSeen], RequestsSeen]:
    timers = timers_seen(settings.timers, settings.stamps, settings.school, known, now)
    if not settings.requests:
        return timers, RequestsSeen(0, -1, 0)
    return timers, requests_seen(settings.requests, settings.queue_age, now)
