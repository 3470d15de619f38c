"""`vigie provision files`: what a host of the site file needs, written into a folder, and how it is installed."""

import shlex
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from provisioning.hostfiles.places import SUDOERS, HostFile, Places
from vigie.errors import VigieError
from vigie.site import School, Site, load

_PLACES = Places()


def files(
    site: Annotated[Path, typer.Argument(metavar="SITE.YAML", help="The site file.")],
    host: Annotated[str, typer.Option(metavar="NAME", help="The host, as the site file names it.")],
    to: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write into; made when it is missing.")],
    school: Annotated[
        str | None, typer.Option(metavar="UAI", help="Its school, when several schools have a host of that name.")
    ] = None,
    prefix: Annotated[
        str, typer.Option(metavar="PATH", help="Where Vigie is installed on the host (a virtual environment).")
    ] = str(_PLACES.prefix),
    etc: Annotated[str, typer.Option(metavar="PATH", help="Vigie's configuration folder on the host.")] = str(
        _PLACES.etc
    ),
) -> None:
    """Write the files of one host: settings, servers, agent, external checks, service units, PostgreSQL roles.

    Prints the commands that install them. No secret is in them. Exit code 2 when the site file or the host is wrong.
    """
    from provisioning.hostfiles.render import files_for
    from provisioning.hostfiles.write import write
    from provisioning.subjects import Order

    places = Places(PurePosixPath(prefix), PurePosixPath(etc))
    loaded = load(site)
    owner = school_of(loaded, host, school)
    made = files_for(
        Order(
            loaded,
            owner,
            owner.host(host),
            site_text=site.read_text(encoding="utf-8"),
            places=places,
            today=datetime.now(loaded.time_zone(owner)).date(),
        )
    )
    if not made:
        typer.echo(f"{host} of school {owner.uai} needs no file: nothing is written.")
        return
    write(made, to)
    on_windows = owner.host(host).is_windows
    who = "an administrator" if on_windows else "root"
    typer.echo(f"# {host} of school {owner.uai}: {len(made)} files in {to}. On that host, as {who}:")
    for file in made:
        typer.echo(copying(file) if on_windows else installation(file, to, places.etc))


def school_of(site: Site, host: str, uai: str | None) -> School:
    """The school of a host: the one named, or the only one that has a host of that name.

    Raises:
        VigieError: when no school has it, or several and none was named.
    """
    if uai is not None:
        found = [site.school(uai)]
        found[0].host(host)
        return found[0]
    found = [school for school in site.schools if any(each.name == host for each in school.hosts)]
    if len(found) == 1:
        return found[0]
    if found:
        raise VigieError(
            f"several schools have a host {host} ({', '.join(s.uai for s in found)}): name one with --school"
        )
    known = ", ".join(f"{each.name} ({school.uai})" for school in site.schools for each in school.hosts)
    raise VigieError(f"no host {host} in the site file; it has {known}")


def installation(file: HostFile, folder: Path, etc: PurePosixPath) -> str:
    """The command that puts a file in its place.

    One that is to be completed never replaces another; where it has a folder of its own below `etc`, a password will
    stand beside it, so that the folder is for its group alone. Rights for sudo are installed when sudo reads them: one
    wrong line there and nobody is root any more.

    Args:
        file: the file.
        folder: where it was written.
        etc: Vigie's configuration folder on the host.
    """
    source, destination = shlex.quote(str(folder / file.name)), shlex.quote(str(file.destination))
    command = f"install -D -m {file.mode:04o} -o {file.owner} -g {file.group} {source} {destination}"
    if file.destination.parent == SUDOERS:
        return f"visudo -c -q -f {source} && {command}"
    if not file.name.endswith(".example"):
        return command
    own = file.destination.parent
    if etc in own.parents:
        command = f"{{ install -d -m 0750 -o root -g {file.group} {shlex.quote(str(own))} && {command}; }}"
    return f"[ -e {destination} ] || {command}"


def copying(file: HostFile) -> str:
    """The command that puts a file in its place on a Windows host, from the folder that it was carried in."""
    return f'copy /Y "{file.name}" "{file.destination}"'
