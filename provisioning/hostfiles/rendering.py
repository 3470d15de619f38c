"""From a name and values to a file of a host. Nothing here writes."""

import re
from ipaddress import ip_network
from pathlib import Path, PurePosixPath

from jinja2 import Environment, PackageLoader, StrictUndefined

from provisioning.hostfiles.places import OBSERVERS, UNITS, HostFile, Places
from vigie.errors import VigieError
from vigie.paths import room
from vigie.settings import Settings

# Plain text, no HTML: every value was checked by the site file's models to be free of blanks, quotes and %.
_JINJA = Environment(
    loader=PackageLoader("provisioning.hostfiles", "files"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def text(name: str, values: dict[str, object]) -> str:
    """A template of `files/` with its values."""
    return _JINJA.get_template(f"{name}.j2").render(values)


def settings(name: str, model: Settings, places: Places) -> HostFile:
    """A small settings file, readable by the monitoring user."""
    return HostFile(name, model.to_json(), places.etc / name, 0o640, group=OBSERVERS)


def unit(name: str, values: dict[str, object]) -> HostFile:
    """A systemd unit."""
    return HostFile(name, text(name, values), UNITS / name, 0o644)


def example(name: str, destination: Path, values: dict[str, object], reader: str) -> HostFile:
    """A file that the administrator completes: it gets another name, so that none ever replaces a completed one."""
    return HostFile(f"{name}.example", text(name, values), PurePosixPath(destination), 0o640, group=reader)


def shipped(folder: str, name: str, places: Places) -> str:
    """A file of `userparameters` or `externalscripts`, with the prefixes of the production places replaced.

    Raises:
        VigieError: when Vigie was installed without it.
    """
    source = room(folder) / name
    try:
        written = source.read_text(encoding="utf-8")
    except OSError as error:
        raise VigieError(f"{source}: cannot be read: {error.strerror}; install Vigie again") from error
    wanted = {"/opt/vigie": str(places.prefix), "/etc/vigie": str(places.etc)}
    return re.sub(r"/(?:opt|etc)/vigie(?![A-Za-z0-9_.-])", lambda match: wanted[match[0]], written)


def network(address: str) -> str:
    """An address as pg_hba.conf wants it: an IP with its mask, a name as it is."""
    try:
        return str(ip_network(address))
    except ValueError:
        return address
