"""The states of OpenERP, of its PostgreSQL and of its contexts; the numbers are those of the template's value maps."""

from enum import IntEnum


class ServerState(IntEnum):
    """Whether OpenERP answers, and what is there instead when it does not."""

    ANSWERS = 0
    REFUSED = 1
    UNREACHABLE = 2
    SILENT = 3
    GARBAGE = 4
    NOT_OPENERP = 5
    FAULT = 6


class ReleaseState(IntEnum):
    """The release that runs against the declared one; unknown when the server does not say."""

    AS_DECLARED = 0
    DIFFERENT = 1
    UNKNOWN = 2


class Connected(IntEnum):
    """Whether OpenERP reaches its PostgreSQL, as it says itself."""

    NO = 0
    YES = 1
    UNKNOWN = 2


class PostgresState(IntEnum):
    """Whether PostgreSQL serves OpenERP and this observation.

    It is unreachable when no answer comes from it, nor from OpenERP: the machine of both, or the way to it, is gone.
    """

    ANSWERS = 0
    SILENT = 1
    LOST = 2
    CLOSED_TO_US = 3
    UNREACHABLE = 4


class ContextState(IntEnum):
    """What a context is worth to the release that should run on it."""

    UPGRADED = 0
    NOT_UPGRADED = 1
    INTERRUPTED = 2
    NOT_OPENERP = 3
    NOT_GRANTED = 4
    UNREADABLE = 5
    CLOSED = 6


def words(state: IntEnum) -> str:
    """A state as people read it."""
    return state.name.lower().replace("_", " ")
