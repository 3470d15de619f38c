"""The central rsyslog by its own figures, and the disks of its two stores."""

import os

from vigie.observe import texts
from vigie.observe.logs.impstats import ImpstatsError, read_figures
from vigie.observe.logs.model import CentreSeen, DisksSeen
from vigie.observe.logs.settings import ObserveLogs


def centre_and_disks(settings: ObserveLogs, now: float) -> tuple[CentreSeen, DisksSeen]:
    """What can be seen without PostgreSQL.

    Raises:
        OSError: when a disk cannot be looked at.
    """
    return _centre(settings, now), _disks(settings)


def _centre(settings: ObserveLogs, now: float) -> CentreSeen:
    try:
        figures = read_figures(settings.impstats, hole=settings.silent_after)
    except ImpstatsError as error:
        return CentreSeen(0, error=texts.sentence(str(error)))
    age = max(0, int(now - figures.written_at))
    if age > settings.silent_after:
        return CentreSeen(0, age, error=f"it wrote no figures for {age} s: it is stopped, or it hangs")
    return CentreSeen(
        alive=1,
        age=age,
        since=int(figures.since),
        queue=figures.size,
        longest=texts.short_name(figures.longest, ""),
        discarded=figures.discarded,
        failed=figures.failed,
        suspended=figures.suspended,
    )


def _disks(settings: ObserveLogs) -> DisksSeen:
    store, files = os.statvfs(settings.store), os.statvfs(settings.files)
    shares = {settings.store: _free_percent(store), settings.files: _free_percent(files)}
    where = min(shares, key=lambda folder: shares[folder])
    return DisksSeen(
        lowest=shares[where],
        where=where,
        store_free=store.f_bavail * store.f_frsize,
        store_free_percent=shares[settings.store],
        files_free=files.f_bavail * files.f_frsize,
        files_free_percent=shares[settings.files],
    )


def _free_percent(room: os.statvfs_result) -> float:
    used = room.f_blocks - room.f_bfree
    return round(room.f_bavail * 100 / (used + room.f_bavail), 2) if used + room.f_bavail else 0.0
