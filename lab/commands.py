"""`vigie lab`: a whole school on the loopback, and its faults."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lab.places import DEFAULT_BLOCK, Places, default_directory
from lab.whole import Lab, find
from lab.zabbix.release import RELEASES
from vigie.errors import Exit

app = typer.Typer(help="A whole school on the loopback, from real servers, and its faults.", no_args_is_help=True)

_Dir = Annotated[Path | None, typer.Option("--dir", help="Where the lab is.", show_default="/var/lib/vigie-lab")]
_Block = Annotated[int, typer.Option(help="Its addresses are 127.0.BLOCK.x.", min=1, max=254)]
_Release = Annotated[str, typer.Option("--zabbix", help=f"The release of Zabbix: {' or '.join(RELEASES)}.")]


@app.callback()
def group() -> None:
    """A whole school on the loopback, from real servers, and its faults."""


@app.command()
def up(directory: _Dir = None, block: _Block = DEFAULT_BLOCK, zabbix: _Release = RELEASES[0]) -> None:
    """Make and start the lab; what is there and what runs is left as it is."""
    lab = Lab(Places(_root(directory), block), zabbix)
    console = Console(stderr=True)
    with lab.held(), console.status("") as status:
        lab.up(lambda step: status.update(f"Lab: {step}"))
    _print_status(lab)
    Console().print(
        f"\nZabbix: {lab.zabbix.url}   user Admin, password in {lab.zabbix.password_file}\n"
        f"Site file: {lab.places.site}",
        highlight=False,
    )


@app.command()
def down(directory: _Dir = None) -> None:
    """Stop everything that the lab started; its data stays."""
    lab = find(_root(directory))
    with lab.held():
        stopped = lab.down()
    Console().print(f"Stopped: {', '.join(stopped)}" if stopped else "Nothing was running.", highlight=False)


@app.command()
def remove(directory: _Dir = None) -> None:
    """Stop the lab and remove its directory."""
    lab = find(_root(directory))
    with lab.held():
        lab.remove()
    Console().print(f"{lab.places.root} is removed.", highlight=False)


@app.command()
def status(directory: _Dir = None) -> None:
    """Show what runs. Exit code 1 when something that was started no longer does."""
    lab = find(_root(directory))
    _print_status(lab)
    if not all(record.is_alive() for record in lab.status()):
        raise typer.Exit(Exit.FAILED)


def _root(directory: Path | None) -> Path:
    return (directory or default_directory()).absolute()


def _print_status(lab: Lab) -> None:
    table = Table("server", "state", "process", "where", "log", box=None, pad_edge=False)
    for record in lab.status():
        state = "[green]runs[/green]" if record.is_alive() else "[red]stopped[/red]"
        table.add_row(record.name, state, str(record.pid), record.where, str(lab.supervisor.log_of(record.name)))
    Console().print(table)
