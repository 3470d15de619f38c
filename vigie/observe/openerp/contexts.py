"""Reading every context in PostgreSQL, a few at once, until a deadline: what was not reached is said to be missing."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from threading import Lock

from vigie.hints import Any
from vigie.naming import is_context
from vigie.observe import texts
from vigie.observe.asking import Asked, TooLateError
from vigie.observe.openerp.states import ContextState
from vigie.observe.postgres import PostgresError, connected, first_line, query
from vigie.records import Record

# A context whose tables are locked waits this share of the time that all of them have.
_SHARE = 0.5
_STATES = {
    "42P01": (ContextState.NOT_OPENERP, "it has no tables of OpenERP"),
    "42501": (ContextState.NOT_GRANTED, "its owner has not granted Vigie to read it yet"),
    "42703": (ContextState.UNREADABLE, "its tables are not those of OpenERP"),
    "57014": (ContextState.UNREADABLE, "its tables are locked, or too slow to be read"),
}
# A thousand contexts that nobody may enter must fit into what Zabbix takes: bytes of a refusal.
_LONGEST_REFUSAL = 120
# What of a connection's parameters is not taken over: the service was resolved, the rest is the context's own.
_OWN_PARAMETERS = ("service", "dbname", "options", "client_encoding")


class Listed(Record):
    """A context of the list: whether it may be entered, and whether OpenERP has loaded it."""

    name: str
    is_open: bool
    is_served: bool


class Row(Record):
    """What a context says of itself; times in epoch seconds, size in bytes. `next_call` is None without any."""

    base: str
    pending: int
    markers: int
    upgraded_at: int
    next_call: float | None
    size: int


class Refusal(Record):
    """Why a context could not be read."""

    state: ContextState
    sentence: str


class Reading(Record):
    """The contexts that there are, and what was read of them in time."""

    listed: dict[str, Listed]
    found: dict[str, Row | Refusal]


def read_contexts(service: str, service_file: str, *, connections: int, until: float) -> Reading:
    """List the contexts and read each of them, in an order that changes, so that no one is always the last.

    Args:
        service: name of the connection service.
        service_file: file that describes it.
        connections: how many contexts are read at once.
        until: deadline, a time of `time.monotonic`.

    Returns:
        What was read. A context dropped meanwhile is not in it, if there was time to look again.

    Raises:
        PostgresError: when the contexts cannot be listed.
    """
    seconds = max(0.1, until - time.monotonic())
    with ExitStack() as stack:
        connection = stack.enter_context(connected(service, service_file, seconds, encoding="SQL_ASCII"))
        listed = {each.name: each for each in _list(connection)}
        parameters: dict[str, Any] = connection.info.dsn_parameters
        parameters = {name: value for name, value in parameters.items() if name not in _OWN_PARAMETERS}
        names = [name for name, each in listed.items() if each.is_open]
        names.sort(key=lambda _: os.urandom(8))  # `random` takes as long to load as a context to be read
        found = _Readers(parameters, names, until).read(connections)
        if any(isinstance(each, Refusal) for each in found.values()):
            still = _still_listed(connection, stack.pop_all(), until)
            listed = {name: each for name, each in listed.items() if still is None or name in still}
    return Reading(listed, {name: each for name, each in found.items() if name in listed})


def _still_listed(connection: Any, closing: ExitStack, until: float) -> set[str] | None:
    """The names that are there now; none when nothing is said of them before the deadline: what was read is kept."""

    def ask() -> set[str]:
        with closing:
            return {each.name for each in _list(connection)}

    try:
        return Asked(ask).answer(until)
    except (PostgresError, TooLateError):
        return None


def _list(connection: Any) -> Iterator[Listed]:
    with connection.cursor() as cursor:
        cursor.execute(query(__file__, "listing"))
        for digits, is_open, is_served in cursor.fetchall():
            name = bytes.fromhex(digits).decode("utf-8", "surrogateescape")
            if is_context(name):
                yield Listed(name, is_open, is_served)


class _Readers:
    """Some connections at once, each reading one context after the other."""

    def __init__(self, parameters: dict[str, Any], names: list[str], until: float) -> None:
        self._parameters = parameters
        self._waiting = names
        self._until = until
        self._longest = max(0.1, (until - time.monotonic()) * _SHARE)
        self._query = query(__file__, "context")
        self._found: dict[str, Row | Refusal] = {}
        self._lock = Lock()

    def read(self, connections: int) -> dict[str, Row | Refusal]:
        """What was read when all is, or when the deadline comes."""
        readers = [Asked(self._work) for _ in range(min(connections, len(self._waiting)))]
        for reader in readers:
            try:
                reader.answer(self._until)
            except TooLateError:
                break
        with self._lock:
            return dict(self._found)

    def _work(self) -> None:
        while time.monotonic() < self._until:
            with self._lock:
                if not self._waiting:
                    return
                name = self._waiting.pop()
            found = self._read(name)
            with self._lock:
                self._found[name] = found

    def _read(self, name: str) -> Row | Refusal:
        import psycopg2

        try:
            connection = psycopg2.connect(
                **self._parameters, dbname=name, client_encoding="UTF8", options=self._options()
            )
            try:
                connection.autocommit = True
                with connection.cursor() as cursor:
                    cursor.execute(self._query)
                    return _row(cursor.fetchone())
            finally:
                connection.close()
        except psycopg2.Error as error:
            state, sentence = _STATES.get(error.pgcode or "", (ContextState.UNREADABLE, first_line(error)))
            return Refusal(state, short(sentence))
        except ValueError:  # a name or a version in bytes that are no text
            return Refusal(ContextState.UNREADABLE, "its name or its modules are not UTF-8")

    def _options(self) -> str:
        """One round trip for all of it; the search path keeps what a context's owner defines out of the query."""
        left = min(self._longest, max(0.05, self._until - time.monotonic()))
        timeout = f"statement_timeout={round(left * 1000)}"
        return f"-c default_transaction_read_only=on -c search_path=pg_catalog -c {timeout}"


def short(sentence: str) -> str:
    """What the driver says of a refusal, without the server's address, which is the same for all; 120 bytes at most."""
    _, failed, reason = sentence.partition(" failed: ")
    said = texts.sentence(reason if failed and sentence.startswith("connection to server") else sentence)
    bytes_of_it = said.encode("utf-8")
    if len(bytes_of_it) <= _LONGEST_REFUSAL:
        return said
    return bytes_of_it[: _LONGEST_REFUSAL - 3].decode("utf-8", "ignore") + "…"


def _row(row: Any) -> Row:
    base, pending, markers, upgraded_at, next_call, size = row
    return Row(base or "", int(pending), int(markers), int(upgraded_at or 0), next_call, int(size))


def asked(service: str, service_file: str, *, connections: int, until: float) -> Asked[Reading]:
    """`read_contexts`, aside."""
    return Asked(partial(read_contexts, service, service_file, connections=connections, until=until))
