"""The observation of Vigie itself as plain data, in the shape of docs/architecture.md."""

from vigie.hints import Any
from vigie.observe.document import failed
from vigie.observe.itself.model import ItselfObservation
from vigie.records import Record, plain

_MACROS = {"timers": "{#TIMER}", "services": "{#SERVICE}", "certificates": "{#CERTIFICATE}"}


def of_itself(observation: ItselfObservation) -> dict[str, Any]:
    """The document; one that failed has its error and nothing else."""
    document = failed(observation.observed_at, observation.seconds, observation.error)
    seen = observation.seen
    if seen is None:
        return document
    document |= {"version": seen.version, "manager": seen.manager}
    document |= {"requests": plain(seen.requests), "counts": plain(seen.counts)}
    discovery = {}
    for part, macro in _MACROS.items():
        rows = getattr(seen, part)
        document[part] = {key: _told(row) for key, row in rows.items()}
        discovery[part] = [{"{#KEY}": key, macro: row.name} for key, row in rows.items()]
    return document | {"discovery": discovery}


def _told(row: Record) -> dict[str, Any]:
    return {name: value for name, value in plain(row).items() if value is not None}
