"""The stand-in's configuration: OpenERP's own file and the few options of its command line that the lab uses."""

import argparse
import configparser
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Configuration:
    """What `openerp-server.conf` says, in its own words; the password never stands on the command line."""

    release: str
    db_host: str
    db_port: int
    db_user: str
    db_password: str
    xmlrpc_interface: str
    xmlrpc_port: int
    logfile: str
    pidfile: str
    list_db: bool
    databases: tuple[str, ...] = ()
    update: bool = False
    stop_after_init: bool = False
    # Seconds before each answer: no option of OpenERP's.
    delay: float = 0.0

    def connect(self, database: str) -> Any:
        """A connection of OpenERP's role, each statement on its own.

        Raises:
            psycopg2.OperationalError: when PostgreSQL does not answer or refuses.
        """
        import psycopg2

        connection = psycopg2.connect(
            host=self.db_host, port=self.db_port, user=self.db_user, password=self.db_password, dbname=database
        )
        connection.autocommit = True
        return connection


def read(folder: Path, arguments: list[str], delay: str) -> Configuration:
    """The configuration of a server.

    Args:
        folder: `bin` of the release, which holds `release.py`.
        arguments: of the command line.
        delay: seconds before each answer.
    """
    parser = argparse.ArgumentParser(prog="openerp-server.py", description="A stand-in of the lab, not OpenERP.")
    parser.add_argument("-c", "--config", type=Path, required=True)
    parser.add_argument("-d", "--database", default="")
    parser.add_argument("-u", "--update", default="")
    parser.add_argument("--stop-after-init", action="store_true")
    parser.add_argument("--no-database-list", action="store_true")
    given = parser.parse_args(arguments)
    # No interpolation: a password may hold a percent sign.
    file = configparser.ConfigParser(interpolation=None)
    with given.config.open(encoding="utf-8") as stream:
        file.read_file(stream)
    options = file["options"]
    known = Configuration(
        release=_release_of(folder),
        db_host=options["db_host"],
        db_port=int(options["db_port"]),
        db_user=options["db_user"],
        db_password=options["db_password"],
        xmlrpc_interface=options["xmlrpc_interface"],
        xmlrpc_port=int(options["xmlrpc_port"]),
        logfile=options["logfile"],
        pidfile=options["pidfile"],
        list_db=options["list_db"] == "True" and not given.no_database_list,
        databases=tuple(name for name in (given.database or options.get("db_name", "")).split(",") if name),
        delay=float(delay or 0),
    )
    return replace(known, update=bool(given.update), stop_after_init=given.stop_after_init)


def _release_of(folder: Path) -> str:
    """The release, as `release.py` writes it."""
    for line in (folder / "release.py").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "version":
            return value.strip().strip("'\"")
    raise ValueError(f"{folder / 'release.py'} says no version")
