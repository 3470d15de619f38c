"""DRBD 9, from `drbdsetup status --json`: a list of resources, each with its devices and its connections.

Sizes are in KiB there. Fields that a release does not have take the value that means nothing is wrong, except those
that say whether anything is right: without a connection's state, a disk's state or a role, nothing can be said.
"""

import json

from vigie.hints import Any
from vigie.observe.drbd.model import Link, Resource

_KIB = 1024


class FormatError(Exception):
    """What was read is not what DRBD prints; one sentence."""


def resources(text: str) -> list[Resource]:
    """The resources in the output of `drbdsetup status --json`.

    Raises:
        FormatError: when it is something else.
    """
    try:
        return [_resource(row) for row in json.loads(text)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError(f"drbdsetup answered with something else than its status: {type(error).__name__}") from error


def _resource(row: dict[str, Any]) -> Resource:
    devices = row["devices"]
    return Resource(
        name=str(row["name"]),
        role=str(row["role"]),
        disks=tuple(str(device["disk-state"]) for device in devices if not device.get("client")),
        quorum=all(device.get("quorum", True) for device in devices),
        suspended=_suspended(row),
        links=tuple(link for connection in row["connections"] for link in _links(connection)),
    )


def _suspended(row: dict[str, Any]) -> bool:
    """`suspended` alone, or by reason (`suspended-no-data`, `suspended-fencing`, `suspended-quorum`)."""
    return any(value is True for name, value in row.items() if name.startswith("suspended"))


def _links(connection: dict[str, Any]) -> list[Link]:
    state, role = str(connection["connection-state"]), str(connection.get("peer-role", "Unknown"))
    volumes = connection.get("peer_devices", [])
    if not volumes:
        return [Link(state, role, "Off", "DUnknown", 0, 100.0)]
    return [
        Link(
            connection=state,
            peer_role=role,
            replication=str(volume.get("replication-state", "Off")),
            # A peer that has no disk by intention is a client, not a failure.
            peer_disk="UpToDate" if volume.get("peer-client") else str(volume.get("peer-disk-state", "DUnknown")),
            out_of_sync=int(volume.get("out-of-sync", 0)) * _KIB,
            in_sync=float(volume.get("percent-in-sync", 100.0)),
        )
        for volume in volumes
    ]
