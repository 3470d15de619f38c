"""What the observation of backups says: the fields are those of the document in docs/architecture.md.

Times are epoch seconds, ages and durations seconds (-1: there is none), sizes bytes, shares percent.
"""

from collections.abc import Mapping

from vigie.naming import Kind
from vigie.observe.backups.states import DatabaseState, Overdue, RunState
from vigie.records import Record


class Promise(Record):
    """What the school was promised: the greatest age of a dump, and of the last look at its content."""

    max_age: int
    verify_age: int


class PostgresSeen(Record):
    """Whether PostgreSQL gave its list, and how many contexts stand in it (-1 when it did not)."""

    reachable: int
    expected: int
    error: str = ""


class ReceiverSeen(Record):
    """Whether the rsync daemon answers: 1 yes, 0 no, 2 not asked (the dumps travel by ssh)."""

    answers: int
    error: str = ""


class RunSeen(Record):
    """The last run that the backup server has heard of.

    `age` counts from its end, or its last sign of life. `at_risk` databases were not delivered by it, and their dump
    here is still fresh; a run that was interrupted, failed or is late counts none: it is the problem.
    """

    state: RunState
    state_text: str
    id: str = ""
    started_at: int = 0
    finished_at: int = 0
    age: int = -1
    seconds: int = 0
    seen: int = 0
    published: int = 0
    failed: int = 0
    at_risk: int = 0
    at_risk_names: str = ""
    error: str = ""


class Space(Record):
    """The store's file system.

    `days_left` is what is free over what is added a day, -1 when it is not filling or not known yet.
    """

    total: int
    used: int
    free: int
    free_percent: float
    growth_per_day: int
    days_left: int


class Recheck(Record):
    """The rolling re-check. `age` counts from its last cycle, or from the oldest dump when there was none.

    `oldest_age` is the longest time that a kept dump was not looked at; `pending_bytes` are those not looked at for
    longer than promised.
    """

    at: int
    age: int
    oldest_age: int
    corrupt: int
    pending_bytes: int


class Counts(Record):
    """Databases by state (they sum to `expected` and `orphaned`), then dumps.

    `bad` dumps vanished, changed size or are corrupt; `strays` are on the disk and not in the catalogue.
    """

    expected: int
    fresh: int
    stale: int
    missing: int
    corrupt: int
    orphaned: int
    unverified: int
    waiting: int
    unrecognised: int
    unrecognised_names: str
    dumps: int
    bytes: int
    bad: int
    strays: int


class DatabaseSeen(Record):
    """One database (or a part of the server): see `states.Dumps`; `name` is its printable form.

    `overdue` is its state as a problem of its own: none while the run is the problem.
    """

    name: str
    kind: Kind
    state: DatabaseState
    overdue: Overdue
    at: int
    age: int
    size: int
    change: float
    verified_at: int
    verified_age: int
    dumps: int
    bad: int
    error: str


class BackupsSeen(Record):
    """Everything that was seen."""

    promise: Promise
    postgres: PostgresSeen
    receiver: ReceiverSeen
    run: RunSeen
    space: Space
    recheck: Recheck
    counts: Counts
    databases: Mapping[str, DatabaseSeen]


class BackupsObservation(Record):
    """An observation: what was seen, or why nothing could be (`error`); never something seen before."""

    observed_at: int
    seconds: float
    error: str = ""
    seen: BackupsSeen | None = None
