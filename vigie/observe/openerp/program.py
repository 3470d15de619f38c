"""OpenERP's document for the Zabbix server."""

from vigie.observe.document import written
from vigie.observe.openerp.document import of_openerp
from vigie.observe.openerp.observation import observe_openerp
from vigie.observe.openerp.settings import ObserveOpenErp


def document(folder: str, school: str) -> bytes:
    """The document of a school's OpenERP.

    Args:
        folder: where the settings are.
        school: its UAI, checked by the caller.

    Raises:
        SettingsError: when there are no settings for that school.
    """
    return written(of_openerp(observe_openerp(ObserveOpenErp.read(f"{folder}/openerp-{school}.json"))))
