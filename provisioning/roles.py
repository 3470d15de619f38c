"""Which templates a host bears, by what it does in its school. The one table to edit when a subject brings a template.

Vigie adds what Zabbix's own templates do not have; these are linked where the Zabbix at hand has them, never copied.
"""

from vigie.site import Host, Role, School

LINUX = "Linux by Zabbix agent"
WINDOWS = "Windows by Zabbix agent"
CISCO = "Cisco IOS by SNMP"
BACKUPS = "Specibike backups by Zabbix agent"

OFFICIAL: dict[Role, tuple[str, ...]] = {
    Role.ZABBIX: (LINUX,),
    Role.OPENERP: (LINUX,),
    Role.POSTGRES: (LINUX,),
    Role.STANDBY: (LINUX,),
    Role.BACKUP: (LINUX,),
    Role.LOGS: (LINUX,),
    Role.DIRECTORY: (LINUX,),
    Role.ROUTER: (CISCO,),
    Role.SWITCH: (CISCO,),
    Role.STATION: (WINDOWS,),
}

# Links to these are Vigie's to make and to undo; any other template on a host was linked by a person and stays.
OWN = frozenset({BACKUPS})
EVERY = OWN | frozenset(template for templates in OFFICIAL.values() for template in templates)


# Triggers of Vigie's templates that only say that the agent is silent: on each host they depend on Zabbix's own trigger
# for that, so that a dead agent is one problem and not two. No template file can say so: it is about two templates.
SAYS_AGENT_IS_SILENT: dict[str, tuple[str, ...]] = {BACKUPS: ("Backups: No data from the agent",)}
AGENT_AVAILABILITY = "zabbix[host,agent,available]"


def templates_for(school: School, host: Host) -> frozenset[str]:
    """The names of the templates that a host should bear."""
    wanted = {template for role in host.roles for template in OFFICIAL[role]}
    if WINDOWS in wanted and LINUX in wanted:  # both describe the same items: a server's role says which
        wanted.discard(WINDOWS)
    if school.backup is not None and school.backup.store == host.name:
        wanted.add(BACKUPS)
    return frozenset(wanted)
