"""The backups' document for the Zabbix agent of the backup server."""

from vigie.observe.backups.document import of_backups
from vigie.observe.backups.observation import observe_backups
from vigie.observe.backups.settings import ObserveBackups
from vigie.observe.document import written


def document(folder: str, school: str) -> bytes:
    """The document of a school's backups.

    Args:
        folder: where the settings are.
        school: its UAI, checked by the caller.

    Raises:
        SettingsError: when there are no settings for that school.
    """
    return written(of_backups(observe_backups(ObserveBackups.read(f"{folder}/backups-{school}.json"))))
