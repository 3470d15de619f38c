"""The observation of DRBD as plain data."""

from vigie.hints import Any
from vigie.observe.document import failed
from vigie.observe.drbd.model import DrbdObservation
from vigie.records import plain


def of_drbd(observation: DrbdObservation) -> dict[str, Any]:
    """The document of docs/architecture.md; one that failed has its error and nothing else."""
    document = failed(observation.observed_at, observation.seconds, observation.error)
    seen = observation.seen
    if seen is not None:
        document["release"] = seen.release
        document["counts"] = plain(seen.counts)
        document["resources"] = {key: plain(resource) for key, resource in seen.resources.items()}
        document["discovery"] = [
            {"{#KEY}": key, "{#RESOURCE}": resource.name} for key, resource in seen.resources.items()
        ]
    return document
