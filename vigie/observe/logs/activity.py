"""What happened in the logs: errors by source and hour, failed logins, errors of OpenERP by context.

Items take the last hour; pages take the hours of the last day.
"""

from collections import Counter
from collections.abc import Mapping

from vigie.naming import key_of
from vigie.observe import texts
from vigie.observe.logs.model import ActivitySeen, ContextSeen, HourSeen
from vigie.observe.logs.settings import ObserveLogs
from vigie.observe.logs.store import Notable, Stored

MOST_CONTEXTS = 50
_OTHERS = "(others)"


def activity_seen(stored: Stored) -> ActivitySeen:
    """The totals of the last hour."""
    recent = [row for row in stored.notable if row.recent]
    return ActivitySeen(
        errors=sum([row.errors for row in recent]),
        failed_logins=sum([row.failed_logins for row in recent]),
        openerp_errors=sum([row.errors for row in recent if row.context is not None]),
        since=stored.notable_since,
    )


def contexts_seen(stored: Stored) -> Mapping[str, ContextSeen]:
    """The contexts that OpenERP logged most errors for, in the last day; key and row of each.

    Names come from the log: whoever writes there may invent them, and only so many are kept.
    """
    day: Counter[str] = Counter()
    hour: Counter[str] = Counter()
    for row in stored.notable:
        if row.context:
            day[row.context] += row.errors
            hour[row.context] += row.errors * row.recent
    return {
        key_of(name): ContextSeen(texts.short_name(name, key_of(name)), hour[name], errors)
        for name, errors in day.most_common(MOST_CONTEXTS)
    }


def hours_seen(settings: ObserveLogs, stored: Stored) -> tuple[HourSeen, ...]:
    """The hours of the last day in which something happened, by source; what nobody declared counts together."""
    known = {name: source.host for source in settings.sources for name in source.names}
    rows: dict[tuple[int, str], list[Notable]] = {}
    for row in stored.notable:
        rows.setdefault((row.hour, known.get(row.host, _OTHERS)), []).append(row)
    return tuple(
        HourSeen(
            at=at,
            source=source,
            errors=sum([row.errors for row in some]),
            failed_logins=sum([row.failed_logins for row in some]),
            openerp_errors=sum([row.errors for row in some if row.context is not None]),
        )
        for (at, source), some in sorted(rows.items())
    )
