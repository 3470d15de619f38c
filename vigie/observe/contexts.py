"""Which contexts the school's PostgreSQL holds: one catalogue table, for a role with no right beyond CONNECT."""

from vigie.naming import is_context
from vigie.observe.postgres import connected, query


def list_contexts(service: str, service_file: str, seconds: float) -> list[str]:
    """The names of the contexts that PostgreSQL holds now; bytes that are not UTF-8 become lone surrogates.

    Args:
        service: name of the connection service.
        service_file: file that describes it.
        seconds: longest time of the query; see `connected`.

    Raises:
        PostgresError: when it does not answer, refuses, or the service is not described.
    """
    # Names are bytes to the server, in whatever encoding they were made: they come as hexadecimal digits.
    with connected(service, service_file, seconds, encoding="SQL_ASCII") as connection, connection.cursor() as cursor:
        cursor.execute(query(__file__, "contexts"))
        names = [bytes.fromhex(row[0]).decode("utf-8", "surrogateescape") for row in cursor.fetchall()]
    return [name for name in names if is_context(name)]
