"""Dependencies between triggers of different templates, which no template file can hold: they are made on the hosts.

The triggers that a host has from its templates accept dependencies of their own, on both releases; an import of the
template keeps them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from provisioning.batches import SMALL, batches
from provisioning.model import Change, Found, World, compare
from provisioning.roles import templates_for
from provisioning.subjects import SUBJECTS, Method
from vigie.zabbix.releases import Row

# The items of Zabbix's own templates that know whether a host answers at all.
AVAILABILITY = {Method.AGENT: "zabbix[host,agent,available]", Method.SNMP: "zabbix[host,snmp,available]"}


@dataclass(frozen=True, slots=True)
class Links:
    """The dependencies of one host's triggers, as `trigger <- the one that keeps it quiet`."""

    dependencies: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Wish:
    """A trigger of a host, and the one above it: by its name, or by the item that it watches."""

    host: str
    trigger: str
    above_host: str
    above: str

    def __str__(self) -> str:
        return f"{self.trigger} <- {self.above_host}: {self.above}"


class Dependencies:
    """Trigger dependencies, keyed by host."""

    title: ClassVar[str] = "trigger dependency"

    def __init__(self, world: World) -> None:
        self._world = world
        self._triggers: dict[tuple[str, str], Row] = {}
        self._wishes: dict[str, list[_Wish]] = {}

    def examine(self) -> list[Change]:
        """Compare, two calls."""
        wishes = list(self._wanted())
        self._read(wishes)
        self._wishes = {}
        for wish in wishes:  # one of the two templates may not be linked yet
            if (wish.host, wish.trigger) in self._triggers and (wish.above_host, wish.above) in self._triggers:
                self._wishes.setdefault(wish.host, []).append(wish)
        desired = {host: Links(frozenset(map(str, its))) for host, its in self._wishes.items()}
        current = {
            host: Found(host, Links(frozenset(str(wish) for wish in its if self._is_made(wish))))
            for host, its in self._wishes.items()
        }
        return compare(self.title, desired, current)

    def write(self, changes: Sequence[Change]) -> None:
        """Add the dependencies that are missing; those that people made stay."""
        above: dict[str, set[str]] = {}
        for change in changes:
            for wish in self._wishes[change.name]:
                trigger = self._triggers[wish.host, wish.trigger]
                known = above.setdefault(trigger["triggerid"], _above(trigger))
                known.add(self._triggers[wish.above_host, wish.above]["triggerid"])
        rows = [
            {"triggerid": trigger, "dependencies": [{"triggerid": other} for other in sorted(others, key=int)]}
            for trigger, others in above.items()
        ]
        for batch in batches(rows, SMALL):
            self._world.session.call("trigger.update", list(batch))
            self._world.progress(self.title, len(batch))

    def remove(self, changes: Sequence[Change]) -> None:
        """Nothing: a dependency goes with its trigger."""

    def _wanted(self) -> Iterator[_Wish]:
        known = set(self._world.template_ids) | {template.name for template in self._world.templates}
        for school in self._world.site.schools:
            bearers: dict[str, list[str]] = {}
            for host in school.hosts:
                for template in templates_for(school, host) & known:
                    bearers.setdefault(template, []).append(school.technical_name(host))
            for subject in SUBJECTS:
                for host_name in bearers.get(subject.template, ()):
                    for trigger in subject.silent:
                        yield _Wish(host_name, trigger, host_name, AVAILABILITY[subject.method])
                    for quiet in subject.quiet:
                        for other in bearers.get(quiet.by_template, ()):
                            if quiet.same_host and other != host_name:
                                continue
                            yield _Wish(host_name, quiet.trigger, other, quiet.by_trigger)

    def _read(self, wishes: list[_Wish]) -> None:
        """Fill the triggers by host and name; those of availability by host and their item's key."""
        self._triggers = {}
        ids = self._world.host_ids
        involved = {host for wish in wishes for host in (wish.host, wish.above_host) if host in ids}
        hosts = {ids[name]: name for name in involved}
        if not hosts:
            return
        items = self._world.session.get(
            "item",
            output=["hostid", "key_"],
            hostids=list(hosts),
            filter={"key_": list(AVAILABILITY.values())},
            selectTriggers=["triggerid"],
        )
        for item in items:
            if item["triggers"]:
                first = min(int(trigger["triggerid"]) for trigger in item["triggers"])
                self._triggers[hosts[item["hostid"]], item["key_"]] = {"triggerid": str(first)}
        names = {name for wish in wishes for name in (wish.trigger, wish.above)} - set(AVAILABILITY.values())
        triggers = self._world.session.get(
            "trigger",
            output=["triggerid", "description"],
            hostids=list(hosts),
            filter={"description": sorted(names)},
            inherited=True,
            selectHosts=["hostid"],
            selectDependencies=["triggerid"],
        )
        for trigger in triggers:
            self._triggers[hosts[trigger["hosts"][0]["hostid"]], trigger["description"]] = trigger

    def _is_made(self, wish: _Wish) -> bool:
        above = self._triggers[wish.above_host, wish.above]["triggerid"]
        return above in _above(self._triggers[wish.host, wish.trigger])


def _above(trigger: Row) -> set[str]:
    return {other["triggerid"] for other in trigger["dependencies"]}
