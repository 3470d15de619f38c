"""The observation of a source of logs: whether its rsyslog lives, what waits, whether the last canary left.

Whether canaries arrive is for the centre to say. A consequence is not counted while its cause stands: what rsyslog
would have taken cannot be told while it is stopped.
"""

import time
from collections.abc import Callable

from vigie.hints import Protocol
from vigie.observe import texts
from vigie.observe.canary.alive import running_since
from vigie.observe.canary.model import (
    CanaryObservation,
    CanarySeen,
    Emission,
    QueueSeen,
    RsyslogSeen,
    RsyslogState,
    SourceSeen,
)
from vigie.observe.canary.settings import ObserveCanary
from vigie.observe.logs.impstats import Figures, ImpstatsError, read_figures


class Sent(Protocol):
    """What is known of the canary that was to be emitted."""

    @property
    def series(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def sent_at(self) -> float: ...
    @property
    def error(self) -> str: ...


def observe_canary(
    settings: ObserveCanary, *, emit: Callable[[], Sent], clock: Callable[[], float] = time.time
) -> CanaryObservation:
    """Observe a source of logs.

    Args:
        settings: where its rsyslog is.
        emit: emits a canary and says what became of it; observing alone changes nothing.
        clock: the time of day, epoch seconds.

    Returns:
        What was seen. When rsyslog runs and its figures cannot be read, `error` says so and there is nothing else.
    """
    begun = time.monotonic()
    now = clock()
    sent = emit()
    try:
        seen = _seen(settings, sent, now)
    except ImpstatsError as error:
        return CanaryObservation(int(now), _since(begun), error=texts.sentence(str(error)))
    return CanaryObservation(int(now), _since(begun), seen=seen)


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)


def _seen(settings: ObserveCanary, sent: Sent, now: float) -> SourceSeen:
    started = running_since(settings.pid_file)
    if started is None:
        by = f" by {settings.pid_file}" if settings.pid_file else ""
        stopped = RsyslogSeen(RsyslogState.STOPPED, "stopped", -1, f"no rsyslogd runs{by}")
        return SourceSeen(settings.source, stopped, _canary(sent, tried=False), QueueSeen())
    figures = _figures(settings, started, now)
    age = int(now - figures.written_at) if figures else -1
    if age > settings.silent_after:
        hangs = RsyslogSeen(RsyslogState.HANGS, "hangs", age, f"it wrote its figures {age} s ago")
        return SourceSeen(settings.source, hangs, _canary(sent, tried=False), QueueSeen())
    queue = (
        QueueSeen(figures.size, figures.longest, figures.discarded, figures.failed, figures.suspended)
        if figures
        else QueueSeen()
    )
    runs = RsyslogSeen(RsyslogState.RUNNING, "running", age)
    return SourceSeen(settings.source, runs, _canary(sent, tried=True), queue)


def _figures(settings: ObserveCanary, started: float, now: float) -> Figures | None:
    """The newest figures; none from an rsyslog that has just been started."""
    try:
        figures = read_figures(settings.impstats)
    except ImpstatsError:
        if now - started > settings.silent_after:
            raise
        return None
    # Those of the one before: what waited then may have left.
    return figures if figures.written_at >= started or now - started > settings.silent_after else None


def _canary(sent: Sent, *, tried: bool) -> CanarySeen:
    failed = Emission.FAILED if tried else Emission.UNTRIED
    emitted = failed if sent.error else Emission.DONE
    return CanarySeen(emitted, sent.number, sent.sent_at, sent.series, texts.sentence(sent.error))
