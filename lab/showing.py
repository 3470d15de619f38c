"""Tables for people: what Zabbix watches in the lab, with the last values that it has."""

import json
import time
from collections import defaultdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lab.school.machines import Machines
from lab.watched import Item, Watched
from vigie.backups.space import readable

_SEVERITIES = ("not classified", "information", "warning", "average", "high", "disaster")
_PER_DATABASE = "vigie.backups.db."
_VIGIE = "vigie."
# Of the official Linux template, what says most of a machine.
_OF_A_MACHINE = ("system.cpu.util", "vm.memory.utilization", "system.uptime", "agent.version")

# Of a database, what fits a line: the rest is in Zabbix.
_OF_A_DATABASE = {"kind": "kind", "state": "state", "at": "newest dump", "size": "size", "dumps": "kept"}


def print_watched(console: Console, watched: Watched, machines: Machines) -> None:
    """Show what is watched: the machines, the school's backups, each database."""
    items = watched.items()
    _print_machines(console, items)
    _print_backups(console, [item for item in items if item.key.startswith(_VIGIE)], machines)


def print_problems(console: Console, watched: Watched) -> None:
    """Show the problems that are open now."""
    problems = watched.problems()
    if not problems:
        console.print("\n[green]Zabbix has no problem with this school.[/green]")
        return
    table = Table("problem", "severity", "host", title="Problems", pad_edge=False)
    for problem in sorted(problems, key=lambda one: -one.severity):
        table.add_row(escape(problem.name), _SEVERITIES[problem.severity], problem.host)
    console.print(table)


def _print_machines(console: Console, items: list[Item]) -> None:
    by_host: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_host[item.host].append(item)
    table = Table("machine", "items", "processor", "memory used", "up for", "agent", title="Machines", pad_edge=False)
    for host, its in sorted(by_host.items()):
        values = {item.key: written(item) for item in its}
        table.add_row(host, str(len(its)), *(values.get(key, "") for key in _OF_A_MACHINE))
    console.print(table)


def _print_backups(console: Console, items: list[Item], machines: Machines) -> None:
    school = Table("item", "last value", title=f"Backups of {escape(machines.school.name)}", pad_edge=False)
    databases: dict[str, dict[str, Item]] = defaultdict(dict)
    for item in sorted(items, key=lambda one: one.name):
        if item.key.startswith(_PER_DATABASE):
            what, _, key = item.key.removeprefix(_PER_DATABASE).partition("[")
            databases[json.loads(f"[{key}")[0]][what] = item
        else:
            school.add_row(escape(item.name), escape(written(item)))
    console.print(school)
    if not databases:
        return
    table = Table(title="Databases", pad_edge=False)
    table.add_column("database", overflow="fold")
    for title in _OF_A_DATABASE.values():
        table.add_column(title, no_wrap=True)
    for _, its in sorted(databases.items()):
        name = next(iter(its.values())).name.split(": ")[0].strip("[]")
        table.add_row(escape(name), *(escape(written(its[what])) if what in its else "" for what in _OF_A_DATABASE))
    console.print(table)


def written(item: Item) -> str:
    """An item's last value as a person reads it."""
    if not item.clock:
        return "(none yet)"
    if item.value in item.meanings:
        return item.meanings[item.value]
    try:
        return _with_unit(float(item.value), item.units)
    except ValueError:  # a text
        return " ".join(item.value.split())[:60]


def _with_unit(number: float, units: str) -> str:
    if units == "unixtime":
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(number)) if number else "never"
    if units in ("s", "uptime"):
        return _duration(number)
    if units == "B":
        return readable(number)
    text = f"{number:.1f}".removesuffix(".0")
    return f"{text} {units.removeprefix('!')}".strip()


def _duration(seconds: float) -> str:
    if seconds < 0:
        return "none"
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.3g} s"
