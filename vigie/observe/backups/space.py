"""Room on the store's disk, and how long it lasts at the present growth."""

import os

from vigie.backups.catalogue import Index
from vigie.observe.backups.model import Space

_GROWTH_OVER_DAYS = 14


def space_of(room: os.statvfs_result, index: Index) -> Space:
    """What is free for an ordinary user, as `df` counts it, and the days left.

    Growth is the change of the store's total over the last two weeks, not the size of a night's dumps: the retention
    removes nearly as much as a night adds, and a store that is full of history would otherwise seem to fill.
    """
    total = room.f_blocks * room.f_frsize
    free = room.f_bavail * room.f_frsize
    used = (room.f_blocks - room.f_bfree) * room.f_frsize
    growth = _growth_per_day(index.totals)
    return Space(
        total=total,
        used=used,
        free=free,
        free_percent=round(free * 100 / (used + free), 2) if used + free else 0.0,
        growth_per_day=growth,
        days_left=min(99_999, free // growth) if growth > 0 else -1,
    )


def _growth_per_day(totals: list[tuple[int, int]]) -> int:
    recent = [known for known in totals if known[0] >= totals[-1][0] - _GROWTH_OVER_DAYS]
    if len(recent) < 2:
        return 0
    (first_day, first), (last_day, last) = recent[0], recent[-1]
    return (last - first) // (last_day - first_day)
