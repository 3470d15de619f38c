"""Which templates a host bears: Zabbix's own by what the host is, Vigie's by the subjects that it has a part in.

Vigie adds what Zabbix's own templates do not have; these are linked where the Zabbix at hand has them, never copied.
"""

from provisioning.subjects import SUBJECTS
from vigie.site import Host, School

LINUX = "Linux by Zabbix agent"
WINDOWS = "Windows by Zabbix agent"
CISCO = "Cisco IOS by SNMP"
OFFICIAL = frozenset({LINUX, WINDOWS, CISCO})

# Links to these are Vigie's to make and to undo; any other template on a host was linked by a person and stays.
OWN = frozenset(subject.template for subject in SUBJECTS)
EVERY = OWN | OFFICIAL


def templates_for(school: School, host: Host) -> frozenset[str]:
    """The names of the templates that a host should bear."""
    return frozenset({official_for(host), *(s.template for s in SUBJECTS if s.bears(school, host))})


def official_for(host: Host) -> str:
    """Zabbix's own template for what a host is."""
    if host.is_network:
        return CISCO
    return WINDOWS if host.is_windows else LINUX
