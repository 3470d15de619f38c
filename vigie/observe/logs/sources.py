"""Every declared source, judged from what the store holds of it."""

from collections.abc import Mapping

from vigie.naming import key_of
from vigie.observe.logs.canary import Canary, lost_and_doubled, timing
from vigie.observe.logs.model import SourceSeen
from vigie.observe.logs.numbered import MOST, Numbered
from vigie.observe.logs.settings import ObserveLogs, Source
from vigie.observe.logs.states import SourceState, System
from vigie.observe.logs.store import Stored


def sources_unknown(settings: ObserveLogs) -> Mapping[str, SourceSeen]:
    """The declared sources when nothing can be known of them."""
    return {
        key_of(source.host): SourceSeen(source.host, _system(source), SourceState.UNKNOWN, "unknown")
        for source in settings.sources
    }


def sources_seen(settings: ObserveLogs, stored: Stored, now: float, *, deaf: bool) -> Mapping[str, SourceSeen]:
    """Key and row of each declared source.

    Args:
        settings: the sources, and what was promised of them.
        stored: what the store answered.
        now: epoch seconds.
        deaf: the central rsyslog is stopped or far behind: what does not come is not the sources' fault.
    """
    return {key_of(source.host): _seen(source, settings, stored, now, deaf=deaf) for source in settings.sources}


def _seen(source: Source, settings: ObserveLogs, stored: Stored, now: float, *, deaf: bool) -> SourceSeen:
    lasts = [stored.lasts[name] for name in source.names if name in stored.lasts]
    canary_at = max((last.canary for last in lasts if last.canary is not None), default=0.0)
    last_at = max((last.own for last in lasts if last.own is not None), default=0.0)
    canaries = [canary for name in source.names for canary in stored.canaries.get(name, ())]
    canaries.sort(key=lambda canary: (canary.received, canary.sent, canary.series, canary.number))
    system = _system(source)
    state = SourceState.UNKNOWN if deaf else _state(source, settings, canary_at, last_at, now)
    # A source without a canary has one problem; the delay of its last one is part of it.
    timed = timing(canaries if state in (SourceState.HEARD, SourceState.QUIET) else ())
    numbered = _numbered(source, system, stored, canaries)
    notable = [row for row in stored.notable if row.recent and row.host in source.names]
    of_late = sum([program.of_late for program in stored.programs if program.host in source.names])
    return SourceSeen(
        name=source.host,
        system=system,
        state=state,
        state_text=state.name.lower(),
        silent=None if deaf else int(state in (SourceState.SILENT, SourceState.NEVER)),
        quiet=None if deaf else int(state == SourceState.QUIET),
        canary_number=canaries[-1].number if canaries else None,
        canary_age=_age(canary_at, now),
        latency=None if deaf else timed.latency,
        skew=None if deaf else timed.skew,
        lost=numbered.missing,
        doubled=numbered.twice,
        last_at=int(last_at) or None,
        last_age=_age(last_at, now),
        rate=round(of_late / stored.rate_seconds, 2),
        errors=sum([row.errors for row in notable]),
        failed_logins=sum([row.failed_logins for row in notable]),
    )


def _system(source: Source) -> System:
    return System.WINDOWS if source.system == "windows" else System.LINUX


def _state(source: Source, settings: ObserveLogs, canary_at: float, last_at: float, now: float) -> SourceState:
    if source.system == "windows":
        if not last_at:
            return SourceState.NEVER
        return SourceState.SILENT if now - last_at > source.max_silence else SourceState.HEARD
    if now - canary_at > settings.canary_late:
        if now - last_at <= settings.canary_late:
            return SourceState.UNPROVEN
        return SourceState.SILENT if canary_at else SourceState.NEVER
    return SourceState.QUIET if now - last_at > source.max_silence else SourceState.HEARD


def _numbered(source: Source, system: System, stored: Stored, canaries: list[Canary]) -> Numbered:
    if system == System.LINUX:
        return lost_and_doubled(canaries)
    # A counter that began anew may come again with the same numbers: what came twice says nothing here.
    return Numbered(min(MOST, sum([stored.missing.get(name, 0) for name in source.names])), 0)


def _age(at: float, now: float) -> int | None:
    return max(0, int(now - at)) if at else None
