"""What the observation of passwords says: the fields are those of the document in docs/architecture.md.

Times are epoch seconds, ages and durations seconds (-1: there is none).
"""

from collections.abc import Mapping

from vigie.records import Record

# The mark of a generation that does not exist: no station can hold it.
NO_GENERATION = 1


class Promise(Record):
    """The greatest age of a password, and how long before its end a role's password is announced."""

    max_age: int
    expiry_warning: int


class CurrentSeen(Record):
    """The generation that stations must hold; number 0 before the first. `age` counts since the password was made."""

    number: int = 0
    role: str = ""
    since: int = 0
    age: int = -1


class PendingSeen(Record):
    """The generation that is being handed out; number 0 when none is."""

    number: int = 0
    role: str = ""
    age: int = -1


class Marks(Record):
    """Keyed fingerprints that stations are compared with; `NO_GENERATION` where there is none."""

    current: int = NO_GENERATION
    next: int = NO_GENERATION
    older1: int = NO_GENERATION
    older2: int = NO_GENERATION
    older3: int = NO_GENERATION


class PostgresSeen(Record):
    """Whether PostgreSQL could be asked. When it could not, the parts that it tells are not in the document."""

    reachable: int
    error: str = ""


class RolesSeen(Record):
    """The roles that may log in: how their passwords are kept, and until when they are worth something.

    `weak` have a hash other than SCRAM. `expiring` end within the promise's warning; those that ended are `expired`
    and not counted there.
    """

    login: int
    scram: int
    without: int
    weak: int
    weak_names: str
    expiring: int
    expiring_names: str
    expired: int
    expired_names: str


class SessionsSeen(Record):
    """Sessions of the rotation's two login roles.

    `previous` are those of the role that is neither the current generation's nor the one being handed out.
    `elsewhere` are those among them that do not come from a declared station: nobody is told there to change. While
    the DNS name of a declared station has no address (`unresolved`), such sessions may be that station's: they are
    `unplaced` then, and not `elsewhere`.
    """

    current: int
    previous: int
    elsewhere: int
    elsewhere_names: str
    unplaced: int
    unresolved: int
    unresolved_names: str


class StationSeen(Record):
    """The sessions that one declared station has now."""

    current: int = 0
    previous: int = 0


class PasswordsSeen(Record):
    """Everything that an observation saw; what PostgreSQL tells is None when it could not be asked."""

    promise: Promise
    current: CurrentSeen
    pending: PendingSeen
    marks: Marks
    postgres: PostgresSeen
    roles: RolesSeen | None
    sessions: SessionsSeen | None
    declared: int
    stations: Mapping[str, StationSeen]


class PasswordsObservation(Record):
    """An observation: when, how long it took, and what was seen or why nothing was."""

    observed_at: int
    seconds: float
    error: str = ""
    seen: PasswordsSeen | None = None
