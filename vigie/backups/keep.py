"""Applying the retention to a store."""

import time
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from vigie.backups.catalogue import SERVER_KEYS, CatalogueError, Index, Layout, read_last_run
from vigie.backups.journal import Journal
from vigie.backups.manifests import RunPhase
from vigie.backups.retention import Policy, Verdict, judge
from vigie.backups.store import locked, opened, remove, settle
from vigie.errors import VigieError
from vigie.settings import Store

_LOCK_WAIT = 900.0


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict with the database it is about."""

    key: str
    name: str
    verdict: Verdict


def policy_of(store: Store) -> Policy:
    """The policy that a store's settings describe."""
    return Policy(store.daily, store.weekly, store.monthly, store.dropped, ZoneInfo(store.time_zone))


def foresee(store: Store) -> list[Ruling]:
    """What the retention would do now; nothing is touched.

    Raises:
        VigieError: when the store cannot be read.
    """
    layout = Layout(Path(store.root))
    return _rulings(layout, opened(layout.root, store.school), store)


def keep(store: Store) -> list[Ruling]:
    """Remove what the policy does not keep; each removal is in the journal before it is done.

    Raises:
        VigieError: when the store cannot be used.
    """
    layout = Layout(Path(store.root))
    with locked(layout, wait=_LOCK_WAIT), Journal(layout.journal / "keep.jsonl") as journal:
        index = opened(layout.root, store.school)
        settle(layout, index)
        return apply(layout, index, store, journal)


def apply(layout: Layout, index: Index, store: Store, journal: Journal) -> list[Ruling]:
    """The removal itself, for whoever holds the lock."""
    rulings = _rulings(layout, index, store)
    doomed = [ruling for ruling in rulings if not ruling.verdict.kept]
    for ruling in doomed:
        journal.note("remove", key=ruling.key, stamp=ruling.verdict.entry.stamp, why=ruling.verdict.why)
    if doomed:
        remove(layout, index, [(ruling.key, ruling.verdict.entry.stamp) for ruling in doomed])
    return rulings


def _rulings(layout: Layout, index: Index, store: Store) -> list[Ruling]:
    existing = _existing(layout)
    policy = policy_of(store)
    now = time.time()
    return [
        Ruling(key, held.name, verdict)
        for key, held in sorted(index.databases.items())
        for verdict in judge(held.dumps, policy, now=now, dropped=existing is not None and key not in existing)
    ]


def _existing(layout: Layout) -> set[str] | None:
    """The keys of the databases that the last run saw; None when that is not known, and then none is taken for gone."""
    try:
        run = read_last_run(layout.runs)
    except CatalogueError as error:
        raise VigieError(str(error)) from error
    if run is None or run.phase in (RunPhase.RUNNING, RunPhase.FAILED) or not run.databases:
        return None
    return set(run.databases) | set(SERVER_KEYS)
