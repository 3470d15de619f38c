"""The management information of a simulated device: what Vigie's template and the official Cisco one read.

Standard library alone: the devices' agents load it. Numbers of the objects are those of the MIBs named beside them.
"""

from collections.abc import Iterator
from typing import NamedTuple

from lab.snmp.causes import Causes
from lab.snmp.devices import DEVICES, GROUPS, VRRP, Device, attached, has_link, interfaces, role, root_address

Oid = tuple[int, ...]
_UP, _DOWN = 1, 2
_FORWARDING, _BROKEN, _DISABLED = 5, 6, 1
_ETHERNET, _AGGREGATE = 6, 161
_DAY = 86400.0


class Value(NamedTuple):
    """An object's value, with its type as snmpd's pass_persist names it."""

    type: str
    text: str


def _integer(value: int) -> Value:
    return Value("integer", str(value))


def _gauge(value: int) -> Value:
    return Value("gauge", str(value))


def _octets(hexadecimal: str) -> Value:
    return Value("octet", " ".join(hexadecimal[i : i + 2] for i in range(0, len(hexadecimal), 2)))


def oid(text: str) -> Oid:
    """The numbers of an object."""
    return tuple(int(part) for part in text.strip(".").split("."))


def objects(name: str, causes: Causes, now: float) -> dict[Oid, Value]:
    """Everything that a device's agent knows.

    Args:
        name: of the device.
        causes: what is wrong.
        now: epoch seconds.
    """
    # It has run for a day to a month, however often its agent is started again.
    device, age = DEVICES[name], _DAY + now % (30 * _DAY)
    found: dict[Oid, Value] = {}
    for part in (_system(device, age), _health(), _interfaces(device, causes, age), _gateways(device, causes, now)):
        found |= {oid(text): value for text, value in part}
    if device.bridge:
        found |= {oid(text): value for text, value in _bridge(device, causes, now)}
        found |= {oid(text): value for text, value in _channels(device, causes)}
    return found


def _system(device: Device, age: float) -> Iterator[tuple[str, Value]]:
    """SNMPv2-MIB, and the chassis in ENTITY-MIB."""
    ticks = Value("timeticks", str(int(age * 100)))
    yield (
        "1.3.6.1.2.1.1.1.0",
        Value("string", f"Cisco IOS Software (simulated {device.model}), Version 15.2(4)M, RELEASE SOFTWARE (lab)"),
    )
    yield "1.3.6.1.2.1.1.2.0", Value("objectid", f".{device.oid}")
    yield "1.3.6.1.2.1.1.3.0", ticks
    yield "1.3.6.1.2.1.1.4.0", Value("string", "")
    yield "1.3.6.1.2.1.1.5.0", Value("string", device.name)
    yield "1.3.6.1.2.1.1.6.0", Value("string", "Lab")
    yield "1.3.6.1.2.1.25.1.1.0", ticks
    yield "1.3.6.1.2.1.47.1.1.1.1.5.1", _integer(3)
    yield "1.3.6.1.2.1.47.1.1.1.1.7.1", Value("string", "1")
    yield "1.3.6.1.2.1.47.1.1.1.1.11.1", Value("string", f"LAB{device.name.upper()}")
    yield "1.3.6.1.2.1.47.1.1.1.1.13.1", Value("string", device.model)


def _health() -> Iterator[tuple[str, Value]]:
    """CISCO-PROCESS-MIB, CISCO-MEMORY-POOL-MIB and CISCO-ENVMON-MIB: one of each, all well."""
    yield "1.3.6.1.4.1.9.9.109.1.1.1.1.5.1", _gauge(4)
    yield "1.3.6.1.4.1.9.9.109.1.1.1.1.8.1", _gauge(5)
    yield "1.3.6.1.4.1.9.9.48.1.1.1.2.1", Value("string", "Processor")
    yield "1.3.6.1.4.1.9.9.48.1.1.1.5.1", _gauge(60_000_000)
    yield "1.3.6.1.4.1.9.9.48.1.1.1.6.1", _gauge(180_000_000)
    yield "1.3.6.1.4.1.9.9.13.1.3.1.2.1", Value("string", "Intake")
    yield "1.3.6.1.4.1.9.9.13.1.3.1.3.1", _gauge(27)
    yield "1.3.6.1.4.1.9.9.13.1.3.1.6.1", _integer(1)
    yield "1.3.6.1.4.1.9.9.13.1.4.1.2.1", Value("string", "Fan 1")
    yield "1.3.6.1.4.1.9.9.13.1.4.1.3.1", _integer(1)
    yield "1.3.6.1.4.1.9.9.13.1.5.1.2.1", Value("string", "Power supply 1")
    yield "1.3.6.1.4.1.9.9.13.1.5.1.3.1", _integer(1)


