"""`vigie check replication`: both ends of a school's streaming replication side by side."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vigie.check.subject import AsJson, Subject, check
from vigie.check.texts import readable
from vigie.observe.replication import verdict
from vigie.observe.replication.document import of_replication
from vigie.observe.replication.model import End, ReplicationObservation, ReplicationSeen
from vigie.observe.replication.observation import observe_replication
from vigie.observe.replication.settings import ObserveReplication


def tables(observation: ReplicationObservation) -> list[RenderableType]:
    """The two ends, then what flows between them."""
    seen = observation.seen
    return [] if seen is None else [_ends(seen), _flow(seen)]


SUBJECT = Subject(
    "the replication is", ObserveReplication, observe_replication, of_replication, verdict.findings, tables
)


def command(
    settings: Annotated[Path, typer.Argument(metavar="SETTINGS.json", help="As /etc/vigie/replication-<UAI>.json.")],
    as_json: AsJson = False,
) -> None:
    """Show both ends of a school's replication. Exit code 0 well, 1 warning, 2 problem, 3 cannot tell."""
    check(SUBJECT, settings, as_json=as_json)


def _ends(seen: ReplicationSeen) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Declared", "Host", "Really", "Timeline", "Position", "WAL on disk"):
        table.add_column(heading)
    for declared, end in (("primary", seen.primary), ("standby", seen.standby)):
        table.add_row(declared, *map(Text, _cells(end)))
    return table


def _cells(end: End) -> Iterator[str]:
    yield end.name
    yield end.role_text if end.reachable else "does not answer"
    yield str(end.timeline) if end.reachable else "-"
    yield end.lsn or "-"
    yield readable(end.wal_bytes) if end.wal_bytes >= 0 else "-"


def _flow(seen: ReplicationSeen) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for label, text in _flow_lines(seen):
        table.add_row(Text(label, style="bold"), Text(text))
    return table


def _flow_lines(seen: ReplicationSeen) -> Iterator[tuple[str, str]]:
    behind = f", {_distance(seen.pair.bytes)}, {seen.pair.seconds} s behind" if seen.pair.bytes >= 0 else ""
    yield "Pair", f"{seen.pair.state_text}{behind}"
    yield "Roles", seen.pair.roles_text
    yield "Sender", f"{seen.sender.state_text}, {seen.sender.sync_text}" if seen.sender.present else "no row"
    yield "Receiver", seen.receiver.state_text
    if seen.slots.seen:
        held = f", at most {readable(seen.slots.retained_bytes)} held back"
        yield "Slots", f"{seen.slots.seen}, {seen.slots.inactive} unread{held}"


def _distance(size: int) -> str:
    return readable(size) if size else "nothing"
