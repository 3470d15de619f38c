"""Secrets of hosts: Zabbix never gives a secret macro's value back, so a fingerprint of it stands in its description.

The fingerprint is an HMAC-SHA256 whose key is derived from the API token: whoever reads the description can neither
find the value nor try guesses at it. It begins with a mark of the key: after a new token the secrets are written once
more, and the plan shows that it is the key's mark that changed. A value that a person changed in Zabbix is not noticed;
removing the description makes Vigie write it again.
"""

import hashlib
import hmac

from pydantic import SecretStr

from provisioning.marks import DESCRIPTION


class Fingerprints:
    """Makes fingerprints with the key of one API token."""

    def __init__(self, token: SecretStr) -> None:
        self._key = hmac.digest(token.get_secret_value().encode(), b"vigie: secret macros", "sha256")
        self._mark = hashlib.sha256(b"mark" + self._key).hexdigest()[:6]

    def describe(self, host: str, macro: str, value: SecretStr) -> str:
        """The description of a secret macro.

        Args:
            host: the host's technical name; with the macro's name it keeps equal secrets from showing as equal.
            macro: the macro's name.
            value: the secret.
        """
        message = "\0".join((host, macro, value.get_secret_value())).encode()
        digest = hmac.digest(self._key, message, "sha256").hex()[:32]
        return f"{DESCRIPTION} secret of the site file, fingerprint {self._mark}-{digest}"
