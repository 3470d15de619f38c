"""Every database that must have dumps or still has some, judged one by one, and counted."""

from collections import Counter
from collections.abc import Iterable

from vigie.backups.catalogue import SERVER_KEYS
from vigie.backups.manifests import RunManifest
from vigie.naming import Classifier, Kind, key_of
from vigie.observe import texts
from vigie.observe.backups.dumps import Standing
from vigie.observe.backups.model import Counts, DatabaseSeen
from vigie.observe.backups.settings import ObserveBackups
from vigie.observe.backups.states import DatabaseState, Dumps, is_waiting, judge_dumps, judge_overdue, judge_run


def _expected(run: RunManifest | None, standing: Standing, names: Iterable[str] | None) -> dict[str, str]:
    """Key and name of everything that must have a dump: PostgreSQL's list, else the last run's, else the ledger's."""
    if names is not None:
        expected = {key_of(name): name for name in names}
    elif run is not None and run.databases:
        expected = {key: database.name for key, database in run.databases.items()}
    else:
        expected = {key: held.name for key, held in standing.index.databases.items()}
    return expected | SERVER_KEYS


def databases_seen(
    settings: ObserveBackups,
    standing: Standing,
    run: RunManifest | None,
    names: list[str] | None,
    now: float,
) -> dict[str, DatabaseSeen]:
    """Key and row of each database, of the roles and of the server's settings.

    Args:
        settings: the promises, and the class list that tells kinds apart.
        standing: the dumps as they stand.
        run: the last run, when one was ever heard of.
        names: PostgreSQL's list, or None when it could not be asked.
        now: epoch seconds.
    """
    run_state = judge_run(run, settings, now)
    classify = Classifier(settings.classes)
    expected = _expected(run, standing, names)
    index = standing.index.databases
    # What the last run saw is shown too: a database dropped before its first dump must be seen to be gone, or the
    # problem that it was missing would stand for ever.
    seen_last = {key: database.name for key, database in run.databases.items()} if run is not None else {}
    everything = seen_last | {key: held.name for key, held in index.items()} | expected
    databases: dict[str, DatabaseSeen] = {}
    for key, name in sorted(everything.items()):
        held = index.get(key)
        dumps = held.dumps if held else []
        without = None
        if key not in expected:
            without = DatabaseState.ORPHANED
        elif not dumps and is_waiting(key, run, run_state, settings, now):
            without = DatabaseState.WAITING
        worth = judge_dumps(dumps, standing.bad.get(key, {}), settings, now, without=without)
        databases[key] = DatabaseSeen(
            name=texts.short_name(SERVER_KEYS.get(key, name), key),
            kind=Kind.SERVER if key in SERVER_KEYS else classify(name).kind,
            state=worth.state,
            overdue=judge_overdue(worth.state, run, run_state, settings, now),
            at=worth.at,
            age=worth.age,
            size=worth.size,
            change=worth.change,
            verified_at=worth.verified_at,
            verified_age=worth.verified_age,
            dumps=worth.dumps,
            bad=worth.bad,
            error=_explained(worth, run, key),
        )
    return databases


def _explained(worth: Dumps, run: RunManifest | None, key: str) -> str:
    """Why a database is not as it should be: its dumps' reason, and what the last run says of it."""
    tried = run.databases.get(key) if run is not None else None
    said = texts.sentence(tried.error) if tried is not None else ""
    return texts.sentence("; last run: ".join(text for text in (worth.error, said) if text)) if said else worth.error


def counted(databases: dict[str, DatabaseSeen], standing: Standing) -> Counts:
    """The databases by state, and the dumps."""
    states = Counter(row.state for row in databases.values())
    # An odd name is a matter for whoever can change it: not once the database is gone and only its dumps are kept.
    living = (row for row in databases.values() if row.state != DatabaseState.ORPHANED)
    unrecognised = [row.name for row in living if row.kind == Kind.UNRECOGNISED]
    entries = [entry for held in standing.index.databases.values() for entry in held.dumps]
    return Counts(
        expected=len(databases) - states[DatabaseState.ORPHANED],
        fresh=states[DatabaseState.FRESH],
        stale=states[DatabaseState.STALE],
        missing=states[DatabaseState.MISSING],
        corrupt=states[DatabaseState.CORRUPT],
        orphaned=states[DatabaseState.ORPHANED],
        unverified=states[DatabaseState.UNVERIFIED],
        waiting=states[DatabaseState.WAITING],
        unrecognised=len(unrecognised),
        unrecognised_names=texts.some_of(unrecognised),
        dumps=len(entries),
        bytes=sum([entry.size for entry in entries]),
        bad=sum([len(faults) for faults in standing.bad.values()]),
        strays=standing.strays,
    )
