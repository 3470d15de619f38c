"""`vigie lab`: a whole school on the loopback, and its faults."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lab.faults import FAULTS, Bench, fault
from lab.places import DEFAULT_BLOCK, Places, default_directory
from lab.whole import Lab, find, identity
from lab.zabbix.release import RELEASES
from vigie.errors import Exit

app = typer.Typer(help="A whole school on the loopback, from real servers, and its faults.", no_args_is_help=True)

_Dir = Annotated[Path | None, typer.Option("--dir", help="Where the lab is.", show_default="/var/lib/vigie-lab")]
_Block = Annotated[int, typer.Option(help="Its addresses are 127.0.BLOCK.x.", min=1, max=254)]
_Release = Annotated[str, typer.Option("--zabbix", help=f"The release of Zabbix: {' or '.join(RELEASES)}.")]

_Fault = Annotated[str, typer.Argument(metavar="FAULT", help="Its name, as `vigie lab faults` shows it.")]


@app.callback()
def group() -> None:
    """A whole school on the loopback, from real servers, and its faults."""


@app.command()
def up(
    directory: _Dir = None,
    block: _Block = DEFAULT_BLOCK,
    zabbix: _Release = RELEASES[0],
    openerp: Annotated[Path | None, typer.Option(help="Directory of a real OpenERP 6.0 to run.")] = None,
) -> None:
    """Make and start the lab; what is there and what runs is left as it is."""
    lab = Lab(Places(_root(directory), block), zabbix, openerp)
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


@app.command()
def faults(directory: _Dir = None) -> None:
    """Show the catalogue of faults, and which are broken now."""
    lab = identity(_root(directory)) and find(_root(directory))
    bench = Bench(lab.machines, lab.places.faults) if lab else None
    table = Table(box=None, show_header=False, padding=(0, 2, 1, 0))
    table.add_column(no_wrap=True)
    for known in FAULTS:
        now = "\n[red]broken now[/red]" if bench and bench.is_broken(known) else ""
        problems = "".join(f"\n[bold]{p.severity.name.capitalize()}: {escape(p.name)}[/bold]" for p in known.expected)
        table.add_row(f"{known.name}{now}", f"{escape(known.sentence)}{problems}")
    Console(highlight=False).print(table)


@app.command("break")
def break_(name: _Fault, directory: _Dir = None) -> None:
    """Break something in the school, by real means."""
    lab, known = find(_root(directory)), fault(name)
    with lab.held(), Console(stderr=True).status(f"Breaking: {escape(known.sentence)}"):
        Bench(lab.machines, lab.places.faults).break_(known)
    console = Console(highlight=False)
    console.print(f"Broken: {escape(known.sentence)}.")
    for problem in known.expected:
        console.print(f"Zabbix must raise: {escape(problem.name)} ({problem.severity.name.lower()})")
    console.print(f"See {lab.zabbix.url}/zabbix.php?action=problem.view and mend it: vigie lab mend {name}")


@app.command()
def mend(name: _Fault, directory: _Dir = None) -> None:
    """Mend what `break` broke, as an administrator would."""
    lab, known = find(_root(directory)), fault(name)
    with lab.held(), Console(stderr=True).status(f"Mending: {known.name}"):
        Bench(lab.machines, lab.places.faults).mend(known)
    Console(highlight=False).print(f"Mended: {known.name}.")


def _root(directory: Path | None) -> Path:
    return (directory or default_directory()).absolute()


def _print_status(lab: Lab) -> None:
    table = Table("server", "state", "process", "where", box=None, pad_edge=False)
    for record in lab.status():
        state = "[green]runs[/green]" if record.is_alive() else "[red]stopped[/red]"
        table.add_row(record.name, state, str(record.pid), record.where)
    Console().print(table)
    Console(soft_wrap=True).print(f"Logs: {lab.supervisor.logs}", highlight=False)
