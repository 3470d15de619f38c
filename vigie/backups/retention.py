"""Which dumps are kept, and why: a pure decision, explained dump by dump.

Only sound dumps fill the places of the policy: a bad dump never pushes a good one out. Days, weeks and months are the
school's.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from vigie.backups.catalogue import DumpEntry, DumpState


@dataclass(frozen=True, slots=True)
class Policy:
    """How many days, ISO weeks and months keep their newest dump; `dropped` seconds for databases that are gone."""

    daily: int
    weekly: int
    monthly: int
    dropped: int
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a dump, and the sentence that says why."""

    entry: DumpEntry
    kept: bool
    why: str


def judge(dumps: list[DumpEntry], policy: Policy, *, now: float, dropped: bool) -> list[Verdict]:
    """Decide for all the dumps of one database.

    Args:
        dumps: its dumps, in any order.
        policy: what is kept.
        now: epoch seconds.
        dropped: whether the database is known to be gone.

    Returns:
        A verdict per dump, oldest first. The newest verified dump of a database that exists is always kept; corrupt and
        unverified dumps
        are kept until a person has looked at them.
    """
    ordered = sorted(dumps)
    sound = [entry for entry in ordered if entry.state == DumpState.SOUND and entry.verified_at > 0]
    if dropped and ordered and now - ordered[-1].finished_at >= policy.dropped:
        age = int((now - ordered[-1].finished_at) // 86_400)
        return [Verdict(entry, False, f"the database is gone, its last dump is {age} days old") for entry in ordered]
    reasons: dict[str, str] = {}
    if sound:
        reasons[sound[-1].stamp] = "the newest verified dump"
    for period, count, form in (
        ("day", policy.daily, "%Y-%m-%d"),
        ("week", policy.weekly, "%G-W%V"),
        ("month", policy.monthly, "%Y-%m"),
    ):
        for label, entry in _newest_of_each(sound, form, count, policy.zone):
            reasons.setdefault(entry.stamp, f"the newest of its {period} ({label})")
    verdicts = []
    for entry in ordered:
        if entry.state == DumpState.CORRUPT:
            verdicts.append(Verdict(entry, True, "it is corrupt: a person decides (`vigie backup forget`)"))
        elif entry.verified_at <= 0:
            verdicts.append(Verdict(entry, True, "it was never verified: a person decides (`vigie backup forget`)"))
        elif dropped:
            verdicts.append(Verdict(entry, True, "the database is gone: kept for its own period"))
        elif entry.stamp in reasons:
            verdicts.append(Verdict(entry, True, reasons[entry.stamp]))
        else:
            verdicts.append(Verdict(entry, False, _why_not(entry, sound, policy)))
    return verdicts


def _newest_of_each(sound: list[DumpEntry], form: str, count: int, zone: ZoneInfo) -> list[tuple[str, DumpEntry]]:
    """The newest dump of each of the `count` last periods that have one."""
    newest: dict[str, DumpEntry] = {}
    for entry in sound:
        newest[_local(entry, zone).strftime(form)] = entry
    return list(newest.items())[-count:] if count else []


def _why_not(entry: DumpEntry, sound: list[DumpEntry], policy: Policy) -> str:
    day = _local(entry, policy.zone).date()
    if any(_local(other, policy.zone).date() == day and other.stamp > entry.stamp for other in sound):
        return f"the same day ({day}) has a newer dump"
    return f"beyond {policy.daily} days, {policy.weekly} weeks and {policy.monthly} months"


def _local(entry: DumpEntry, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(entry.finished_at, zone)
