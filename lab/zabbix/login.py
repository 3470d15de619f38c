"""The lab's administrator.

A password made at random instead of the one that everybody knows, and an API token, each in a file of mode 0600.
"""

import os
import secrets
from pathlib import Path

from lab.zabbix.api import Api
from vigie.errors import VigieError

USER = "Admin"
_FIRST_PASSWORD = "zabbix"  # noqa: S105 - what Zabbix's own schema sets, changed at once


def set_password(url: str, file: Path) -> None:
    """Give Admin a random password, kept in a file, unless that was done already.

    The file is written first: a run that is cut off in between finds it, and tries both passwords.
    """
    if not file.exists():
        write_secret(file, secrets.token_urlsafe(18))
    wanted = file.read_text().strip()
    api = Api(url)
    try:
        try:
            api.call("user.login", username=USER, password=wanted)
        except VigieError:
            _change(url, api.call("user.login", username=USER, password=_FIRST_PASSWORD), wanted)
    finally:
        api.close()


def _change(url: str, session: str, wanted: str) -> None:
    api = Api(url, session)
    try:
        user = api.call("user.get", filter={"username": USER}, output=["userid"])[0]["userid"]
        version = api.call_version()
        current = {} if version.startswith("6.0") else {"current_passwd": _FIRST_PASSWORD}
        api.call("user.update", userid=user, passwd=wanted, autologout="0", **current)
        # Zabbix ends the user's sessions with the password; nothing is left to log out of.
    finally:
        api.close()


def make_token(url: str, password_file: Path, file: Path) -> None:
    """Make an API token for Admin, kept in a file, unless the file holds one that works."""
    if file.exists() and _works(url, file.read_text().strip()):
        return
    anonymous = Api(url)
    session = anonymous.call("user.login", username=USER, password=password_file.read_text().strip())
    anonymous.close()
    api = Api(url, session)
    try:
        known = api.call("token.get", filter={"name": "vigie-lab"}, output=["tokenid"])
        if known:
            api.call_raw("token.delete", [token["tokenid"] for token in known])
        made = api.call("token.create", name="vigie-lab")["tokenids"][0]
        write_secret(file, api.call_raw("token.generate", [made])[0]["token"])
        api.call_raw("user.logout", [])
    finally:
        api.close()


def _works(url: str, token: str) -> bool:
    api = Api(url, token)
    try:
        api.call("host.get", output=["hostid"], limit=1)
    except VigieError:
        return False
    finally:
        api.close()
    return True


def write_secret(file: Path, text: str) -> None:
    """Write a secret in a file that nobody else ever could read, not even for a moment."""
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(f"{text}\n")
    partial.rename(file)
