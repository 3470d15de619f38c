"""What an observation of Vigie itself comes to for whoever has no Zabbix: findings, worst first."""

from collections.abc import Iterator

from vigie.observe.itself.model import (
    CERTIFICATES_BAD,
    TIMERS_LATE,
    CertificateState,
    ItselfObservation,
    ItselfSeen,
    ServiceState,
    TimerState,
)
from vigie.observe.itself.settings import ObserveItself
from vigie.observe.levels import Finding, Level

_TIMERS = {
    TimerState.LATE: "has not succeeded for too long",
    TimerState.NEVER: "never succeeded",
    TimerState.STOPPED: "is stopped",
}


def findings(observation: ItselfObservation, settings: ObserveItself) -> list[Finding]:
    """Everything that is not as it should be, worst first."""
    if observation.seen is None:
        return [Finding(Level.UNKNOWN, observation.error)]
    found = [*_timers(observation.seen), *_services(observation.seen), *_others(observation.seen, settings)]
    return sorted(found, key=lambda finding: -finding.level)


def _timers(seen: ItselfSeen) -> Iterator[Finding]:
    for row in seen.timers.values():
        if row.state in TIMERS_LATE:
            yield Finding(Level.PROBLEM, _with(f"timer {row.name} {_TIMERS[row.state]}", row.error))
        elif row.error:
            yield Finding(Level.WARNING, _with(f"timer {row.name}", row.error))


def _services(seen: ItselfSeen) -> Iterator[Finding]:
    for row in seen.services.values():
        if row.state != ServiceState.ALIVE:
            yield Finding(Level.PROBLEM, _with(f"service {row.name} is not seen alive", row.error))


def _others(seen: ItselfSeen, settings: ObserveItself) -> Iterator[Finding]:
    for row in seen.certificates.values():
        days = (row.left or 0) // 86_400
        if row.late:
            yield Finding(Level.WARNING, f"certificate {row.name}: {row.error}")
        elif row.state in CERTIFICATES_BAD:
            yield Finding(Level.PROBLEM, f"certificate {row.name}: {row.error or f'ended {-days} days ago'}")
        elif row.state == CertificateState.EXPIRING:
            yield Finding(Level.WARNING, f"certificate {row.name} ends in {days} days")
    if seen.requests.stuck:
        waits = f"the oldest for {seen.requests.oldest_age} s, more than {settings.queue_age} s"
        yield Finding(Level.PROBLEM, f"{seen.requests.count} requests wait, {waits}")


def _with(text: str, error: str) -> str:
    return f"{text}: {error}" if error else text
