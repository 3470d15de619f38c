"""DRBD's problems in a real Zabbix, from documents written in the format of both releases of DRBD.

Everything from the agent on is the product's: program, agent, template, triggers. Everything breaks at once, each state
on a resource of its own and each silence on a host of its own: what one raises beside its problem is seen.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mirroredhosts import MirroredHost, create, import_template

from lab.waiting import wait_until
from lab.zabbix import Zabbix
from lab.zabbix.api import Api

Problems = set[tuple[str, str]]

# What the kernel says of a resource, whose name is the document's, and the problems that it must raise.
NINE = {
    "standalone": ("DRBD: Split brain of [standalone]",),
    "two-primaries": ("DRBD: Two primaries of [two-primaries]",),
    "no-quorum": ("DRBD: Lost quorum of [no-quorum]",),  # which suspends its I/O too
    "connecting": ("DRBD: Disconnected peer of [connecting]",),
    "resync-target": ("DRBD: Long resynchronisation of [resync-target]",),
    "resync-failed": ("DRBD: Degraded disk of [resync-failed]",),
    "suspended": ("DRBD: Suspended I/O of [suspended]",),
    "verified-differs": ("DRBD: Differing blocks in [verified-differs]",),
}
EIGHT = {
    "standalone": ("DRBD: Split brain of [standalone]",),
    "diskless": ("DRBD: Degraded disk of [diskless]",),
    "connecting": ("DRBD: Disconnected peer of [connecting]",),
    # By the fencing of a peer that is gone: what is lost, and what waits for it.
    "suspended": ("DRBD: Disconnected peer of [suspended]", "DRBD: Suspended I/O of [suspended]"),
}


class Mirrors:
    """The hosts by their names, and what Zabbix says of them."""

    def __init__(self, api: Api, hosts: dict[str, MirroredHost], names: dict[str, str]) -> None:
        self.hosts = hosts
        self._api, self._names = api, names

    def problems(self) -> Problems:
        """The open problems by host, without what follows their names."""
        found: list[dict[str, Any]] = self._api.call(
            "trigger.get",
            hostids=list(self._names),
            output=["description"],
            filter={"value": 1},
            skipDependent=True,
            selectHosts=["hostid"],
            expandDescription=True,
        )
        return {(self._names[row["hosts"][0]["hostid"]], row["description"]) for row in found}

    def wait_for(self, expected: Problems) -> None:
        """Wait until exactly these are open, and stay so over two more looks."""
        since = 0.0
        last: Problems = set()

        def steady() -> bool:
            nonlocal since, last
            last = self.problems()
            if last != expected:
                since = 0.0
                return False
            since = since or time.monotonic()
            return time.monotonic() - since > 5

        try:
            wait_until(steady, what="the problems", deadline=120, every=0.5)
        finally:
            assert last == expected

    def are_discovered(self) -> bool:
        """Whether each resource has a state."""
        rows = self._api.call(
            "item.get", hostids=list(self._names), search={"key_": "resource.state"}, output=["lastclock"]
        )
        wanted = sum(len(host.resources) for host in self.hosts.values())
        return len(rows) == wanted and all(row["lastclock"] != "0" for row in rows)


@pytest.fixture
def mirrors(zabbix: Zabbix, block: int, scratch: Path) -> Iterator[Mirrors]:
    """The hosts with their agents, everything in sync."""
    folder = scratch / f"drbd-{zabbix.release.name}"
    folder.mkdir(mode=0o755)
    mirrored = {"nine": [*NINE], "eight": [*EIGHT], "blind": ["a"], "down": ["a"], "silent": ["a"]}
    hosts = [
        MirroredHost(name, f"127.0.{block}.{60 + number}", resources, folder)
        for number, (name, resources) in enumerate(mirrored.items())
    ]
    api = zabbix.api()
    names: dict[str, str] = {}
    try:
        for host in hosts:
            host.start(zabbix)
        import_template(api, zabbix)
        names = create(api, hosts)
        yield Mirrors(api, {host.name: host for host in hosts}, names)
    finally:
        for host in hosts:
            host.supervisor.stop_all()
        if names:
            api.call_raw("host.delete", list(names))
        api.close()


def test_everything_that_breaks_raises_its_problem_alone_and_closes_it_when_it_is_mended(
    mirrors: Mirrors, zabbix: Zabbix
) -> None:
    wait_until(mirrors.are_discovered, what="the resources are not discovered", deadline=120, every=1)
    mirrors.wait_for(set())
    hosts = mirrors.hosts

    hosts["nine"].says({state: state for state in NINE})
    hosts["eight"].says({state: state for state in EIGHT})
    hosts["blind"].proc.unlink()
    hosts["down"].says_nothing_is_up()
    hosts["silent"].supervisor.stop("agent")
    mirrors.wait_for(
        {("nine", problem) for problems in NINE.values() for problem in problems}
        | {("eight", problem) for problems in EIGHT.values() for problem in problems}
        | {
            ("blind", "DRBD: Check is broken"),
            ("down", "DRBD: Declared resource is missing"),
            ("silent", "DRBD: No data from the agent"),
        }
    )

    for name in ("nine", "eight", "blind", "down"):
        hosts[name].says({})
    hosts["silent"].start_agent(zabbix)
    mirrors.wait_for(set())
