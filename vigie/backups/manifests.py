"""The documents that travel or stand beside dumps: manifests, runs, receipts, as typed models.

They come from machines that are not trusted: a field that is unknown, missing, of another type or without bounds is
refused. Only the standard library: the observation reads them at every cycle.
"""

import json
from collections.abc import Mapping
from enum import StrEnum

from vigie.hints import Any, Self
from vigie.records import Record, field, kinds, plain, required

FORMAT = 1
_MOST = 2**53


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


class Manifest(Record):
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


class DatabaseRun(Record, frozen=False):
    """One database in a run; `error` is one sentence, empty when all went well."""

    name: str
    outcome: str = Outcome.PENDING
    stamp: str = ""
    size: int = 0
    seconds: float = 0.0
    error: str = ""


class RunManifest(Record, frozen=False):
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


class Receipt(Record):
    """What the backup server said of a run's dumps, by `key/stamp`; a refusal has its reason."""

    accepted: frozenset[str] = frozenset()
    refused: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a receipt.

        Raises:
            ValueError: when the text is not a receipt.
        """
        document = parsed(text)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError("is not a receipt")
        accepted, refused = document.get("accepted"), document.get("refused")
        if not isinstance(accepted, list) or not isinstance(refused, dict):
            raise ValueError("is not a receipt")
        return cls(frozenset(map(str, accepted)), {str(key): str(why) for key, why in refused.items()})

    def to_json(self) -> str:
        document = {"format": FORMAT, "accepted": sorted(self.accepted), "refused": self.refused}
        return json.dumps(document, indent=1) + "\n"


def parsed(text: str | bytes) -> Any:
    """What a JSON text says.

    Raises:
        ValueError: when it is not JSON, or nested beyond reason.
    """
    try:
        return json.loads(text)
    except RecursionError:  # a text of brackets alone, from a sender that means harm
        raise ValueError("is nested too deep") from None


def _checked(model: type[Record], text: str | bytes) -> dict[str, Any]:
    document = parsed(text)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"is not a document of format {FORMAT}")
    return _fields(model, document)


def _fields(model: type[Record], document: Any) -> dict[str, Any]:
    """The document's fields, refused unless they are those of the model with plain values of their types."""
    if not isinstance(document, Mapping):
        raise ValueError("is not a mapping")
    known = kinds(model)
    unknown = set(document) - set(known)
    if unknown:
        raise ValueError(f"has unknown fields: {', '.join(sorted(map(str, unknown)))[:100]}")
    for name, value in document.items():
        kind = known[name]
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
    lacking = [name for name in required(model) if name not in document]
    if lacking:
        raise ValueError(f"lacks {', '.join(sorted(lacking))}")
    return dict(document)


def _written(model: Record) -> str:
    return json.dumps(plain(model), default=plain, indent=1) + "\n"
