"""DRBD 8.4, from /proc/drbd: one paragraph per device. Sizes are in KiB there, and devices have numbers for names.

Its one state `cs:` is both the connection and the replication of release 9: `SyncSource` implies that it is connected.
"""

import re
from collections.abc import Mapping

from vigie.observe.drbd.model import Link, Resource
from vigie.observe.drbd.nine import FormatError

_KIB = 1024
_DEVICE = re.compile(r"^\s*(\d+): cs:(\S+)(.*)$")
_STATES = re.compile(r" ro:(\w+)/(\w+) ds:(\w+)/(\w+)")
_OUT_OF_SYNC = re.compile(r"\boos:(\d+)")
_IN_SYNC = re.compile(r"sync'ed:\s*([0-9.]+)%")
# The I/O flags that follow the protocol: the first letter is `s` while I/O is suspended.
_FLAGS = re.compile(r" ([rs])[-a-z]{3,5}\s*$")
_NOT_CONNECTED = {
    "WFConnection": "Connecting",
    "StandAlone": "StandAlone",
}
_TROUBLE = frozenset(
    {"Disconnecting", "Unconnected", "Timeout", "BrokenPipe", "NetworkFailure", "ProtocolError", "TearDown"}
)


def release(text: str) -> str:
    """The release in the first line (`version: 8.4.11 (api:1/proto:86-101)`); empty when there is none."""
    found = re.match(r"version: (\S+)", text)
    return found[1] if found else ""


def resources(text: str, names: Mapping[int, str]) -> list[Resource]:
    """The devices in /proc/drbd, each as the resource that it is a volume of.

    Args:
        text: the file.
        names: the resource of each device's number; a number without one keeps its own: `drbd0`.

    Raises:
        FormatError: when a device's paragraph is not as 8.4 writes it.
    """
    paragraphs: list[list[str]] = []
    for line in text.splitlines():
        if _DEVICE.match(line):
            paragraphs.append([line])
        elif paragraphs:
            paragraphs[-1].append(line)
    found = [resource for lines in paragraphs if (resource := _device(lines, names)) is not None]
    return [_joined([each for each in found if each.name == name]) for name in dict.fromkeys(one.name for one in found)]


def _device(lines: list[str], names: Mapping[int, str]) -> Resource | None:
    head = _DEVICE.match(lines[0])
    assert head is not None
    number, state, rest = int(head[1]), head[2], head[3]
    if state == "Unconfigured":
        return None
    states = _STATES.search(rest)
    if states is None:
        raise FormatError(f"/proc/drbd is not as DRBD 8.4 writes it, at device {number}")
    body = "\n".join(lines)
    out_of_sync, in_sync, flags = _OUT_OF_SYNC.search(body), _IN_SYNC.search(body), _FLAGS.search(lines[0])
    connection = _NOT_CONNECTED.get(state, state if state in _TROUBLE else "Connected")
    link = Link(
        connection=connection,
        peer_role=states[2],
        replication="Established" if state == "Connected" else state if connection == "Connected" else "Off",
        peer_disk=states[4],
        out_of_sync=int(out_of_sync[1]) * _KIB if out_of_sync else 0,
        in_sync=float(in_sync[1]) if in_sync else 100.0,
    )
    return Resource(
        name=names.get(number, f"drbd{number}"),
        role=states[1],
        disks=(states[3],),
        quorum=True,  # 8.4 knows none
        suspended=bool(flags and flags[1] == "s"),
        links=(link,),
    )


def _joined(volumes: list[Resource]) -> Resource:
    """Several devices of one resource as one: they share their role and their connection."""
    return Resource(
        name=volumes[0].name,
        role=volumes[0].role,
        disks=tuple(disk for volume in volumes for disk in volume.disks),
        quorum=True,
        suspended=any(volume.suspended for volume in volumes),
        links=tuple(link for volume in volumes for link in volume.links),
    )
