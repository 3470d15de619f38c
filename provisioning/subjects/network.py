"""The interconnection: gateways, spanning tree, channels and uplinks of the routers and switches, as declared."""

import json
from collections.abc import Sequence

from provisioning.subjects.subject import Method, Promises, Subject
from vigie.errors import VigieError
from vigie.site import Host, Network, RedundantGroup, Role, School

INTERCONNECTION = "Interconnection redundancy by SNMP"
# By the plain community a Cisco switch shows the tree of VLAN 1, and other switches the only one they have.
_TREE = "vlan1"
_LONGEST = 2048


def _bears(school: School, host: Host) -> bool:
    """A device bears the template when something is declared of it, and it can be asked."""
    return host.is_network and any(json.loads(value) for value, _ in declared(school, host).values())


def _macros(school: School, host: Host) -> Promises:
    # What Vigie watches by its ifName is left out of the official template's "Link down": one cause, one problem.
    names = _watched_interfaces(_network_of(school), host.name)
    left_out = {
        f'{{$IFCONTROL:"{name}"}}': ("0", "its state is watched by Vigie: the official template keeps quiet of it")
        for name in names
    }
    return declared(school, host) | left_out


def declared(school: School, host: Host) -> dict[str, tuple[str, str]]:
    """What the site file declares of a device: JSON lists that the template's discovery rules read.

    Raises:
        VigieError: when a list is longer than a macro of Zabbix may be.
    """
    network, name = _network_of(school), host.name
    gateways = [_gateway(group, name) for group in network.groups if name in (group.active, group.standby)]
    channels = [channel for channel in network.channels if channel.host == name]
    members = [
        {"key": member, "channel": channel.name, "protocol": channel.protocol}
        for channel in channels
        for member in channel.members
    ]
    return {
        "{$VIGIE.NET.GATEWAYS}": _listed(gateways, "the gateways that it holds with another router", host),
        "{$VIGIE.NET.TREES}": _listed(_trees(network, host), "its spanning tree, and its part in it", host),
        "{$VIGIE.NET.CHANNELS}": _listed([channel.name for channel in channels], "its port-channels", host),
        "{$VIGIE.NET.MEMBERS}": _listed(members, "the interfaces of its port-channels", host),
        "{$VIGIE.NET.UPLINKS}": _listed(network.uplinks.get(name, []), "its uplinks", host),
    }


def _gateway(group: RedundantGroup, host: str) -> dict[str, str]:
    role = "active" if host == group.active else "standby"
    if group.instance is not None:
        return {"key": group.key, "index": group.instance, "role": role}
    return {"key": group.key, "index": f"{group.interface_of(host)}.{group.group}", "role": role}


def _trees(network: Network, host: Host) -> list[dict[str, str]]:
    if network.spanning_tree_root is None:
        return []
    if host.name == network.spanning_tree_root:
        return [{"key": _TREE, "role": "root"}]
    return [{"key": _TREE, "role": "other"}] if Role.SWITCH in host.roles else []


def _watched_interfaces(network: Network, host: str) -> list[str]:
    names = list(network.uplinks.get(host, []))
    for channel in network.channels:
        if channel.host == host:
            names += [channel.name, *channel.members]
    return names


def _listed(values: Sequence[object], meaning: str, host: Host) -> tuple[str, str]:
    text = json.dumps(values, separators=(",", ":"))
    if len(text) > _LONGEST:
        raise VigieError(
            f"host {host.name}: {meaning} make {len(text)} characters, and a macro of Zabbix holds {_LONGEST}: "
            "declare fewer of them"
        )
    return text, meaning


def _network_of(school: School) -> Network:
    return school.network or Network()


SUBJECTS = (
    Subject(
        template=INTERCONNECTION,
        method=Method.SNMP,
        bears=_bears,
        macros=_macros,
        silent=("Interconnection: Device tells nothing",),
        service="Réseau",
        target="network",
    ),
)
