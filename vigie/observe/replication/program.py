"""The replication's document for the Zabbix server."""

from vigie.observe.document import written
from vigie.observe.replication.document import of_replication
from vigie.observe.replication.observation import observe_replication
from vigie.observe.replication.settings import ObserveReplication


def document(folder: str, school: str) -> bytes:
    """The document of a school's replication.

    Args:
        folder: where the settings are.
        school: its UAI, checked by the caller.

    Raises:
        SettingsError: when there are no settings for that school.
    """
    settings = ObserveReplication.read(f"{folder}/replication-{school}.json")
    return written(of_replication(observe_replication(settings)))
