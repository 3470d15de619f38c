"""Tables for people: what Zabbix watches in the lab, with the last values that it has."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lab.figures import written
from lab.subjects import SUBJECTS, THINGS, Things
from lab.watched import Item, Raised, Watched

_SEVERITIES = ("not classified", "information", "warning", "average", "high", "disaster")
# Of the official Linux template, what says most of a machine.
_OF_A_MACHINE = ("system.cpu.util", "vm.memory.utilization", "system.uptime", "agent.version")
_PER_THING = re.compile(r"([a-z_.]+)(\[.*\])")


def print_watched(console: Console, watched: Watched) -> None:
    """Show what is watched: the machines, each subject in one line per machine, then things one by one."""
    items = watched.items()
    _print_machines(console, items)
    _print_subjects(console, items, watched.problems())
    for things in THINGS:
        _print_things(console, items, things)


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


def _print_subjects(console: Console, items: list[Item], problems: list[Raised]) -> None:
    """One line for each subject on each machine that it is observed on: its state, and what says most of it."""
    table = Table("subject", "machine", "state", "what Zabbix knows", title="Subjects", pad_edge=False)
    for subject in SUBJECTS:
        for host in sorted({item.host for item in items if item.key.startswith(subject.prefix)}):
            its = {item.key.removeprefix(subject.prefix): item for item in items if item.host == host}
            figures = (f"{label} {written(its[key])}" for key, label in subject.figures.items() if key in its)
            state = _state(problem for problem in problems if problem.host == host and subject.tag in problem.tags)
            table.add_row(subject.title, host, state, escape(", ".join(figures)))
    console.print(table)


def _state(problems: Iterator[Raised]) -> str:
    worst = max((problem.severity for problem in problems), default=-1)
    return f"[red]{_SEVERITIES[worst]}[/red]" if worst >= 0 else "[green]well[/green]"


def _print_things(console: Console, items: list[Item], things: Things) -> None:
    """One line for each thing that was discovered; nothing when there is none."""
    rows: dict[tuple[str, str], dict[str, Item]] = defaultdict(dict)
    for item in items:
        match = _PER_THING.fullmatch(item.key)
        if match and match[1] in things.columns:
            key = str(json.loads(match[2])[0])
            rows[key, item.host if things.by_host else ""][match[1]] = item
    if not rows:
        return
    table = Table(title=things.title, pad_edge=False)
    table.add_column(things.one, overflow="fold")
    for heading in things.columns.values():
        table.add_column(heading, no_wrap=True)
    for (key, host), its in sorted(rows.items()):
        name = f"{_name(next(iter(its.values())).name) or key}{f' on {host}' if host else ''}"
        table.add_row(escape(name), *(escape(written(its[one])) if one in its else "" for one in things.columns))
    console.print(table)


def _name(name: str) -> str:
    """What an item of a discovered thing is about: `Backup of [SpecibikeMartin]: State` is about SpecibikeMartin."""
    match = re.search(r"\[(.+)\]", name)
    return match[1] if match else ""
