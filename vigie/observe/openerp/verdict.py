"""What an observation of OpenERP comes to for whoever has no Zabbix: findings, worst first.

The template's triggers say the same; here there is no history, so one look decides.
"""

from collections.abc import Iterator

from vigie.observe import texts
from vigie.observe.levels import Finding, Level
from vigie.observe.openerp.model import OpenErpObservation, OpenErpSeen
from vigie.observe.openerp.settings import ObserveOpenErp
from vigie.observe.openerp.states import ContextState, PostgresState, ReleaseState, ServerState

# As the template's macros have them: seconds.
SLOW = 1.0
LATE = 3600
_POSTGRES = {
    PostgresState.SILENT: (Level.PROBLEM, "PostgreSQL does not answer"),
    PostgresState.UNREACHABLE: (Level.PROBLEM, "PostgreSQL does not answer, nor does OpenERP"),
    PostgresState.LOST: (Level.PROBLEM, "OpenERP does not reach PostgreSQL"),
    PostgresState.CLOSED_TO_US: (Level.WARNING, "the contexts cannot be listed"),
}
_CONTEXTS = {
    ContextState.INTERRUPTED: (Level.PROBLEM, "whose upgrade was interrupted"),
    ContextState.NOT_UPGRADED: (Level.WARNING, "not upgraded"),
    ContextState.NOT_OPENERP: (Level.WARNING, "without any table of OpenERP"),
    ContextState.UNREADABLE: (Level.WARNING, "that cannot be read"),
    ContextState.NOT_GRANTED: (Level.WELL, "not granted yet: vigie-grant.timer does it"),
}


def findings(observation: OpenErpObservation, _settings: ObserveOpenErp) -> list[Finding]:
    """Everything that is not as declared, worst first."""
    found = [*_of_the_server(observation.seen), *_of_the_contexts(observation.seen)]
    return sorted(found, key=lambda finding: -finding.level)


def _of_the_server(seen: OpenErpSeen) -> Iterator[Finding]:
    server, postgres = seen.server, seen.postgres
    if server.state != ServerState.ANSWERS and postgres.state != PostgresState.UNREACHABLE:
        yield Finding(Level.PROBLEM, f"OpenERP does not answer: {server.error}")
    if server.drift == ReleaseState.DIFFERENT:
        yield Finding(Level.PROBLEM, f"OpenERP {server.release} runs, {seen.promise.release} is declared")
    if server.answer_seconds > SLOW:
        yield Finding(Level.WARNING, f"OpenERP takes {server.answer_seconds:.1f} s to say its release")
    if postgres.state in _POSTGRES:
        level, text = _POSTGRES[postgres.state]
        yield Finding(level, f"{text}: {postgres.error}")


def _of_the_contexts(seen: OpenErpSeen) -> Iterator[Finding]:
    for state, (level, text) in _CONTEXTS.items():
        names = [context.name for context in seen.contexts.values() if context.state == state]
        if names:
            yield Finding(level, f"{_contexts(len(names))} {text}: {texts.some_of(names)}")
    late = [context.name for context in seen.contexts.values() if context.cron_late > LATE]
    if late:
        yield Finding(Level.WARNING, f"{_contexts(len(late))} with late scheduled actions: {texts.some_of(late)}")
    if seen.counts is not None and seen.counts.missed:
        yield Finding(Level.WARNING, seen.counts.error)


def _contexts(count: int) -> str:
    return "1 context" if count == 1 else f"{count} contexts"
