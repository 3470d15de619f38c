"""The devices of the lab's network, and how each behaves: two 2901 routers and two 2960 switches.

Standard library alone: the devices' agents load it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from lab.snmp.causes import Causes

# Seconds after which a router takes its neighbour for dead: HSRP's usual hold time.
HOLD = 10.0


class Hsrp(IntEnum):
    """States of a router in a group, as CISCO-HSRP-MIB numbers them."""

    INITIAL = 1
    LISTEN = 3
    STANDBY = 5
    ACTIVE = 6


# The same, as VRRP-MIB numbers them.
VRRP = {Hsrp.INITIAL: 1, Hsrp.LISTEN: 1, Hsrp.STANDBY: 2, Hsrp.ACTIVE: 3}


@dataclass(frozen=True, slots=True)
class Group:
    """A gateway of two routers: the number of the group, its interface, and its routers, the preferred one first."""

    protocol: str
    number: int
    interface: int
    routers: tuple[str, str]

    @property
    def key(self) -> str:
        """The name that Vigie gives to it."""
        return f"{self.protocol}-{self.number}-{self.interface}:{'+'.join(sorted(self.routers))}"


@dataclass(frozen=True, slots=True)
class Channel:
    """A port-channel: its ifIndex and those of its members."""

    interface: int
    protocol: str
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """A router or a switch; `ports` gives the interface of each bridge port; `bridge` its address when it is a bridge.

    Interfaces are names by ifIndex.
    """

    name: str
    model: str
    oid: str
    interfaces: Mapping[int, str]
    bridge: str = ""
    ports: Mapping[int, int] | None = None
    channels: tuple[Channel, ...] = ()


_ROUTER = {1: "Gi0/0", 2: "Gi0/1", 3: "Gi0/2"}
_SWITCH = {10101: "Gi0/1", 10121: "Gi0/21", 10122: "Gi0/22", 10123: "Gi0/23", 10124: "Gi0/24", 5001: "Po1", 5002: "Po2"}
_PORTS = {1: 10101, 56: 5001, 57: 5002}
_CHANNELS = (Channel(5001, "lacp", (10123, 10124)), Channel(5002, "pagp", (10121, 10122)))
_2901, _2960 = "1.3.6.1.4.1.9.1.1045", "1.3.6.1.4.1.9.1.1208"
DEVICES = {
    device.name: device
    for device in (
        Device("rtr-1", "CISCO2901/K9", _2901, _ROUTER),
        Device("rtr-2", "CISCO2901/K9", _2901, _ROUTER),
        Device("sw-1", "WS-C2960X-24TS-L", _2960, _SWITCH, "001a2b3c4d01", _PORTS, _CHANNELS),
        Device("sw-2", "WS-C2960X-24TS-L", _2960, _SWITCH, "001a2b3c4d02", _PORTS, _CHANNELS),
    )
}
GROUPS = (Group("hsrp", 10, 2, ("rtr-1", "rtr-2")), Group("vrrp", 20, 3, ("rtr-2", "rtr-1")))
SWITCHES = ("sw-1", "sw-2")
STRANGER = "00deadbeef00"


def role(group: Group, device: str, causes: Causes, now: float) -> Hsrp:
    """What a router is in a group."""
    if device in causes.shut.get(group.key, []):
        return Hsrp.INITIAL
    if device in causes.standing_still.get(group.key, []):
        return Hsrp.LISTEN
    if group.key in causes.deaf:
        return Hsrp.ACTIVE
    heard = [name for name in group.routers if not _is_gone(group, name, causes, now)]
    preferred = causes.preferred.get(group.key, group.routers[0])
    return Hsrp.ACTIVE if device == (preferred if preferred in heard else heard[0]) else Hsrp.STANDBY


def _is_gone(group: Group, router: str, causes: Causes, now: float) -> bool:
    """Whether the other router has noticed that this one takes no part."""
    dead = router in causes.off and now - causes.off[router] > HOLD
    return dead or router in causes.shut.get(group.key, []) or router in causes.standing_still.get(group.key, [])


def root_address(device: str, causes: Causes) -> str:
    """The bridge that a switch takes for the root."""
    if causes.apart:
        return DEVICES[device].bridge
    alive = [name for name in SWITCHES if name not in causes.off]
    root = causes.root or alive[0]
    return DEVICES[root].bridge if root in DEVICES else STRANGER


def interfaces(device: Device, causes: Causes) -> dict[int, str]:
    """The interfaces that a device has now, by their index."""
    gone = causes.gone.get(device.name, [])
    return {index: f"{name}/renamed" if name in gone else name for index, name in device.interfaces.items()}


def has_link(device: Device, interface: int, causes: Causes) -> bool:
    """Whether an interface is up; a channel is when one of its members is in it."""
    for channel in device.channels:
        if channel.interface == interface:
            return any(attached(device, member, causes) for member in channel.members)
    return device.interfaces[interface] not in causes.down.get(device.name, [])


def attached(device: Device, member: int, causes: Causes) -> bool:
    """Whether an interface takes part in its channel."""
    alone = device.interfaces[member] in causes.alone.get(device.name, [])
    return has_link(device, member, causes) and not alone
