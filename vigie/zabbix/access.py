"""From the site file to a session: where the API token is, and whether it can be one."""

import os
import re
import stat
from pathlib import Path

from pydantic import SecretStr

from vigie.errors import VigieError
from vigie.site import Zabbix
from vigie.zabbix.session import Session

_TOKEN = re.compile(r"[0-9a-f]{64}")


def connect(settings: Zabbix) -> Session:
    """A session that was checked: address, release, token and rights.

    Raises:
        VigieError: when the token cannot be read.
        ZabbixError: when Zabbix cannot be reached or does not accept it.
    """
    return Session(str(settings.url), token(settings), settings.timeout).connect()


def token(settings: Zabbix) -> SecretStr:
    """The API token, from the file or the environment variable that the site file names.

    Raises:
        VigieError: when it is missing, readable by everybody, or not a token.
    """
    if settings.token_file is not None:
        place, text = str(settings.token_file), read_secret(settings.token_file)
    else:
        place = f"the environment variable {settings.token_env}"
        text = os.environ.get(settings.token_env or "", "")
        if not text:
            raise VigieError(f"{place} is not set: it must hold the Zabbix API token")
    if not _TOKEN.fullmatch(text.strip()):
        raise VigieError(f"{place} does not hold a Zabbix API token (64 hexadecimal digits); make one under API tokens")
    return SecretStr(text.strip())


def read_secret(file: Path) -> str:
    """The content of a secret's file, without its last line break.

    Raises:
        VigieError: when it cannot be read, is readable by everybody, is empty or is not text.
    """
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            content = opened.read(65_536)
    except OSError as error:
        raise VigieError(f"{file}: this secret cannot be read: {error.strerror}") from error
    if mode & stat.S_IROTH:
        raise VigieError(f"{file}: this secret can be read by everybody; run chmod 600 on it")
    try:
        text = content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise VigieError(f"{file}: this secret is not UTF-8 text") from None
    if not text:
        raise VigieError(f"{file}: this secret is empty")
    return text
