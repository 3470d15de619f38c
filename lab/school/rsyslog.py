"""An rsyslogd of the lab: Debian's own, with a configuration that stands for Debian's and takes in Vigie's."""

import socket
from dataclasses import dataclass
from pathlib import Path

from lab.accounts import Account
from lab.processes import Server
from vigie.site import LogPlaces

# What Debian's /etc/rsyslog.conf does, with the paths of a machine that shares its disk with others.
_MAIN = """
global(workDirectory="{spool}" umask="0022")
module(load="imuxsock" sysSock.name="{socket}" sysSock.rateLimit.interval="0")
include(file="{fragment}")
*.* action(type="omfile" file="{folder}/syslog" fileCreateMode="0640")
"""


@dataclass(frozen=True, slots=True)
class Rsyslog:
    """One machine's rsyslogd.

    Args:
        name: its name in `status`.
        folder: where its files are.
        places: its socket, figures and pid file.
        account: who runs it.
        fragment: the text of the file of /etc/rsyslog.d.
    """

    name: str
    folder: Path
    places: LogPlaces
    account: Account
    fragment: str

    @property
    def spool(self) -> Path:
        """The folder of its queues."""
        return self.folder / "spool"

    @property
    def configuration(self) -> Path:
        return self.folder / "rsyslog.conf"

    @property
    def pid_file(self) -> Path:
        """Several run on the lab's machine: none is known by its name alone."""
        return self.places.pid_file or self.folder / "rsyslogd.pid"

    def write(self) -> None:
        """Write its configuration and make its folders."""
        for made in (self.folder, self.spool, *(path.parent for path in self._files())):
            made.mkdir(parents=True, exist_ok=True)
            self.account.own(made)
        fragment = self.folder / "30-vigie.conf"
        fragment.write_text(self.fragment)
        text = _MAIN.format(spool=self.spool, socket=self.places.socket, fragment=fragment, folder=self.folder)
        self.configuration.write_text(text)

    def server(self) -> Server:
        """How it is run."""
        return Server(
            name=self.name,
            argv=["/usr/sbin/rsyslogd", "-n", "-i", str(self.pid_file), "-f", str(self.configuration)],
            account=self.account,
            ready=self.listens,
            where=str(self.places.socket),
        )

    def listens(self) -> bool:
        """Whether somebody reads from its socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asked:
            try:
                asked.connect(str(self.places.socket))
            except OSError:
                return False
        return True

    def _files(self) -> tuple[Path, ...]:
        return (self.places.socket, self.places.impstats, self.pid_file)
