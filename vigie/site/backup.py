"""The backup promise of a school in the site file."""

from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vigie.site.types import AbsolutePath, Clock, Count, Duration, HostName, Part, Percent, Port, Service


class Window(Part):
    """The hours of the night in which backups may run, local time of the school. It may pass midnight."""

    start: Clock = time(0, 30)
    end: Clock = time(5, 0)

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.start == self.end:
            raise ValueError("start and end are the same: the window would be empty")
        return self

    @property
    def seconds(self) -> int:
        """How long the window is open, in seconds of wall clock."""
        minutes = (self.end.hour - self.start.hour) * 60 + self.end.minute - self.start.minute
        return minutes % (24 * 60) * 60


class Retention(Part):
    """How many dumps are kept: one a day, a week and a month; `dropped` is for databases that no longer exist."""

    daily: Annotated[int, Field(ge=1, le=366, strict=True)] = 7
    weekly: Annotated[int, Field(ge=0, le=104, strict=True)] = 5
    monthly: Annotated[int, Field(ge=0, le=120, strict=True)] = 12
    dropped: Duration = 90 * 86_400


class RsyncTransfer(Part):
    """The backup server's rsync daemon, with a secrets file on each side."""

    method: Literal["rsync"]
    port: Port = 8730
    user: Service = "vigie"
    password_file: AbsolutePath = Path("/etc/vigie/rsync.password")


class SshTransfer(Part):
    """rsync over ssh, with a key of its own; the backup server's host key must be known beforehand."""

    method: Literal["ssh"]
    port: Port = 22
    user: Service = "vigie"
    identity_file: AbsolutePath = Path("/etc/vigie/ssh/id_ed25519")
    known_hosts_file: AbsolutePath = Path("/etc/vigie/ssh/known_hosts")


class Observation(Part):
    """How the backup server observes: its own PostgreSQL role, and how long it may take.

    The deadline stays under the 30 s that a Zabbix agent may be given at most.
    """

    service: Service = "vigie-observe"
    service_file: AbsolutePath = Path("/etc/vigie/observe/pg_service.conf")
    deadline: Annotated[Duration, Field(ge=1, le=29)] = 2
    recheck_seconds: Annotated[int, Field(ge=1, le=3600, strict=True)] = 20
    silent_after: Duration = 900


class Backup(Part):
    """The backup promise: every context dumped at least every `max_age`, on another machine."""

    source: HostName
    store: HostName
    service: Service = "vigie-backup"
    service_file: AbsolutePath = Path("/etc/vigie/pg_service.conf")
    directory: AbsolutePath = Path("/var/lib/vigie/backups")
    store_directory: AbsolutePath = Path("/srv/vigie/backups")
    max_age: Annotated[Duration, Field(ge=1)] = 26 * 3600
    verify_age: Annotated[Duration, Field(ge=1)] = 30 * 86_400
    window: Window = Window()
    jobs: Annotated[int, Field(ge=1, le=32, strict=True)] = 2
    dump_timeout: Annotated[Duration, Field(ge=1)] = 3600
    free_min_percent: Percent = 10
    days_left_min: Count = 7
    retention: Retention = Retention()
    local_retention: Retention = Retention(daily=2, weekly=0, monthly=0, dropped=2 * 86_400)
    transfer: Annotated[RsyncTransfer | SshTransfer, Field(discriminator="method")] = RsyncTransfer(method="rsync")
    observation: Observation = Observation()
