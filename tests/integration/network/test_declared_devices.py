"""What a site file declares of routers and switches, what their views show of it, and what becomes a problem."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from devicesagainst import UAI, Devices

from lab.snmp.devices import GROUPS
from lab.waiting import wait_until
from lab.zabbix import Zabbix

NETWORK: dict[str, Any] = {
    "groups": [
        {"protocol": "hsrp", "group": 10, "interface": 2, "active": "rtr-1", "standby": "rtr-2"},
        {"protocol": "vrrp", "group": 20, "interface": 3, "active": "rtr-2", "standby": "rtr-1"},
    ],
    "spanning_tree_root": "sw-1",
    "uplinks": {"rtr-1": ["Gi0/0"], "sw-1": ["Gi0/1"], "sw-2": ["Gi0/1"]},
    "channels": [
        {"host": "sw-1", "name": "Po1", "protocol": "lacp", "members": ["Gi0/23", "Gi0/24"]},
        {"host": "sw-2", "name": "Po2", "protocol": "pagp", "members": ["Gi0/21", "Gi0/22"]},
    ],
}
HIDDEN = {
    "rtr-1": [".1.3.6.1.4.1.9.9.106"],
    "rtr-2": [".1.3.6.1.4.1.9.9.106", ".1.3.6.1.2.1.68"],
    "sw-1": [".1.2.840.10006", ".1.3.6.1.2.1.17"],
    "sw-2": [".1.3.6.1.4.1.9.9.98", ".1.3.6.1.2.1.31"],
}
HSRP, VRRP = GROUPS
PART = "Interconnection: Device hides a part of what is watched"


@pytest.fixture(scope="module")
def watched_devices(zabbix: Zabbix, scratch: Path, block: int) -> Iterator[Devices]:
    """The devices, declared as they are and watched."""
    folder = scratch / f"devices-{zabbix.release.name}"
    (folder / "opt").mkdir(parents=True)
    (folder / "opt/vigie").symlink_to(sys.prefix)
    api = zabbix.api()
    made = Devices(zabbix, api, folder, block)
    try:
        made.declare(**NETWORK)
        made.watched().wait_for_values(deadline=120, least=60)
        yield made
    finally:
        made.supervisor.stop_all()
        for thing, key, what in (
            ("host", "hostid", {"search": {"host": f"{UAI}-"}, "startSearch": True}),
            ("service", "serviceid", {}),
            ("hostgroup", "groupid", {"search": {"name": "Vigie/"}, "startSearch": True}),
        ):
            api.remove(thing, key, **what)
        api.close()


@pytest.fixture
def devices(watched_devices: Devices) -> Iterator[Devices]:
    """The same, all well before a test and mended after it."""
    assert watched_devices.problems() == set()
    yield watched_devices
    watched_devices.mend()
    watched_devices.declare(**NETWORK)
    become(watched_devices, set())


def become(devices: Devices, wanted: set[tuple[str, str]], deadline: float = 90) -> None:
    seen: set[tuple[str, str]] = set()

    def are() -> bool:
        seen.clear()
        seen.update(devices.problems())
        return seen == wanted

    try:
        wait_until(are, what="not the problems that were expected", deadline=deadline, every=1)
    finally:
        assert seen == wanted


def test_what_a_device_hides_is_not_known_and_no_outage(devices: Devices) -> None:
    watched, begun = devices.watched(), int(time.time())
    for name, branches in HIDDEN.items():
        devices.show(name, branches)
    become(devices, {(name, PART) for name in HIDDEN})
    hides = {
        (item.host.removeprefix(f"{UAI}-"), item.key.partition("[")[2].rstrip("]").replace('"', ""))
        for item in watched.items()
        if item.key.startswith("vigie.net.hides[") and item.value == "1"
    }
    assert hides == {
        ("rtr-1", f"gateway,{HSRP.key}"),
        ("rtr-2", f"gateway,{HSRP.key}"),
        ("rtr-2", f"gateway,{VRRP.key}"),
        ("sw-1", "tree,vlan1"),
        ("sw-1", "member,Gi0/23"),
        ("sw-1", "member,Gi0/24"),
        ("sw-2", "uplink,Gi0/1"),
        ("sw-2", "channel,Po2"),
        ("sw-2", "member,Gi0/21"),
        ("sw-2", "member,Gi0/22"),
    }
    devices.mend()
    become(devices, set())
    assert {one.name.partition(" (")[0] for one in watched.raised_since(begun)} == {PART}


def test_what_is_shown_is_told_as_ever(devices: Devices) -> None:
    """Outages beside what is hidden; and each thing that is gone while its branch is shown."""
    devices.show("sw-1", [".1.2.840.10006"])
    devices.change(
        standing_still={HSRP.key: ["rtr-2"]},
        shut={VRRP.key: ["rtr-1", "rtr-2"]},
        gone={"rtr-1": ["Gi0/0"]},
        down={"sw-1": ["Gi0/1"], "sw-2": ["Gi0/1"]},
        alone={"sw-2": ["Gi0/21"]},
        root="a switch that somebody brought",
    )
    become(
        devices,
        {
            ("rtr-2", f"Gateway [{HSRP.key}]: Declared standby router is not ready"),
            ("rtr-2", f"Gateway [{VRRP.key}]: Nobody is active"),
            ("rtr-1", "Uplink [Gi0/0]: Is down"),
            ("sw-1", "Uplink [Gi0/1]: Is down"),
            ("sw-1", "Spanning tree [vlan1]: Declared root is not the root"),
            ("sw-2", "Uplink [Gi0/1]: Is down"),
            ("sw-2", "Member [Gi0/21]: Is out of its channel"),
            ("sw-1", PART),
        },
        deadline=120,
    )


def test_what_is_declared_no_more_is_no_problem_any_more(devices: Devices) -> None:
    devices.change(root="sw-2", down={"sw-2": ["Gi0/1"]})
    root = ("sw-1", "Spanning tree [vlan1]: Declared root is not the root")
    become(devices, {root, ("sw-2", "Uplink [Gi0/1]: Is down")})
    assert devices.watched().services()["Réseau"] > 0

    uplinks = {name: names for name, names in NETWORK["uplinks"].items() if name != "sw-2"}
    devices.declare(**NETWORK | {"spanning_tree_root": "sw-2", "uplinks": uplinks})
    become(devices, set(), deadline=30)
    # Zabbix closes no problem of a trigger that is gone: its services look once a minute whether theirs still exist.
    wait_until(lambda: devices.watched().services()["Réseau"] < 0, what="the service is well again", deadline=120)
