"""A source's document for its Zabbix agent: emit a canary, then observe."""

from functools import partial

from vigie.canary.emission import emit
from vigie.observe.canary.document import of_canary
from vigie.observe.canary.observation import observe_canary
from vigie.observe.canary.settings import ObserveCanary
from vigie.observe.document import written


def document(folder: str, school: str) -> bytes:
    """The document of a source of a school's logs, once its next canary is under way.

    Args:
        folder: where the settings are.
        school: its UAI, checked by the caller.

    Raises:
        SettingsError: when there are no settings for that school.
    """
    settings = ObserveCanary.read(f"{folder}/canary-{school}.json")
    return written(of_canary(observe_canary(settings, emit=partial(emit, settings.socket, settings.state))))
