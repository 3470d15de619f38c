"""What is known of the dumps of a store: the index that must be true, the places of its files, their reading.

Nothing here writes. Only the standard library: the observation reads the index at every cycle. The layout is drawn in
docs/architecture.md.
"""

import json
import os
from enum import IntEnum
from typing import NamedTuple

from vigie.backups.manifests import FORMAT, RunManifest, parsed
from vigie.hints import TYPE_CHECKING, Self, StrPath
from vigie.records import Record, field

if TYPE_CHECKING:
    from pathlib import Path

INDEX, RUNS, DUMPS = "catalogue.json", "runs", "dumps"
GLOBALS_KEY = "_globals"
SETTINGS_KEY = "_settings"
SERVER_KEYS = {GLOBALS_KEY: "(roles)", SETTINGS_KEY: "(settings)"}


class CatalogueError(Exception):
    """The catalogue cannot be read, or is not one; the sentence names the file."""


class DumpState(IntEnum):
    """What the last look at a dump's content said."""

    SOUND = 0
    CORRUPT = 1


class DumpEntry(NamedTuple):
    """A dump in the index. Times in epoch seconds, size in bytes; `verified_at` is 0 when it never was."""

    stamp: str
    size: int
    finished_at: int
    verified_at: int
    state: int


class Holdings(Record, frozen=False):
    """A database in the index: its name and its dumps, oldest first."""

    name: str
    dumps: list[DumpEntry] = field(default_factory=list)


class Index(Record, frozen=False):
    """The ledger of a store: every dump that must be there. `rechecked_at` is the last cycle of the rolling re-check.

    `totals` are the bytes held at the last writing of each of the last days (days since the epoch, UTC): what was
    removed
    is not in the ledger any more, so growth cannot be told from the dumps alone.
    """

    school: str
    written_at: float = 0.0
    rechecked_at: float = 0.0
    databases: dict[str, Holdings] = field(default_factory=dict)
    totals: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read an index.

        Raises:
            ValueError: when the text is not one of this format.
        """
        document = parsed(text)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError(f"is not a catalogue of format {FORMAT}")
        try:
            make = DumpEntry._make
            databases = {
                key: Holdings(held["name"], [make(row) for row in held["dumps"]])
                for key, held in document["databases"].items()
            }
            totals = [(int(day), int(size)) for day, size in document.get("totals", ())]
            return cls(document["school"], document["written_at"], document["rechecked_at"], databases, totals)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"is not a catalogue: {error}") from error

    def to_json(self) -> str:
        databases = {key: {"name": held.name, "dumps": held.dumps} for key, held in self.databases.items()}
        document = {
            "format": FORMAT,
            "school": self.school,
            "written_at": self.written_at,
            "rechecked_at": self.rechecked_at,
            "totals": self.totals,
            "databases": databases,
        }
        return json.dumps(document, separators=(",", ":"))


class Layout:
    """The places inside a store (see docs/architecture.md)."""

    __slots__ = ("dumps", "incoming", "index", "journal", "lock", "receipts", "root", "runs")

    def __init__(self, root: "Path") -> None:
        self.root = root
        self.index = root / INDEX
        self.lock = root / "lock"
        self.runs = root / RUNS
        self.dumps = root / DUMPS
        self.journal = root / "journal"
        self.incoming = root / "incoming"
        self.receipts = root / "receipts"

    def dump_folder(self, key: str, stamp: str) -> "Path":
        return self.dumps / key / stamp


def read_index(file: StrPath) -> Index:
    """The index of a store.

    Raises:
        CatalogueError: when it is missing, cannot be read or is not an index.
    """
    try:
        return Index.from_json(_content(file))
    except OSError as error:
        raise CatalogueError(f"the catalogue {file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CatalogueError(f"the catalogue {file} is damaged: {str(error).splitlines()[0]}") from error


def read_last_run(folder: StrPath) -> RunManifest | None:
    """The newest run's manifest, or None when no run was ever seen. Run names sort by time.

    Raises:
        CatalogueError: when the folder or the manifest cannot be read.
    """
    try:
        names = [name for name in os.listdir(folder) if os.path.splitext(name)[1] == ".json"]
    except OSError as error:
        raise CatalogueError(f"the runs in {folder} cannot be read: {error.strerror}") from error
    if not names:
        return None
    return read_run(os.path.join(folder, max(names)))


def read_run(file: StrPath) -> RunManifest:
    """A run's manifest.

    Raises:
        CatalogueError: when it cannot be read.
    """
    try:
        return RunManifest.from_json(_content(file))
    except OSError as error:
        raise CatalogueError(f"the run {file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CatalogueError(f"the run {file} is damaged: {str(error).splitlines()[0]}") from error


def _content(file: StrPath) -> bytes:
    with open(file, "rb") as stream:
        return stream.read()
