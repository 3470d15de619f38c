"""The observation of OpenERP as plain data, in the shape of docs/architecture.md."""

from vigie.hints import Any
from vigie.observe.document import failed
from vigie.observe.openerp.model import ContextSeen, OpenErpObservation
from vigie.records import kinds, plain

# Names stand in `discovery`; with names and the states' texts here too, 1,000 contexts would pass Zabbix's limit.
_ROW = tuple(name for name in kinds(ContextSeen) if name not in ("name", "state_text"))


def of_openerp(observation: OpenErpObservation) -> dict[str, Any]:
    """The document of docs/architecture.md, as plain data.

    Without a list of the contexts there are no `counts`, `contexts` and `discovery`: what Zabbix knew of them stands.
    """
    document = failed(observation.observed_at, observation.seconds, "")
    seen = observation.seen
    for name in ("promise", "server", "postgres", *(("counts",) if seen.counts is not None else ())):
        document[name] = plain(getattr(seen, name))
    if seen.counts is None:
        return document
    document["contexts"] = {key: _row(row) for key, row in seen.contexts.items()}
    document["discovery"] = [
        {"{#KEY}": key, "{#DB}": name, "{#KIND}": kind.name.lower()} for key, (name, kind) in seen.names.items()
    ]
    return document


def _row(context: ContextSeen) -> dict[str, Any]:
    """A context's values; a state that is not known is left out, and the one that Zabbix has stands."""
    return {name: value for name in _ROW if (value := getattr(context, name)) is not None}
