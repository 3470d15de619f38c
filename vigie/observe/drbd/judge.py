"""What a resource comes to, from DRBD's own words alone. Nothing here reads a file."""

from vigie.observe.drbd.model import Resource, ResourceSeen, ResourceState

# Worst first; a word that is not known here is worse than any, so that it is shown.
_DISKS = ("Failed", "Diskless", "Detaching", "Inconsistent", "Outdated", "Attaching", "Negotiating", "DUnknown")
_CONSISTENT = ("Consistent", "UpToDate")
# What a disk may be while it is being synchronised; one that failed or is gone is not on its way to anything.
_ON_THE_WAY = (*_CONSISTENT, "Inconsistent", "Outdated", "Attaching", "Negotiating")
_RESYNCS = frozenset(
    {"SyncSource", "SyncTarget", "PausedSyncS", "PausedSyncT", "WFBitMapS", "WFBitMapT", "WFSyncUUID"}
    | {"StartingSyncS", "StartingSyncT", "Ahead", "Behind"}
)
_STATES = ("StandAlone", "Disconnecting", "ProtocolError", "NetworkFailure", "BrokenPipe", "Timeout", "TearDown")


def judged(resource: Resource) -> ResourceSeen:
    """A resource, with the worst of its volumes and links.

    A split brain shows as StandAlone: DRBD gives a connection up when both sides were written apart, and never takes
    it up again by itself.
    """
    links = resource.links
    state = _state(resource)
    out_of_sync = sum(link.out_of_sync for link in links)
    return ResourceSeen(
        name=resource.name,
        state=state,
        state_text=state.name.lower().replace("_", " "),
        role=resource.role,
        disk=_worst_disk(resource.disks),
        peer_disk=_worst_disk(tuple(link.peer_disk for link in links)),
        connection=_worst_connection(tuple(link.connection for link in links)),
        out_of_sync=out_of_sync,
        in_sync=min((link.in_sync for link in links), default=100.0),
        verify_bytes=out_of_sync if state == ResourceState.SYNCED else 0,
        suspended=int(resource.suspended),
    )


def _state(resource: Resource) -> ResourceState:
    """The first of these that holds: each is the cause of those below it."""
    links = resource.links
    resyncing = any(link.replication in _RESYNCS for link in links)
    both = resource.role == "Primary" and any(link.peer_role == "Primary" for link in links)
    good = _ON_THE_WAY if resyncing else _CONSISTENT
    holds = (
        (ResourceState.NO_QUORUM, not resource.quorum),
        (ResourceState.TWO_PRIMARIES, both),
        (ResourceState.STANDALONE, any(link.connection == "StandAlone" for link in links)),
        (ResourceState.DEGRADED, any(disk not in good for disk in resource.disks)),
        (ResourceState.DISCONNECTED, any(link.connection != "Connected" for link in links)),
        (ResourceState.DEGRADED, any(link.peer_disk not in good for link in links)),
        (ResourceState.RESYNCING, resyncing),
    )
    return next((state for state, is_so in holds if is_so), ResourceState.SYNCED)


def _worst_disk(disks: tuple[str, ...]) -> str:
    return min(disks, key=_rank_of_disk, default="UpToDate")


def _rank_of_disk(disk: str) -> int:
    known = (*_DISKS, *_CONSISTENT)
    return known.index(disk) if disk in known else -1


def _worst_connection(states: tuple[str, ...]) -> str:
    def rank(state: str) -> int:
        return _STATES.index(state) if state in _STATES else len(_STATES) + (state == "Connected")

    return min(states, key=rank, default="Connected")
