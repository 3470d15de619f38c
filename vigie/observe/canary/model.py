"""What is seen on a source of logs. Times in epoch seconds, ages in seconds."""

from enum import IntEnum

from vigie.records import Record


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


class RsyslogSeen(Record):
    """The local rsyslog; `age` is that of its figures, -1 when it has written none yet."""

    state: RsyslogState
    state_text: str
    age: int
    error: str = ""


class CanarySeen(Record):
    """The last canary: `number` is 0 when none ever left."""

    emitted: Emission
    number: int
    sent_at: float
    series: str
    error: str = ""


class QueueSeen(Record):
    """Messages that wait, and totals since rsyslog started; all 0 while rsyslog is stopped or hangs."""

    size: int = 0
    longest: str = ""
    discarded: int = 0
    failed: int = 0
    suspended: int = 0


class SourceSeen(Record):
    """All that is seen."""

    source: str
    rsyslog: RsyslogSeen
    canary: CanarySeen
    queue: QueueSeen


class CanaryObservation(Record):
    """An observation, or the one sentence that says why there is none."""

    observed_at: int
    seconds: float
    seen: SourceSeen | None = None
    error: str = ""
