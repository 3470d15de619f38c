"""The observation of logs as plain data, in the shape of docs/architecture.md."""

from vigie.hints import Any
from vigie.observe.document import failed
from vigie.observe.logs.model import LogsObservation
from vigie.records import Record, plain

PARTS = ("store", "centre", "disks", "recent", "strangers", "activity")


def of_logs(observation: LogsObservation) -> dict[str, Any]:
    """The document of docs/architecture.md, as plain data; one that failed has its error and nothing else.

    What is not known now is left out.
    """
    document = failed(observation.observed_at, observation.seconds, observation.error)
    if observation.seen is None:
        return document
    seen = observation.seen
    for name in PARTS:
        part = getattr(seen, name)
        if part is not None:
            document[name] = _known(part)
    document["sources"] = {key: _known(row) for key, row in seen.sources.items()}
    document["discovery"] = [
        {"{#KEY}": key, "{#SOURCE}": row.name, "{#SYSTEM}": row.system.name.lower()}
        for key, row in seen.sources.items()
    ]
    if seen.programs is not None:
        document["programs"] = {key: _known(row) for key, row in seen.programs.items()}
        document["discovery_programs"] = [
            {"{#KEY}": key, "{#PROGRAM}": row.name, "{#SOURCE}": row.source} for key, row in seen.programs.items()
        ]
    if seen.contexts is not None:
        document["contexts"] = {key: _known(row) for key, row in seen.contexts.items()}
        document["discovery_contexts"] = [{"{#KEY}": key, "{#DB}": row.name} for key, row in seen.contexts.items()]
    return document


def _known(part: Record) -> dict[str, Any]:
    return {name: value for name, value in plain(part).items() if value is not None}
