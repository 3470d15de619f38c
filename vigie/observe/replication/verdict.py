"""What an observation of replication comes to for whoever has no Zabbix; the template's triggers say the same."""

from collections.abc import Iterator

from vigie.observe.levels import Finding, Level
from vigie.observe.replication.model import PairState, ReplicationObservation, ReplicationSeen, Roles
from vigie.observe.replication.settings import ObserveReplication

_PROBLEMS = {
    PairState.BROKEN: "nothing flows from one end to the other",
    PairState.DIVERGED: "the two ends have diverged: the fed one can never follow",
    PairState.SPLIT_BRAIN: "split brain: both ends are writable",
    PairState.STANDBY_GONE: "the standby does not answer",
    PairState.PRIMARY_GONE: "the primary does not answer",
    PairState.BOTH_GONE: "neither end answers",
    PairState.NO_PRIMARY: "neither end is writable",
}


def findings(observation: ReplicationObservation, settings: ObserveReplication) -> list[Finding]:
    """Everything that is not as promised, worst first."""
    if observation.seen is None:
        return [Finding(Level.UNKNOWN, observation.error)]
    found = [*_problems(observation.seen), *_warnings(observation.seen, settings)]
    return sorted(found, key=lambda finding: -finding.level)


def _problems(seen: ReplicationSeen) -> Iterator[Finding]:
    pair = seen.pair
    if pair.state in _PROBLEMS:
        reasons = [reason for reason in (pair.error, seen.primary.error, seen.standby.error) if reason]
        yield Finding(Level.PROBLEM, ": ".join([_PROBLEMS[pair.state], *reasons[:1]]))
    if seen.slots.holding:
        yield Finding(Level.PROBLEM, f"slots hold back too much WAL: {seen.slots.holding_names}")
    if seen.slots.lost:
        yield Finding(Level.PROBLEM, f"slots have lost their WAL: {seen.slots.lost_names}")


def _warnings(seen: ReplicationSeen, settings: ObserveReplication) -> Iterator[Finding]:
    if seen.pair.roles in (Roles.SWITCHED, Roles.TAKEN_OVER):
        yield Finding(Level.WARNING, f"the roles are not the declared ones: {seen.pair.roles_text}")
    if seen.pair.state == PairState.PAUSED:
        yield Finding(Level.WARNING, f"replay is paused, {seen.pair.bytes} bytes behind")
    if seen.pair.late:
        promise = f"{settings.max_bytes} bytes and {settings.max_seconds} s are promised"
        yield Finding(Level.WARNING, f"the standby is {seen.pair.bytes} bytes, {seen.pair.seconds} s behind: {promise}")
    if seen.slots.inactive:
        yield Finding(Level.WARNING, f"slots that nobody reads: {seen.slots.inactive_names}")
    if seen.slots.unused:
        yield Finding(Level.WARNING, f"the standby streams without its slot {settings.slot}")
