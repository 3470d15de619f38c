"""DRBD's document for the Zabbix agent of a host with mirrored disks."""

from vigie.observe.document import written
from vigie.observe.drbd.document import of_drbd
from vigie.observe.drbd.observation import observe_drbd
from vigie.observe.drbd.settings import ObserveDrbd


def document(folder: str, school: str) -> bytes:
    """The document of this host's DRBD.

    Args:
        folder: where the settings are.
        school: its UAI, checked by the caller.

    Raises:
        SettingsError: when there are no settings for that school.
    """
    return written(of_drbd(observe_drbd(ObserveDrbd.read(f"{folder}/drbd-{school}.json"))))
