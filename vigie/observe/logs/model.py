"""What the observation of logs says: the fields are those of the document in docs/architecture.md.

Times are epoch seconds, ages and durations seconds, sizes bytes, shares percent, rates messages a second. None is what
cannot be known now (the store does not answer, or the central rsyslog is stopped): it is left out of the document, so
that what was known before is neither repeated nor contradicted.
"""

from collections.abc import Mapping

from vigie.observe.logs.states import SourceState, System
from vigie.records import Record


class StoreSeen(Record):
    """Whether the centre's PostgreSQL could be asked, and the rows that it refused within the window.

    `writable`: the central rsyslog's role may add messages; `lacking` is what it lacks. `future` counts rows (at most
    10,000) whose time has not come, and `future_seconds` is how far ahead the furthest is.
    """

    reachable: int
    error: str = ""
    refused: int | None = None
    writable: int | None = None
    lacking: str | None = None
    future: int | None = None
    future_seconds: int | None = None


class CentreSeen(Record):
    """The central rsyslog: `alive` when its figures are fresh; messages that wait; totals since it was started.

    `discarded`: a queue was full. `since` is when it was last started, 0 when that is long ago.
    """

    alive: int
    age: int = -1
    since: int = 0
    queue: int | None = None
    longest: str | None = None
    discarded: int | None = None
    failed: int | None = None
    suspended: int | None = None
    error: str = ""


class DisksSeen(Record):
    """The disks of PostgreSQL and of the plain files; `lowest` is the smaller free share, `where` its folder."""

    lowest: float
    where: str
    store_free: int
    store_free_percent: float
    files_free: int
    files_free_percent: float


class RecentSeen(Record):
    """The last minute: messages a second of everybody, and who sends most."""

    rate: float = 0.0
    busiest: str = ""


class StrangersSeen(Record):
    """Names that sent within the window and that no source of the site file has."""

    count: int = 0
    names: str = ""


class ActivitySeen(Record):
    """Totals of the last hour; `since` is how far back they reach when there are too many to count (epoch seconds)."""

    errors: int = 0
    failed_logins: int = 0
    openerp_errors: int = 0
    since: int = 0


class ContextSeen(Record):
    """Errors that OpenERP logged for one context, in the last hour and in the last day."""

    name: str
    errors: int
    errors_day: int


class HourSeen(Record):
    """One hour of one source: when it began, and what happened in it. For pages, not for items."""

    at: int
    source: str
    errors: int
    failed_logins: int
    openerp_errors: int


class SourceSeen(Record):
    """One declared source.

    `silent` and `quiet` say the state as 0 or 1. `lost` counts canaries, or numbers of Snare's counter, that never
    came; `doubled` those that came twice. `latency` is the last canary's; `skew` is how far the source's clock is
    ahead. `last_*` are of its own messages. Errors and failed logins are the last hour's.
    """

    name: str
    system: System
    state: SourceState
    state_text: str
    silent: int | None = None
    quiet: int | None = None
    canary_number: int | None = None
    canary_age: int | None = None
    latency: float | None = None
    skew: float | None = None
    lost: int | None = None
    doubled: int | None = None
    last_at: int | None = None
    last_age: int | None = None
    rate: float | None = None
    errors: int | None = None
    failed_logins: int | None = None


class ProgramSeen(Record):
    """One program of one source that wrote in the last hour: its last message, and how many."""

    name: str
    source: str
    last_at: int
    messages: int


class LogsSeen(Record):
    """Everything that was seen."""

    store: StoreSeen
    centre: CentreSeen
    disks: DisksSeen
    sources: Mapping[str, SourceSeen]
    recent: RecentSeen | None = None
    strangers: StrangersSeen | None = None
    activity: ActivitySeen | None = None
    programs: Mapping[str, ProgramSeen] | None = None
    contexts: Mapping[str, ContextSeen] | None = None
    hours: tuple[HourSeen, ...] = ()


class LogsObservation(Record):
    """An observation: what was seen, or why nothing could be (`error`); never something seen before."""

    observed_at: int
    seconds: float
    error: str = ""
    seen: LogsSeen | None = None
