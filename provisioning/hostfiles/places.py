"""Where things are on the hosts, and what a rendered file is."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from vigie.errors import VigieError

OBSERVERS = "vigie-observe"
OWNER = "vigie"
UNITS = PurePosixPath("/etc/systemd/system")
AGENT = PurePosixPath("/etc/zabbix/zabbix_agentd.conf.d")  # as Debian packages the agent; see docs/install.md
SUDOERS = PurePosixPath("/etc/sudoers.d")
EXTERNAL = PurePosixPath("/etc/zabbix/externalscripts")  # as Debian builds its server and proxy; see docs/install.md
_PLAIN = re.compile(r"/[A-Za-z0-9/._@+-]*[A-Za-z0-9._@+-]")


@dataclass(frozen=True, slots=True)
class Places:
    """The prefix Vigie is installed under (a virtual environment) and its configuration folder, on the hosts."""

    prefix: PurePosixPath = PurePosixPath("/opt/vigie")
    etc: PurePosixPath = PurePosixPath("/etc/vigie")

    def __post_init__(self) -> None:
        for option, path in (("--prefix", self.prefix), ("--etc", self.etc)):
            # They are written into service units, rsyncd.conf and the agent's file, where blanks and % have a meaning.
            if not _PLAIN.fullmatch(str(path)) or ".." in path.parts:
                raise VigieError(
                    f"{option} {str(path)!r} must be an absolute path of letters, digits and / . _ @ + -, without '..'"
                )


@dataclass(frozen=True, slots=True)
class HostFile:
    """One file for a host: its name under the output folder, its text, and where, whose and how it is installed."""

    name: str
    text: str
    destination: PurePosixPath
    mode: int
    owner: str = "root"
    group: str = "root"
