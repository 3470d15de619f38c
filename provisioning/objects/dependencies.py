"""Dependencies between triggers of different templates, which no template file can hold: they are made on the hosts.

The triggers that a host has from its templates accept dependencies of their own, on both releases; an import of the
template keeps them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from provisioning.batches import SMALL, batches
from provisioning.model import Change, Found, World, compare
from provisioning.roles import AGENT_AVAILABILITY, LINUX, SAYS_AGENT_IS_SILENT, templates_for
from vigie.zabbix.releases import Row


@dataclass(frozen=True, slots=True)
class Links:
    """The names of the triggers of one host that depend on its "agent is not available"."""

    depends_on_agent: frozenset[str]


class Dependencies:
    """Trigger dependencies, keyed by host."""

    title: ClassVar[str] = "trigger dependency"

    def __init__(self, world: World) -> None:
        self._world = world
        self._down: dict[str, list[Row]] = {}
        self._up: dict[str, str] = {}

    def examine(self) -> list[Change]:
        """Compare, two calls."""
        desired = self._wanted()
        hosts = {self._world.host_ids[name]: name for name in desired if name in self._world.host_ids}
        self._read(hosts, sorted({name for links in desired.values() for name in links.depends_on_agent}))
        current = {}
        for name in hosts.values():
            found = self._down.get(name, []) if name in self._up else []
            wanted = frozenset(trigger["description"] for trigger in found)
            if wanted:
                desired[name] = Links(wanted)
                current[name] = Found(name, Links(frozenset(t["description"] for t in found if self._depends(name, t))))
            else:  # one of the two templates is not linked yet
                del desired[name]
        return compare(self.title, desired, current)

    def write(self, changes: Sequence[Change]) -> None:
        """Add the dependencies that are missing; those that people made stay."""
        rows = []
        for change in changes:
            for trigger in self._down.get(change.name, []):
                if not self._depends(change.name, trigger):
                    upper = [{"triggerid": other["triggerid"]} for other in trigger["dependencies"]]
                    upper.append({"triggerid": self._up[change.name]})
                    rows.append({"triggerid": trigger["triggerid"], "dependencies": upper})
        for batch in batches(rows, SMALL):
            self._world.session.call("trigger.update", list(batch))
            self._world.progress(self.title, len(batch))

    def remove(self, changes: Sequence[Change]) -> None:
        """Nothing: a dependency goes with its trigger."""

    def _wanted(self) -> dict[str, Links]:
        known = set(self._world.template_ids) | {template.name for template in self._world.templates}
        wanted = {}
        for school, host in self._world.hosts():
            templates = templates_for(school, host) & known
            names = {name for template in templates for name in SAYS_AGENT_IS_SILENT.get(template, ())}
            if names and LINUX in templates:
                wanted[school.technical_name(host)] = Links(frozenset(names))
        return wanted

    def _read(self, hosts: dict[str, str], names: list[str]) -> None:
        self._up, self._down = {}, {}
        if not hosts:
            return
        items = self._world.session.get(
            "item",
            output=["hostid"],
            hostids=list(hosts),
            filter={"key_": AGENT_AVAILABILITY},
            selectTriggers=["triggerid"],
        )
        for item in items:
            if item["triggers"]:
                self._up[hosts[item["hostid"]]] = str(min(int(t["triggerid"]) for t in item["triggers"]))
        triggers = self._world.session.get(
            "trigger",
            output=["triggerid", "description"],
            hostids=list(hosts),
            filter={"description": names},
            inherited=True,
            selectHosts=["hostid"],
            selectDependencies=["triggerid"],
        )
        for trigger in triggers:
            self._down.setdefault(hosts[trigger["hosts"][0]["hostid"]], []).append(trigger)

    def _depends(self, name: str, trigger: Row) -> bool:
        return any(other["triggerid"] == self._up[name] for other in trigger["dependencies"])
