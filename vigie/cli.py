"""The `vigie` command: its groups come from the rooms, by entry point, so that `vigie` imports none of them."""

import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from vigie import __version__
from vigie.check.command import app as check_app
from vigie.errors import Exit, VigieError

SiteArgument = Annotated[Path, typer.Argument(metavar="SITE.YAML", help="The site file.")]

app = typer.Typer(
    name="vigie",
    help="Monitoring and recovery of a school's OpenERP service, centred on Zabbix.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
site_app = typer.Typer(help="The site file.", no_args_is_help=True)


@site_app.command("check")
def check_site(site: SiteArgument) -> None:
    """Check a site file: every error at once, with its line. Exit code 2 when it is wrong."""
    from vigie import site as sites

    loaded = sites.load(site)
    console = Console()
    for school in loaded.schools:
        console.print(
            f"{school.uai} {school.name}: {len(school.hosts)} hosts, {len(school.classes)} classes",
            markup=False,
        )
        if not sites.uai_is_plausible(school.uai):
            console.print(f"  warning: the letter of {school.uai} does not match its number", markup=False)


@site_app.command("schema")
def schema() -> None:
    """Print the JSON schema of the site file, for editors."""
    import json

    from vigie.site import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def version() -> None:
    """Print Vigie's version."""
    typer.echo(f"vigie {__version__}")


def main() -> None:
    """Run a command; a known error becomes one sentence and its exit code, never a traceback."""
    app.add_typer(site_app, name="site")
    app.add_typer(check_app, name="check")
    groups = sorted(entry_points(group="vigie.commands"), key=lambda entry: entry.name)
    # A group's command does not pay for the others' imports: `backup receive` runs after each transfer.
    asked = [entry for entry in groups if entry.name == (sys.argv[1] if len(sys.argv) > 1 else "")]
    for entry in asked or groups:
        app.add_typer(entry.load(), name=entry.name)
    try:
        app()
    except VigieError as error:
        sys.stderr.write(f"vigie: {error.sentence}\n")
        sys.exit(int(error.exit_code))
    except OSError as error:  # a full or broken disk, wherever it is met
        sys.stderr.write(f"vigie: {error.strerror or error}{f' ({error.filename})' if error.filename else ''}\n")
        sys.exit(int(Exit.FAILED))
    except KeyboardInterrupt:
        sys.stderr.write("vigie: interrupted\n")
        sys.exit(int(Exit.FAILED))
