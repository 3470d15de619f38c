"""What an observation of backups comes to for whoever has no Zabbix: findings, worst first, and one level.

The template's triggers say the same; here there is no history, so one look decides.
"""

from collections.abc import Iterator

from vigie.naming import Kind
from vigie.observe.backups.model import BackupsObservation, BackupsSeen
from vigie.observe.backups.settings import ObserveBackups
from vigie.observe.backups.states import DatabaseState, RunState
from vigie.observe.levels import Finding, Level

_RUNS = {
    RunState.FAILED: "the last run failed",
    RunState.INTERRUPTED: "the last run was interrupted",
    RunState.LATE: "no run for too long",
    RunState.NEVER: "no run was ever seen",
}
_DATABASES = {
    DatabaseState.CORRUPT: "whose newest dump is bad",
    DatabaseState.MISSING: "without any dump on the backup server",
    DatabaseState.STALE: "whose newest sound dump is older than promised",
}


def findings(observation: BackupsObservation, settings: ObserveBackups) -> list[Finding]:
    """Everything that is not as promised, worst first."""
    if observation.seen is None:
        return [Finding(Level.UNKNOWN, observation.error)]
    found = [*_problems(observation.seen, settings), *_warnings(observation.seen, settings)]
    return sorted(found, key=lambda finding: -finding.level)


def _problems(seen: BackupsSeen, settings: ObserveBackups) -> Iterator[Finding]:
    if seen.run.state in _RUNS:
        yield Finding(Level.PROBLEM, _with(_RUNS[seen.run.state], seen.run.error))
    if seen.receiver.answers == 0:
        yield Finding(Level.PROBLEM, _with("the receiver does not answer", seen.receiver.error))
    for state, text in _DATABASES.items():
        count = sum(row.state == state for row in seen.databases.values())
        if count:
            yield Finding(Level.PROBLEM, f"{_databases(count)} {text}")
    older = sum(row.bad > 0 and row.state != DatabaseState.CORRUPT for row in seen.databases.values())
    if older:
        yield Finding(Level.PROBLEM, f"{_databases(older)} with a bad dump among the older ones")
    if seen.space.free_percent < settings.free_min_percent:
        yield Finding(Level.PROBLEM, f"{seen.space.free_percent:g} % free, less than {settings.free_min_percent:g} %")


def _warnings(seen: BackupsSeen, settings: ObserveBackups) -> Iterator[Finding]:
    if not seen.postgres.reachable:
        yield Finding(Level.WARNING, _with("PostgreSQL does not give its list", seen.postgres.error))
    if seen.run.at_risk:
        yield Finding(Level.WARNING, f"{_databases(seen.run.at_risk)} at risk: {seen.run.at_risk_names}")
    if 0 <= seen.space.days_left < settings.days_left_min:
        yield Finding(Level.WARNING, f"the disk is full in {seen.space.days_left} days at the present growth")
    if seen.counts.unverified:
        yield Finding(Level.WARNING, f"{_databases(seen.counts.unverified)} with dumps not verified for too long")
    if seen.counts.unrecognised:
        names = ", ".join(row.name for row in seen.databases.values() if row.kind == Kind.UNRECOGNISED)
        yield Finding(Level.WELL, f"{_databases(seen.counts.unrecognised)} with unrecognised names: {names}")
    if seen.counts.strays:
        yield Finding(Level.WELL, f"{seen.counts.strays} dumps that the catalogue does not know")


def _databases(count: int) -> str:
    return "1 database" if count == 1 else f"{count} databases"


def _with(text: str, error: str) -> str:
    return f"{text}: {error}" if error else text
