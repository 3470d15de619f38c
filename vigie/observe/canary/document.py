"""The observation of a source of logs as plain data, in the shape of docs/architecture.md."""

from vigie.hints import Any
from vigie.observe.canary.model import CanaryObservation
from vigie.observe.document import failed
from vigie.records import Record, plain


def of_canary(observation: CanaryObservation) -> dict[str, Any]:
    """The document; one that failed has its error and nothing else."""
    document = failed(observation.observed_at, observation.seconds, observation.error)
    if observation.seen is not None:
        parts = plain(observation.seen)
        document |= {name: plain(part) if isinstance(part, Record) else part for name, part in parts.items()}
    return document
