"""The lab's own view of a Zabbix: a bare JSON-RPC client.

It is apart from the product's, so that the tests do not ask the product about itself.
"""

from typing import Any

import requests

from lab.waiting import wait_until
from vigie.errors import Exit, VigieError


class Api:
    """A session with the API of a Zabbix that the lab started.

    Args:
        url: the frontend's address.
        token: an API token or a session's identifier; empty for the calls that need none.
    """

    def __init__(self, url: str, token: str = "") -> None:
        self._url = f"{url}/api_jsonrpc.php"
        self._token = token
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy between the loopback and itself

    def close(self) -> None:
        self._session.close()

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method with named parameters."""
        return self.call_raw(method, parameters)

    def call_version(self) -> str:
        """The release that answers: the one method that must be asked without a token."""
        token, self._token = self._token, ""
        try:
            return str(self.call_raw("apiinfo.version", []))
        finally:
            self._token = token

    def call_raw(self, method: str, parameters: Any) -> Any:
        """Call a method; parameters may be a list, as deletions want.

        Raises:
            VigieError: when the API does not answer or refuses; without the parameters, which may be secret.
        """
        body: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        if self._token:
            body["auth"] = self._token  # in the body: 6.0 knows no other way, 7.0 still takes it
        try:
            response = self._session.post(self._url, json=body, timeout=60)
            document = response.json()
        except (requests.RequestException, ValueError) as error:
            raise VigieError(f"{method}: Zabbix does not answer: {type(error).__name__}", Exit.FAILED) from None
        if "error" in document:
            failure = document["error"]
            raise VigieError(f"{method}: {failure.get('message')} {failure.get('data')}", Exit.FAILED)
        return document["result"]

    def remove(self, thing: str, key: str, **what: Any) -> None:
        """Delete what is found, such as hosts; once more while the discovery of Zabbix 7.0 adds to them meanwhile.

        Raises:
            VigieError: when the API refuses for another reason, or the discovery goes on for half a minute.
        """

        def is_removed() -> bool:
            rows = self.call(f"{thing}.get", output=[key], **what)
            try:
                if rows:
                    self.call_raw(f"{thing}.delete", [row[key] for row in rows])
            except VigieError as error:
                if "SQL statement execution has failed" not in error.sentence:
                    raise
                return False
            return True

        wait_until(is_removed, what=f"the discovery adds to each {thing} that is to be removed", deadline=30, every=1)
