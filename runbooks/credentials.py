"""`vigie credentials`: the key of the fingerprints, and the ledger of password generations."""

import os
from pathlib import Path
from typing import Annotated

import typer

from vigie.errors import VigieError
from vigie.site import Passwords, School

app = typer.Typer(help="The generations of the PostgreSQL password, by fingerprints.", no_args_is_help=True)

_Site = Annotated[Path, typer.Argument(metavar="SITE.YAML", help="The site file.")]
_Uai = Annotated[str | None, typer.Option("--school", help="UAI of the school, when the site file has several.")]


@app.callback()
def modes() -> None:
    """What is made here is its owner's, and readable at most by its group."""
    os.umask(0o027)


@app.command()
def key(site: _Site, school: _Uai = None) -> None:
    """Make the school's key for fingerprints, once; it is then copied to each station. Exit code 2 when it is there."""
    from vigie.credentials.ledger import make_key

    _, passwords = _declared(site, school)
    make_key(passwords.key_file)
    typer.echo(f"{passwords.key_file} is made. Copy it to each station, for root or SYSTEM alone.")


@app.command()
def note(
    site: _Site,
    passfile: Annotated[Path, typer.Option(metavar="FILE", help="A passfile that holds the new password.")],
    role: Annotated[str, typer.Option(metavar="NAME", help="The login role that has it.")],
    pending: Annotated[
        bool, typer.Option("--pending", help="It is only being handed out: `confirm` makes it the current one.")
    ] = False,
    school: _Uai = None,
) -> None:
    """Add a generation to the ledger: the fingerprint of what a passfile holds for a login role, never the password."""
    from vigie.credentials.ledger import marks_in_passfile, note_generation
    from vigie.credentials.server import server_of

    owner, passwords = _declared(site, school)
    if role not in passwords.roles:
        raise VigieError(f"{role} is not a login role of school {owner.uai}: {' and '.join(passwords.roles)} are")
    marks = marks_in_passfile(passfile, passwords.key_file, server_of(owner), role)
    made = note_generation(passwords.ledger, owner.uai, role, marks, pending=pending)
    typer.echo(f"Generation {made.number}, role {made.role}: {'being handed out' if pending else 'current'}.")


@app.command()
def confirm(site: _Site, school: _Uai = None) -> None:
    """Make the generation that was handed out the current one."""
    from vigie.credentials.ledger import confirm_generation

    owner, passwords = _declared(site, school)
    made = confirm_generation(passwords.ledger, owner.uai)
    typer.echo(f"Generation {made.number}, role {made.role}: current.")


@app.command()
def abandon(site: _Site, school: _Uai = None) -> None:
    """Give up the generation that is being handed out, its password lost or leaked; the current one stays."""
    from vigie.credentials.ledger import abandon_generation

    owner, passwords = _declared(site, school)
    gone = abandon_generation(passwords.ledger, owner.uai)
    typer.echo(
        f"Generation {gone.number}, role {gone.role}: abandoned. Close the role: ALTER ROLE {gone.role} NOLOGIN;"
    )


def _declared(site: Path, uai: str | None) -> tuple[School, Passwords]:
    from vigie import site as sites

    school = sites.load(site).school(uai)
    if school.passwords is None:
        raise VigieError(f"school {school.uai} has no `passwords` in the site file")
    return school, school.passwords
