"""What the observation of DRBD says: the fields are those of the document in docs/architecture.md. Sizes in bytes."""

from collections.abc import Mapping
from enum import IntEnum

from vigie.records import Record


class ResourceState(IntEnum):
    """What a resource comes to; the numbers are those of the template's value map."""

    SYNCED = 0
    RESYNCING = 1
    DISCONNECTED = 2
    DEGRADED = 3
    STANDALONE = 4
    TWO_PRIMARIES = 5
    NO_QUORUM = 6


class Link(Record):
    """One volume of a resource towards one peer, in DRBD's own words; those of release 9.

    `out_of_sync` in bytes, `in_sync` in percent.
    """

    connection: str
    peer_role: str
    replication: str
    peer_disk: str
    out_of_sync: int
    in_sync: float


class Resource(Record):
    """A resource as the kernel tells it: its role, the disks of its volumes here, and its links."""

    name: str
    role: str
    disks: tuple[str, ...]
    quorum: bool
    suspended: bool
    links: tuple[Link, ...]


class ResourceSeen(Record):
    """A resource judged. Texts are DRBD's words, the worst where there are several.

    `in_sync` is the least of its links in percent. `verify_bytes` are the out-of-sync bytes of a resource that is
    synchronised by its own account: those that an online verification found.
    """

    name: str
    state: ResourceState
    state_text: str
    role: str
    disk: str
    peer_disk: str
    connection: str
    out_of_sync: int
    in_sync: float
    verify_bytes: int
    suspended: int


class Counts(Record):
    """The resources: declared in the site file, seen by the kernel, and declared without being there."""

    declared: int
    seen: int
    missing: int
    missing_names: str


class DrbdSeen(Record):
    """Everything that was seen of DRBD on a host."""

    release: str
    counts: Counts
    resources: Mapping[str, ResourceSeen]


class DrbdObservation(Record):
    """What was seen; `error` is set when nothing could be, and then nothing else is."""

    observed_at: int
    seconds: float
    error: str = ""
    seen: DrbdSeen | None = None
