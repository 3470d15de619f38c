"""Dependencies between triggers of different templates, which no template file can hold: they are made on the hosts.

A trigger of Vigie's that bears the tag `depends: agent` depends on Zabbix's own "agent is not available" on the same
host, so that a dead agent is one problem and not two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from provisioning.batches import SMALL, batches
from provisioning.model import Change, Found, World, compare
from provisioning.roles import LINUX, OWN, templates_for
from vigie.zabbix.releases import Row

TAG, VALUE = "depends", "agent"
AGENT_ITEM = "zabbix[host,agent,available]"


@dataclass(frozen=True, slots=True)
class Links:
    """What depends on the agent's own trigger, on one host."""

    depends_on_agent: frozenset[str]


class Dependencies:
    """Trigger dependencies of the hosts that bear one of Vigie's templates, keyed by host."""

    title: ClassVar[str] = "trigger dependency"

    def __init__(self, world: World) -> None:
        self._world = world
        self._down: dict[str, list[Row]] = {}
        self._up: dict[str, str] = {}

    def examine(self) -> list[Change]:
        """Compare, two calls. What hosts that do not exist yet will need cannot be known before they do."""
        ids = {}
        for school, host in self._world.hosts():
            name = school.technical_name(host)
            templates = templates_for(school, host)
            if name in self._world.host_ids and templates & OWN and LINUX in templates:
                ids[self._world.host_ids[name]] = name
        if not ids:
            return []
        get = self._world.session.get
        items = get(
            "item", output=["hostid"], hostids=list(ids), filter={"key_": AGENT_ITEM}, selectTriggers=["triggerid"]
        )
        self._up = {
            ids[item["hostid"]]: str(min(int(trigger["triggerid"]) for trigger in item["triggers"]))
            for item in items
            if item["triggers"]
        }
        triggers = get(
            "trigger",
            output=["triggerid", "description"],
            hostids=list(ids),
            tags=[{"tag": TAG, "value": VALUE, "operator": 1}],
            selectHosts=["hostid"],
            selectDependencies=["triggerid"],
        )
        self._down = {}
        for trigger in triggers:
            self._down.setdefault(ids[trigger["hosts"][0]["hostid"]], []).append(trigger)
        desired, current = {}, {}
        for name, found in self._down.items():
            if name in self._up:
                desired[name] = Links(frozenset(trigger["description"] for trigger in found))
                current[name] = Found(name, Links(frozenset(t["description"] for t in found if self._depends(name, t))))
        return compare(self.title, desired, current)

    def write(self, changes: Sequence[Change]) -> None:
        """Add the dependencies that are missing; those that people made stay."""
        rows = []
        for change in changes:
            for trigger in self._down[change.name]:
                if not self._depends(change.name, trigger):
                    upper = [{"triggerid": other["triggerid"]} for other in trigger["dependencies"]]
                    upper.append({"triggerid": self._up[change.name]})
                    rows.append({"triggerid": trigger["triggerid"], "dependencies": upper})
        for batch in batches(rows, SMALL):
            self._world.session.call("trigger.update", list(batch))
            self._world.progress(self.title, len(batch))

    def remove(self, changes: Sequence[Change]) -> None:
        """Nothing: a dependency goes with its trigger."""

    def _depends(self, name: str, trigger: Row) -> bool:
        return any(other["triggerid"] == self._up[name] for other in trigger["dependencies"])
