"""The PostgreSQL behind OpenERP, judged from two witnesses: what OpenERP says of it, and how this observation fared.

Other subjects keep quiet behind a PostgreSQL that does not answer: that is said on evidence alone. What is missing on
the side of the observation (its service file, its passfile, psycopg2) is none.
"""

from vigie.observe import texts
from vigie.observe.openerp.model import PostgresSeen, ServerSeen, postgres_seen
from vigie.observe.openerp.states import Connected, PostgresState, ServerState

_TOO_LATE = "PostgreSQL does not answer in time"
# What PostgreSQL says itself, in every language of its own.
_REFUSED = "FATAL"
# What libpq says in English: nothing here sets another language for it.
_NOBODY_LISTENS = ("Connection refused", '" failed: No such file or directory')
_NO_ANSWER = (
    _TOO_LATE,
    "timeout expired",
    "Connection timed out",
    "No route to host",
    "Network is unreachable",
    "Host is down",
    "unexpectedly",
    "Connection reset",
    "EOF detected",
    "could not receive data",
    "could not send data",
)


def with_list(server: ServerSeen) -> PostgresSeen:
    """PostgreSQL when it gave the list of the contexts."""
    if server.connected == Connected.NO:
        return postgres_seen(PostgresState.LOST, server.error or "OpenERP says that it does not reach PostgreSQL")
    return postgres_seen(PostgresState.ANSWERS)


def without_list(server: ServerSeen, error: Exception) -> PostgresSeen:
    """PostgreSQL when it did not.

    Args:
        server: OpenERP, as it was seen.
        error: a PostgresError with the driver's own error as its cause; a TooLateError.
    """
    sentence = texts.sentence(str(error) or _TOO_LATE)
    return postgres_seen(_state(server, f"{error.__cause__ or sentence}"), sentence)


def _state(server: ServerSeen, reason: str) -> PostgresState:
    if server.connected == Connected.YES:
        return PostgresState.CLOSED_TO_US
    is_refused = _REFUSED in reason
    is_silent = not is_refused and _says(reason, _NO_ANSWER)
    if not is_refused and _says(reason, _NOBODY_LISTENS):
        return PostgresState.SILENT
    if server.connected == Connected.NO:
        return PostgresState.SILENT if is_refused or is_silent else PostgresState.LOST
    if is_silent and server.state in (ServerState.UNREACHABLE, ServerState.SILENT):
        return PostgresState.UNREACHABLE
    return PostgresState.CLOSED_TO_US


def _says(reason: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in reason for phrase in phrases)
