"""`vigie check backups`: a school's backups as a table for people, worst first."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from vigie.check.subject import AsJson, Subject, check
from vigie.check.texts import ago, readable
from vigie.observe.backups import verdict
from vigie.observe.backups.document import of_backups
from vigie.observe.backups.model import BackupsObservation, BackupsSeen, DatabaseSeen
from vigie.observe.backups.observation import observe_backups
from vigie.observe.backups.settings import ObserveBackups
from vigie.observe.backups.states import DatabaseState

# Worst first, then by name.
_ORDER = (
    DatabaseState.CORRUPT,
    DatabaseState.MISSING,
    DatabaseState.STALE,
    DatabaseState.UNVERIFIED,
    DatabaseState.WAITING,
    DatabaseState.FRESH,
    DatabaseState.ORPHANED,
)
_STATE_COLOURS = {
    DatabaseState.CORRUPT: "red",
    DatabaseState.MISSING: "red",
    DatabaseState.STALE: "red",
    DatabaseState.UNVERIFIED: "yellow",
    DatabaseState.FRESH: "green",
}


def tables(observation: BackupsObservation) -> list[RenderableType]:
    """The facts, one line per database, then the reasons of what is wrong with them."""
    seen = observation.seen
    if seen is None:
        return []
    reasons = [Text.assemble((row.name, "bold"), f": {row.error}") for row in seen.databases.values() if row.error]
    return [_facts(seen), _databases(seen), *reasons]


SUBJECT = Subject("the backups are", ObserveBackups, observe_backups, of_backups, verdict.findings, tables)


def command(
    settings: Annotated[Path, typer.Argument(metavar="SETTINGS.json", help="As /etc/vigie/backups-<UAI>.json.")],
    as_json: AsJson = False,
) -> None:
    """Show the state of a school's backups. Exit code 0 well, 1 warning, 2 problem, 3 cannot tell."""
    check(SUBJECT, settings, as_json=as_json)


def _facts(seen: BackupsSeen) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for label, text in _fact_lines(seen):
        table.add_row(Text(label, style="bold"), Text(text))
    return Group(table, Text())


def _fact_lines(seen: BackupsSeen) -> Iterator[tuple[str, str]]:
    run, space = seen.run, seen.space
    if run.id:
        figures = f"{run.seen} seen, {run.published} dumped, {run.failed} failed, in {ago(run.seconds)}"
        yield "Last run", f"{run.state_text}, ended {ago(run.age)} ago: {figures}"
    else:
        yield "Last run", "never"
    contexts = (
        f"{seen.postgres.expected} contexts" if seen.postgres.reachable else "unknown: the last run's list is used"
    )
    yield "PostgreSQL", contexts
    yield "Receiver", ("does not answer", "answers", "not asked (ssh)")[seen.receiver.answers]
    left = f", full in {space.days_left} days" if space.days_left >= 0 else ""
    yield "Disk", f"{readable(space.free)} free of {readable(space.total)} ({space.free_percent:g} %){left}"
    yield "Dumps", f"{seen.counts.dumps} kept, {readable(seen.counts.bytes)}, {seen.counts.bad} bad"
    yield "Re-check", f"last cycle {ago(seen.recheck.age)} ago, longest wait {ago(seen.recheck.oldest_age)}"


def _databases(seen: BackupsSeen) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Database", overflow="fold", min_width=18)
    for heading in ("Kind", "State"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Newest", "Size", "Dumps", "Verified"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in sorted(seen.databases.values(), key=lambda row: (not row.bad, _ORDER.index(row.state), row.name)):
        table.add_row(*_cells(row))
    return table


def _cells(row: DatabaseSeen) -> Iterator[Text]:
    colour = "red" if row.bad else _STATE_COLOURS.get(row.state, "")
    yield Text(row.name)
    yield Text(row.kind.name.lower())
    yield Text(row.state.name.lower(), style=colour)
    yield Text(ago(row.age))
    yield Text((readable(row.size) if row.at else "-") + (f" {row.change:+g} %" if row.change else ""))
    yield Text(f"{row.dumps} ({row.bad} bad)" if row.bad else str(row.dumps), style="red" if row.bad else "")
    yield Text(ago(row.verified_age))
