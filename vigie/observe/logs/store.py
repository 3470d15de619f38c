"""What the store answers: a few pages of its indexes per source, never a walk through the table."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vigie.observe.logs.canary import Canary, parsed
from vigie.observe.logs.settings import ObserveLogs
from vigie.observe.postgres import connected

if TYPE_CHECKING:
    from psycopg2.extensions import cursor as Cursor  # noqa: N812 -- a class that psycopg2 names so

HOUR = 3600
DAY = 24 * HOUR
RATE_OVER = 60
"""Rates are those of the last minute."""
# What is read at most: a flood, or a machine that invents names, must not make the check slow.
_MOST_CANARIES = 1500
_MOST_COUNTED = 2000
_MOST_RECENT = 5000
_MOST_NOTABLE = 2000
_MOST_GROUPS = 1000
_MOST_NAMES = 300


class Lasts(NamedTuple):
    """When the last canary and the last message of its own came under a name (epoch seconds), None when none did."""

    canary: float | None
    own: float | None


class Program(NamedTuple):
    """What one program of one name wrote lately: its last message, how many in the last hour and in the last minute."""

    host: str
    program: str
    last_at: float
    messages: int
    of_late: int


class Notable(NamedTuple):
    """Errors and failed logins of one hour (its beginning), name and context (None: not OpenERP's)."""

    hour: int
    recent: bool
    host: str
    context: str | None
    errors: int
    failed_logins: int


@dataclass(frozen=True, slots=True)
class Stored:
    """The answers. Names are texts that anybody chose; what is not UTF-8 in them is replaced.

    `rate_seconds` is what the last minute's counts cover: less when there were too many messages to look at.
    `notable_since` is how far back errors were counted (epoch seconds), 0 when the whole day was.
    """

    lasts: dict[str, Lasts] = field(default_factory=dict)
    canaries: dict[str, list[Canary]] = field(default_factory=dict)
    counters: dict[str, list[int]] = field(default_factory=dict)
    programs: list[Program] = field(default_factory=list)
    rate_seconds: float = float(RATE_OVER)
    strangers: list[str] = field(default_factory=list)
    notable: list[Notable] = field(default_factory=list)
    notable_since: int = 0


def ask_store(settings: ObserveLogs, now: float, seconds: float) -> Stored:
    """Ask the centre's PostgreSQL.

    Args:
        settings: the declared sources, and how PostgreSQL is reached.
        now: epoch seconds, of the centre's clock.
        seconds: longest time of a question.

    Raises:
        PostgresError: when it does not answer, refuses, or has not the tables.
    """
    stored = Stored()
    # The database has no encoding (SQL_ASCII): whatever people wrote comes as hexadecimal digits.
    with (
        connected(settings.service, settings.service_file, seconds, encoding="SQL_ASCII") as connection,
        connection.cursor() as cursor,
    ):
        names = [name for source in settings.sources for name in source.names]
        windows = [name for source in settings.sources if source.system == "windows" for name in source.names]
        for name, canary, own in _rows(cursor, "lasts", names=names):
            stored.lasts[name] = Lasts(canary, own)
        window = {"since": now - settings.window}
        for name, at, digits in _rows(cursor, "canaries", names=names, most=_MOST_CANARIES, **window):
            canary = parsed(at, bytes.fromhex(digits))
            if canary is not None:
                stored.canaries.setdefault(name, []).append(canary)
        for name, counter in _rows(cursor, "counters", names=windows, most=_MOST_COUNTED, **window):
            stored.counters.setdefault(name, []).append(counter)
        hosts = _rows(cursor, "hosts", names=names, since=now - settings.window, most=_MOST_NAMES)
        stored.strangers.extend(_text(row[0]) for row in hosts)
        rate_seconds = _recent(cursor, stored.programs, now)
        notable_since = _notable(cursor, stored.notable, now)
    return Stored(
        stored.lasts,
        stored.canaries,
        stored.counters,
        stored.programs,
        rate_seconds,
        stored.strangers,
        stored.notable,
        notable_since,
    )


def _recent(cursor: "Cursor", programs: list[Program], now: float) -> float:
    """Read what was written lately; returns the seconds that the last minute's counts cover."""
    since = {"since": now - HOUR, "rate_since": now - RATE_OVER}
    rows = _rows(cursor, "recent", most=_MOST_RECENT, groups=_MOST_GROUPS, **since)
    for host, program, last_at, messages, of_late, *_ in rows:
        programs.append(Program(_text(host), _text(program), last_at, messages, of_late))
    if not rows or rows[0][-1] < _MOST_RECENT:
        return float(RATE_OVER)
    return min(float(RATE_OVER), max(0.001, now - float(rows[0][-2])))


def _notable(cursor: "Cursor", notable: list[Notable], now: float) -> int:
    """Read errors and failed logins of the last day; returns since when, 0 when it is the whole day."""
    since = {"since": now - DAY, "hour_since": now - HOUR}
    rows = _rows(cursor, "activity", most=_MOST_NOTABLE, groups=_MOST_GROUPS, **since)
    for hour, recent, host, context, errors, failed, *_ in rows:
        named = None if context is None else _text(context)
        notable.append(Notable(hour, recent, _text(host), named, errors, failed))
    return 0 if not rows or rows[0][-1] < _MOST_NOTABLE else int(rows[0][-2])


def _rows(cursor: "Cursor", question: str, **parameters: Any) -> list[tuple[Any, ...]]:
    cursor.execute(_question(question), parameters)
    return cursor.fetchall()


@cache
def _question(name: str) -> bytes:
    return Path(__file__).with_name(f"{name}.sql").read_bytes()


def _text(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-8", "replace")
