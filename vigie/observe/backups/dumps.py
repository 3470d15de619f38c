"""The dumps as they stand on the disk, compared with the ledger: names, kinds of file and sizes; no content is read."""

import os
import re
import time
from stat import S_ISREG

from vigie.backups.catalogue import DUMPS, INDEX, CatalogueError, DumpEntry, DumpState, Index, read_index
from vigie.records import Record

# A removal puts the folder out of sight, under this name, before it takes the dump out of the ledger.
_BEING_REMOVED = ".removing-"
_SAFE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")
_READINGS = 3


class CutOffError(Exception):
    """The deadline came before every dump was looked at."""


class Standing(Record):
    """What the store holds: the ledger; for each key its bad dumps, stamp to reason; how many dumps are not in it."""

    index: Index
    bad: dict[str, dict[str, str]]
    strays: int


def look(store: str, until: float) -> Standing:
    """Compare the ledger with the disk.

    A dump that is removed or published meanwhile is no fault: when something is odd and the ledger was written again
    since, both are read again.

    Args:
        store: its folder.
        until: deadline, a time of `time.monotonic`.

    Raises:
        CatalogueError: when the ledger or the folder of dumps cannot be read.
        CutOffError: when the deadline comes first.
    """
    standing = None
    for _ in range(_READINGS):
        standing = None  # two ledgers at once would double the memory
        before = _identity(store)
        standing = _looked_once(store, until)
        if (not standing.bad and not standing.strays) or _identity(store) == before:
            break
    assert standing is not None
    return standing


def _identity(store: str) -> tuple[int, int]:
    try:
        status = os.stat(f"{store}/{INDEX}")
    except OSError as error:
        raise CatalogueError(f"the catalogue {store}/{INDEX} cannot be read: {error.strerror}") from error
    return status.st_ino, status.st_mtime_ns


def _looked_once(store: str, until: float) -> Standing:
    ledger, where = f"{store}/{INDEX}", f"{store}/{DUMPS}"
    index = read_index(ledger)
    bad: dict[str, dict[str, str]] = {}
    strays = 0
    try:
        folder = os.open(where, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise CatalogueError(
            f"the dumps in {where} cannot be looked at: {error.strerror}; is their disk mounted?"
        ) from error
    try:
        for key, held in index.databases.items():
            if time.monotonic() > until:
                raise CutOffError
            if not _SAFE_KEY.fullmatch(key):
                raise CatalogueError(f"the catalogue {ledger} is damaged: it holds a key that Vigie never writes")
            faults, unknown = _compared(folder, key, held.dumps)
            strays += unknown
            if faults:
                bad[key] = faults
        for key in os.listdir(folder):
            if key not in index.databases and not key.startswith("."):
                strays += sum(not name.startswith(".") for name in _names(folder, key))
    except OSError as error:
        raise CatalogueError(f"the dumps in {where} cannot be looked at: {error.strerror}") from error
    except TypeError as error:
        raise CatalogueError(f"the catalogue {ledger} is damaged: a number was expected") from error
    finally:
        os.close(folder)
    return Standing(index, bad, strays)


def _compared(folder: int, key: str, dumps: list[DumpEntry]) -> tuple[dict[str, str], int]:
    """The bad dumps of one database with the reason of each, and how many folders there are no dump of the ledger."""
    names = _names(folder, key)
    faults: dict[str, str] = {}
    known = 0
    for stamp, size, finished_at, verified_at, state in dumps:
        if not (type(size) is type(finished_at) is type(verified_at) is int):
            raise TypeError
        if stamp not in names:
            if _BEING_REMOVED + stamp not in names:
                faults[stamp] = "vanished"
            continue
        known += 1
        try:
            status = os.stat(f"{key}/{stamp}/dump", dir_fd=folder, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            faults[stamp] = "vanished"
            continue
        if not S_ISREG(status.st_mode):
            faults[stamp] = "is not a plain file"
        elif status.st_size != size:
            faults[stamp] = f"has {status.st_size} bytes instead of {size}"
        elif state != DumpState.SOUND:
            faults[stamp] = "its content is not what its manifest says"
    return faults, sum(not name.startswith(".") for name in names) - known


def _names(folder: int, key: str) -> set[str]:
    try:
        descriptor = os.open(key, os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
    except (FileNotFoundError, NotADirectoryError):
        return set()
    try:
        return set(os.listdir(descriptor))
    finally:
        os.close(descriptor)
