"""`vigie check itself`: Vigie's own parts on a machine as tables for people."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vigie.check.subject import AsJson, Subject, check
from vigie.check.texts import ago
from vigie.observe.itself import verdict
from vigie.observe.itself.document import of_itself
from vigie.observe.itself.model import TIMERS_LATE, CertificateState, ItselfObservation, ItselfSeen, ServiceState
from vigie.observe.itself.observation import observe_itself
from vigie.observe.itself.settings import ObserveItself


def tables(observation: ItselfObservation) -> list[RenderableType]:
    """What was seen, one line per timer, service and certificate."""
    seen = observation.seen
    if seen is None:
        return []
    waiting = f"{seen.requests.count} requests wait" + (
        f", the oldest for {ago(seen.requests.oldest_age)}" if seen.requests.count else ""
    )
    facts = Text(f"Vigie {seen.version}, {'under systemd' if seen.manager else 'without systemd'}; {waiting}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Part", "Name", "State", "Figure", "Error"):
        table.add_column(heading, overflow="fold" if heading == "Error" else "ellipsis")
    for row in _rows(seen):
        table.add_row(*row)
    return [facts, table] if table.row_count else [facts]


def _rows(seen: ItselfSeen) -> Iterator[tuple[str | Text, ...]]:
    for timer in seen.timers.values():
        yield "timer", timer.name, _state(timer.state.name, timer.state in TIMERS_LATE), _since(timer.age), timer.error
    for service in seen.services.values():
        dead = service.state != ServiceState.ALIVE
        yield "service", service.name, _state(service.state.name, dead), "", service.error
    for certificate in seen.certificates.values():
        bad = certificate.state != CertificateState.VALID
        left = f"{(certificate.left or 0) // 86_400} days left" if certificate.expires_at else ""
        state = "NOT_READ" if certificate.state is None else certificate.state.name
        yield "certificate", certificate.name, _state(state, bad), left, certificate.error


def _since(age: int) -> str:
    return f"{ago(age)} ago" if age >= 0 else "no success yet"


def _state(name: str, bad: bool) -> Text:
    return Text(name.lower().replace("_", " "), style="red" if bad else "green")


SUBJECT = Subject("Vigie's own parts are", ObserveItself, observe_itself, of_itself, verdict.findings, tables)


def command(
    settings: Annotated[Path, typer.Argument(metavar="SETTINGS.json", help="As /etc/vigie/itself-<UAI>.json.")],
    as_json: AsJson = False,
) -> None:
    """Show the state of Vigie's own parts on this machine. Exit code 0 well, 1 warning, 2 problem, 3 cannot tell."""
    check(SUBJECT, settings, as_json=as_json)
