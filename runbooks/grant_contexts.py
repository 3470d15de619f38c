"""Letting the observation read the contexts: a few columns of each, granted as the owner of their tables.

Pupils make contexts at any time, and PostgreSQL has no default privileges for columns: a timer runs this often.
What is granted already is left alone.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.errors import Exit, VigieError
from vigie.naming import is_context, shown
from vigie.observe.postgres import first_line
from vigie.settings import GrantContexts

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 -- a class that psycopg2 names so

_COLUMNS = Path(__file__).with_name("grant_contexts.sql")
_SUPERUSER = "postgres"
_LIST = (
    "SELECT encode(textsend(datname::text), 'hex') FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate"
)
# An owner's search path, operators and locks are kept out of what a superuser's session does in their database.
_SESSION = "-c search_path=pg_catalog -c lock_timeout=5000 -c statement_timeout=30000"


@dataclass(slots=True)
class Granted:
    """What came of it, by contexts; `failed` holds the printable name and the reason."""

    contexts: int = 0
    now: int = 0
    before: int = 0
    without_tables: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def grant_contexts(settings: GrantContexts) -> Granted:
    """Grant the role of the observation what it reads, in every context that can be entered.

    Raises:
        VigieError: when PostgreSQL cannot be asked for its list, or has no such role.
    """
    import psycopg2

    try:
        names = _names(settings)
    except psycopg2.Error as error:
        raise VigieError(f"the contexts cannot be listed: {shown(first_line(error))}", Exit.FAILED) from error
    done = Granted(contexts=len(names))
    for name in names:
        try:
            _grant(settings, name, done)
        except psycopg2.Error as error:
            done.failed[shown(name)] = shown(first_line(error))
        except UnicodeError:
            done.failed[shown(name)] = "its name is not UTF-8: rename it"
    return done


def _names(settings: GrantContexts) -> list[str]:
    connection = _connect(settings, "postgres", "SQL_ASCII")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", (settings.role,))
            if not cursor.rowcount:
                raise VigieError(f"PostgreSQL has no role {settings.role}: run contexts-role.sql first")
            cursor.execute(_LIST)
            names = [bytes.fromhex(row[0]).decode("utf-8", "surrogateescape") for row in cursor.fetchall()]
    finally:
        connection.close()
    return sorted(name for name in names if is_context(name))


def _grant(settings: GrantContexts, name: str, done: Granted) -> None:
    from psycopg2 import sql

    connection = _connect(settings, name, "UTF8")
    try:
        with connection.cursor() as cursor:
            cursor.execute(_COLUMNS.read_text(encoding="utf-8"), {"role": settings.role})
            rows = cursor.fetchall()
            missing: dict[tuple[str, str], list[str]] = defaultdict(list)
            for table, column, owner, may_read in rows:
                if not may_read:
                    missing[table, owner].append(column)
            for (table, owner), columns in missing.items():
                statement = sql.SQL(
                    "SET ROLE {owner}; GRANT SELECT ({columns}) ON TABLE public.{table} TO {role}; RESET ROLE"
                )
                cursor.execute(
                    statement.format(
                        owner=sql.Identifier(owner),
                        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                        table=sql.Identifier(table),
                        role=sql.Identifier(settings.role),
                    )
                )
    finally:
        connection.close()
    done.without_tables += not rows
    done.now += bool(missing)
    done.before += bool(rows) and not missing


def _connect(settings: GrantContexts, name: str, encoding: str) -> "Connection":
    import psycopg2

    where: dict[str, Any] = {"host": settings.socket, "port": settings.port, "user": _SUPERUSER, "dbname": name}
    connection: Connection = psycopg2.connect(
        **where, application_name="vigie-grant", connect_timeout=10, client_encoding=encoding, options=_SESSION
    )
    connection.autocommit = True
    return connection