def _interfaces(device: Device, causes: Causes, age: float) -> Iterator[tuple[str, Value]]:
    """IF-MIB, and the duplex of EtherLike-MIB."""
    for index, name in interfaces(device, causes).items():
        is_channel = any(channel.interface == index for channel in device.channels)
        status = _UP if has_link(device, index, causes) else _DOWN
        octets = Value("counter64", str(int(age * 1000)))
        yield f"1.3.6.1.2.1.2.2.1.1.{index}", _integer(index)
        yield f"1.3.6.1.2.1.2.2.1.2.{index}", Value("string", _long_name(name))
        yield f"1.3.6.1.2.1.2.2.1.3.{index}", _integer(_AGGREGATE if is_channel else _ETHERNET)
        yield f"1.3.6.1.2.1.2.2.1.7.{index}", _integer(_UP)
        yield f"1.3.6.1.2.1.2.2.1.8.{index}", _integer(status)
        for column in (13, 14, 19, 20):  # packets discarded and in error
            yield f"1.3.6.1.2.1.2.2.1.{column}.{index}", Value("counter", "0")
        yield f"1.3.6.1.2.1.10.7.2.1.19.{index}", _integer(3)
        yield f"1.3.6.1.2.1.31.1.1.1.1.{index}", Value("string", name)
        yield f"1.3.6.1.2.1.31.1.1.1.6.{index}", octets
        yield f"1.3.6.1.2.1.31.1.1.1.10.{index}", octets
        yield f"1.3.6.1.2.1.31.1.1.1.15.{index}", _gauge(1000)
        yield f"1.3.6.1.2.1.31.1.1.1.18.{index}", Value("string", "")


def _long_name(name: str) -> str:
    return name.replace("Gi", "GigabitEthernet").replace("Po", "Port-channel")


def _gateways(device: Device, causes: Causes, now: float) -> Iterator[tuple[str, Value]]:
    """CISCO-HSRP-MIB and VRRP-MIB: the state in each group of this router."""
    for group in GROUPS:
        if device.name not in group.routers:
            continue
        state = role(group, device.name, causes, now)
        index = f"{group.interface}.{group.number}"
        if group.protocol == "hsrp":
            yield "1.3.6.1.4.1.9.9.106.1.1.1.0", _gauge(5)
            yield f"1.3.6.1.4.1.9.9.106.1.2.1.1.15.{index}", _integer(state)
        else:
            yield "1.3.6.1.2.1.68.1.1.0", _integer(2)
            yield f"1.3.6.1.2.1.68.1.3.1.3.{index}", _integer(VRRP[state])


def _bridge(device: Device, causes: Causes, now: float) -> Iterator[tuple[str, Value]]:
    """BRIDGE-MIB."""
    root, ports = root_address(device.name, causes), device.ports or {}
    broken = causes.broken.get(device.name, [])
    yield "1.3.6.1.2.1.17.1.1.0", _octets(device.bridge)
    yield "1.3.6.1.2.1.17.1.2.0", _integer(len(ports))
    yield "1.3.6.1.2.1.17.2.3.0", Value("timeticks", "360000" if not causes.changing_since else "100")
    yield "1.3.6.1.2.1.17.2.4.0", Value("counter", str(causes.times_changed(now)))
    yield "1.3.6.1.2.1.17.2.5.0", _octets(f"8001{root}")
    yield "1.3.6.1.2.1.17.2.7.0", _integer(0 if root == device.bridge else max(ports))
    for port, interface in ports.items():
        state = _FORWARDING if has_link(device, interface, causes) else _DISABLED
        yield f"1.3.6.1.2.1.17.1.4.1.2.{port}", _integer(interface)
        yield f"1.3.6.1.2.1.17.2.15.1.3.{port}", _integer(_BROKEN if port in broken else state)


def _channels(device: Device, causes: Causes) -> Iterator[tuple[str, Value]]:
    """IEEE8023-LAG-MIB and CISCO-PAGP-MIB: the channel that each member takes part in; which ports are in none."""
    members = {member for channel in device.channels for member in channel.members}
    for port in device.interfaces.keys() - members - {channel.interface for channel in device.channels}:
        yield f"1.3.6.1.4.1.9.9.98.1.1.1.1.1.{port}", _integer(1)
    for channel in device.channels:
        if channel.protocol == "lacp":
            yield f"1.2.840.10006.300.43.1.1.1.1.2.{channel.interface}", _octets(device.bridge)
        for member in channel.members:
            is_in = attached(device, member, causes)
            if channel.protocol == "lacp":
                yield f"1.2.840.10006.300.43.1.2.1.1.13.{member}", _integer(channel.interface if is_in else 0)
            else:
                yield f"1.3.6.1.4.1.9.9.98.1.1.1.1.8.{member}", _integer(channel.interface if is_in else member)
