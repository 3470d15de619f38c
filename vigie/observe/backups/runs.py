"""The last run as the backup server knows it, and the rolling re-check."""

from collections import Counter

from vigie.backups.manifests import Outcome, RunManifest, RunPhase
from vigie.observe import texts
from vigie.observe.backups.dumps import Standing
from vigie.observe.backups.model import DatabaseSeen, Recheck, RunSeen
from vigie.observe.backups.settings import ObserveBackups
from vigie.observe.backups.states import DatabaseState, RunState, ended_at, judge_run


def run_seen(
    run: RunManifest | None,
    settings: ObserveBackups,
    standing: Standing,
    databases: dict[str, DatabaseSeen],
    now: float,
) -> RunSeen:
    """What the last run came to, and the databases that it leaves at risk."""
    state = judge_run(run, settings, now)
    if run is None:
        return RunSeen(state, state.name.lower())
    over = state != RunState.RUNNING
    outcomes = Counter(database.outcome for database in run.databases.values())
    at_risk = _at_risk(run, state, standing, databases)
    return RunSeen(
        state=state,
        state_text=state.name.lower(),
        id=run.run,
        started_at=int(run.started_at),
        finished_at=int(run.finished_at),
        age=max(0, int(now - ended_at(run))),
        seconds=max(0, int((now if not over else ended_at(run)) - run.started_at)),
        seen=len(run.databases),
        published=outcomes[Outcome.PUBLISHED] + outcomes[Outcome.DELIVERED],
        failed=outcomes[Outcome.FAILED],
        at_risk=len(at_risk),
        at_risk_names=texts.some_of(at_risk),
        error=_run_error(run, state),
    )


def _at_risk(run: RunManifest, state: RunState, standing: Standing, databases: dict[str, DatabaseSeen]) -> list[str]:
    """The names of the databases that a run leaves at risk.

    A run that is a problem as a whole (interrupted, failed, late) leaves none: one cause is one problem. That is said
    here and not by a trigger's dependency alone, since Zabbix may look at the values of one document in several goes:
    the old count would raise its problem when the run's state has recovered and the count has not come yet.
    """
    if state not in (RunState.RUNNING, RunState.DONE, RunState.PARTIAL):
        return []
    over = state != RunState.RUNNING
    return [
        databases[key].name
        for key, database in run.databases.items()
        if key in databases
        and databases[key].state in (DatabaseState.FRESH, DatabaseState.UNVERIFIED)
        and (database.outcome == Outcome.FAILED or (over and not _holds(standing, key, database.stamp)))
    ]


def _run_error(run: RunManifest, state: RunState) -> str:
    if run.error:
        return texts.sentence(run.error)
    if state == RunState.INTERRUPTED:
        return "it gave no sign of life and did not end"
    failed = [database.error for database in run.databases.values() if database.outcome == Outcome.FAILED]
    return texts.sentence(failed[0]) if failed and run.phase != RunPhase.RUNNING else ""


def _holds(standing: Standing, key: str, stamp: str) -> bool:
    held = standing.index.databases.get(key)
    return held is not None and any(entry.stamp == stamp for entry in reversed(held.dumps))


def recheck_seen(standing: Standing, settings: ObserveBackups, now: float) -> Recheck:
    """How far the re-check of contents came, from what it wrote into the ledger."""
    at = int(standing.index.rechecked_at)
    corrupt = pending = 0
    oldest = first = int(now)
    for held in standing.index.databases.values():
        for _, size, finished_at, verified_at, state in held.dumps:
            corrupt += state
            oldest = min(oldest, verified_at or finished_at)
            first = min(first, finished_at)
            if now - verified_at > settings.verify_age:
                pending += size
    return Recheck(
        at=at,
        age=max(0, int(now) - (at or first)),
        oldest_age=max(0, int(now) - oldest),
        corrupt=corrupt,
        pending_bytes=pending,
    )
