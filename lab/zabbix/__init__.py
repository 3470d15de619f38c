"""A Zabbix of the lab's own: server, frontend and PostgreSQL, from Debian's packages, on the loopback."""

from lab.zabbix.instance import Zabbix
from lab.zabbix.release import RELEASES, Release

__all__ = ["RELEASES", "Release", "Zabbix"]
