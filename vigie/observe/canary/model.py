"""What is seen on a source of logs. Times in epoch seconds, ages in seconds."""

from dataclasses import dataclass
from enum import IntEnum


class RsyslogState(IntEnum):
    """What becomes of messages on this machine."""

    RUNNING = 0
    STOPPED = 1
    HANGS = 2


class Emission(IntEnum):
    """Whether the canary left; nobody can tell while rsyslog takes nothing."""

    FAILED = 0
    DONE = 1
    UNTRIED = 2


@dataclass(frozen=True, slots=True)
class RsyslogSeen:
    """The local rsyslog; `age` is that of its figures, -1 when it has written none yet."""

    state: RsyslogState
    state_text: str
    age: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class CanarySeen:
    """The last canary: `number` is 0 when none ever left."""

    emitted: Emission
    number: int
    sent_at: float
    series: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class QueueSeen:
    """Messages that wait, and totals since rsyslog started; all 0 while rsyslog is stopped or hangs."""

    size: int = 0
    longest: str = ""
    discarded: int = 0
    failed: int = 0
    suspended: int = 0


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """All that is seen."""

    source: str
    rsyslog: RsyslogSeen
    canary: CanarySeen
    queue: QueueSeen


@dataclass(frozen=True, slots=True)
class CanaryObservation:
    """An observation, or the one sentence that says why there is none."""

    observed_at: int
    seconds: float
    seen: SourceSeen | None = None
    error: str = ""
