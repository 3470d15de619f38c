"""What an observation of DRBD comes to for whoever has no Zabbix; the template's triggers say the same."""

from collections.abc import Iterator

from vigie.observe.drbd.model import DrbdObservation, DrbdSeen, ResourceState
from vigie.observe.drbd.settings import ObserveDrbd
from vigie.observe.levels import Finding, Level

_PROBLEMS = {
    ResourceState.DISCONNECTED: "is not connected to its peer",
    ResourceState.DEGRADED: "has a disk that is not up to date",
    ResourceState.STANDALONE: "stands alone: a split brain, or somebody disconnected it",
    ResourceState.TWO_PRIMARIES: "is primary on both sides",
    ResourceState.NO_QUORUM: "has lost the quorum",
}


def findings(observation: DrbdObservation, settings: ObserveDrbd) -> list[Finding]:
    """Everything that is not as it should be, worst first."""
    if observation.seen is None:
        return [Finding(Level.UNKNOWN, observation.error)]
    return sorted(_found(observation.seen), key=lambda finding: -finding.level)


def _found(seen: DrbdSeen) -> Iterator[Finding]:
    if seen.counts.missing:
        yield Finding(Level.PROBLEM, f"declared resources are not there: {seen.counts.missing_names}")
    for resource in seen.resources.values():
        if resource.state in _PROBLEMS:
            yield Finding(Level.PROBLEM, f"{resource.name} {_PROBLEMS[resource.state]}")
        if resource.suspended and resource.state != ResourceState.NO_QUORUM:
            yield Finding(Level.PROBLEM, f"{resource.name} holds all reads and writes up: its I/O is suspended")
        if resource.state == ResourceState.RESYNCING:
            yield Finding(Level.WARNING, f"{resource.name} is being synchronised, {resource.in_sync:g} % done")
        elif resource.verify_bytes:
            yield Finding(Level.WARNING, f"{resource.name} has {resource.verify_bytes} bytes that differ")
