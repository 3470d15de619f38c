"""Faults of the network. Its devices are simulated, so a fault is a cause that they read; their agents are real."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from lab.faults.base import Fault, Problem, Severity
from lab.school.machines import Machines
from lab.school.network import EVERYTHING, HSRP, INTERFACES, agent_name, causes_file, start_agent
from lab.snmp import causes
from lab.snmp.causes import Causes
from lab.snmp.devices import GROUPS

_HSRP, _VRRP = (group.key for group in GROUPS)
_TREE = "vlan1"
_SILENT = "No SNMP data collection"
_PART_HIDDEN = "Interconnection: Device hides a part of what is watched"


class NetworkFault(Fault):
    """A fault that is a change of what the devices read."""

    subject = "network"
    observed_by = "vigie.net.seen"
    broken: ClassVar[Mapping[str, Any]]

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        _change(machines, **self.broken)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        sound = Causes()
        _change(machines, **{name: getattr(sound, name) for name in self.broken})


def _change(machines: Machines, **changes: Any) -> None:
    file = causes_file(machines)
    causes.write(file, causes.read(file).but(**changes))


def _show(machines: Machines, name: str, hidden: Sequence[str]) -> None:
    host = machines.school.host(name)
    machines.supervisor.stop(agent_name(host))
    start_agent(machines, host, hiding=hidden)


class GatewayMoved(NetworkFault):
    """Somebody gave the other router the higher priority."""

    name = "gateway-moved"
    slow = 60
    sentence = "somebody raised the priority of rtr-2: it took the gateway of group 10 from rtr-1"
    expected = (Problem(f"Gateway [{_HSRP}]: Declared active router is not active", Severity.AVERAGE, "rtr-1"),)
    broken: ClassVar[Mapping[str, Any]] = {"preferred": {_HSRP: "rtr-2"}}


class BothActive(NetworkFault):
    """The routers do not hear each other."""

    name = "gateway-both-active"
    slow = 29
    sentence = "the VLAN of group 10 is cut between the routers: both are active"
    expected = (Problem(f"Gateway [{_HSRP}]: Two routers are active", Severity.HIGH, "rtr-1"),)
    broken: ClassVar[Mapping[str, Any]] = {"deaf": [_HSRP]}


class NobodyActive(NetworkFault):
    """Both routers' interface is shut."""

    name = "gateway-nobody-active"
    slow = 34
    sentence = "the interface of group 20 is shut on both routers: nobody holds the gateway"
    expected = (Problem(f"Gateway [{_VRRP}]: Nobody is active", Severity.HIGH, "rtr-2"),)
    broken: ClassVar[Mapping[str, Any]] = {"shut": {_VRRP: ["rtr-1", "rtr-2"]}}


class StandbyNotReady(NetworkFault):
    """The standby router never gets ready."""

    name = "gateway-no-standby"
    slow = 56
    sentence = "rtr-2 hears rtr-1 in group 10, and does not get ready to take over"
    expected = (Problem(f"Gateway [{_HSRP}]: Declared standby router is not ready", Severity.WARNING, "rtr-2"),)
    broken: ClassVar[Mapping[str, Any]] = {"standing_still": {_HSRP: ["rtr-2"]}}


class RootMoved(NetworkFault):
    """A bridge that nobody knows became the root."""

    name = "root-moved"
    sentence = "a small switch that somebody brought became the root of the spanning tree"
    expected = (Problem(f"Spanning tree [{_TREE}]: Declared root is not the root", Severity.AVERAGE, "sw-1"),)
    broken: ClassVar[Mapping[str, Any]] = {"root": "a switch that somebody brought"}


class SwitchesApart(NetworkFault):
    """The switches do not hear each other's bridge messages."""

    name = "several-roots"
    slow = 28
    sentence = "the switches do not hear each other any more: each takes itself for the root"
    expected = (Problem(f"Spanning tree [{_TREE}]: Several roots", Severity.HIGH, "sw-1"),)
    broken: ClassVar[Mapping[str, Any]] = {"apart": True}


