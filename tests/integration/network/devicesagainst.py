"""The lab's routers and switches against one Zabbix: real agents, and a declaration that the tests change."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.accounts import lab_account
from lab.fast import FAST
from lab.places import Places
from lab.processes import Supervisor
from lab.school.machines import Machines
from lab.school.network import SchoolNetwork, agent_name, causes_file, start_agent
from lab.snmp import causes
from lab.snmp.causes import Causes
from lab.watched import Watched
from lab.zabbix import Zabbix
from lab.zabbix.api import Api
from provisioning.application import apply
from provisioning.shipped import shipped_templates
from provisioning.subjects.network import INTERCONNECTION
from vigie.site import School, Site
from vigie.zabbix.access import connect

UAI = "9990052X"
ROLES = {"rtr-1": "router", "rtr-2": "router", "sw-1": "switch", "sw-2": "switch"}
TIMES = FAST[INTERCONNECTION] | {"{$VIGIE.NET.INTERVAL}": "3s", "{$VIGIE.NET.FRESH}": "10s"}
TIMES |= {"{$VIGIE.NET.PERIOD}": "15s", "{$VIGIE.NET.ROLE.PERIOD}": "30s", "{$VIGIE.NET.DISCOVERY}": "10s"}


class Watcher:
    """Nobody watches these applications."""

    def starts(self, plan: object) -> None: ...

    def done(self, title: str, count: int) -> None: ...


class Devices:
    """The devices, and what Zabbix knows of them.

    Args:
        zabbix: the real one.
        api: a session with it.
        folder: where the agents' files are; other users may enter it.
        block: the agents listen on 127.0.BLOCK.x.
    """

    def __init__(self, zabbix: Zabbix, api: Api, folder: Path, block: int) -> None:
        self._zabbix, self._api, self._folder, self._block = zabbix, api, folder, block
        self.supervisor = Supervisor(folder / "run", folder / "log")
        self._machines: Machines | None = None
        self._hiding: frozenset[str] = frozenset()

    @property
    def machines(self) -> Machines:
        assert self._machines is not None, "declare the network first"
        return self._machines

    def declare(self, **network: Any) -> None:
        """Write a site file with this network, start the agents, and apply it."""
        site = self._site(network)
        school = site.schools[0]
        if self._machines is None:
            self._machines = self._with(school)
            SchoolNetwork().start(self._machines)
        templates = tuple(template for template in shipped_templates() if template.name == INTERCONNECTION)
        apply(connect(site.zabbix), site, templates, Watcher())
        self._zabbix.reload()

    def change(self, **changes: Any) -> None:
        """Change what is wrong with the devices."""
        file = causes_file(self.machines)
        causes.write(file, causes.read(file).but(**changes))

    def show(self, name: str, hidden: Sequence[str] = ()) -> None:
        """Start a device's agent again, with views that leave some branches out."""
        self._hiding = self._hiding | {name} if hidden else self._hiding - {name}
        host = self.machines.school.host(name)
        self.supervisor.stop(agent_name(host))
        start_agent(self.machines, host, hiding=hidden)

    def mend(self) -> None:
        """Make everything well again: nothing is wrong, and nothing hidden."""
        causes.write(causes_file(self.machines), Causes())
        for name in sorted(self._hiding):
            self.show(name)

    def watched(self) -> Watched:
        return Watched(self._api, UAI)

    def problems(self) -> set[tuple[str, str]]:
        """The problems that are open: host's name in the site file, and problem."""
        return {(one.host.removeprefix(f"{UAI}-"), one.name.partition(" (")[0]) for one in self.watched().problems()}

    def _site(self, network: dict[str, Any]) -> Site:
        secret = self._folder / "community"
        hosts = [
            {
                "name": name,
                "address": f"127.0.{self._block}.{number}",
                "port": 1161,
                "roles": [role],
                "macros": TIMES,
                "secret_macros": {"{$SNMP_COMMUNITY}": str(secret)},
            }
            for number, (name, role) in enumerate(ROLES.items(), start=31)
        ]
        return Site.model_validate(
            {
                "version": 1,
                "zabbix": {"url": self._zabbix.url, "token_file": str(self._zabbix.token_file)},
                "academy": {"name": "Académie des appareils"},
                "schools": [{"uai": UAI, "name": "Lycée des appareils", "hosts": hosts, "network": network}],
            }
        )

    def _with(self, school: School) -> Machines:
        places, account = Places(self._folder, self._block), lab_account()
        return Machines(places, school, account, account, account.gid, self.supervisor, ())
