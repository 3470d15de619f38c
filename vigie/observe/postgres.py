"""Asking PostgreSQL: one read-only connection, a service name, a deadline, and errors that hold no secret."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 -- a class that psycopg2 names so

_environment = Lock()


class PostgresError(Exception):
    """PostgreSQL could not be asked; one sentence without any secret."""


@contextmanager
def connected(
    service: str, service_file: str, seconds: float, *, dbname: str = "", encoding: str = "UTF8"
) -> Iterator["Connection"]:
    """A read-only connection, each statement on its own, closed at the end.

    What psycopg2 raises inside is raised again as PostgresError.

    Args:
        service: name of the connection service.
        service_file: file that describes it.
        seconds: longest time of a statement. libpq counts the connection in whole seconds, at least 2: the caller
            must keep its own deadline.
        dbname: another database than the service's.
        encoding: the client's encoding.

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
                dbname=dbname or None,
                connect_timeout=max(2, round(seconds)),
                application_name="vigie-observe",
                client_encoding=encoding,
            )
        try:
            connection.set_session(readonly=True, autocommit=True)
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout TO %s", (max(1, round(seconds * 1000)),))
            yield connection
        finally:
            connection.close()
    except psycopg2.Error as error:
        raise PostgresError(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(":") if lines else type(error).__name__
