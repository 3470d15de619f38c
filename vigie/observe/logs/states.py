"""The enumerations of the logs' observation: the template's value maps say the same."""

from enum import IntEnum


class System(IntEnum):
    """What a source runs: Linux sources send canaries, Windows sources have Snare's counter."""

    LINUX = 0
    WINDOWS = 1


class SourceState(IntEnum):
    """What the centre hears of a source.

    SILENT: neither its canary nor anything of its own comes. QUIET: its canary comes, and nothing of its own. UNPROVEN:
    what is its own comes and its canary does not (its agent does not send any), so that no loss would be seen.
    UNKNOWN: the centre itself is deaf (its rsyslog or its PostgreSQL is down or far behind), which is another problem.
    """

    HEARD = 0
    SILENT = 1
    QUIET = 2
    NEVER = 3
    UNKNOWN = 4
    UNPROVEN = 5
