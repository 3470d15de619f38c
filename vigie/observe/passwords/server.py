"""What PostgreSQL tells of its roles and sessions, through the two functions that Vigie's role may call."""

from vigie.observe.postgres import PostgresError, connected, query
from vigie.records import Record

# Of PostgreSQL's error codes: no such function or schema, or no right to it.
_NOT_INSTALLED = ("42", "3F")


class NotInstalledError(Exception):
    """PostgreSQL answers and has not Vigie's functions, or does not let Vigie's role call them."""


class LoginRole(Record):
    """A role that may log in: `kind` of hash (scram-sha-256, md5, other, none), `valid_until` epoch (None: never)."""

    name: str
    kind: str
    valid_until: int | None


class Sessions(Record):
    """The sessions of one role from one address; empty for the server's own socket."""

    role: str
    address: str
    count: int


def ask(service: str, service_file: str, seconds: float, roles: list[str]) -> tuple[list[LoginRole], list[Sessions]]:
    """Ask PostgreSQL, by one connection.

    Args:
        service: name of the connection service.
        service_file: file that describes it.
        seconds: longest time of each statement; see `connected`.
        roles: whose sessions are counted.

    Raises:
        PostgresError: when it cannot be asked.
        NotInstalledError: when it has not the functions.
    """
    try:
        with (
            connected(service, service_file, seconds, encoding="SQL_ASCII") as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(query(__file__, "roles"))
            known = [LoginRole(_name(row[0]), str(row[1]), row[2]) for row in cursor.fetchall()]
            cursor.execute(query(__file__, "sessions"), {"roles": roles})
            sessions = [Sessions(_name(row[0]), str(row[1]), int(row[2])) for row in cursor.fetchall()]
    except PostgresError as error:
        code = getattr(error.__cause__, "pgcode", None) or ""
        if code.startswith(_NOT_INSTALLED):
            raise NotInstalledError(f"{error}; a superuser must run passwords.sql in the database postgres") from error
        raise
    return known, sessions


def _name(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-8", "surrogateescape")
