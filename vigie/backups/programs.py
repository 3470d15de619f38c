"""Which of the installed PostgreSQL client programs are used.

Debian's `/usr/bin/pg_dump` is a Perl script that looks for the right release and costs 25 ms at each call (measured),
as much as a whole verification: the program itself is called instead. It must not be older than the server.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from vigie.backups.process import ToolError

_WANTED = ("pg_dump", "pg_dumpall", "pg_restore")


@dataclass(frozen=True, slots=True)
class Programs:
    """The client programs of one release; `folder` is empty when only the PATH has them."""

    folder: str
    version: str

    def path(self, name: str) -> str:
        """How a program is called."""
        return f"{self.folder}/{name}" if self.folder else name


def find(server_version: str) -> Programs:
    """The oldest installed release that can dump this server.

    Args:
        server_version: as the server says it, `15.18`.

    Raises:
        ToolError: when there is none; the sentence names the package.
    """
    major = _number(server_version)
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    for release, folder in sorted((_number(folder.parent.name), folder) for folder in folders):
        if release >= major and all((folder / name).is_file() for name in _WANTED):
            return Programs(str(folder), _version(str(folder / "pg_dump")))
    if shutil.which("pg_dump") is None:
        raise ToolError(f"pg_dump {major} or later is not installed; install Debian's postgresql-client-{major}")
    return Programs("", _version("pg_dump"))


def _number(text: str) -> int:
    """The first whole number in a text, 0 when there is none."""
    found = re.search(r"\d+", text)
    return int(found[0]) if found else 0


def _version(program: str) -> str:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolError(f"{program} cannot be run; install Debian's postgresql-client") from error
    found = re.search(r"\d+(\.\d+)*", said)
    return found[0] if found else said.strip()[:40]
