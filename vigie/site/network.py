"""The redundant network of a school in the site file, as declared."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vigie.site.types import HostName, InterfaceName, Part

InterfaceIndex = Annotated[int, Field(ge=1, strict=True)]


class RedundantGroup(Part):
    """A gateway that two routers hold together: who is active when all is well.

    `interface` is the ifIndex of the gateway's interface on both routers, `standby_interface` the standby's own where
    the two differ. A `vrrp` group of keepalived on Linux is known by the name of its `instance` instead.
    """

    protocol: Literal["hsrp", "vrrp"]
    group: Annotated[int, Field(ge=0, le=4095, strict=True)]
    interface: InterfaceIndex | None = None
    standby_interface: InterfaceIndex | None = None
    instance: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")] | None = None
    active: HostName
    standby: HostName

    @property
    def key(self) -> str:
        """The group's name in its school: safe in item keys, the same on both routers.

        The routers are part of it: two pairs may well use one group number on interfaces of one number.
        """
        spoken = self.protocol if self.instance is None else "keepalived"
        first, second = sorted((self.active, self.standby))
        return f"{spoken}-{self.group}-{self.instance or self.interface}:{first}+{second}"

    def interface_of(self, host: str) -> int | None:
        """The ifIndex of the gateway's interface on one of the two routers."""
        return self.standby_interface or self.interface if host == self.standby else self.interface

    def places(self) -> Iterator[str]:
        """The group as each of its routers has it."""
        for host in (self.active, self.standby):
            yield f"{self.protocol} {self.group} of {self.instance or self.interface_of(host)} on {host}"

    @model_validator(mode="after")
    def _two_routers(self) -> Self:
        if self.active == self.standby:
            raise ValueError(f"{self.active} cannot be both active and standby")
        return self

    @model_validator(mode="after")
    def _found_one_way(self) -> Self:
        if (self.interface is None) == (self.instance is None):
            raise ValueError("give the interface, or the instance of keepalived: one of them")
        if self.instance is not None and self.protocol != "vrrp":
            raise ValueError("an instance belongs to keepalived, which speaks vrrp")
        if self.instance is not None and self.standby_interface is not None:
            raise ValueError("standby_interface goes with interface: an instance has the same name on both routers")
        return self


class Channel(Part):
    """A port-channel (EtherChannel) of a switch or router, with the interfaces that belong to it, by their ifName."""

    host: HostName
    name: InterfaceName
    protocol: Literal["lacp", "pagp", "static"] = "lacp"
    members: Annotated[list[InterfaceName], Field(min_length=1)]

    @model_validator(mode="after")
    def _members_are_others(self) -> Self:
        if self.name in self.members:
            raise ValueError(f"{self.name} cannot be a member of itself")
        return self


class Network(Part):
    """Network redundancy as declared. Uplinks are interfaces by their ifName; a channel is watched as one anyway."""

    groups: list[RedundantGroup] = Field(default_factory=list)
    spanning_tree_root: HostName | None = None
    uplinks: dict[HostName, list[InterfaceName]] = Field(default_factory=dict)
    channels: list[Channel] = Field(default_factory=list)

    @model_validator(mode="after")
    def _declared_once(self) -> Self:
        _refuse_twins([group.key for group in self.groups], "the group")
        _refuse_twins([place for group in self.groups for place in group.places()], "the group")
        interfaces = [f"{name} of {host}" for host, names in self.uplinks.items() for name in names]
        for channel in self.channels:
            interfaces += [f"{name} of {channel.host}" for name in (channel.name, *channel.members)]
        _refuse_twins(interfaces, "the interface")
        return self


def _refuse_twins(names: list[str], what: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise ValueError(f"{what} {name} is declared {count} times")
