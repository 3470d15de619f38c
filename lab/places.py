"""Where everything of a lab is: one directory, one block of the loopback."""

import os
from dataclasses import dataclass
from pathlib import Path

DEFAULT_BLOCK = 10
ZABBIX_HOST = 1  # 127.0.BLOCK.1: Zabbix itself; the school's machines have the addresses of the site file


def default_directory() -> Path:
    """Where the lab is unless it is told: a system directory for root, the user's own otherwise."""
    if os.geteuid() == 0:
        return Path("/var/lib/vigie-lab")
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local/state")
    return Path(state) / "vigie-lab"


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a lab.

    Args:
        root: its directory; a short path, because sockets stand in it.
        block: its addresses are 127.0.BLOCK.x.
    """

    root: Path
    block: int = DEFAULT_BLOCK

    @property
    def records(self) -> Path:
        return self.root / "run"

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def zabbix(self) -> Path:
        return self.root / "zabbix"

    @property
    def external_scripts(self) -> Path:
        """Where Zabbix's server looks for external checks."""
        return self.zabbix / "server/externalscripts"

    @property
    def postgres(self) -> Path:
        """The school's PostgreSQL."""
        return self.root / "postgres"

    @property
    def openerp(self) -> Path:
        """OpenERP: its release directories, its configuration, its pid file."""
        return self.root / "openerp"

    @property
    def openerp_log(self) -> Path:
        """OpenERP's own log."""
        return self.openerp / "openerp-server.log"

    @property
    def prefix(self) -> Path:
        """Where Vigie is installed for the school's machines."""
        return self.root / "opt/vigie"

    @property
    def site(self) -> Path:
        """The lab's site file."""
        return self.root / "site.yaml"

    @property
    def etc(self) -> Path:
        """Service files, passfiles and secrets of the school's machines."""
        return self.root / "etc"

    @property
    def local_store(self) -> Path:
        """The dumps on OpenERP's server."""
        return self.root / "backups"

    @property
    def disk(self) -> Path:
        """The backup server's disk: a small file system of its own, when mounting is permitted."""
        return self.root / "disk"

    @property
    def store(self) -> Path:
        """The dumps on the backup server."""
        return self.disk / "store"

    @property
    def past(self) -> Path:
        """The store as it was two days ago, for the faults of a backup that no longer runs."""
        return self.disk / "past"

    @property
    def faults(self) -> Path:
        """What must be remembered of the faults that are broken."""
        return self.root / "faults"

    @property
    def hosts(self) -> Path:
        """The files that `vigie provision files` writes, one folder per host."""
        return self.root / "hosts"

    @property
    def token(self) -> Path:
        """The API token that the site file names."""
        return self.root / "zabbix.token"

    def address(self, number: int) -> str:
        return f"127.0.{self.block}.{number}"
