"""What an observation comes to for whoever has no Zabbix: findings, each of a level, worst first."""

from enum import IntEnum

from vigie.records import Record


class Level(IntEnum):
    """As monitoring plugins count: these are the exit codes of `vigie check`."""

    WELL = 0
    WARNING = 1
    PROBLEM = 2
    UNKNOWN = 3


class Finding(Record):
    """One thing that a person must know."""

    level: Level
    text: str


def level_of(found: list[Finding]) -> Level:
    """The worst of them."""
    return max((finding.level for finding in found), default=Level.WELL)
