"""Which machine runs the external checks of which schools."""

from vigie.site import Host, Role, School, Site


def checked_from(site: Site, school: School, host: Host) -> list[School]:
    """The schools whose external checks a host runs, as the machine of a Zabbix server or proxy.

    Its own school's; and, when that one has no proxy, those of every school that has neither a proxy nor such a
    machine.
    """
    if Role.ZABBIX not in host.roles:
        return []
    others = [
        other
        for other in site.schools
        if other is not school and other.proxy is None and not any(Role.ZABBIX in each.roles for each in other.hosts)
    ]
    return [school, *(others if school.proxy is None else [])]
