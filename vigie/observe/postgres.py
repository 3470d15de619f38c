"""Which databases the school's PostgreSQL holds: one catalogue table, for a role with no right beyond CONNECT."""

import os
from pathlib import Path
from threading import Lock

from vigie.naming import is_context

_QUERY = Path(__file__).with_name("databases.sql")
_environment = Lock()


class PostgresError(Exception):
    """PostgreSQL could not be asked; one sentence without any secret."""


def list_contexts(service: str, service_file: str, seconds: float) -> list[str]:
    """The names of the contexts that PostgreSQL holds now; bytes that are not UTF-8 become lone surrogates.

    Args:
        service: name of the connection service.
        service_file: file that describes it.
        seconds: longest time of the query. libpq counts the connection in whole seconds, at least 2: the caller
            must keep its own deadline.

    Raises:
        PostgresError: when it does not answer, refuses, or the service is not described.
    """
    try:
        import psycopg2  # 30 ms: paid only by who asks
    except ImportError as error:
        raise PostgresError("psycopg2 is not installed beside Vigie") from error
    try:
        # libpq before 18 takes the service file from the environment alone.
        with _environment:
            os.environ["PGSERVICEFILE"] = service_file
            connection = psycopg2.connect(
                service=service,
                connect_timeout=max(2, round(seconds)),
                application_name="vigie-observe",
                client_encoding="SQL_ASCII",
            )
        try:
            connection.set_session(readonly=True, autocommit=True)
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout TO %s", (max(1, round(seconds * 1000)),))
                cursor.execute(_QUERY.read_bytes())
                names = [bytes.fromhex(row[0]).decode("utf-8", "surrogateescape") for row in cursor.fetchall()]
        finally:
            connection.close()
    except psycopg2.Error as error:
        raise PostgresError(_sentence(error)) from error
    return [name for name in names if is_context(name)]


def _sentence(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(":") if lines else type(error).__name__
