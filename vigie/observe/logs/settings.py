"""What the observation of the central log server must know."""

from vigie.records import Record
from vigie.settings import Settings


class Source(Record):
    """A declared source.

    `system` is linux or windows: Linux sources send canaries. `names` are those under which its messages come.
    `max_silence` (seconds) is how long it may say nothing of its own.
    """

    host: str
    system: str
    names: list[str]
    max_silence: int


class ObserveLogs(Settings):
    """`logs-<UAI>.json`, read by the monitoring user. Durations in seconds, `flood` in messages a second.

    `centre` is the name that the central rsyslog itself writes under. `store` and `files` are folders whose disks are
    watched. `impstats` is the file of the central rsyslog's figures.
    """

    centre: str
    sources: list[Source]
    service: str
    service_file: str
    deadline: float
    window: int
    impstats: str
    silent_after: int
    store: str
    files: str
    canary_late: int
    latency_max: int
    skew_max: int
    flood: int
    queue_max: int
    free_min_percent: float
