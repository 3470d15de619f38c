"""What the store answers: a few pages of its indexes per source, never a walk through the table."""

from vigie.hints import TYPE_CHECKING, Any
from vigie.observe.logs.canary import Canary, parsed
from vigie.observe.logs.numbered import EDGE, MOST, RESTART
from vigie.observe.logs.settings import ObserveLogs
from vigie.observe.postgres import connected, query
from vigie.records import Record

if TYPE_CHECKING:
    from psycopg2.extensions import cursor as Cursor  # noqa: N812 -- a class that psycopg2 names so

HOUR = 3600
DAY = 24 * HOUR
RATE_OVER = 60
"""Rates are those of the last minute."""
# What is stored while the questions are asked comes after `now`, and no clock is wrong for that.
_AHEAD = 5
# What is read at most: a flood, or a machine that invents names, must not make the check slow.
_MOST_CANARIES = 1500
_MOST_RECENT = 5000
_MOST_NOTABLE = 2000
_MOST_NAMES = 300
_MOST_FUTURE = 10_000
_MOST_AHEAD = 10 * 365 * DAY
# A loss must still be seen at the third look, three minutes later, at the 500 messages a second that are a flood.
_MOST_NUMBERED = 200_000
_MOST_COUNTED = 200_000
_LEAST_COUNTED = 2000
# Of names, when more than 1,000 stand in the table: what came since the last look, at the same rate.
_MOST_WALKED = 1000
_MOST_NAMED = 30_000


class Lasts(Record):
    """When the last canary and the last message of its own came under a name (epoch seconds), None when none did."""

    canary: float | None
    own: float | None


class Program(Record):
    """What one program of one name wrote lately: its last message, how many in the last hour and in the last minute."""

    host: str
    program: str
    last_at: float
    messages: int
    of_late: int


class Notable(Record):
    """Errors and failed logins of one hour (its beginning), name and context (None: not OpenERP's)."""

    hour: int
    recent: bool
    host: str
    context: str | None
    errors: int
    failed_logins: int


class Stored(Record):
    """The answers. Names are texts that anybody chose; what is not UTF-8 in them is replaced.

    `rate_seconds` is what the last minute's counts cover: less when there were too many messages to look at.
    `notable_since` is how far back errors were counted (epoch seconds), 0 when the whole day was. `missing` counts what
    is missing in Snare's counter of each name, `refused` the rows that PostgreSQL did not take, both within the window.
    `future` and `future_seconds` are those of StoreSeen: such rows count nowhere else.
    """

    lasts: dict[str, Lasts]
    canaries: dict[str, list[Canary]]
    missing: dict[str, int]
    programs: list[Program]
    rate_seconds: float
    strangers: list[str]
    notable: list[Notable]
    notable_since: int
    refused: int
    future: int
    future_seconds: int


class StoreLackingError(Exception):
    """What the role of the central rsyslog lacks to add a message: nothing new comes into the store."""

    def __init__(self, lacking: list[str]) -> None:
        super().__init__(", ".join(lacking))
        self.lacking = lacking


def ask_store(settings: ObserveLogs, now: float, seconds: float) -> Stored:
    """Ask the centre's PostgreSQL.

    Args:
        settings: the declared sources, and how PostgreSQL is reached.
        now: epoch seconds, of the centre's clock.
        seconds: longest time of a question.

    Raises:
        PostgresError: when it does not answer, refuses, or has not the tables.
        StoreLackingError: when rsyslog cannot write to it.
    """
    names = [name for source in settings.sources for name in source.names]
    windows = [name for source in settings.sources if source.system == "windows" for name in source.names]
    window = {"since": now - settings.window, "until": now + _AHEAD}
    # The database has no encoding (SQL_ASCII): whatever people wrote comes as hexadecimal digits.
    with (
        connected(settings.service, settings.service_file, seconds, encoding="SQL_ASCII") as connection,
        connection.cursor() as cursor,
    ):
        # Compiling a question takes longer than answering it: some look expensive to PostgreSQL, and read a few pages.
        cursor.execute("SET jit TO off")
        lacking = [_text(what) for (what,) in _rows(cursor, "lacking")]
        if lacking:
            raise StoreLackingError(lacking)
        programs, rate_seconds = _recent(cursor, now)
        notable, notable_since = _notable(cursor, now)
        future, future_seconds = _future(cursor, now)
        ((refused,),) = _rows(cursor, "refused", most=_MOST_NUMBERED, **window)
        return Stored(
            lasts={name: Lasts(*at) for name, *at in _rows(cursor, "lasts", names=names, until=now + _AHEAD)},
            canaries=_canaries(_rows(cursor, "canaries", names=names, most=_MOST_CANARIES, **window)),
            missing=_missing(cursor, windows, **window),
            programs=programs,
            rate_seconds=rate_seconds,
            strangers=_strangers(cursor, [*names, settings.centre], **window),
            notable=notable,
            notable_since=notable_since,
            refused=refused,
            future=future,
            future_seconds=future_seconds,
        )


