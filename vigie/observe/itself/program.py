"""The document of Vigie itself for the Zabbix agent of each machine that carries a part of it."""

from vigie.observe.document import written
from vigie.observe.itself.document import of_itself
from vigie.observe.itself.observation import observe_itself
from vigie.observe.itself.settings import ObserveItself


def document(folder: str, school: str) -> bytes:
    """The document of Vigie's own parts.

    Args:
        folder: where the settings are.
        school: its UAI, checked by the caller.

    Raises:
        SettingsError: when there are no settings for that school.
    """
    return written(of_itself(observe_itself(ObserveItself.read(f"{folder}/itself-{school}.json"))))
