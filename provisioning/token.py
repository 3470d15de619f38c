"""When the API token that Vigie is provisioned with ends: nobody notices before the first refusal otherwise."""

from vigie.zabbix.errors import CallRefusedError, RightsMissingError
from vigie.zabbix.session import Session

EXPIRES = "{$VIGIE.TOKEN.EXPIRES}"
MEANING = "when the API token of the last `vigie provision apply` ends, epoch seconds; 0: never"


def expires_at(session: Session) -> int | None:
    """When a session's own token ends (epoch seconds, 0 for never), None when its role may not ask.

    Raises:
        ZabbixError: when Zabbix cannot be asked.
    """
    try:
        rows = session.get("token", token=session.token.get_secret_value(), output=["expires_at"])
    except (CallRefusedError, RightsMissingError):
        return None
    return int(rows[0]["expires_at"]) if rows else None
