"""Judging: what dumps and runs are worth, from facts alone. Nothing here reads a file or a clock."""

from collections.abc import Mapping
from enum import IntEnum

from vigie.backups.catalogue import DumpEntry
from vigie.backups.manifests import Outcome, RunManifest, RunPhase
from vigie.observe.backups.settings import ObserveBackups
from vigie.records import Record

# Clocks of two servers may differ a little; beyond this a dump "of tomorrow" says nothing of today.
CLOCK_TOLERANCE = 600
# When a night is missed the dumps grow stale one after the other. The missed run is reported this much earlier
# (seconds), so that one cause is one problem and not one for each database.
LATE_BEFORE = 120
# Below this size (bytes) a dump is headers for the most part: its changes of size say nothing.
CHANGE_FLOOR = 1 << 20
_MOST_ERROR = 200


class RunState(IntEnum):
    """What the last run came to; the numbers are those of the template's value map."""

    DONE = 0
    RUNNING = 1
    PARTIAL = 2
    INTERRUPTED = 3
    FAILED = 4
    LATE = 5
    NEVER = 6


class DatabaseState(IntEnum):
    """What would be restored of a database today; the numbers are those of the template's value map."""

    FRESH = 0
    STALE = 1
    MISSING = 2
    CORRUPT = 3
    UNVERIFIED = 4
    ORPHANED = 5
    WAITING = 6


class Overdue(IntEnum):
    """Whether a database lacks its dump for a reason of its own; the numbers are those of the template's value map."""

    NO = 0
    STALE = 1
    MISSING = 2


_OVERDUE = {DatabaseState.STALE: Overdue.STALE, DatabaseState.MISSING: Overdue.MISSING}


class Dumps(Record):
    """What the dumps of one database come to. Times in epoch seconds, ages in seconds (-1: none), sizes in bytes.

    `at`, `age` and `size` are the newest sound dump's, `change` its change of size in percent from the one before.
    `verified_at` is the oldest of the last looks at the contents of the kept dumps; 0 and age -1 when one was never.
    `dumps` counts those kept, `bad` those of them that vanished, changed size or are corrupt.
    """

    state: DatabaseState
    at: int = 0
    age: int = -1
    size: int = 0
    change: float = 0.0
    verified_at: int = 0
    verified_age: int = -1
    dumps: int = 0
    bad: int = 0
    error: str = ""


def judge_run(run: RunManifest | None, settings: ObserveBackups, now: float) -> RunState:
    """The state of the last run that the backup server has heard of.

    A run is late when the last one began about as long ago as a dump may be old: from then on its dumps grow stale, one
    after the other. A run that gave no sign of life for `silent_after` was interrupted.
    """
    if run is None:
        return RunState.NEVER
    if run.phase == RunPhase.RUNNING and now - run.heartbeat_at <= settings.silent_after:
        return RunState.RUNNING
    if now - run.started_at > settings.max_age - LATE_BEFORE:
        return RunState.LATE
    return {
        RunPhase.RUNNING: RunState.INTERRUPTED,
        RunPhase.DONE: RunState.DONE,
        RunPhase.PARTIAL: RunState.PARTIAL,
    }.get(RunPhase(run.phase), RunState.FAILED)


def ended_at(run: RunManifest) -> float:
    """When a run ended, or gave its last sign of life (epoch seconds)."""
    return run.finished_at or run.heartbeat_at


def is_waiting(key: str, run: RunManifest | None, state: RunState, settings: ObserveBackups, now: float) -> bool:
    """Whether a database without any dump is not missing yet: the run that will dump it has not come to it.

    Once no run has come for longer than the promised age of a dump, nothing excuses it any more.
    """
    if run is None or now - run.started_at > settings.max_age:
        return False
    seen = run.databases.get(key)
    return seen is None or (state == RunState.RUNNING and seen.outcome != Outcome.FAILED)


def judge_overdue(
    state: DatabaseState, run: RunManifest | None, run_state: RunState, settings: ObserveBackups, now: float
) -> Overdue:
    """Whether a stale or missing dump is a problem of its own.

    It is none while the run as a whole is the problem (one cause is one problem), nor while a run is under way that may
    still bring it, for as long as a dump may be old. A trigger's dependency alone would not do: Zabbix may look at the
    values of one document in several goes.
    """
    if run_state in (RunState.DONE, RunState.PARTIAL):
        return _OVERDUE.get(state, Overdue.NO)
    if run_state == RunState.RUNNING and run is not None and now - run.started_at > settings.max_age:
        return _OVERDUE.get(state, Overdue.NO)
    return Overdue.NO


def judge_dumps(
    dumps: list[DumpEntry],
    bad: Mapping[str, str],
    settings: ObserveBackups,
    now: float,
    *,
    without: DatabaseState | None,
) -> Dumps:
    """What the dumps of one database are worth.

    The newest *sound* dump decides whether it is fresh: a truncated or vanished one never counts. A bad dump that is
    not the newest is counted in `bad` and leaves the state as it is, since what would be restored today is good.

    Args:
        dumps: its lines of the ledger, oldest first.
        bad: those of them that are bad: stamp to reason.
        settings: the promised ages.
        now: epoch seconds.
        without: the state that the dumps have no part in (orphaned), or None when they decide.
    """
    if not dumps:
        return Dumps(
            DatabaseState.MISSING if without is None else without, error="" if without else "it was never dumped"
        )
    if not bad and dumps[-1].finished_at <= now + CLOCK_TOLERANCE:
        sound = dumps
    else:
        sound = [entry for entry in dumps if entry.stamp not in bad and entry.finished_at <= now + CLOCK_TOLERANCE]
    error = _why(dumps, bad)
    if not sound:
        if not bad:
            error = "its dumps are dated in the future: compare the clocks of the two servers"
        state = DatabaseState.CORRUPT if bad else DatabaseState.STALE
        return Dumps(state if without is None else without, dumps=len(dumps), bad=len(bad), error=error)
    newest = sound[-1]
    looked_at = min([entry.verified_at for entry in sound])
    if without is not None:
        state = without
    elif dumps[-1].stamp in bad:
        state = DatabaseState.CORRUPT
    elif now - newest.finished_at > settings.max_age:
        state = DatabaseState.STALE
    elif now - looked_at > settings.verify_age:
        state = DatabaseState.UNVERIFIED
    else:
        state = DatabaseState.FRESH
    return Dumps(
        state=state,
        at=newest.finished_at,
        age=max(0, int(now) - newest.finished_at),
        size=newest.size,
        change=_change(sound[-2].size, newest.size) if len(sound) > 1 else 0.0,
        verified_at=looked_at,
        verified_age=max(0, int(now) - looked_at) if looked_at else -1,
        dumps=len(dumps),
        bad=len(bad),
        error=error,
    )


def _change(before: int, after: int) -> float:
    if max(before, after) < CHANGE_FLOOR or not before:
        return 0.0
    return round((after - before) * 100 / before, 1)


def _why(dumps: list[DumpEntry], bad: Mapping[str, str]) -> str:
    if not bad:
        return ""
    newest = max(bad)
    others = f" (and {len(bad) - 1} more of {len(dumps)})" if len(bad) > 1 else f" (1 of {len(dumps)})"
    return f"dump {newest} {bad[newest]}{others}"[:_MOST_ERROR]
