"""Writing a store: lock, atomic files, publication by one rename, and the index that remembers it."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vigie.backups.catalogue import CatalogueError, DumpEntry, Holdings, Index, Layout, read_index
from vigie.backups.manifests import Manifest
from vigie.errors import Exit, VigieError

_MAKING = ".making-"
_REMOVING = ".removing-"
_LOCK_POLL = 0.2
_DAYS_OF_TOTALS = 31
RUNS_KEPT = 400


class StoreBusyError(VigieError):
    """Another program writes to the store."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(
            f"{layout.root}: another run is writing to this store; wait for its end (the lock is {layout.lock})",
            Exit.BUSY,
        )


def initialise(root: Path, school: str) -> Layout:
    """Make the folders and an empty index where they are missing; existing ones are left as they are.

    Raises:
        VigieError: when the folder cannot be made or belongs to another school.
    """
    layout = Layout(root)
    try:
        for folder in (root, layout.runs, layout.dumps, layout.journal, layout.receipts):
            folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        layout.incoming.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise VigieError(f"{root}: the store cannot be made: {error.strerror}") from error
    if not layout.index.exists():
        if any(layout.dumps.iterdir()):
            raise VigieError(f"{root}: there are dumps and no catalogue; run `vigie backup reindex` first")
        write_index(layout, Index(school))
    return layout


def opened(root: Path, school: str) -> Index:
    """The index of a store, checked to be that school's.

    Raises:
        VigieError: when the catalogue cannot be read or is another school's.
    """
    try:
        index = read_index(Layout(root).index)
    except CatalogueError as error:
        raise VigieError(
            f"{error}; make it with `vigie backup init`, or rebuild it with `vigie backup reindex`"
        ) from error
    if index.school != school:
        raise VigieError(f"{root}: this store belongs to the school {index.school}, not to {school}")
    return index


@contextmanager
def locked(layout: Layout, wait: float = 0.0) -> Iterator[None]:
    """Hold the store's lock, waiting for it at most `wait` seconds.

    Raises:
        StoreBusyError: when somebody else holds it all that time.
        VigieError: when the lock file cannot be opened.
    """
    try:
        descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o640)
    except OSError as error:
        raise VigieError(
            f"{layout.lock}: cannot be opened: {error.strerror}; run as the user that owns the store"
        ) from error
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise StoreBusyError(layout) from None
                time.sleep(_LOCK_POLL)
        yield
    finally:
        os.close(descriptor)


def write_atomically(file: Path, text: str, mode: int = 0o640) -> None:
    """Replace a file by a new content that is on the disk before it has the name."""
    temporary = file.with_name(f".{file.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        os.fchmod(descriptor, mode)
        stream.write(text)
        stream.flush()
        os.fsync(descriptor)
    temporary.replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_index(layout: Layout, index: Index) -> None:
    """Replace the index; it says when it was written, and remembers the day's total."""
    index.written_at = time.time()
    today = int(index.written_at // 86_400)
    total = sum(entry.size for held in index.databases.values() for entry in held.dumps)
    index.totals = [known for known in index.totals if today - _DAYS_OF_TOTALS < known[0] < today]
    index.totals.append((today, total))
    write_atomically(layout.index, index.to_json())


def new_dump_folder(layout: Layout, key: str, stamp: str) -> Path:
    """An empty folder in which a dump is made; nobody takes it for a dump until it is published."""
    parent = layout.dumps / key
    parent.mkdir(mode=0o750, exist_ok=True)
    folder = parent / f"{_MAKING}{stamp}"
    folder.mkdir(mode=0o750)
    return folder


def publish(layout: Layout, folder: Path, manifest: Manifest) -> DumpEntry:
    """Give a finished dump its final name: the manifest joins it, then one rename makes both visible.

    Raises:
        FileExistsError: when a dump of that name was published before.
    """
    write_atomically(folder / "manifest.json", manifest.to_json())
    final = layout.dump_folder(manifest.key, manifest.stamp)
    if final.exists():
        raise FileExistsError(f"{final} was published before")
    folder.rename(final)
    sync_folder(final.parent)
    return entry_of(manifest)


def entry_of(manifest: Manifest) -> DumpEntry:
    """The line of the index for a dump that was just verified."""
    return DumpEntry(manifest.stamp, manifest.size, int(manifest.finished_at), int(manifest.verified_at), 0)


def add(index: Index, key: str, name: str, entry: DumpEntry) -> None:
    """Put a dump into the index, in its place by time; one that is there already is left as it is known."""
    held = index.databases.setdefault(key, Holdings(name))
    held.name = name
    if all(known.stamp != entry.stamp for known in held.dumps):
        held.dumps.append(entry)
        held.dumps.sort()


def remove(layout: Layout, index: Index, doomed: list[tuple[str, str]]) -> None:
    """Remove dumps, given as (key, stamp): out of sight, out of the index, then off the disk.

    Killed in between, `settle` finishes the work: a hidden folder is never taken for a vanished dump.
    """
    hidden: list[Path] = []
    for key, stamp in doomed:
        folder = layout.dump_folder(key, stamp)
        aside = folder.with_name(f"{_REMOVING}{stamp}")
        with suppress(FileNotFoundError):
            folder.rename(aside)
            hidden.append(aside)
        _drop(index, key, stamp)
    write_index(layout, index)
    for folder in hidden:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()  # only when it was the last one


def settle(layout: Layout, index: Index) -> bool:
    """Finish what a killed program left: its unpublished folders go, its published dumps enter the index.

    The lock is held.

    Returns:
        Whether the index changed; it is then written.
    """
    changed = False
    for parent in _folders(layout.dumps):
        key = parent.name
        held = index.databases.get(key)
        known = {entry.stamp for entry in held.dumps} if held else set()
        for folder in _folders(parent):
            stamp = folder.name
            if stamp.startswith(_MAKING):
                shutil.rmtree(folder, ignore_errors=True)
            elif stamp.startswith(_REMOVING):
                changed |= _drop(index, key, stamp.removeprefix(_REMOVING))
                shutil.rmtree(folder, ignore_errors=True)
            elif stamp not in known:
                manifest = read_manifest(folder)
                if manifest is not None and (manifest.key, manifest.stamp) == (key, stamp):
                    add(index, key, manifest.name, entry_of(manifest))
                    changed = True
    if changed:
        write_index(layout, index)
    return changed


def reindex(layout: Layout, school: str) -> Index:
    """Rebuild the index from the manifests alone (the lock is held); what a person calls after a disaster.

    What was never verified again since is marked as verified when it was made.
    """
    index = Index(school)
    settle(layout, index)
    write_index(layout, index)
    return index


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in a dump's folder, or None when there is none that can be read."""
    try:
        return Manifest.from_json((folder / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return None


def keep_newest(folder: Path, count: int) -> None:
    """Keep the last files of a folder of runs, receipts or journals, whose names sort by time."""
    dated = sorted(file for file in folder.iterdir() if file.name[:1].isdigit())
    for file in dated[:-count]:
        file.unlink(missing_ok=True)


def _drop(index: Index, key: str, stamp: str) -> bool:
    held = index.databases.get(key)
    if held is None:
        return False
    kept = [entry for entry in held.dumps if entry.stamp != stamp]
    changed = len(kept) != len(held.dumps)
    held.dumps = kept
    if not kept:
        del index.databases[key]
    return changed


def _folders(parent: Path) -> list[Path]:
    with os.scandir(parent) as entries:
        return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
