"""The observation of replication as plain data."""

from vigie.hints import Any
from vigie.observe.document import failed
from vigie.observe.replication.model import ReplicationObservation
from vigie.records import plain


def of_replication(observation: ReplicationObservation) -> dict[str, Any]:
    """The document of docs/architecture.md; one that failed has its error and nothing else."""
    document = failed(observation.observed_at, observation.seconds, observation.error)
    if observation.seen is not None:
        document |= {name: plain(part) for name, part in plain(observation.seen).items()}
    return document
