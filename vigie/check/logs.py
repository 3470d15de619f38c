"""`vigie check logs`: the central log server, its sources, and what happened in the logs, as tables for people."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from vigie.check.subject import AsJson, Subject, check
from vigie.check.texts import ago, readable
from vigie.observe.logs import verdict
from vigie.observe.logs.document import of_logs
from vigie.observe.logs.model import HourSeen, LogsObservation, LogsSeen, SourceSeen
from vigie.observe.logs.observation import observe_logs
from vigie.observe.logs.settings import ObserveLogs
from vigie.observe.logs.states import SourceState, System

_COLOURS = {
    SourceState.HEARD: "green",
    SourceState.QUIET: "yellow",
    SourceState.UNPROVEN: "yellow",
    SourceState.UNKNOWN: "magenta",
}


def tables(observation: LogsObservation) -> list[RenderableType]:
    """The facts, one line per source, then what happened hour by hour."""
    seen = observation.seen
    if seen is None:
        return []
    return [_facts(seen), _sources(seen), *([activity(seen)] if seen.activity is not None else [])]


def activity(seen: LogsSeen) -> RenderableType:
    """What happened in the logs in the last day: by source and hour, then by context. A page of its own."""
    parts: list[RenderableType] = [Text(), _hours(seen.hours)]
    if seen.contexts:
        table = _table("Context", "OpenERP errors, last hour", "last day")
        for row in seen.contexts.values():
            table.add_row(Text(row.name), str(row.errors), str(row.errors_day))
        parts += [Text(), table]
    return Group(*parts)


SUBJECT = Subject("the logs are", ObserveLogs, observe_logs, of_logs, verdict.findings, tables)


def command(
    settings: Annotated[Path, typer.Argument(metavar="SETTINGS.json", help="As /etc/vigie/logs-<UAI>.json.")],
    as_json: AsJson = False,
) -> None:
    """Show the state of a school's logs. Exit code 0 well, 1 warning, 2 problem, 3 cannot tell."""
    check(SUBJECT, settings, as_json=as_json)


def _facts(seen: LogsSeen) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for label, text in _fact_lines(seen):
        table.add_row(Text(label, style="bold"), Text(text))
    return Group(table, Text())


def _fact_lines(seen: LogsSeen) -> Iterator[tuple[str, str]]:
    refused = f"{seen.store.refused} messages refused lately"
    answers = f"answers; {refused if seen.store.writable else 'rsyslog cannot write to it'}"
    yield "PostgreSQL", answers if seen.store.reachable else "does not answer"
    centre, disks = seen.centre, seen.disks
    figures = f"{centre.queue} messages waiting, {centre.discarded} discarded since its start"
    yield "Central rsyslog", figures if centre.alive else "is stopped"
    yield "Disk of PostgreSQL", f"{readable(disks.store_free)} free ({disks.store_free_percent:g} %)"
    yield "Disk of plain files", f"{readable(disks.files_free)} free ({disks.files_free_percent:g} %)"
    if seen.recent is not None:
        yield (
            "Last minute",
            f"{seen.recent.rate:g} messages a second"
            + (f", most from {seen.recent.busiest}" if seen.recent.busiest else ""),
        )
    if seen.activity is not None:
        errors, logins = seen.activity.errors, seen.activity.failed_logins
        yield "Last hour", f"{errors} errors ({seen.activity.openerp_errors} of OpenERP), {logins} failed logins"


def _sources(seen: LogsSeen) -> Table:
    table = _table("Source", "State", "Canary", "Lost", "Latency", "Clock", "Of its own", "Rate", "Errors", "Logins")
    for row in sorted(seen.sources.values(), key=lambda row: (row.state in _COLOURS, row.name)):
        table.add_row(*_cells(row))
    return table


def _cells(row: SourceSeen) -> Iterator[Text]:
    yield Text(row.name)
    yield Text(row.state_text, style=_COLOURS.get(row.state, "red"))
    yield Text("counter" if row.system == System.WINDOWS else _ago(row.canary_age))
    yield Text(_figure(row.lost), style="red" if row.lost else "")
    yield Text("-" if row.latency is None else f"{row.latency:.1f} s")
    yield Text("-" if row.skew is None else f"{row.skew:+.1f} s")
    yield Text(_ago(row.last_age))
    yield Text("-" if row.rate is None else f"{row.rate:g}/s")
    yield Text(_figure(row.errors))
    yield Text(_figure(row.failed_logins))


def _hours(hours: tuple[HourSeen, ...]) -> RenderableType:
    if not hours:
        return Text("No error and no failed login in the last day.")
    table = _table("Hour", "Source", "Errors", "of OpenERP", "Failed logins", text_columns=2)
    for row in hours:
        at = datetime.fromtimestamp(row.at).astimezone()
        cells = (str(row.errors), str(row.openerp_errors), str(row.failed_logins))
        table.add_row(f"{at:%d %B, %H} h", Text(row.source), *cells)
    return table


def _table(*headings: str, text_columns: int = 1) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place < text_columns else "right", overflow="fold")
    return table


def _figure(value: int | None) -> str:
    return "-" if value is None else str(value)


def _ago(age: int | None) -> str:
    return ago(-1 if age is None else age)
