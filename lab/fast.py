"""The times that the lab gives to the templates' macros: shorter than in production, so that a fault shows at once."""

from provisioning.roles import CISCO
from provisioning.subjects.backups import BACKUPS
from provisioning.subjects.itself import ITSELF
from provisioning.subjects.log_centre import LOG_CENTRE
from provisioning.subjects.log_source import LOG_SOURCE
from provisioning.subjects.network import INTERCONNECTION
from provisioning.subjects.openerp import OPENERP
from provisioning.subjects.passwords import PASSWORDS, STATION
from provisioning.subjects.replication import REPLICATION

# What every host of the lab gets. It shares its machine with whatever else runs there: that it is busy is no problem
# of the school's.
EVERY_HOST = {
    "{$LOAD_AVG_PER_CPU.MAX.WARN}": "100",
    "{$CPU.UTIL.CRIT}": "101",
    "{$MEMORY.UTIL.MAX}": "101",
    "{$VFS.DEV.READ.AWAIT.WARN}": "60000",
    "{$VFS.DEV.WRITE.AWAIT.WARN}": "60000",
    "{$AGENT.TIMEOUT}": "30s",
    # Its network cards are not the school's either; virtual ones have no speed that could be read.
    "{$NET.IF.IFNAME.MATCHES}": "^none of them$",
}
# By the name of the template, on the hosts that bear it. Zabbix needs up to 75 s to say that an agent is down: only
# later is its silence a problem of its own.
FAST: dict[str, dict[str, str]] = {
    BACKUPS: {
        "{$VIGIE.BACKUP.INTERVAL}": "5s",
        "{$VIGIE.BACKUP.PERIOD}": "15s",
        "{$VIGIE.BACKUP.STRAYS.PERIOD}": "15s",
        "{$VIGIE.BACKUP.RECHECK.MAX}": "45s",
        "{$VIGIE.BACKUP.NODATA}": "100s",
    },
    REPLICATION: {
        "{$VIGIE.REPLICATION.INTERVAL}": "7s",
        "{$VIGIE.REPLICATION.NODATA}": "50s",
    },
    LOG_SOURCE: {
        "{$VIGIE.CANARY.INTERVAL}": "5s",
        "{$VIGIE.CANARY.PERIOD}": "15s",
        "{$VIGIE.CANARY.DISCARDED.PERIOD}": "20s",
        "{$VIGIE.CANARY.QUEUE.MAX}": "20",
        # A stopped centre is known after 35 s: a queue that grows because of it must come later.
        "{$VIGIE.CANARY.QUEUE.PERIOD}": "50s",
        "{$VIGIE.CANARY.NODATA}": "100s",
    },
    LOG_CENTRE: {
        "{$VIGIE.LOGS.INTERVAL}": "5s",
        "{$VIGIE.LOGS.PERIOD}": "15s",
        "{$VIGIE.LOGS.NODATA}": "100s",
    },
    # Whatever else the machine's agent no longer says is said first.
    ITSELF: {
        "{$VIGIE.SELF.INTERVAL}": "8s",
        "{$VIGIE.SELF.PERIOD}": "15s",
        "{$VIGIE.SELF.NODATA}": "130s",
    },
    # The network's devices are simulated: their interfaces are the school's, unlike the machine's own.
    CISCO: {"{$NET.IF.IFNAME.MATCHES}": "^.*$", "{$SNMP.TIMEOUT}": "30s"},
    INTERCONNECTION: {
        "{$VIGIE.NET.INTERVAL}": "5s",
        "{$VIGIE.NET.FRESH}": "16s",
        "{$VIGIE.NET.PERIOD}": "25s",
        "{$VIGIE.NET.ROLE.PERIOD}": "45s",
        "{$VIGIE.NET.NODATA}": "200s",
        "{$VIGIE.NET.TREE.WINDOW}": "30s",
        "{$VIGIE.NET.TREE.CHANGES}": "600",
    },
    # Longer than the time in which OpenERP's own check says that PostgreSQL is down.
    PASSWORDS: {
        "{$VIGIE.PASSWORDS.INTERVAL}": "5s",
        "{$VIGIE.PASSWORDS.PERIOD}": "30s",
        "{$VIGIE.PASSWORDS.NODATA}": "100s",
    },
    STATION: {
        "{$VIGIE.STATION.INTERVAL}": "5s",
        "{$VIGIE.STATION.PERIOD}": "15s",
        "{$VIGIE.STATION.NODATA}": "100s",
        # What a station says at least so often tells that it is not silent, and the lab's patience is a minute.
        "{$VIGIE.STATION.HEARTBEAT}": "10s",
    },
    # Its roots must be raised before what other subjects see of the same cause.
    OPENERP: {
        "{$VIGIE.OPENERP.INTERVAL}": "4s",
        "{$VIGIE.OPENERP.DOWN.PERIOD}": "5s",
        "{$VIGIE.OPENERP.STEADY.PERIOD}": "20s",
        "{$VIGIE.OPENERP.PERIOD}": "12s",
        "{$VIGIE.OPENERP.UPGRADE.PERIOD}": "15s",
        "{$VIGIE.OPENERP.READ.PERIOD}": "60s",
        "{$VIGIE.OPENERP.CRON.MAX}": "20s",
        "{$VIGIE.OPENERP.SLOW}": "1.3",
        "{$VIGIE.OPENERP.NODATA}": "40s",
    },
}
