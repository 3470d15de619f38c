"""What the observation of Vigie itself says: the fields are those of the document in docs/architecture.md.

Times are epoch seconds, ages and durations seconds (-1: there is none).
"""

from collections.abc import Mapping
from enum import IntEnum

from vigie.records import Record


class TimerState(IntEnum):
    """What the last success of a timer is worth; the numbers are those of the template's value map."""

    ON_TIME = 0
    WAITING = 1
    LATE = 2
    NEVER = 3
    STOPPED = 4
    ELSEWHERE = 5


class ServiceState(IntEnum):
    """Whether a service is alive; the numbers are those of the template's value map."""

    ALIVE = 0
    DEAD = 1
    UNKNOWN = 2


class CertificateState(IntEnum):
    """What a certificate is worth; the numbers are those of the template's value map."""

    VALID = 0
    EXPIRING = 1
    EXPIRED = 2
    UNREADABLE = 3


TIMERS_LATE = frozenset({TimerState.LATE, TimerState.NEVER, TimerState.STOPPED})
CERTIFICATES_BAD = frozenset({CertificateState.EXPIRED, CertificateState.UNREADABLE})


class TimerSeen(Record):
    """A timer: when its program last succeeded, and how long ago that may be (0: another observation judges it).

    `error` is why it is stopped, or how its last run failed; that is no problem while the last success is young.
    """

    name: str
    state: TimerState
    at: int
    age: int
    within: int
    error: str = ""


class ServiceSeen(Record):
    """A service, and why it is not seen alive."""

    name: str
    state: ServiceState
    error: str = ""


class CertificateSeen(Record):
    """A certificate: when it ends, and how long that is from now (below 0: it has ended).

    `late` is 1 when it was not read in time: then nothing is said of the rest, which is None.
    """

    name: str
    error: str
    state: CertificateState | None = None
    expires_at: int | None = None
    left: int | None = None
    late: int = 0


class RequestsSeen(Record):
    """The requests that wait: how many, the age of the oldest (-1: none), whether it waits for too long (0, 1)."""

    count: int
    oldest_age: int
    stuck: int


class Counts(Record):
    """How many there are of each, and how many of them are a problem."""

    timers: int
    late: int
    services: int
    dead: int
    certificates: int
    expiring: int


class ItselfSeen(Record):
    """Everything that was seen; `manager` is 1 where systemd runs and was asked for units, 0 elsewhere."""

    version: str
    manager: int
    requests: RequestsSeen
    counts: Counts
    timers: Mapping[str, TimerSeen]
    services: Mapping[str, ServiceSeen]
    certificates: Mapping[str, CertificateSeen]


class ItselfObservation(Record):
    """An observation: what was seen, or why nothing could be (`error`); never something seen before."""

    observed_at: int
    seconds: float
    error: str = ""
    seen: ItselfSeen | None = None