class TopologyFlapping(NetworkFault):
    """A link comes and goes."""

    name = "topology-flapping"
    sentence = "a link comes and goes: the spanning tree changes each second"
    expected = (Problem(f"Spanning tree [{_TREE}]: Topology changes too often", Severity.WARNING, "sw-1"),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        _change(machines, changing_since=time.time())
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        counted = causes.read(causes_file(machines)).times_changed(time.time())
        _change(machines, changing_since=0.0, changes=counted)


class PortBroken(NetworkFault):
    """The bridge holds a port out of use."""

    name = "port-broken"
    sentence = "root guard holds a port of sw-2 out of use"
    expected = (Problem("Spanning tree: Port [56] is broken", Severity.WARNING, "sw-2"),)
    broken: ClassVar[Mapping[str, Any]] = {"broken": {"sw-2": [56]}}


class MemberDown(NetworkFault):
    """A cable of a channel is out."""

    name = "member-down"
    slow = 37
    sentence = "one of the two cables of the channel Po1 of sw-1 is out"
    expected = (Problem("Member [Gi0/23]: Is out of its channel", Severity.AVERAGE, "sw-1"),)
    broken: ClassVar[Mapping[str, Any]] = {"down": {"sw-1": ["Gi0/23"]}}


class MemberAlone(NetworkFault):
    """A member has its link, and another channel's settings."""

    name = "member-alone"
    sentence = "the port Gi0/21 of sw-2 was configured anew: it has a link, and is in no channel"
    expected = (Problem("Member [Gi0/21]: Is out of its channel", Severity.AVERAGE, "sw-2"),)
    broken: ClassVar[Mapping[str, Any]] = {"alone": {"sw-2": ["Gi0/21"]}}


class ChannelDown(NetworkFault):
    """All cables of a channel are out: one problem, not one for each of them."""

    name = "channel-down"
    sentence = "both cables of the channel Po1 of sw-1 are out"
    expected = (Problem("Channel [Po1]: Is down", Severity.HIGH, "sw-1"),)
    broken: ClassVar[Mapping[str, Any]] = {"down": {"sw-1": ["Gi0/23", "Gi0/24"]}}


class UplinkDown(NetworkFault):
    """The cable of an uplink is out."""

    name = "uplink-down"
    sentence = "the cable of the uplink Gi0/1 of sw-2 is out"
    expected = (Problem("Uplink [Gi0/1]: Is down", Severity.HIGH, "sw-2"),)
    broken: ClassVar[Mapping[str, Any]] = {"down": {"sw-2": ["Gi0/1"]}}


class UplinkUnknown(NetworkFault):
    """A declared interface is no longer there: silence is no good sign."""

    name = "uplink-unknown"
    sentence = "rtr-1 names its interfaces otherwise since its last update: it has no Gi0/0"
    expected = (Problem("Uplink [Gi0/0]: Is down", Severity.HIGH, "rtr-1"),)
    broken: ClassVar[Mapping[str, Any]] = {"gone": {"rtr-1": ["Gi0/0"]}}


class RouterDead(NetworkFault):
    """The active router loses its power, and the other one takes over as it should: one problem."""

    name = "router-dead"
    slow = 48
    sentence = "rtr-1 has no power: rtr-2 takes the gateway of group 10 over, as it should"
    expected = (Problem(_SILENT, Severity.WARNING, "rtr-1"),)
    alone = True  # until Zabbix knows, its pollers wait for this device's answers

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        _change(machines, off={"rtr-1": time.time()})
        machines.supervisor.stop(agent_name(machines.school.host("rtr-1")))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        _change(machines, off={})
        start_agent(machines, machines.school.host("rtr-1"))


class DeviceSilent(NetworkFault):
    """A switch does not answer: one problem, however much was watched on it."""

    name = "device-silent"
    slow = 67
    sentence = "sw-2 does not answer by SNMP any more"
    expected = (Problem(_SILENT, Severity.WARNING, "sw-2"),)
    alone = True  # until Zabbix knows, its pollers wait for this device's answers

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(agent_name(machines.school.host("sw-2")))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        start_agent(machines, machines.school.host("sw-2"))


class DeviceHides(NetworkFault):
    """A device answers, and shows nothing: neither well nor ill is known."""

    name = "device-hides"
    sentence = "the SNMP views of sw-1 were changed: it answers, and shows nothing of what is watched"
    expected: ClassVar[tuple[Problem, ...]] = (
        Problem("Interconnection: Device tells nothing", Severity.AVERAGE, "sw-1"),
    )

    hidden: ClassVar[Mapping[str, Sequence[str]]] = {"sw-1": EVERYTHING}

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        for name, branches in self.hidden.items():
            _show(machines, name, branches)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        for name in self.hidden:
            _show(machines, name, ())


class GatewaysHidden(DeviceHides):
    """Both routers hide HSRP: nobody knows whether one of them is active, and that is no outage."""

    name = "gateways-hidden"
    slow = 40
    sentence = "the SNMP views of both routers leave CISCO-HSRP-MIB out: the gateway works, and nothing is known of it"
    expected = tuple(Problem(_PART_HIDDEN, Severity.AVERAGE, router) for router in ("rtr-1", "rtr-2"))
    hidden: ClassVar[Mapping[str, Sequence[str]]] = {"rtr-1": HSRP, "rtr-2": HSRP}


class InterfacesHidden(DeviceHides):
    """A switch hides its interfaces: its uplinks and channels are not down because of it."""

    name = "interfaces-hidden"
    slow = 40
    sentence = "the SNMP views of sw-1 leave IF-MIB out: its links work, and nothing is known of them"
    expected = (Problem(_PART_HIDDEN, Severity.AVERAGE, "sw-1"),)
    hidden: ClassVar[Mapping[str, Sequence[str]]] = {"sw-1": INTERFACES}


FAULTS: tuple[Fault, ...] = (
    GatewayMoved(),
    BothActive(),
    NobodyActive(),
    StandbyNotReady(),
    RootMoved(),
    SwitchesApart(),
    TopologyFlapping(),
    PortBroken(),
    MemberDown(),
    MemberAlone(),
    ChannelDown(),
    UplinkDown(),
    UplinkUnknown(),
    RouterDead(),
    DeviceSilent(),
    DeviceHides(),
    GatewaysHidden(),
    InterfacesHidden(),
)
