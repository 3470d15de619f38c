"""Room on the disk: what a run may need, and when it must stop."""

import os
from dataclasses import dataclass
from pathlib import Path

from vigie.backups.catalogue import Index
from vigie.backups.server import Database
from vigie.naming import key_of

# A dump in custom format of a database never dumped before: a cautious share of its size on the server (measured: 4 %).
_SHARE_OF_DATABASE = 0.25
_GROWTH = 1.25
_RESERVE_SHARE = 0.02
_RESERVE_LEAST = 4 << 20


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of a file system: all of them, and those that an ordinary user may still write."""

    total: int
    free: int

    @property
    def reserve(self) -> int:
        return max(int(self.total * _RESERVE_SHARE), _RESERVE_LEAST)

    @property
    def usable(self) -> int:
        return max(0, self.free - self.reserve)


def room_in(folder: Path) -> Room:
    """The room of the file system that holds a folder."""
    figures = os.statvfs(folder)
    return Room(figures.f_blocks * figures.f_frsize, figures.f_bavail * figures.f_frsize)


def foreseen(database: Database, index: Index) -> int:
    """Bytes that the next dump of a database may take: its last dump's and a quarter more."""
    held = index.databases.get(key_of(database.name))
    if held and held.dumps:
        return int(held.dumps[-1].size * _GROWTH)
    return int(database.size * _SHARE_OF_DATABASE)


def readable(size: float) -> str:
    """A size for people: `1.4 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(size) < 1024:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"
