"""What provisioning writes to routers and switches of what the site file declares of them."""

import json

import pytest
from pydantic import ValidationError

from provisioning.roles import CISCO, templates_for
from provisioning.subjects.network import INTERCONNECTION, SUBJECTS, declared
from vigie.errors import VigieError
from vigie.site import Channel, Host, Network, RedundantGroup, Role, School

(SUBJECT,) = SUBJECTS
HOSTS = [
    Host(name=name, address=f"10.0.0.{number}", roles=[role])
    for number, (name, role) in enumerate(
        [("rt-1", Role.ROUTER), ("rt-2", Role.ROUTER), ("sw-1", Role.SWITCH), ("sw-2", Role.SWITCH)], start=1
    )
]
KEY = "hsrp-10-2:rt-1+rt-2"


def school(network: Network | None) -> School:
    return School(uai="0750001A", name="Lycée", hosts=HOSTS, network=network)


def told(network: Network, host: str, macro: str) -> object:
    here = school(network)
    return json.loads(declared(here, here.host(host))[macro][0])


def test_each_router_is_told_its_own_role_and_its_own_index() -> None:
    group = RedundantGroup(protocol="hsrp", group=10, interface=2, standby_interface=7, active="rt-1", standby="rt-2")
    network = Network(groups=[group])
    assert told(network, "rt-1", "{$VIGIE.NET.GATEWAYS}") == [{"key": KEY, "index": "2.10", "role": "active"}]
    assert told(network, "rt-2", "{$VIGIE.NET.GATEWAYS}") == [{"key": KEY, "index": "7.10", "role": "standby"}]
    assert told(network, "sw-1", "{$VIGIE.NET.GATEWAYS}") == []


def test_an_instance_of_keepalived_is_known_by_its_name() -> None:
    group = RedundantGroup(protocol="vrrp", group=51, instance="VI_1", active="rt-1", standby="rt-2")
    (gateway,) = json.loads(declared(school(Network(groups=[group])), HOSTS[0])["{$VIGIE.NET.GATEWAYS}"][0])
    assert gateway == {"key": "keepalived-51-VI_1:rt-1+rt-2", "index": "VI_1", "role": "active"}


def pair(active: str, standby: str, interface: int = 1) -> RedundantGroup:
    return RedundantGroup(protocol="hsrp", group=1, interface=interface, active=active, standby=standby)


def test_two_pairs_of_routers_may_use_the_same_group_number() -> None:
    network = Network(groups=[pair("rt-1", "rt-2"), pair("rt-4", "rt-3")])
    assert [group.key for group in network.groups] == ["hsrp-1-1:rt-1+rt-2", "hsrp-1-1:rt-3+rt-4"]


@pytest.mark.parametrize("twin", [pair("rt-1", "rt-2"), pair("rt-2", "rt-1"), pair("rt-1", "rt-3")])
def test_a_router_takes_part_in_a_group_once(twin: RedundantGroup) -> None:
    with pytest.raises(ValidationError, match=r"the group hsrp.+ is declared 2 times"):
        Network(groups=[pair("rt-1", "rt-2"), twin])


def test_every_switch_watches_the_tree_and_one_must_be_its_root() -> None:
    network = Network(spanning_tree_root="sw-1")
    assert told(network, "sw-1", "{$VIGIE.NET.TREES}") == [{"key": "vlan1", "role": "root"}]
    assert told(network, "sw-2", "{$VIGIE.NET.TREES}") == [{"key": "vlan1", "role": "other"}]
    assert told(network, "rt-1", "{$VIGIE.NET.TREES}") == []


def test_what_is_watched_here_is_left_out_of_the_official_link_down() -> None:
    channel = Channel(host="sw-1", name="Po1", protocol="lacp", members=["Gi0/23", "Gi0/24"])
    here = school(Network(channels=[channel], uplinks={"sw-1": ["Gi0/1"]}))
    macros = SUBJECT.macros(here, here.host("sw-1"))
    left_out = {name for name, (value, _) in macros.items() if name.startswith("{$IFCONTROL:") and value == "0"}
    assert left_out == {f'{{$IFCONTROL:"{name}"}}' for name in ("Gi0/1", "Po1", "Gi0/23", "Gi0/24")}
    assert json.loads(macros["{$VIGIE.NET.MEMBERS}"][0])[0] == {"key": "Gi0/23", "channel": "Po1", "protocol": "lacp"}


def test_a_device_of_which_nothing_is_declared_bears_the_official_template_alone() -> None:
    here = school(Network(uplinks={"sw-1": ["Gi0/1"]}))
    assert templates_for(here, here.host("sw-1")) == {CISCO, INTERCONNECTION}
    assert templates_for(here, here.host("sw-2")) == {CISCO}
    assert templates_for(school(None), HOSTS[0]) == {CISCO}


def test_a_list_that_no_macro_can_hold_is_refused_with_its_length() -> None:
    here = school(Network(uplinks={"sw-1": [f"TenGigabitEthernet1/0/{number}" for number in range(100)]}))
    with pytest.raises(VigieError, match=r"host sw-1: its uplinks make 2[0-9]{3} characters"):
        declared(here, here.host("sw-1"))
