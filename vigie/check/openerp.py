"""`vigie check openerp`: a school's OpenERP and its contexts as a table for people, worst first."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from vigie.check.subject import AsJson, Subject, check
from vigie.check.texts import ago, readable
from vigie.observe.openerp import verdict
from vigie.observe.openerp.document import of_openerp
from vigie.observe.openerp.model import ContextSeen, OpenErpObservation, OpenErpSeen
from vigie.observe.openerp.observation import observe_openerp
from vigie.observe.openerp.settings import ObserveOpenErp
from vigie.observe.openerp.states import Connected, ContextState, words

_COLOURS: dict[ContextState | None, str] = {
    ContextState.INTERRUPTED: "red",
    ContextState.NOT_UPGRADED: "yellow",
    ContextState.NOT_OPENERP: "yellow",
    ContextState.UNREADABLE: "yellow",
    ContextState.UPGRADED: "green",
}


def tables(observation: OpenErpObservation) -> list[RenderableType]:
    """The facts, one line per context, then the reasons of what is wrong with them."""
    seen = observation.seen
    reasons = [Text.assemble((row.name, "bold"), f": {row.error}") for row in seen.contexts.values() if row.error]
    return [_facts(seen), *([_contexts(seen, observation.observed_at)] if seen.contexts else []), *reasons]


SUBJECT = Subject("OpenERP is", ObserveOpenErp, observe_openerp, of_openerp, verdict.findings, tables)


def command(
    settings: Annotated[Path, typer.Argument(metavar="SETTINGS.json", help="As /etc/vigie/openerp-<UAI>.json.")],
    as_json: AsJson = False,
) -> None:
    """Show a school's OpenERP and its contexts. Exit code 0 well, 1 warning, 2 problem, 3 cannot tell."""
    check(SUBJECT, settings, as_json=as_json)


def _facts(seen: OpenErpSeen) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for label, text in _fact_lines(seen):
        table.add_row(Text(label, style="bold"), Text(text))
    return Group(table, Text())


def _fact_lines(seen: OpenErpSeen) -> Iterator[tuple[str, str]]:
    server = seen.server
    release = f", release {server.release} ({words(server.drift)})" if server.release else ""
    yield "OpenERP", f"{server.state_text}{release}; declared {seen.promise.release}"
    if server.release:
        yield (
            "Response",
            f"{server.answer_seconds * 1000:.0f} ms, {server.connect_seconds * 1000:.0f} ms with PostgreSQL",
        )
    if server.connected != Connected.UNKNOWN:
        yield "Reaches PostgreSQL", words(server.connected)
    yield "PostgreSQL", seen.postgres.state_text
    if seen.counts is not None:
        yield "Contexts", f"{seen.counts.contexts}, {seen.counts.read} read, {readable(seen.counts.bytes)}"


def _contexts(seen: OpenErpSeen, now: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Context", overflow="fold", min_width=18)
    for heading in ("Kind", "State", "Base"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Last upgrade", "Actions late by", "Size"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in sorted(seen.contexts.values(), key=lambda row: (row.state == ContextState.UPGRADED, row.name)):
        table.add_row(*_cells(row, now))
    return table


def _cells(row: ContextSeen, now: int) -> Iterator[Text]:
    yield Text(row.name)
    yield Text(row.kind.name.lower())
    yield Text(row.state_text, style=_COLOURS.get(row.state, ""))
    yield Text(row.base or "-")
    yield Text(ago(now - row.upgraded_at) if row.upgraded_at else "-")
    yield Text(ago(row.cron_late) if row.cron_late else "-")
    yield Text(readable(row.size) if row.size else "-")
