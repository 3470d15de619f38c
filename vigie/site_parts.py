"""The parts of a school in the site file: hosts, logs, directory, network, service contract. The backup is apart."""

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vigie.site_types import (
    AbsolutePath,
    Address,
    Clock,
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
