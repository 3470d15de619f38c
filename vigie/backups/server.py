"""Asking PostgreSQL what there is to back up, and naming its databases to the tools."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

from vigie.errors import VigieError
from vigie.naming import is_context

_SQL = Path(__file__).parent / "sql"
_CONNECT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Database:
    """A database of the service; `size` in bytes on the server, 0 when it could not be asked."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that is not the server's default."""

    name: str
    setting: str
    unit: str
    source: str
    file: str


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server known by a service name: host, role and passfile stand in the service file."""

    service: str
    service_file: Path

    def environment(self) -> dict[str, str]:
        """The environment for libpq and its tools: this service file, and none of the caller's PG settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return kept | {
            "PGSERVICEFILE": str(self.service_file),
            "PGAPPNAME": "vigie",
            "PGCONNECT_TIMEOUT": str(_CONNECT_SECONDS),
            "LC_ALL": "C.UTF-8",
        }

    def dsn(self, database: str | None = None) -> str:
        """A connection string; the database's name is quoted, so that none is read as options (`a=b host=...`)."""
        # Not by psycopg2's make_dsn, which refuses names whose bytes are not UTF-8.
        parts = {"service": self.service} | ({"dbname": database} if database is not None else {})
        return " ".join(f"{name}={_quoted(value)}" for name, value in parts.items())

    @contextmanager
    def connected(self) -> Iterator[connection]:
        """A read-only connection to the service's own database.

        Raises:
            VigieError: one sentence, when the server cannot be reached or a question fails.
        """
        if not self.service_file.is_file():
            raise VigieError(f"the PostgreSQL service file {self.service_file} is missing; see docs/install.md")
        os.environ["PGSERVICEFILE"] = str(self.service_file)
        try:
            link = psycopg2.connect(
                self.dsn(),
                connect_timeout=_CONNECT_SECONDS,
                application_name="vigie",
                options="-c statement_timeout=30s -c client_encoding=SQL_ASCII -c default_transaction_read_only=on",
            )
        except psycopg2.Error as error:
            raise VigieError(f"PostgreSQL ({self.service}) cannot be reached: {_sentence(error)}") from error
        try:
            yield link
        except psycopg2.Error as error:
            raise VigieError(f"PostgreSQL ({self.service}) refused a question: {_sentence(error)}") from error
        finally:
            link.close()

    def databases(self) -> list[Database]:
        """The databases whose name starts with Specibike, in any case; their bytes are kept whatever the encoding."""
        with self.connected() as link, link.cursor() as cursor:
            cursor.execute((_SQL / "databases.sql").read_text())
            rows: list[tuple[str, int]] = cursor.fetchall()
        found = [Database(bytes.fromhex(name).decode("utf-8", "surrogateescape"), size) for name, size in rows]
        return [database for database in found if is_context(database.name)]

    def settings(self) -> tuple[str, list[Setting]]:
        """The server's release and its settings that are not defaults."""
        with self.connected() as link, link.cursor() as cursor:
            cursor.execute((_SQL / "settings.sql").read_text())
            release = str(link.info.parameter_status("server_version") or "")
            rows: list[tuple[str, str, str, str, str]] = cursor.fetchall()
        settings = [Setting(name, _text(value), unit, source, _text(file)) for name, value, unit, source, file in rows]
        return release.split(" ", maxsplit=1)[0], settings


def _text(hexadecimal: str) -> str:
    return bytes.fromhex(hexadecimal).decode("utf-8", "backslashreplace")


def _quoted(value: str) -> str:
    """A value in a connection string, where a blank, a quote, a backslash or nothing at all has a meaning."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _sentence(error: psycopg2.Error) -> str:
    """The first line of what libpq says; it never holds a password."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
