"""The logs of a school in the site file: the central server, its store, and those who send to it."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vigie.site.types import AbsolutePath, Address, Count, DnsName, Duration, HostName, Part, Percent, Port, Service

# Figures that come a little late, or one time not at all, are no stop.
_FIGURES_MISSED = 3

LogKind = Literal["rsyslog", "snare", "epilog", "openerp"]


class LogPlaces(Part):
    """Where a Linux source has its rsyslog's socket and figures, the canary's state, OpenERP's log.

    Debian's rsyslog writes no `pid_file`: without one it is known by its name.
    """

    socket: AbsolutePath = Path("/dev/log")
    impstats: AbsolutePath = Path("/var/log/vigie/impstats.json")
    pid_file: AbsolutePath | None = None
    state: AbsolutePath = Path("/var/lib/vigie-canary")
    openerp_log: AbsolutePath = Path("/var/log/openerp/openerp-server.log")


class LogSource(Part):
    """A host that sends its log to the central server.

    `names` are those under which its messages come when they are not the host's name (a Windows machine's own name).
    `max_silence` is how long it may say nothing of its own: Linux sources send a canary besides.
    """

    host: HostName
    places: LogPlaces = LogPlaces()
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
    central rsyslog writes its own figures into; when it is older than `silent_after`, at least three times `figures`,
    that rsyslog is stopped or hangs.
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


class LogTls(Part):
    """Where the certificates are, on every Linux source and on the centre alike; `name` is that of the centre's.

    The key is read by root alone; it is never in the site file.
    """

    name: DnsName
    ca: AbsolutePath
    certificate: AbsolutePath
    key: AbsolutePath


class LogDatabase(Part):
    """How the central rsyslog reaches its PostgreSQL (a host, or a socket's folder), and the file of its password."""

    host: Address | AbsolutePath = Path("/var/run/postgresql")
    port: Port = 5432
    password_file: AbsolutePath = Path("/etc/vigie/rsyslog.pgpass")


class LogQueue(Part):
    """What a queue of rsyslog holds, in memory, then on the disk; and after how long delivery is tried again.

    Of fewer messages, those that a worker has in hand would be too many for the disk to be used.
    `window` is how many messages may be under way by RELP before one is acknowledged.
    """

    messages: Annotated[Count, Field(ge=2000)] = 10_000
    megabytes: Annotated[Count, Field(ge=10)] = 1_000
    retry: Annotated[Duration, Field(ge=1, le=3600)] = 10
    window: Annotated[Count, Field(ge=1, le=1024)] = 128


class Logs(Part):
    """The central log server and those who write to it.

    Linux sources come to `port`, Snare and Epilog to `windows_port`. `max_message` bounds a message, in kilobytes;
    rsyslog writes its figures every `figures` seconds, on the sources and on the centre.
    """

    centre: HostName
    port: Port = 2514
    windows_port: Port = 514
    transport: Literal["relp", "tcp"] = "relp"
    tls: LogTls | None = None
    database: LogDatabase = LogDatabase()
    queue: LogQueue = LogQueue()
    max_message: Annotated[Count, Field(ge=4, le=64)] = 16
    figures: Annotated[Duration, Field(ge=1, le=300)] = 10
    sources: list[LogSource] = Field(default_factory=list)
    store: LogStore = LogStore()
    observation: LogObservation = LogObservation()

    @model_validator(mode="after")
    def _tls_loses_nothing(self) -> Self:
        if self.tls and self.transport == "tcp":
            raise ValueError("tls needs transport relp: by tcp, what was sent before a certificate is refused is lost")
        return self

    @model_validator(mode="after")
    def _figures_come_in_time(self) -> Self:
        least = _FIGURES_MISSED * self.figures
        if self.observation.silent_after < least:
            raise ValueError(
                f"observation.silent_after must be at least three times figures, {least} s: "
                f"by {self.observation.silent_after} s a central rsyslog that works is held for stopped"
            )
        return self
