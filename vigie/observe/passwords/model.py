"""What the observation of passwords says: the fields are those of the document in docs/architecture.md.

Times are epoch seconds, ages and durations seconds (-1: there is none).
"""

from collections.abc import Mapping
from dataclasses import dataclass

# The mark of a generation that does not exist: no station can hold it.
NO_GENERATION = 1


@dataclass(frozen=True, slots=True)
class Promise:
    """The greatest age of a password, and how long before its end a role's password is announced."""

    max_age: int
    expiry_warning: int


@dataclass(frozen=True, slots=True)
class CurrentSeen:
    """The generation that stations must hold; number 0 before the first. `age` counts since the password was made."""

    number: int = 0
    role: str = ""
    since: int = 0
    age: int = -1


@dataclass(frozen=True, slots=True)
class PendingSeen:
    """The generation that is being handed out; number 0 when none is."""

    number: int = 0
    role: str = ""
    age: int = -1


@dataclass(frozen=True, slots=True)
class Marks:
    """Keyed fingerprints that stations are compared with; `NO_GENERATION` where there is none."""

    current: int = NO_GENERATION
    next: int = NO_GENERATION
    older1: int = NO_GENERATION
    older2: int = NO_GENERATION
    older3: int = NO_GENERATION


@dataclass(frozen=True, slots=True)
class PostgresSeen:
    """Whether PostgreSQL could be asked. When it could not, the parts that it tells are not in the document."""

    reachable: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class RolesSeen:
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


@dataclass(frozen=True, slots=True)
class SessionsSeen:
    """Sessions of the rotation's two login roles.

    `previous` are those of the role that is neither the current generation's nor the one being handed out.
    `elsewhere` are those among them that do not come from a declared station: nobody is told there to change.
    """

    current: int
    previous: int
    elsewhere: int
    elsewhere_names: str


@dataclass(frozen=True, slots=True)
class StationSeen:
    """The sessions that one declared station has now."""

    current: int = 0
    previous: int = 0


@dataclass(frozen=True, slots=True)
class PasswordsSeen:
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


@dataclass(frozen=True, slots=True)
class PasswordsObservation:
    """An observation: when, how long it took, and what was seen or why nothing was."""

    observed_at: int
    seconds: float
    error: str = ""
    seen: PasswordsSeen | None = None
