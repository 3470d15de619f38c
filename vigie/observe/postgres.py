"""Asking PostgreSQL: one read-only connection, a service name, a deadline, and errors that hold no secret."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock

from vigie.hints import TYPE_CHECKING, Any
from vigie.observe.lazily import put_off

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 -- a class that psycopg2 names so

_loading = Lock()
_environment = Condition()
# How many threads are connecting by the service file that the environment names.
_connecting = [0]


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
    psycopg2 = _driver()
    try:
        with _service_file(service_file):
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
        raise PostgresError(first_line(error)) from error


def _driver() -> Any:
    """psycopg2: its loading is paid only by who asks."""
    try:
        with _loading, put_off("ssl"):
            import psycopg2
    except ImportError as error:
        raise PostgresError("psycopg2 is not installed beside Vigie") from error
    return psycopg2


@contextmanager
def _service_file(path: str) -> Iterator[None]:
    """The environment names a service file; who needs the same one connects at the same time, others wait.

    libpq before 18 takes it from the environment alone. A server that hangs must not hold up the question to another.
    """
    with _environment:
        _environment.wait_for(lambda: not _connecting[0] or os.environ.get("PGSERVICEFILE") == path)
        os.environ["PGSERVICEFILE"] = path
        _connecting[0] += 1
    try:
        yield
    finally:
        with _environment:
            _connecting[0] -= 1
            _environment.notify_all()


def query(module: str, name: str) -> bytes:
    """A query that stands in a file of its own beside the module that asks it.

    Args:
        module: the module's `__file__`.
        name: the file's, without `.sql`.
    """
    with open(os.path.join(os.path.dirname(module), f"{name}.sql"), "rb") as file:
        return file.read()


def first_line(error: Exception) -> str:
    """What an error of psycopg2 says first: one line, which holds no secret."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(":") if lines else type(error).__name__