def _future(cursor: "Cursor", now: float) -> tuple[int, int]:
    """Rows whose time has not come, and how many seconds ahead the furthest is (ten years when it never comes)."""
    bounds = {"now": now, "until": now + _AHEAD, "most_ahead": now + _MOST_AHEAD}
    ((count, seconds),) = _rows(cursor, "future", most=_MOST_FUTURE, **bounds)
    return count, seconds


def _strangers(cursor: "Cursor", names: list[str], **window: float) -> list[str]:
    reach = {"most_walked": _MOST_WALKED, "most": _MOST_NAMED, "most_names": _MOST_NAMES}
    rows = _rows(cursor, "hosts", names=names, **reach, **window)
    return [_text(name) for (name,) in rows]


def _canaries(rows: list[tuple[Any, ...]]) -> dict[str, list[Canary]]:
    canaries: dict[str, list[Canary]] = {}
    for name, at, digits in rows:
        canary = parsed(at, bytes.fromhex(digits))
        if canary is not None:
            canaries.setdefault(name, []).append(canary)
    return canaries


def _missing(cursor: "Cursor", names: list[str], **window: float) -> dict[str, int]:
    """What is missing in the counters of Windows names: few names are counted further back than many."""
    if not names:
        return {}
    most = max(_LEAST_COUNTED, _MOST_COUNTED // len(names))
    rule = {"restart": RESTART, "edge": EDGE, "most_missing": MOST}
    return dict(_rows(cursor, "counters", names=names, most=most, **rule, **window))


def _recent(cursor: "Cursor", now: float) -> tuple[list[Program], float]:
    """What was written lately, and the seconds that the last minute's counts cover."""
    since = {"since": now - HOUR, "until": now + _AHEAD, "rate_since": now - RATE_OVER}
    rows = _rows(cursor, "recent", most=_MOST_RECENT, **since)
    programs = [Program(_text(host), _text(program), *figures) for host, program, *figures, _, _ in rows]
    if not rows or rows[0][-1] < _MOST_RECENT:
        return programs, float(RATE_OVER)
    return programs, min(float(RATE_OVER), max(0.001, now - float(rows[0][-2])))


def _notable(cursor: "Cursor", now: float) -> tuple[list[Notable], int]:
    """Errors and failed logins of the last day, and since when they were counted: 0 when it is the whole day."""
    since = {"since": now - DAY, "until": now + _AHEAD, "hour_since": now - HOUR}
    rows = _rows(cursor, "activity", most=_MOST_NOTABLE, **since)
    notable = [
        Notable(hour, recent, _text(host), None if context is None else _text(context), errors, failed_logins)
        for hour, recent, host, context, errors, failed_logins, _, _ in rows
    ]
    return notable, 0 if not rows or rows[0][-1] < _MOST_NOTABLE else int(rows[0][-2])


def _rows(cursor: "Cursor", question: str, **parameters: Any) -> list[tuple[Any, ...]]:
    cursor.execute(query(__file__, question), parameters)
    return cursor.fetchall()


def _text(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-8", "replace")
