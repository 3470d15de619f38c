"""The observation of backups as plain data, in the shape of docs/architecture.md."""

from dataclasses import fields
from typing import Any

from vigie.observe.backups.model import BackupsObservation, DatabaseSeen
from vigie.observe.document import failed

# Reading the attributes by hand: dataclasses.asdict copies deeply, 30 times slower over 1,000 databases.
_ROW = tuple(spec.name for spec in fields(DatabaseSeen))


def of_backups(observation: BackupsObservation) -> dict[str, Any]:
    """The document of docs/architecture.md, as plain data; one that failed has its error and nothing else."""
    document = failed(observation.observed_at, observation.seconds, observation.error)
    if observation.seen is None:
        return document
    seen = observation.seen
    for name in ("promise", "postgres", "receiver", "run", "space", "recheck", "counts"):
        part = getattr(seen, name)
        document[name] = {spec.name: getattr(part, spec.name) for spec in fields(part)}
    document["databases"] = {key: {name: getattr(row, name) for name in _ROW} for key, row in seen.databases.items()}
    document["discovery"] = [
        {"{#KEY}": key, "{#DB}": row.name, "{#KIND}": row.kind.name.lower()} for key, row in seen.databases.items()
    ]
    return document
