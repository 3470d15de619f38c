"""`vigie check drbd`: the mirrored disks of this host."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vigie.check.subject import AsJson, Subject, check
from vigie.check.texts import readable
from vigie.observe.drbd import verdict
from vigie.observe.drbd.document import of_drbd
from vigie.observe.drbd.model import DrbdObservation
from vigie.observe.drbd.observation import observe_drbd
from vigie.observe.drbd.settings import ObserveDrbd


def tables(observation: DrbdObservation) -> list[RenderableType]:
    """One line per resource."""
    if observation.seen is None:
        return []
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Resource", "State", "Role", "Disk", "Peer's disk", "Connection", "Out of sync"):
        table.add_column(heading)
    for one in observation.seen.resources.values():
        words = (one.name, one.state_text, one.role, one.disk, one.peer_disk, one.connection)
        table.add_row(*map(Text, words), readable(one.out_of_sync))
    return [table]


SUBJECT = Subject("DRBD is", ObserveDrbd, observe_drbd, of_drbd, verdict.findings, tables)


def command(
    settings: Annotated[Path, typer.Argument(metavar="SETTINGS.json", help="As /etc/vigie/drbd-<UAI>.json.")],
    as_json: AsJson = False,
) -> None:
    """Show this host's DRBD resources. Exit code 0 well, 1 warning, 2 problem, 3 cannot tell."""
    check(SUBJECT, settings, as_json=as_json)
