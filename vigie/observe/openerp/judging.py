"""Judging: what a context's row is worth, from facts alone. Nothing here asks a server or a clock."""

from vigie.naming import Classifier, Kind, key_of
from vigie.observe import texts
from vigie.observe.openerp import release
from vigie.observe.openerp.contexts import Listed, Reading, Refusal, Row
from vigie.observe.openerp.model import ContextSeen, Counts
from vigie.observe.openerp.states import ContextState, words


def judged(reading: Reading, classes: list[str], wanted: str, now: float) -> dict[str, ContextSeen]:
    """Key and line of each context that was read, or that is closed on purpose.

    Args:
        reading: what was read.
        classes: the class list that tells kinds apart.
        wanted: the release that the contexts must be upgraded to.
        now: epoch seconds.
    """
    classify = Classifier(classes)
    contexts: dict[str, ContextSeen] = {}
    for name, listed in sorted(reading.listed.items()):
        found = reading.found.get(name)
        if found is None and listed.is_open:
            continue
        key = key_of(name)
        contexts[key] = _seen(texts.short_name(name, key), classify(name).kind, listed, found, wanted, now)
    return contexts


def _seen(name: str, kind: Kind, listed: Listed, found: Row | Refusal | None, wanted: str, now: float) -> ContextSeen:
    if found is None:
        closed = ContextState.CLOSED
        return ContextSeen(name, kind, closed, words(closed), error="no connection to it is allowed")
    if isinstance(found, Refusal):
        return ContextSeen(name, kind, found.state, words(found.state), error=found.sentence)
    state, error = state_of(found, wanted)
    return ContextSeen(
        name=name,
        kind=kind,
        state=state,
        state_text="unknown" if state is None else words(state),
        base=texts.sentence(found.base),
        pending=found.pending,
        upgraded_at=found.upgraded_at,
        cron_late=_late(found, listed, now),
        size=found.size,
        error=error,
    )


def state_of(row: Row, wanted: str) -> tuple[ContextState | None, str]:
    """A context's state, and why; none when it cannot be told."""
    if row.pending:
        modules = "1 module waits" if row.pending == 1 else f"{row.pending} modules wait"
        return ContextState.INTERRUPTED, f"{modules} to be installed, upgraded or removed"
    if not row.base:
        return ContextState.NOT_OPENERP, "its table of modules has no base"
    is_upgraded = release.is_upgraded(row.base, row.markers, wanted)
    if is_upgraded is None:
        return None, f"which {wanted} should run is not known: OpenERP does not tell"
    if not is_upgraded:
        return ContextState.NOT_UPGRADED, f"its base was never upgraded to {wanted}"
    return ContextState.UPGRADED, ""


def _late(row: Row, listed: Listed, now: float) -> int:
    """Without a session of its owner, OpenERP has not loaded the context since it started, and runs nothing there."""
    if row.next_call is None or not listed.is_served:
        return 0
    return max(0, int(now - row.next_call))


def counted(reading: Reading, contexts: dict[str, ContextSeen], deadline: float) -> Counts:
    """The contexts by state."""
    states = [context.state for context in contexts.values()]
    missed = len(reading.listed) - len(contexts)
    return Counts(
        contexts=len(reading.listed),
        read=len(contexts),
        missed=missed,
        upgraded=states.count(ContextState.UPGRADED),
        not_upgraded=states.count(ContextState.NOT_UPGRADED),
        interrupted=states.count(ContextState.INTERRUPTED),
        not_openerp=states.count(ContextState.NOT_OPENERP),
        not_granted=states.count(ContextState.NOT_GRANTED),
        unreadable=states.count(ContextState.UNREADABLE),
        closed=states.count(ContextState.CLOSED),
        unknown=states.count(None),
        late=sum(context.cron_late > 0 for context in contexts.values()),
        bytes=sum(context.size for context in contexts.values()),
        error=f"{missed} of {len(reading.listed)} contexts were not read within {deadline:g} s" if missed else "",
    )
