"""The parts of a school in the site file: hosts, backup promise, logs, directory, network, service contract."""

from datetime import date, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vigie.site_types import (
    AbsolutePath,
    Address,
    Clock,
    Count,
    Duration,
    HostName,
    Label,
    LdapUri,
    MacroName,
    Part,
    Percent,
    Port,
    Release,
    Service,
    Zone,
)


class Role(StrEnum):
    """What a host does in its school."""

    ZABBIX = "zabbix"
    OPENERP = "openerp"
    POSTGRES = "postgres"
    STANDBY = "standby"
    BACKUP = "backup"
    LOGS = "logs"
    DIRECTORY = "directory"
    ROUTER = "router"
    SWITCH = "switch"
    STATION = "station"


NETWORK_ROLES = frozenset({Role.ROUTER, Role.SWITCH})


class Proxy(Part):
    """A Zabbix proxy standing in a school, known by its name in Zabbix."""

    name: HostName
    address: Address


class Host(Part):
    """A machine of a school, with the address of its agent (or of its SNMP agent for routers and switches)."""

    name: HostName
    address: Address
    port: Port | None = None
    roles: Annotated[list[Role], Field(min_length=1)]
    tags: dict[str, str] = Field(default_factory=dict)
    macros: dict[MacroName, str] = Field(default_factory=dict)
    secret_macros: dict[MacroName, AbsolutePath] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.is_network and set(self.roles) - NETWORK_ROLES:
            raise ValueError("a router or a switch is spoken to by SNMP: describe what runs an agent as another host")
        if both := sorted(self.macros.keys() & self.secret_macros.keys()):
            raise ValueError(f"{both[0]} is written in macros and in secret_macros: keep one of them")
        return self

    @property
    def agent_port(self) -> int:
        """The port of the host's interface: the standard one unless the file says otherwise."""
        return self.port or (161 if self.is_network else 10050)

    @property
    def is_network(self) -> bool:
        """Whether the host is spoken to by SNMP instead of the Zabbix agent."""
        return bool(NETWORK_ROLES & set(self.roles))


class OpenErp(Part):
    """The OpenERP that the school declares."""

    version: Release
    host: HostName
    port: Port = 8069


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


class LogSource(Part):
    """A host that sends its log to the central server."""

    host: HostName
    kind: Literal["rsyslog", "snare", "epilog", "openerp"] = "rsyslog"
    max_silence: Duration = 300


class Logs(Part):
    """The central log server and those who write to it."""

    centre: HostName
    port: Port = 514
    transport: Literal["relp", "tcp"] = "relp"
    sources: list[LogSource] = Field(default_factory=list)


class Phase2(Part):
    """When phase 2 may renew the directory."""

    start: Clock = time(19, 0)
    end: Clock = time(23, 59)
    interval: Duration = 180


class Directory(Part):
    """The school directory and its official sources."""

    uri: LdapUri
    base: Annotated[str, Field(min_length=3)]
    bind_dn: str
    password_file: AbsolutePath
    sources: AbsolutePath
    phase2: Phase2 = Phase2()


class RedundantGroup(Part):
    """A gateway that two routers hold together: who is active when all is well."""

    protocol: Literal["hsrp", "vrrp"]
    group: Annotated[int, Field(ge=0, le=4095, strict=True)]
    interface: Annotated[int, Field(ge=1, strict=True)]
    active: HostName
    standby: HostName

    @model_validator(mode="after")
    def _two_routers(self) -> Self:
        if self.active == self.standby:
            raise ValueError(f"{self.active} cannot be both active and standby")
        return self


class Network(Part):
    """Network redundancy as declared."""

    groups: list[RedundantGroup] = Field(default_factory=list)
    spanning_tree_root: HostName | None = None
    uplinks: dict[HostName, list[int]] = Field(default_factory=dict)


class ServiceHours(Part):
    """Hours in which the service is promised, local time."""

    days: Annotated[list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], Field(min_length=1)]
    start: Clock
    end: Clock

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start >= self.end:
            raise ValueError(f"start {self.start:%H:%M} must come before end {self.end:%H:%M}")
        return self


class Excluded(Part):
    """A period that does not count: holidays, announced work. Both days belong to it."""

    name: Label
    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start > self.end:
            raise ValueError(f"start {self.start} comes after end {self.end}")
        return self


class Contract(Part):
    """The service contract. Zabbix keeps four decimals of an objective."""

    objective: Percent = 99.0
    hours: list[ServiceHours] = Field(default_factory=list)
    time_zone: Zone | None = None
    excluded: list[Excluded] = Field(default_factory=list)
    rto: dict[Service, Duration] = Field(default_factory=dict)
    rpo: dict[Service, Duration] = Field(default_factory=dict)
