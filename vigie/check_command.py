"""`vigie check`: the observations that Zabbix makes, for whoever has no Zabbix yet."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from vigie.observe.verdict import Level

app = typer.Typer(help="Observe, as Zabbix does, and show it. Changes nothing.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Observe, as Zabbix does, and show it. Changes nothing."""


@app.command()
def backups(
    settings: Annotated[Path, typer.Argument(metavar="SETTINGS.json", help="As /etc/vigie/backups-<UAI>.json.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the document that Zabbix gets.")] = False,
) -> None:
    """Show the state of a school's backups. Exit code 0 well, 1 warning, 2 problem, 3 cannot tell."""
    from rich.console import Console

    from vigie.check_table import show
    from vigie.observe import verdict
    from vigie.observe.backups import observe_backups
    from vigie.observe.document import of_backups, written
    from vigie.settings import ObserveBackups, SettingsError

    try:
        known = ObserveBackups.read(settings)
    except SettingsError as error:
        sys.stderr.write(f"vigie: {error}\n")
        raise typer.Exit(Level.UNKNOWN) from None
    observation = observe_backups(known)
    found = verdict.findings(observation, known)
    if as_json:
        sys.stdout.buffer.write(written(of_backups(observation)))
        sys.stdout.buffer.flush()
    else:
        # In a file or a mail there is no width to keep to.
        width = None if sys.stdout.isatty() else 110
        show(Console(highlight=False, width=width), known.school, observation, found)
    raise typer.Exit(verdict.level_of(found))
