"""Where the programs of each Zabbix release are.

6.0 is Debian 12's own; 7.0 is Debian 13's, kept in a root of its own.
"""

from dataclasses import dataclass
from pathlib import Path

from lab.zabbix import trixie
from vigie.errors import VigieError

# What `Timeout` of the server's configuration is for in 6.0; 7.0 takes it for other things.
_TIMEOUTS = (
    "UPDATE config SET timeout_zabbix_agent = '12s', timeout_snmp_agent = '12s', timeout_external_check = '12s';"
)
# The schema, its pictures, its data: in this order, and nothing else that the folder holds.
_SCHEMA = ("schema.sql.gz", "images.sql.gz", "data.sql.gz")


@dataclass(frozen=True, slots=True)
class Release:
    """The programs of a release.

    `server` and `agent` are a command's beginning. `settings` is SQL: what an administrator sets in the frontend.
    """

    name: str
    server: tuple[str, ...]
    agent: tuple[str, ...]
    frontend: Path
    schema: tuple[Path, ...]
    settings: str = ""


def _debian_12() -> Release:
    share = Path("/usr/share")
    return Release(
        "6.0",
        ("/usr/sbin/zabbix_server",),
        ("/usr/sbin/zabbix_agentd",),
        share / "zabbix",
        tuple(share / "zabbix-server-pgsql" / name for name in _SCHEMA),
    )


def _debian_13() -> Release:
    root = trixie.root()
    share = root / "usr/share"
    # The program runs with the libraries of its own root, and sees the machine's files: it needs no right to change
    # root.
    loader = (str(root / "lib64/ld-linux-x86-64.so.2"), "--library-path", str(root / "usr/lib/x86_64-linux-gnu"))
    return Release(
        "7.0",
        (*loader, str(root / "usr/sbin/zabbix_server")),
        (*loader, str(root / "usr/sbin/zabbix_agentd")),
        share / "zabbix",
        tuple(share / "zabbix-server-pgsql" / name for name in _SCHEMA),
        _TIMEOUTS,
    )


_MAKERS = {"6.0": _debian_12, "7.0": _debian_13}
RELEASES = tuple(_MAKERS)


def release(name: str) -> Release:
    """The programs of a release, checked to be there.

    Raises:
        VigieError: when the release is unknown or its packages are not installed.
    """
    if name not in _MAKERS:
        raise VigieError(f"Zabbix {name!r} is not one of the lab's releases: {', '.join(RELEASES)}")
    found = _MAKERS[name]()
    for path in (Path(found.server[-1]), Path(found.agent[-1]), found.frontend / "index.php", *found.schema):
        if not path.exists():
            raise VigieError(f"Zabbix {name} is not installed: {path} is missing; run script/bootstrap")
    return found
