"""What the quick start shows of each subject: the few values that say most of it. The rest is in Zabbix."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """A subject in one line per machine.

    Args:
        title: what people call it.
        prefix: how the keys of its items begin.
        target: its problems' tag `target`.
        figures: words by the rest of an item's key.
    """

    title: str
    prefix: str
    target: str
    figures: Mapping[str, str]

    @property
    def tag(self) -> tuple[str, str]:
        """The tag that its problems bear."""
        return ("target", self.target)


@dataclass(frozen=True, slots=True)
class Things:
    """Things that were discovered, one line each.

    Args:
        title: above the table.
        one: what one of them is.
        columns: headings by the item's key without its parameter.
        by_host: whether the same thing on two machines is two things.
    """

    title: str
    one: str
    columns: Mapping[str, str]
    by_host: bool = False


SUBJECTS = (
    Shown(
        "Backups",
        "vigie.backups.",
        "backup",
        {"run.state": "run", "counts.fresh": "fresh", "counts.expected": "of", "space.free_percent": "disk free"},
    ),
    Shown(
        "OpenERP",
        "vigie.openerp.",
        "openerp",
        {
            "server.state": "server",
            "server.release": "release",
            "server.answer_seconds": "answers in",
            "counts.contexts": "contexts",
            "counts.upgraded": "upgraded",
        },
    ),
    Shown(
        "Log centre",
        "vigie.logs.",
        "logs",
        {
            "centre.alive": "rsyslog alive",
            "store.reachable": "store answers",
            "recent.rate": "messages",
            "activity.errors": "errors",
        },
    ),
    Shown(
        "Log source",
        "vigie.canary.",
        "logs",
        {"rsyslog.state": "rsyslog", "number": "canary", "queue.size": "queue"},
    ),
    Shown(
        "Replication",
        "vigie.replication.",
        "replication",
        {"pair.state": "pair", "pair.bytes": "behind by", "pair.seconds": "or", "slots.inactive": "idle slots"},
    ),
    Shown(
        "DRBD",
        "vigie.drbd.",
        "replication",
        {"release": "release", "counts.seen": "resources", "counts.declared": "of"},
    ),
    Shown("Interconnection", "vigie.net.", "network", {"seen": "seen"}),
    Shown(
        "Passwords",
        "vigie.passwords.",
        "passwords",
        {
            "current.number": "generation",
            "current.age": "since",
            "stations.current": "stations current",
            "stations.behind": "behind",
            "roles.weak": "weak roles",
        },
    ),
    Shown("Station", "vigie.station.", "station", {"state": "holds", "file.rights": "rights"}),
    Shown(
        "Vigie itself",
        "vigie.self.",
        "vigie",
        {
            "version": "version",
            "counts.late": "late timers",
            "counts.dead": "dead services",
            "requests.count": "requests",
        },
    ),
)

THINGS = (
    Things(
        "Databases",
        "database",
        {
            "vigie.backups.db.kind": "kind",
            "vigie.backups.db.state": "backup",
            "vigie.backups.db.at": "newest dump",
            "vigie.backups.db.size": "size",
            "vigie.openerp.context.state": "upgrade",
        },
    ),
    Things(
        "Log sources",
        "source",
        {
            "vigie.logs.source.state": "state",
            "vigie.logs.source.canary_age": "last canary",
            "vigie.logs.source.latency": "on the way",
            "vigie.logs.source.rate": "messages",
            "vigie.logs.source.lost": "lost",
        },
    ),
    Things(
        "Gateways",
        "gateway",
        {"vigie.net.gateway.role": "this router", "vigie.net.gateway.state": "gateway"},
        by_host=True,
    ),
)
