"""`vigie check canary`: a source of logs for people. It emits no canary: it shows the last one."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table

from vigie.canary.emission import Emitted
from vigie.canary.series import SeriesError, read_series
from vigie.check.subject import AsJson, Subject, check
from vigie.observe.canary.document import of_canary
from vigie.observe.canary.model import CanaryObservation
from vigie.observe.canary.observation import observe_canary
from vigie.observe.canary.settings import ObserveCanary
from vigie.observe.canary.verdict import findings


def tables(observation: CanaryObservation) -> list[RenderableType]:
    """The facts."""
    seen = observation.seen
    if seen is None:
        return []
    table = Table.grid(padding=(0, 2))
    table.add_row("rsyslog", seen.rsyslog.state_text)
    table.add_row("Last canary", f"number {seen.canary.number} of {seen.canary.series or 'no series yet'}")
    table.add_row("Waiting", f"{seen.queue.size} messages, most of them in {seen.queue.longest or 'no queue'}")
    return [table]


def _last(folder: str) -> Emitted:
    """The canary that left last, instead of emitting one."""
    try:
        series = read_series(Path(folder))
    except SeriesError as error:
        return Emitted("", 0, 0.0, str(error))
    return Emitted(series.id, series.number, 0.0) if series else Emitted("", 0, 0.0, "none was emitted")


def _observe(settings: ObserveCanary) -> Any:
    return observe_canary(settings, emit=partial(_last, settings.state))


SUBJECT = Subject("the log of this machine is", ObserveCanary, _observe, of_canary, findings, tables)


def command(
    settings: Annotated[Path, typer.Argument(metavar="SETTINGS.json", help="As /etc/vigie/canary-<UAI>.json.")],
    as_json: AsJson = False,
) -> None:
    """Show the state of a source of logs. Exit code 0 well, 1 warning, 2 problem, 3 cannot tell."""
    check(SUBJECT, settings, as_json=as_json)
