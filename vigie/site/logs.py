"""The logs of a school in the site file: the central server, its store, and those who send to it."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from vigie.site.types import AbsolutePath, Duration, HostName, Part, Percent, Port, Service

LogKind = Literal["rsyslog", "snare", "epilog", "openerp"]


class LogSource(Part):
    """A host that sends its log to the central server.

    `names` are those under which its messages come when they are not the host's name (a Windows machine's own name).
    `max_silence` is how long it may say nothing of its own: Linux sources send a canary besides.
    """

    host: HostName
    kind: LogKind = "rsyslog"
    names: list[HostName] = Field(default_factory=list, max_length=8)
    max_silence: Annotated[Duration, Field(ge=1)] = 86_400


class LogStore(Part):
    """Where the centre keeps the messages: PostgreSQL's disk, the plain files, and for how long."""

    directory: AbsolutePath = Path("/var/lib/postgresql")
    files: AbsolutePath = Path("/var/log/vigie")
    retention: Annotated[Duration, Field(ge=86_400)] = 90 * 86_400


class LogObservation(Part):
    """How the log server observes what it receives.

    `window` is how far back canaries are counted: a loss is a problem for as long. `impstats` is the file that the
    central rsyslog writes its own figures into; when it is older than `silent_after`, that rsyslog is stopped or hangs.
    `canary_late`: a Linux source whose last canary is older is silent. `flood` is in messages a second.
    """

    service: Service = "vigie-logs"
    service_file: AbsolutePath = Path("/etc/vigie/observe/logs_service.conf")
    deadline: Annotated[Duration, Field(ge=1, le=29)] = 2
    window: Annotated[Duration, Field(ge=10, le=86_400)] = 3600
    impstats: AbsolutePath = Path("/var/log/vigie/impstats.json")
    silent_after: Annotated[Duration, Field(ge=1)] = 60
    canary_late: Annotated[Duration, Field(ge=1)] = 300
    latency_max: Annotated[Duration, Field(ge=1)] = 60
    skew_max: Annotated[Duration, Field(ge=1)] = 30
    flood: Annotated[int, Field(ge=1, strict=True)] = 500
    queue_max: Annotated[int, Field(ge=1, strict=True)] = 5000
    free_min_percent: Percent = 10


class Logs(Part):
    """The central log server and those who write to it."""

    centre: HostName
    port: Port = 514
    transport: Literal["relp", "tcp"] = "relp"
    sources: list[LogSource] = Field(default_factory=list)
    store: LogStore = LogStore()
    observation: LogObservation = LogObservation()
