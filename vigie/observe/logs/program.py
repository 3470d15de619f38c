"""The logs' document for the Zabbix agent of the central log server."""

from vigie.observe.document import written
from vigie.observe.logs.document import of_logs
from vigie.observe.logs.observation import observe_logs
from vigie.observe.logs.settings import ObserveLogs


def document(folder: str, school: str) -> bytes:
    """The document of a school's logs.

    Args:
        folder: where the settings are.
        school: its UAI, checked by the caller.

    Raises:
        SettingsError: when there are no settings for that school.
    """
    return written(of_logs(observe_logs(ObserveLogs.read(f"{folder}/logs-{school}.json"))))
