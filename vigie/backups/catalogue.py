"""What is known of dumps: manifests, runs and the index, as typed models, and their reading. Nothing here writes.

Only the standard library: the observation reads the index at every cycle. The layout is drawn in docs/architecture.md.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Self

FORMAT = 1
_MOST = 2**53
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


class Outcome(StrEnum):
    """How far a database came in a run."""

    PENDING = "pending"
    PUBLISHED = "published"
    DELIVERED = "delivered"
    FAILED = "failed"


class RunPhase(StrEnum):
    """What a run says of itself."""

    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was known of a dump when it was made; it stands beside the dump and travels with it.

    `tables` and `rows` are counted in what the verification read back from the dump, so they are exact.
    """

    key: str
    name: str
    school: str
    stamp: str
    run: str
    size: int
    sha256: str
    tables: int
    rows: int
    server_version: str
    tool_version: str
    started_at: float
    finished_at: float
    verified_at: float
    made_by: str
    format: int = FORMAT

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a manifest.

        Raises:
            ValueError: when the text is not a manifest of this format.
        """
        return cls(**_checked(cls, text))

    def to_json(self) -> str:
        return _written(self)


@dataclass(slots=True)
class DatabaseRun:
    """One database in a run; `error` is one sentence, empty when all went well."""

    name: str
    outcome: str = Outcome.PENDING
    stamp: str = ""
    size: int = 0
    seconds: float = 0.0
    error: str = ""


@dataclass(slots=True)
class RunManifest:
    """A run as it goes: what it saw, what became of each database. `heartbeat_at` moves while it lives."""

    run: str
    school: str
    made_by: str
    started_at: float
    heartbeat_at: float
    phase: str = RunPhase.RUNNING
    finished_at: float = 0.0
    resumes: str = ""
    error: str = ""
    databases: dict[str, DatabaseRun] = field(default_factory=dict)
    format: int = FORMAT

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a run's manifest.

        Raises:
            ValueError: when the text is not one of this format.
        """
        fields = _checked(cls, text)
        databases = fields.pop("databases", {})
        if not isinstance(databases, Mapping):
            raise ValueError("databases is not a mapping")
        run = cls(
            databases={key: DatabaseRun(**_fields(DatabaseRun, value)) for key, value in databases.items()},
            **fields,
        )
        outcomes = {database.outcome for database in run.databases.values()}
        if run.phase not in set(RunPhase) or outcomes - set(Outcome):
            raise ValueError("has an unknown phase or outcome")
        return run

    def to_json(self) -> str:
        return _written(self)


@dataclass(slots=True)
class Holdings:
    """A database in the index: its name and its dumps, oldest first."""

    name: str
    dumps: list[DumpEntry] = field(default_factory=list)


@dataclass(slots=True)
class Index:
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
        document = _parsed(text)
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


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the backup server said of a run's dumps, by `key/stamp`; a refusal has its reason."""

    accepted: frozenset[str] = frozenset()
    refused: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a receipt.

        Raises:
            ValueError: when the text is not a receipt.
        """
        document = _parsed(text)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError("is not a receipt")
        accepted, refused = document.get("accepted"), document.get("refused")
        if not isinstance(accepted, list) or not isinstance(refused, dict):
            raise ValueError("is not a receipt")
        return cls(frozenset(map(str, accepted)), {str(key): str(why) for key, why in refused.items()})

    def to_json(self) -> str:
        document = {"format": FORMAT, "accepted": sorted(self.accepted), "refused": self.refused}
        return json.dumps(document, indent=1) + "\n"


class Layout:
    """The places inside a store (see docs/architecture.md)."""

    __slots__ = ("dumps", "incoming", "index", "journal", "lock", "receipts", "root", "runs")

    def __init__(self, root: Path) -> None:
        self.root = root
        self.index = root / "catalogue.json"
        self.lock = root / "lock"
        self.runs = root / "runs"
        self.dumps = root / "dumps"
        self.journal = root / "journal"
        self.incoming = root / "incoming"
        self.receipts = root / "receipts"

    def dump_folder(self, key: str, stamp: str) -> Path:
        return self.dumps / key / stamp


def read_index(layout: Layout) -> Index:
    """The index of a store.

    Raises:
        CatalogueError: when it is missing, cannot be read or is not an index.
    """
    try:
        return Index.from_json(layout.index.read_bytes())
    except OSError as error:
        raise CatalogueError(f"the catalogue {layout.index} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CatalogueError(f"the catalogue {layout.index} is damaged: {str(error).splitlines()[0]}") from error


def read_last_run(layout: Layout) -> RunManifest | None:
    """The newest run's manifest, or None when no run was ever seen. Run names sort by time.

    Raises:
        CatalogueError: when the folder or the manifest cannot be read.
    """
    try:
        names = [path.name for path in layout.runs.iterdir() if path.suffix == ".json"]
    except OSError as error:
        raise CatalogueError(f"the runs in {layout.runs} cannot be read: {error.strerror}") from error
    if not names:
        return None
    return read_run(layout.runs / max(names))


def read_run(file: Path) -> RunManifest:
    """A run's manifest.

    Raises:
        CatalogueError: when it cannot be read.
    """
    try:
        return RunManifest.from_json(file.read_bytes())
    except OSError as error:
        raise CatalogueError(f"the run {file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CatalogueError(f"the run {file} is damaged: {str(error).splitlines()[0]}") from error


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except RecursionError:  # a text of brackets alone, from a sender that means harm
        raise ValueError("is nested too deep") from None


def _checked(model: type[Any], text: str | bytes) -> dict[str, Any]:
    document = _parsed(text)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"is not a document of format {FORMAT}")
    return _fields(model, document)


def _fields(model: type[Any], document: Any) -> dict[str, Any]:
    """The document's fields, refused unless they are those of the model with plain values of their types."""
    if not isinstance(document, Mapping):
        raise ValueError("is not a mapping")
    known = model.__dataclass_fields__
    unknown = set(document) - set(known)
    if unknown:
        raise ValueError(f"has unknown fields: {', '.join(sorted(map(str, unknown)))[:100]}")
    for name, value in document.items():
        kind = known[name].type
        if kind is float:
            # `Infinity`, `NaN` (which no comparison holds for) and numbers without end pass JSON, and would break
            # whoever counts with them later.
            good = type(value) in (int, float) and _MOST >= value >= -_MOST
        elif kind is int:
            good = type(value) is int and _MOST >= value >= -_MOST
        elif kind is str:
            good = type(value) is str
        else:
            good = isinstance(value, Mapping)
        if not good:
            raise ValueError(f"{name} has the wrong type")
    required = {name for name, spec in known.items() if not _has_default(spec)}
    if required - set(document):
        raise ValueError(f"lacks {', '.join(sorted(required - set(document)))}")
    return dict(document)


def _has_default(spec: Any) -> bool:
    return spec.default is not MISSING or spec.default_factory is not MISSING


def _written(model: Any) -> str:
    return json.dumps(asdict(model), indent=1) + "\n"
