"""`vigie contexts`: what Vigie must be allowed in the contexts of OpenERP."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from vigie.errors import Exit, VigieError
from vigie.settings import GrantContexts, SettingsError

app = typer.Typer(help="What Vigie must be allowed in the contexts of OpenERP.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """What Vigie must be allowed in the contexts of OpenERP."""


@app.command()
def grant(
    settings: Annotated[Path, typer.Argument(metavar="SETTINGS.json", help="As /etc/vigie/grant-<UAI>.json.")],
) -> None:
    """Let the observation read a few columns of each context; what is granted already is left alone.

    Exit code: 0 all of them, 1 some failed or PostgreSQL does not answer, 2 wrong settings or no such role.
    """
    from runbooks.grant_contexts import grant_contexts

    try:
        known = GrantContexts.read(settings)
    except SettingsError as error:
        raise VigieError(str(error)) from error
    done = grant_contexts(known)
    typer.echo(
        f"{done.contexts} contexts: {done.now} granted now, {done.before} before, "
        f"{done.without_tables} without OpenERP's tables, {len(done.failed)} failed"
    )
    for name, reason in done.failed.items():
        sys.stderr.write(f"vigie: {name}: {reason}\n")
    if done.failed:
        raise typer.Exit(Exit.FAILED)
