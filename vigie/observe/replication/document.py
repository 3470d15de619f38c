"""The observation of replication as plain data."""

from dataclasses import fields
from typing import Any

from vigie.observe.document import failed
from vigie.observe.replication.model import ReplicationObservation


def of_replication(observation: ReplicationObservation) -> dict[str, Any]:
    """The document of docs/architecture.md; one that failed has its error and nothing else."""
    document = failed(observation.observed_at, observation.seconds, observation.error)
    if observation.seen is not None:
        for spec in fields(observation.seen):
            part = getattr(observation.seen, spec.name)
            document[spec.name] = {inner.name: getattr(part, inner.name) for inner in fields(part)}
    return document
