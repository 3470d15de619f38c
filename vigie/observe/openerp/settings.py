"""What the observation of OpenERP must know."""

from vigie.settings import Settings


class ObserveOpenErp(Settings):
    """What the observation of OpenERP must know: `openerp-<UAI>.json`, read by the user of the Zabbix server.

    `address` and `port` are those of XML-RPC, `version` is the release that the school declares. `service` reaches the
    PostgreSQL of the contexts, by at most `connections` at once beside the one that lists them. `deadline` in seconds.
    """

    address: str
    port: int
    version: str
    classes: list[str]
    service: str
    service_file: str
    connections: int
    deadline: float
