"""The observation of backups as plain data, in the shape of docs/architecture.md."""

from vigie.hints import Any
from vigie.observe.backups.model import BackupsObservation
from vigie.observe.document import failed
from vigie.records import plain


def of_backups(observation: BackupsObservation) -> dict[str, Any]:
    """The document of docs/architecture.md, as plain data; one that failed has its error and nothing else."""
    document = failed(observation.observed_at, observation.seconds, observation.error)
    if observation.seen is None:
        return document
    seen = observation.seen
    for name in ("promise", "postgres", "receiver", "run", "space", "recheck", "counts"):
        document[name] = plain(getattr(seen, name))
    document["databases"] = {key: plain(row) for key, row in seen.databases.items()}
    document["discovery"] = [
        {"{#KEY}": key, "{#DB}": row.name, "{#KIND}": row.kind.name.lower()} for key, row in seen.databases.items()
    ]
    return document
