"""The observation of backups as a table for people: what is wrong first."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from vigie.observe.model import BackupsObservation, BackupsSeen, DatabaseSeen
from vigie.observe.states import DatabaseState
from vigie.observe.verdict import Finding, Level, level_of

_COLOURS = {Level.WELL: "green", Level.WARNING: "yellow", Level.PROBLEM: "red", Level.UNKNOWN: "magenta"}
_VERDICTS = {
    Level.WELL: "the backups are as promised",
    Level.WARNING: "the backups are as promised, with a warning",
    Level.PROBLEM: "the backups are not as promised",
    Level.UNKNOWN: "nothing can be said of the backups",
}
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


def show(console: Console, school: str, observation: BackupsObservation, found: list[Finding]) -> None:
    """Print the verdict, the findings, the facts and one line per database."""
    level = level_of(found)
    console.print(Text(f"{school}: {_VERDICTS[level]}", style=f"bold {_COLOURS[level]}"))
    for finding in found:
        console.print(Text(f"  {finding.text}", style=_COLOURS[finding.level]), soft_wrap=True)
    if observation.seen is not None:
        console.print()
        console.print(_facts(observation.seen))
        console.print(_databases(observation.seen))
        for row in observation.seen.databases.values():
            if row.error:
                console.print(Text.assemble((row.name, "bold"), f": {row.error}"), soft_wrap=True)


def readable(size: int) -> str:
    """Bytes for people: `1.4 MiB`."""
    amount = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.0f} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


def ago(seconds: int) -> str:
    """An age for people, its two greatest units: `2 d 4 h`; a dash when there is none."""
    if seconds < 0:
        return "-"
    for unit, name, lesser, lesser_name in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= unit:
            return f"{seconds // unit} {name} {seconds % unit // lesser} {lesser_name}"
    return f"{seconds} s"


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
