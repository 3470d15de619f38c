"""Asking OpenERP by XML-RPC: its release, and whether it reaches its PostgreSQL. Nothing here logs in.

`login` would write a date, install OpenERP into an empty database, or run a pending upgrade.
"""

import time
from functools import partial

from vigie.hints import Any
from vigie.observe import texts
from vigie.observe.asking import Asked, TooLateError
from vigie.observe.openerp import release, xmlrpc
from vigie.observe.openerp.exchange import ExchangeError, post
from vigie.observe.openerp.model import ServerSeen
from vigie.observe.openerp.states import Connected, ReleaseState, ServerState, words
from vigie.records import Record, replaced

_DB = "/xmlrpc/db"
_COMMON = "/xmlrpc/common"
_LATER = "/xmlrpc/2/common"  # OpenERP 6.1 and later
_LONGEST_RELEASE = 32


class Address(Record):
    """Where OpenERP answers, and until when (a time of `time.monotonic`)."""

    host: str
    port: int
    until: float

    def ask(self, path: str, method: str, *parameters: str) -> Any:
        """A method's answer: a value or a `xmlrpc.Fault`.

        Raises:
            ExchangeError: when what answers is no OpenERP, or nothing answers.
        """
        body = post(self.host, self.port, path, xmlrpc.call(method, *parameters), self.until)
        try:
            return xmlrpc.answer(body)
        except xmlrpc.NotXmlRpcError as error:
            raise ExchangeError(ServerState.GARBAGE, str(error)) from error


class Asking:
    """Both questions under way at once, so that a PostgreSQL that hangs does not hide a server that answers.

    Args:
        host: OpenERP's address.
        port: the port of XML-RPC.
        until: deadline, a time of `time.monotonic`.
    """

    def __init__(self, host: str, port: int, until: float) -> None:
        address = Address(host, port, until)
        self._address = address
        self._release = Asked(partial(_timed, partial(_release, address)))
        self._connected = Asked(partial(_timed, partial(_connected, address)))

    def seen(self, declared: str) -> ServerSeen:
        """What came of them.

        Args:
            declared: the release that the school declares.
        """
        until = self._address.until
        try:
            running, seconds = self._release.answer(until)
        except ExchangeError as error:
            return ServerSeen(error.state, words(error.state), error=texts.sentence(str(error)))
        except TooLateError:
            where = f"{self._address.host}:{self._address.port}"
            return ServerSeen(ServerState.SILENT, words(ServerState.SILENT), error=f"no answer from {where} in time")
        drift = ReleaseState.AS_DECLARED if release.is_declared(running, declared) else ReleaseState.DIFFERENT
        state = ServerState.ANSWERS
        seen = ServerSeen(state, words(state), running, drift, answer_seconds=seconds)
        try:
            connected, connect_seconds = self._connected.answer(until)
        except (ExchangeError, TooLateError) as error:
            # It answers, and not this: it waits for PostgreSQL.
            sentence = f"OpenERP does not say whether it reaches PostgreSQL: {error}".removesuffix(": ")
            return replaced(seen, connected=Connected.NO, error=texts.sentence(sentence))
        return replaced(seen, connected=connected, connect_seconds=connect_seconds)


def _timed(question: Any) -> tuple[Any, float]:
    begun = time.monotonic()
    answer = question()
    return answer, round(time.monotonic() - begun, 4)


def _release(address: Address) -> str:
    """The release that runs: `server_version` where it is, else `version` of later releases."""
    try:
        found = address.ask(_DB, "server_version")
    except ExchangeError as error:
        if error.state != ServerState.NOT_OPENERP:
            raise
        found = address.ask(_LATER, "version")
    if isinstance(found, xmlrpc.Fault) and (found.is_unknown_method or found.is_access_denied):
        found = address.ask(_LATER, "version")
    if isinstance(found, xmlrpc.Fault):
        raise ExchangeError(ServerState.FAULT, f"OpenERP answers with a fault: {found.sentence}")
    if isinstance(found, dict):
        found = found.get("server_version")
    if not isinstance(found, str) or not release.numbers(found):
        raise ExchangeError(ServerState.NOT_OPENERP, "what answers does not say a release")
    return texts.sentence(found)[:_LONGEST_RELEASE]


def _connected(address: Address) -> Connected:
    """Whether OpenERP reaches its PostgreSQL: `server_version` answers without it, and `db_exist` from a stale pool."""
    try:
        found = address.ask(_COMMON, "check_connectivity")
    except ExchangeError as error:
        if error.state != ServerState.NOT_OPENERP:
            raise
        return _connected_later(address)
    if isinstance(found, bool):
        return Connected.YES if found else Connected.NO
    return _connected_later(address)


def _connected_later(address: Address) -> Connected:
    """The same of a release without `check_connectivity`: its list of databases needs PostgreSQL.

    Where the list is hidden, a later Odoo still says whether it can connect to a database: that is its `db_exist`.
    """
    try:
        found = address.ask(_DB, "list")
        if isinstance(found, xmlrpc.Fault) and found.is_access_denied:
            found = address.ask(_DB, "db_exist", "postgres")
    except ExchangeError as error:
        if error.state != ServerState.NOT_OPENERP:  # kept from us, by a proxy before it
            raise
        return Connected.UNKNOWN
    if isinstance(found, list | bool):
        return Connected.NO if found is False else Connected.YES
    is_hidden = not isinstance(found, xmlrpc.Fault) or found.is_access_denied or found.is_unknown_method
    return Connected.UNKNOWN if is_hidden else Connected.NO
