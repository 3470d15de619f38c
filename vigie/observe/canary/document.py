"""The observation of a source of logs as plain data, in the shape of docs/architecture.md."""

from dataclasses import asdict
from typing import Any

from vigie.observe.canary.model import CanaryObservation
from vigie.observe.document import failed


def of_canary(observation: CanaryObservation) -> dict[str, Any]:
    """The document; one that failed has its error and nothing else."""
    document = failed(observation.observed_at, observation.seconds, observation.error)
    if observation.seen is not None:
        document |= asdict(observation.seen)
    return document
