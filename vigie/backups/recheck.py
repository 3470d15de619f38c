"""The rolling re-check: a bounded time per cycle, the dumps that were verified longest ago first.

Only the user that owns the dumps can read them, so this is not the monitoring user's work: it writes what it found into
the index,
and the observation reports it without reading any dump.
"""

import errno
import time
from dataclasses import dataclass
from pathlib import Path

from vigie.backups.catalogue import DumpEntry, DumpState, Layout
from vigie.backups.journal import Journal
from vigie.backups.store import locked, opened, read_manifest, write_index
from vigie.backups.verify import hashed

_LOCK_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Recheck:
    """What one cycle did: `left` dumps were not reached, the next cycles will."""

    checked: int
    left: int
    corrupt: list[str]
    mended: list[str]


def recheck(root: Path, school: str, *, seconds: float) -> Recheck:
    """Read dumps again and compare them with their manifests.

    Args:
        root: the store.
        school: its UAI.
        seconds: no dump is begun once this time is over.

    Raises:
        VigieError: when the store cannot be used.
    """
    layout = Layout(root)
    deadline = time.monotonic() + seconds
    queue = sorted(
        ((key, entry) for key, held in opened(root, school).databases.items() for entry in held.dumps),
        # What was found corrupt comes first, so that its mending is seen at the next cycle.
        key=lambda pair: (pair[1].state == DumpState.SOUND, pair[1].verified_at, pair[1].stamp),
    )
    found: dict[tuple[str, str], DumpEntry] = {}
    for key, entry in queue:
        if time.monotonic() >= deadline:
            break
        looked = _looked_at(layout, key, entry)
        if looked is not None:
            found[key, entry.stamp] = looked
    return _written(layout, school, found, left=len(queue) - len(found))


def _looked_at(layout: Layout, key: str, entry: DumpEntry) -> DumpEntry | None:
    """The entry as its content says; None when there is nothing to read: the observation sees that it vanished."""
    folder = layout.dump_folder(key, entry.stamp)
    manifest = read_manifest(folder)
    try:
        contents = hashed(folder / "dump")
    except OSError as error:
        # A sector that cannot be read is a dump that cannot be restored.
        return entry._replace(state=DumpState.CORRUPT) if error.errno == errno.EIO else None
    good = manifest is not None and (contents.size, contents.sha256) == (manifest.size, manifest.sha256)
    if good:
        return entry._replace(verified_at=int(time.time()), state=DumpState.SOUND)
    return entry._replace(state=DumpState.CORRUPT)


def _written(layout: Layout, school: str, found: dict[tuple[str, str], DumpEntry], *, left: int) -> Recheck:
    corrupt: list[str] = []
    mended: list[str] = []
    with locked(layout, wait=_LOCK_WAIT), Journal(layout.journal / "recheck.jsonl") as journal:
        index = opened(layout.root, school)
        for key, held in index.databases.items():
            for position, entry in enumerate(held.dumps):
                looked = found.get((key, entry.stamp))
                if looked is None:
                    continue
                held.dumps[position] = looked
                label = f"{key}/{entry.stamp}"
                if looked.state == DumpState.CORRUPT:
                    corrupt.append(label)
                elif entry.state == DumpState.CORRUPT:
                    mended.append(label)
                if looked.state != entry.state:
                    journal.note("corrupt" if looked.state else "mended", dump=label)
        index.rechecked_at = time.time()
        write_index(layout, index)
    return Recheck(len(found), left, corrupt, mended)
