"""A session with Zabbix's API, over pyzabbix, with its traps covered.

pyzabbix: no timeout unless told, a token that is noticed as wrong at the first call only, `with` blocks that swallow
errors, a debug log that prints passwords, and `x.delete([..])` that sends a list in a list. None of them can be reached
from here.
"""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

from pydantic import SecretStr
from pyzabbix.api import ZabbixAPI, ZabbixAPIException

from vigie.zabbix.errors import CallRefusedError, RightsMissingError, TokenRefusedError, UnreachableError, ZabbixError
from vigie.zabbix.releases import OLDEST, Release, Row
from vigie.zabbix.transport import Transport

_READS = frozenset({"get", "version", "importcompare", "export", "getsli"})
_TOKEN_WORDS = ("Not authori", "re-login", "API token expired")
_RIGHTS_WORDS = ("No permissions to call", "No permissions to import")
# Long enough for a batch of a hundred hosts on a slow server; the site file's timeout is for reads.
WRITE_TIMEOUT = 300.0


class _NoDebug(logging.Filter):
    """Drops pyzabbix's debug records: they hold whole requests, passwords and sessions included."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.DEBUG


_no_debug = _NoDebug()


class Session:
    """A connection to one Zabbix, opened by `connect`. Counts its calls by method.

    Args:
        url: the frontend's address, without `api_jsonrpc.php`.
        token: an API token.
        timeout: seconds a read may take; a write may take `WRITE_TIMEOUT`.
    """

    def __init__(self, url: str, token: SecretStr, timeout: float = 30) -> None:
        self.url = url.removesuffix("/api_jsonrpc.php").rstrip("/")
        self.calls: Counter[str] = Counter()
        self._timeout = float(timeout) or 30.0
        logging.getLogger("pyzabbix.api").addFilter(_no_debug)
        self._api = ZabbixAPI(self.url, session=Transport(self.url), timeout=self._timeout)
        self.token = token
        self._release: Release | None = None

    def __repr__(self) -> str:
        return f"Session({self.url!r})"

    @property
    def release(self) -> Release:
        """The release of this Zabbix, known once connected."""
        if self._release is None:
            raise RuntimeError("not connected")
        return self._release

    @property
    def reads(self) -> int:
        """How many calls asked for something."""
        return sum(count for method, count in self.calls.items() if is_read(method))

    @property
    def writes(self) -> int:
        """How many calls may have changed something."""
        return sum(count for method, count in self.calls.items() if not is_read(method))

    def get(self, thing: str, **params: Any) -> list[Row]:
        """The rows of `<thing>.get`.

        Raises:
            ZabbixError: when the call cannot be made or is refused.
        """
        rows = self.call(f"{thing}.get", params)
        if not isinstance(rows, list):
            raise UnreachableError(f"{self.url}: {thing}.get did not answer a list; is there a proxy in between?")
        return rows

    def call(self, method: str, params: Row | list[Any]) -> Any:
        """Call one method of the API and return its result.

        Args:
            method: like `host.create`.
            params: an object, or an array (ids for `*.delete`, objects for bulk writes); not empty for writes.

        Raises:
            ZabbixError: when the call cannot be made or is refused.
        """
        if not params and not is_read(method):
            raise ValueError(f"{method} without parameters")
        self.calls[method] += 1
        self._api.timeout = self._timeout if is_read(method) else max(self._timeout, WRITE_TIMEOUT)
        return self._translated(method, lambda: self._api.do_request(method, params)["result"])

    def connect(self) -> "Session":
        """Check address, release, token and rights at once, with two calls.

        Raises:
            UnreachableError: this is not a Zabbix, or it cannot be reached.
            ZabbixError: it is older than 6.0.
            TokenRefusedError: the token is wrong, disabled or has expired.
            RightsMissingError: the token's user is not a Super admin.
        """
        self.calls["apiinfo.version"] += 1
        self._translated("apiinfo.version", lambda: self._api.login(api_token=self.token.get_secret_value()))
        if self._api.version is None:
            raise UnreachableError(f"{self.url}: does not say which Zabbix it is")
        self._release = Release(tuple(self._api.version.release))
        if self._release.is_too_old:
            raise ZabbixError(
                f"{self.url}: this is Zabbix {self._release}, too old: Vigie needs "
                f"{OLDEST[0]}.{OLDEST[1]} or newer; update Zabbix first"
            )
        # Only a Super admin is shown roles to edit; anybody else would see some hosts only, and make the rest again.
        if self.call("role.get", {"countOutput": True, "editable": True}) in ("0", 0):
            raise RightsMissingError(
                f"{self.url}: the token's user is not a Super admin, and would not see every host and group; "
                "make a token for a user with a role of type Super admin"
            )
        return self

    def _translated(self, method: str, action: Callable[[], Any]) -> Any:
        """The action's result; whatever pyzabbix raises becomes one of our errors, without the request it held."""
        try:
            return action()
        except ZabbixAPIException as error:
            raise self._refusal(method, error) from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise self._not_zabbix() from None

    def _refusal(self, method: str, error: ZabbixAPIException) -> ZabbixError:
        details = error.error
        if not isinstance(details, dict):  # no JSON-RPC in the answer
            return self._not_zabbix()
        reason = str(details.get("data") or details.get("message") or "without a reason").strip()
        if any(words in reason for words in _TOKEN_WORDS):
            return TokenRefusedError(
                f"{self.url}: the API token is not accepted ({reason.rstrip('.')}); make one in Zabbix under "
                "API tokens, enabled and not expired, and put it where the site file says"
            )
        if any(words in reason for words in _RIGHTS_WORDS):
            return RightsMissingError(
                f"{self.url}: the token's user has too few rights for {method} ({reason.rstrip('.')}); "
                "allow that method in its role"
            )
        return CallRefusedError(method, reason)

    def _not_zabbix(self) -> UnreachableError:
        return UnreachableError(
            f"{self.url}: something answers there, but not Zabbix's API; check zabbix.url (it often ends with /zabbix)"
        )


def is_read(method: str) -> bool:
    """Whether a method of the API changes nothing."""
    return method.rpartition(".")[2] in _READS
