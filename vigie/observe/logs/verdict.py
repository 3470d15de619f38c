"""What an observation of logs comes to for whoever has no Zabbix: findings, worst first."""

from collections.abc import Iterator

from vigie.observe import texts
from vigie.observe.levels import Finding, Level
from vigie.observe.logs.model import LogsObservation, LogsSeen, SourceSeen
from vigie.observe.logs.settings import ObserveLogs
from vigie.observe.logs.states import SourceState


def findings(observation: LogsObservation, settings: ObserveLogs) -> list[Finding]:
    """Everything that is not as promised, worst first."""
    if observation.seen is None:
        return [Finding(Level.UNKNOWN, observation.error)]
    seen = observation.seen
    found = [*_of_centre(seen, settings)]
    for row in seen.sources.values():
        found += _of_source(row, settings)
    found += _of_unknown(seen, settings, found)
    return sorted(found, key=lambda finding: -finding.level)


def _of_centre(seen: LogsSeen, settings: ObserveLogs) -> Iterator[Finding]:
    if not seen.store.reachable:
        yield Finding(Level.PROBLEM, f"PostgreSQL does not answer: {seen.store.error}")
    if not seen.centre.alive:
        yield Finding(Level.PROBLEM, f"the central rsyslog is stopped: {seen.centre.error}")
    if seen.disks.lowest < settings.free_min_percent:
        yield Finding(Level.PROBLEM, f"{seen.disks.lowest:g} % free in {seen.disks.where}")
    if (seen.centre.queue or 0) > settings.queue_max:
        yield Finding(Level.WARNING, f"{seen.centre.queue} messages wait in the central rsyslog")
    if seen.store.lacking:
        yield Finding(
            Level.PROBLEM, f"messages cannot be stored: the role of the central rsyslog lacks {seen.store.lacking}"
        )
    if seen.store.refused:
        yield Finding(Level.PROBLEM, f"PostgreSQL refused {seen.store.refused} messages")
    if seen.store.future:
        ahead = f"up to {seen.store.future_seconds} s ahead: the centre's clock was wrong, or is"
        yield Finding(Level.WARNING, f"{seen.store.future} messages are stored with a time that has not come, {ahead}")
    if seen.centre.discarded:
        yield Finding(
            Level.WARNING, f"{seen.centre.discarded} messages discarded since the central rsyslog was started"
        )
    if seen.recent is not None and seen.recent.rate > settings.flood:
        yield Finding(Level.WARNING, f"a flood: {seen.recent.rate:g} messages a second, {seen.recent.busiest}")
    if seen.strangers is not None and seen.strangers.count:
        yield Finding(Level.WELL, f"{seen.strangers.count} sources that nobody declared: {seen.strangers.names}")


def _of_source(row: SourceSeen, settings: ObserveLogs) -> Iterator[Finding]:
    if row.state == SourceState.NEVER:
        yield Finding(Level.PROBLEM, f"{row.name} was never heard")
    elif row.silent:
        yield Finding(Level.PROBLEM, f"{row.name} is silent")
    elif row.state == SourceState.UNPROVEN:
        yield Finding(Level.WARNING, f"{row.name}: its messages come, and no canary: its Zabbix agent sends none")
    if row.lost:
        yield Finding(Level.PROBLEM, f"{row.name}: {row.lost} messages were lost on the way")
    if row.quiet:
        yield Finding(Level.WARNING, f"{row.name}: its canary comes, and nothing of its own")
    if (row.latency or 0) > settings.latency_max:
        yield Finding(Level.WARNING, f"{row.name}: its messages take {row.latency:g} s")
    skew = row.skew or 0.0
    if abs(skew) > settings.skew_max:
        side = "ahead" if skew > 0 else "behind"
        yield Finding(Level.WARNING, f"{row.name}: its clock is {abs(skew):g} s {side}")
    if row.doubled:
        yield Finding(Level.WELL, f"{row.name}: {row.doubled} messages came twice")


def _of_unknown(seen: LogsSeen, settings: ObserveLogs, found: list[Finding]) -> Iterator[Finding]:
    """The sources that nothing can be told of, unless what makes the centre deaf is said already."""
    unknown = [row.name for row in seen.sources.values() if row.state == SourceState.UNKNOWN]
    if not unknown or not seen.store.reachable or seen.store.lacking or not seen.centre.alive:
        return
    # Beside a problem the verdict is that problem.
    known = any(finding.level == Level.PROBLEM for finding in found)
    yield Finding(
        Level.WARNING if known else Level.UNKNOWN,
        f"{texts.some_of(unknown)}: whether they are silent cannot be told while the centre is behind, "
        f"nor before it has listened for {settings.canary_late} s",
    )
