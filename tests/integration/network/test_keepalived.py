"""A gateway held by two real keepalived, watched by Zabbix: the same items as for Cisco's routers."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from keepalivedpair import GROUP, INSTANCE, ROUTERS, Pair, may_make_namespaces

from lab.processes import Supervisor
from lab.waiting import wait_until
from lab.zabbix import Zabbix
from lab.zabbix.api import Api
from provisioning.application import apply
from provisioning.shipped import shipped_templates
from provisioning.subjects.network import INTERCONNECTION
from vigie.site import Site
from vigie.zabbix.access import connect

UAI = "9990051X"
KEY = f"keepalived-{GROUP}-{INSTANCE}:{'+'.join(ROUTERS)}"
STANDBY, ACTIVE, ABSENT = "5", "6", "0"
ONE, NOBODY, TWO = "0", "1", "2"
AS_DECLARED, NOT_AS_DECLARED = "0", "1"
FAST = {
    "{$VIGIE.NET.INTERVAL}": "2s",
    "{$VIGIE.NET.DISCOVERY}": "10s",
    "{$VIGIE.NET.FRESH}": "6s",
    "{$VIGIE.NET.PERIOD}": "10s",
    "{$VIGIE.NET.ROLE.PERIOD}": "20s",
}
Ask = Callable[[str, str], str]

pytestmark = pytest.mark.skipif(
    not may_make_namespaces(), reason="network namespaces are root's to make: run this test as root"
)


class Watcher:
    """Nobody watches this application."""

    def starts(self, plan: object) -> None: ...

    def done(self, title: str, count: int) -> None: ...


@pytest.fixture(scope="module")
def addresses(block: int) -> dict[str, str]:
    return {router: f"127.0.{block}.{number}" for number, router in enumerate(ROUTERS, start=21)}


@pytest.fixture(scope="module")
def community() -> str:
    return secrets.token_urlsafe(16)


@pytest.fixture(scope="module")
def pair(scratch: Path, block: int, addresses: dict[str, str], community: str) -> Iterator[Pair]:
    """The two routers, on their wire."""
    folder = scratch / "keepalived"
    folder.mkdir(exist_ok=True)
    supervisor = Supervisor(folder / "run", folder / "log")
    made = Pair(folder, str(block), supervisor, community)
    try:
        made.lay()
        for router in ROUTERS:
            made.start(router, addresses[router], 1161)
        yield made
    finally:
        supervisor.stop_all()
        made.remove()


@pytest.fixture
def ask(
    zabbix: Zabbix, api: Api, pair: Pair, addresses: dict[str, str], community: str, tmp_path: Path
) -> Iterator[Ask]:
    """Ask Zabbix for the last value of an item of a router, once it watches the pair."""
    file = tmp_path / "community"
    file.write_text(community)
    file.chmod(0o600)
    hosts = [
        {
            "name": router,
            "address": addresses[router],
            "port": 1161,
            "roles": ["router"],
            "macros": FAST,
            "secret_macros": {"{$SNMP_COMMUNITY}": str(file)},
        }
        for router in ROUTERS
    ]
    group = {"protocol": "vrrp", "group": GROUP, "instance": INSTANCE, "active": "rt-1", "standby": "rt-2"}
    site = Site.model_validate(
        {
            "version": 1,
            "zabbix": {"url": zabbix.url, "token_file": str(zabbix.token_file)},
            "academy": {"name": "Académie du fil"},
            "schools": [{"uai": UAI, "name": "Lycée du fil", "hosts": hosts, "network": {"groups": [group]}}],
        }
    )
    templates = tuple(template for template in shipped_templates() if template.name == INTERCONNECTION)
    apply(connect(site.zabbix), site, templates, Watcher())
    zabbix.reload()

    def last(router: str, item: str) -> str:
        found = api.call(
            "item.get",
            filter={"host": f"{UAI}-{router}", "key_": f'vigie.net.gateway.{item}["{KEY}"]'},
            output=["lastvalue", "lastclock"],
        )
        return str(found[0]["lastvalue"]) if found and int(found[0]["lastclock"]) else ""

    yield last
    # A Zabbix that serves other tests too would wait for two routers that are gone.
    for thing, key, what in (
        ("host", "hostid", {"search": {"host": f"{UAI}-"}, "startSearch": True}),
        ("service", "serviceid", {}),
        ("hostgroup", "groupid", {"search": {"name": "Vigie/"}, "startSearch": True}),
    ):
        api.remove(thing, key, **what)


def becomes(ask: Ask, wanted: dict[tuple[str, str], str]) -> None:
    """Wait until the items of the routers have these values, all of them."""
    seen: dict[tuple[str, str], str] = {}

    def all_are() -> bool:
        seen.update({place: ask(*place) for place in wanted})
        return seen == wanted

    try:
        wait_until(all_are, what="the values did not come", deadline=90, every=1)
    finally:
        assert seen == wanted


def test_a_real_pair_is_seen_as_it_is(pair: Pair, ask: Ask) -> None:
    well = {
        ("rt-1", "role"): ACTIVE,
        ("rt-2", "role"): STANDBY,
        ("rt-1", "state"): ONE,
        ("rt-1", "part"): AS_DECLARED,
        ("rt-2", "part"): AS_DECLARED,
    }
    becomes(ask, well)

    pair.unplug("rt-1")  # the other one takes over, and the pair still has one active
    taken_over = {("rt-1", "role"): ABSENT, ("rt-2", "role"): ACTIVE, ("rt-2", "state"): ONE}
    becomes(ask, taken_over | {("rt-1", "part"): NOT_AS_DECLARED, ("rt-2", "part"): AS_DECLARED})

    pair.unplug("rt-2")
    becomes(ask, {("rt-1", "state"): NOBODY, ("rt-2", "state"): NOBODY})

    pair.join()
    becomes(ask, well)

    pair.part()  # both have their links, and do not hear each other
    becomes(ask, {("rt-1", "role"): ACTIVE, ("rt-2", "role"): ACTIVE, ("rt-1", "state"): TWO})

    pair.join()
    becomes(ask, well)
