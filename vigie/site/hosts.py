"""The machines of a school in the site file, and what they do there."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vigie.site.types import AbsolutePath, Address, HostName, MacroName, MacroValue, Part, Port, Tag, TagValue


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
# What the hosts do that carry a part of Vigie: its timers, its checks, its settings.
CARRIERS = (Role.ZABBIX, Role.OPENERP, Role.POSTGRES, Role.BACKUP, Role.LOGS)


class Proxy(Part):
    """A Zabbix proxy standing in a school, known by its name in Zabbix."""

    name: HostName
    address: Address


class Host(Part):
    """A machine of a school, with the address of its agent (or of its SNMP agent for routers and switches).

    `system` needs to be told only where a station runs Linux, or a server Windows.
    """

    name: HostName
    address: Address
    port: Port | None = None
    roles: Annotated[list[Role], Field(min_length=1)]
    system: Literal["linux", "windows"] | None = None
    tags: dict[Tag, TagValue] = Field(default_factory=dict)
    macros: dict[MacroName, MacroValue] = Field(default_factory=dict)
    secret_macros: dict[MacroName, AbsolutePath] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.is_network and set(self.roles) - NETWORK_ROLES:
            raise ValueError("a router or a switch is spoken to by SNMP: describe what runs an agent as another host")
        if both := sorted(self.macros.keys() & self.secret_macros.keys()):
            raise ValueError(f"{both[0]} is written in macros and in secret_macros: keep one of them")
        return self

    @property
    def is_windows(self) -> bool:
        """Whether the host runs Windows: a station does unless the file says otherwise, a server does not."""
        return self.system == "windows" if self.system else set(self.roles) == {Role.STATION}

    @property
    def agent_port(self) -> int:
        """The port of the host's interface: the standard one unless the file says otherwise."""
        return self.port or (161 if self.is_network else 10050)

    @property
    def is_network(self) -> bool:
        """Whether the host is spoken to by SNMP instead of the Zabbix agent."""
        return bool(NETWORK_ROLES & set(self.roles))
