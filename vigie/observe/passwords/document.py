"""The observation of passwords as one JSON document."""

from vigie.hints import Any
from vigie.observe.document import failed
from vigie.observe.passwords.model import PasswordsObservation
from vigie.records import plain


def of_passwords(observation: PasswordsObservation) -> dict[str, Any]:
    """The document of docs/architecture.md, as plain data; one that failed has its error and nothing else."""
    document = failed(observation.observed_at, observation.seconds, observation.error)
    seen = observation.seen
    if seen is None:
        return document
    for name in ("promise", "current", "pending", "marks", "postgres"):
        document[name] = plain(getattr(seen, name))
    document["declared"] = seen.declared
    if seen.roles is not None and seen.sessions is not None:  # else nothing is said: an old answer is not repeated
        document["roles"] = plain(seen.roles)
        document["sessions"] = plain(seen.sessions)
        document["stations"] = {name: plain(station) for name, station in seen.stations.items()}
        document["discovery"] = [{"{#KEY}": name, "{#STATION}": name} for name in seen.stations]
    return document
