"""What the lab's Zabbix watches in the school, asked of its API: hosts, items and their values, problems."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab.waiting import wait_until
from lab.zabbix.api import Api
from vigie.errors import VigieError

# SNMP traps come when a device sends one: without any, the item has no value, and that is well.
_TRAP = "17"
# Dependent items, trappers and traps: nobody asks them.
_NOT_ASKED = ("18", "2", _TRAP)
_CHECK_NOW = 6
# Items that are kept nowhere have no value to show: those that depend on them do.
_NO_HISTORY = "0"
# What each of Vigie's documents says of itself: its item has a value for each document.
_SECONDS = re.compile(r"vigie\.[a-z]+\.seconds")


@dataclass(frozen=True, slots=True)
class Item:
    """An item and its last value; `clock` is 0 when it has none, as always when its values are not kept."""

    itemid: str
    host: str
    name: str
    key: str
    kind: str
    is_kept: bool
    clock: int
    value: str
    units: str
    meanings: dict[str, str]
    error: str


@dataclass(frozen=True, slots=True)
class Raised:
    """A problem that Zabbix raised; `recovered` when it is over. Clock in epoch seconds."""

    event: str
    name: str
    severity: int
    host: str
    tags: frozenset[tuple[str, str]]
    clock: int
    recovered: bool


class Watched:
    """A school as Zabbix sees it.

    Args:
        api: a session with Zabbix.
        uai: the school, whose hosts carry the tag `school`.
    """

    def __init__(self, api: Api, uai: str) -> None:
        self._api = api
        hosts = api.call("host.get", output=["hostid", "host"], tags=[{"tag": "school", "value": uai, "operator": 1}])
        self._hosts = {host["hostid"]: str(host["host"]) for host in hosts}
        if not self._hosts:
            raise VigieError(f"Zabbix has no host of the school {uai}: run `vigie provision apply`")

    def items(self) -> list[Item]:
        """Every item that is monitored and keeps its values."""
        return [item for item in self._all_items() if item.is_kept]

    def _all_items(self) -> list[Item]:
        found = self._api.call(
            "item.get",
            hostids=list(self._hosts),
            monitored=True,
            output=["itemid", "hostid", "name", "key_", "type", "lastclock", "lastvalue", "units", "history", "error"],
            selectValueMap=["mappings"],
        )
        return [
            Item(
                itemid=item["itemid"],
                host=self._hosts[item["hostid"]],
                name=item["name"],
                key=item["key_"],
                kind=item["type"],
                is_kept=item["history"] != _NO_HISTORY,
                clock=int(item["lastclock"]),
                value=item["lastvalue"],
                units=item["units"],
                meanings=_meanings(item["valuemap"]),
                error=item["error"],
            )
            for item in found
        ]

    def unsupported(self) -> list[str]:
        """Items and discovery rules that Zabbix cannot read, each with the reason."""
        found = []
        for method in ("item.get", "discoveryrule.get"):
            things = self._api.call(
                method, hostids=list(self._hosts), monitored=True, output=["hostid", "key_", "state", "error"]
            )
            found += [
                f"{self._hosts[thing['hostid']]} {thing['key_']}: {thing['error']}"
                for thing in things
                if thing["state"] == "1"
            ]
        return found

    def hurry(self) -> None:
        """Ask Zabbix to read now what it would read within the hour.

        Discovery rules, items without a value, and those kept nowhere: others are computed from them, some from two
        readings.
        """
        rules = self._api.call(
            "discoveryrule.get", hostids=list(self._hosts), monitored=True, output=["itemid", "type"]
        )
        ids = [rule["itemid"] for rule in rules if rule["type"] not in _NOT_ASKED]
        ids += [item.itemid for item in self._all_items() if not item.clock and item.kind not in _NOT_ASKED]
        if ids:
            tasks = [{"type": _CHECK_NOW, "request": {"itemid": itemid}} for itemid in ids]
            self._api.call_raw("task.create", tasks)

    def wait_for_values(self, *, deadline: float, least: int = 1) -> int:
        """Wait until every item has a value; their number.

        Args:
            deadline: seconds to wait at most.
            least: how many items there must be.

        Raises:
            VigieError: when some have none in time; the sentence names the first ones.
        """
        missing: list[Item] = []
        seen = rounds = 0

        def complete() -> bool:
            nonlocal missing, seen, rounds
            items = self.items()
            steady, seen = len(items) == seen, len(items)
            missing = [item for item in items if not item.clock and item.kind != _TRAP]
            if rounds % 3 == 0:
                self.hurry()
            rounds += 1
            return steady and not missing and seen >= least and rounds > _LEAST_ROUNDS

        try:
            wait_until(complete, what="some items have no value", deadline=deadline, every=2)
        except VigieError as error:
            names = ", ".join(f"{item.host} {item.key}" for item in missing[:3])
            raise VigieError(f"{error.sentence}: {names}", error.exit_code) from None
        return seen

    def last_observed(self, key: str) -> int:
        """When Zabbix last received a value of an item (epoch seconds), on any host; 0 when it never did."""
        found = self._api.call(
            "item.get", hostids=list(self._hosts), filter={"key_": key}, monitored=True, output=["lastclock"]
        )
        return max((int(item["lastclock"]) for item in found), default=0)

    def least_lately_observed(self) -> int:
        """When Zabbix last received a document of the check that it heard longest ago (epoch seconds)."""
        found = self._api.call(
            "item.get",
            hostids=list(self._hosts),
            search={"key_": "vigie.*.seconds"},
            searchWildcardsEnabled=True,
            monitored=True,
            output=["key_", "lastclock"],
        )
        return min(int(item["lastclock"]) for item in found if _SECONDS.fullmatch(item["key_"]))

    def services(self) -> dict[str, int]:
        """The service tree: how bad each service is by its name, -1 when it is well."""
        rows = self._api.call("service.get", output=["name", "status"])
        return {row["name"]: int(row["status"]) for row in rows}

    def problems(self) -> list[Raised]:
        """The problems that are open now."""
        return [problem for problem in self.raised_since(0) if not problem.recovered]

    def raised_since(self, clock: int) -> list[Raised]:
        """Every problem raised since a time, those that are over too."""
        events = self._api.call(
            "event.get",
            source=0,
            object=0,
            value=1,
            hostids=list(self._hosts),
            time_from=clock,
            output=["eventid", "name", "severity", "clock", "r_eventid"],
            selectTags=["tag", "value"],
            selectHosts=["host"],
        )
        return [_raised(event) for event in events]


_LEAST_ROUNDS = 4


def _raised(event: dict[str, Any]) -> Raised:
    hosts: Sequence[dict[str, str]] = event["hosts"]
    return Raised(
        event=event["eventid"],
        name=event["name"],
        severity=int(event["severity"]),
        host=hosts[0]["host"] if hosts else "",
        tags=frozenset((tag["tag"], tag["value"]) for tag in event["tags"]),
        clock=int(event["clock"]),
        recovered=event["r_eventid"] != "0",
    )


def _meanings(valuemap: Any) -> dict[str, str]:
    if not isinstance(valuemap, dict):  # an item without one has an empty list
        return {}
    return {mapping["value"]: mapping["newvalue"] for mapping in valuemap["mappings"]}
