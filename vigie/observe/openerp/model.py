"""What the observation of OpenERP says: the fields are those of the document in docs/architecture.md.

Times are epoch seconds, ages and durations seconds (-1: there is none, or it is not known), sizes bytes.
"""

from collections.abc import Mapping

from vigie.naming import Kind
from vigie.observe.openerp.states import Connected, ContextState, PostgresState, ReleaseState, ServerState, words
from vigie.records import Record, field


class Promise(Record):
    """The release that the school declares."""

    release: str


class ServerSeen(Record):
    """OpenERP by XML-RPC. `answer_seconds` is the time of `server_version`, `connect_seconds` of `check_connectivity`.

    A server that does not answer has no release and takes no time: the one problem is that it does not answer.
    """

    state: ServerState
    state_text: str
    release: str = ""
    drift: ReleaseState = ReleaseState.UNKNOWN
    connected: Connected = Connected.UNKNOWN
    answer_seconds: float = 0.0
    connect_seconds: float = 0.0
    error: str = ""


class PostgresSeen(Record):
    """The PostgreSQL of the contexts, as OpenERP and this observation find it."""

    state: PostgresState
    state_text: str
    error: str = ""


class Counts(Record):
    """The contexts by state: they sum to `contexts`.

    `read` is those that were looked at before the deadline, `missed` the others; `error` says so in a sentence. `late`
    have overdue scheduled actions.
    """

    contexts: int
    read: int
    missed: int
    upgraded: int
    not_upgraded: int
    interrupted: int
    not_openerp: int
    not_granted: int
    unreadable: int
    closed: int
    unknown: int
    late: int
    bytes: int
    error: str


class ContextSeen(Record):
    """One context. `upgraded_at` is the last upgrade of its base, 0 when there is no date.

    It has no `state` while it is not known which release should run: a declared `6.0` is whatever 6.0.x runs, and
    OpenERP does not answer. What Zabbix knew of it stands.

    `cron_late` is how long ago the most overdue scheduled action should have run; 0 when OpenERP has not loaded the
    context, since it runs none there then.
    """

    name: str
    kind: Kind
    state: ContextState | None
    state_text: str
    base: str = ""
    pending: int = 0
    upgraded_at: int = 0
    cron_late: int = 0
    size: int = 0
    error: str = ""


class OpenErpSeen(Record):
    """Everything that was seen. `contexts` holds those that were read, `names` the printable names of all of them.

    Without a list of the contexts there are neither, and no `counts`.
    """

    promise: Promise
    server: ServerSeen
    postgres: PostgresSeen
    counts: Counts | None = None
    contexts: Mapping[str, ContextSeen] = field(default_factory=dict)
    names: Mapping[str, tuple[str, Kind]] = field(default_factory=dict)


class OpenErpObservation(Record):
    """An observation: what was seen, never something seen before. That nothing answers is seen too."""

    observed_at: int
    seconds: float
    seen: OpenErpSeen


def postgres_seen(state: PostgresState, error: str = "") -> PostgresSeen:
    """A state of PostgreSQL with its text."""
    return PostgresSeen(state, words(state), error)
