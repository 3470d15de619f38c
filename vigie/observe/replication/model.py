"""What the observation of replication says: the fields are those of the document in docs/architecture.md.

Times are epoch seconds, ages and durations seconds, sizes and distances bytes of WAL; -1 where there is none.
"""

from enum import IntEnum

from vigie.records import Record


class PairState(IntEnum):
    """What the pair comes to; the numbers are those of the template's value map."""

    STREAMING = 0
    CATCHING_UP = 1
    LAGGING = 2
    PAUSED = 3
    BROKEN = 4
    DIVERGED = 5
    SPLIT_BRAIN = 6
    STANDBY_GONE = 7
    PRIMARY_GONE = 8
    BOTH_GONE = 9
    NO_PRIMARY = 10


class Roles(IntEnum):
    """Who plays which part, beside what the site file declares; the numbers are those of the template's value map."""

    DECLARED = 0
    SWITCHED = 1
    TAKEN_OVER = 2
    NO_PRIMARY = 3
    UNKNOWN = 4


class EndRole(IntEnum):
    """What one end does; the numbers are those of the template's value map."""

    UNKNOWN = 0
    WRITABLE = 1
    IN_RECOVERY = 2


class SenderState(IntEnum):
    """`pg_stat_replication.state` of the standby's row; the numbers are those of the template's value map."""

    NONE = 0
    STARTUP = 1
    CATCHUP = 2
    STREAMING = 3
    BACKUP = 4
    STOPPING = 5


class SyncState(IntEnum):
    """`pg_stat_replication.sync_state`; the numbers are those of the template's value map."""

    NONE = 0
    ASYNC = 1
    POTENTIAL = 2
    SYNC = 3
    QUORUM = 4


class ReceiverState(IntEnum):
    """`pg_stat_wal_receiver.status`; the numbers are those of the template's value map."""

    NONE = 0
    STARTING = 1
    STREAMING = 2
    WAITING = 3
    RESTARTING = 4
    STOPPING = 5
    STOPPED = 6


class Promise(Record):
    """What the school was promised of its replication, and how much WAL a slot may hold."""

    max_bytes: int
    max_seconds: int
    slot_max_bytes: int


class Pair(Record):
    """Both ends judged together.

    `bytes` is what the upstream wrote and the other end did not replay. `seconds` is 0 when that is nothing, else the
    age of the last replayed transaction, or the sender's own measure where that is less: an upper bound. `late` is 1
    when one of them is beyond the promise of a pair that streams. `writable` counts the ends that accept writes.
    """

    state: PairState
    state_text: str
    roles: Roles
    roles_text: str
    bytes: int = -1
    seconds: int = -1
    late: int = 0
    writable: int = 0
    error: str = ""


class End(Record):
    """One end. `lsn` is what it wrote, or replayed in recovery; `last_replay_at` is for information: it is blind.

    `wal_bytes` is -1 where `pg_ls_waldir()` was not granted.
    """

    name: str
    reachable: int
    role: EndRole
    role_text: str
    timeline: int = -1
    lsn: str = ""
    paused: int = 0
    wal_bytes: int = -1
    last_replay_at: int = 0
    version: int = 0
    error: str = ""


class Sender(Record):
    """The standby's row in `pg_stat_replication`, and its distances from what the upstream wrote.

    `replay_seconds` is the upstream's measure of the replay (`replay_lag`), by its clock alone. `reply_age` is for
    information: it is taken from the clocks of both ends, and shows their difference too.
    """

    present: int
    state: SenderState
    state_text: str
    sync: SyncState
    sync_text: str
    sent_bytes: int = -1
    write_bytes: int = -1
    flush_bytes: int = -1
    replay_bytes: int = -1
    replay_seconds: int = -1
    reply_age: int = -1


class Receiver(Record):
    """The standby's `pg_stat_wal_receiver`."""

    state: ReceiverState
    state_text: str
    message_age: int = -1


class Slots(Record):
    """The replication slots of the upstream.

    `inactive` are those nobody reads, beside the standby's own and those that `holding` or `lost` tell of. `holding`
    hold back more WAL than allowed; `lost` lost what they should keep. `unused` is 1 when the standby streams without
    the slot that the site file declares. `retained_bytes` is the most that one slot holds back.
    """

    seen: int
    inactive: int
    inactive_names: str
    holding: int
    holding_names: str
    lost: int
    lost_names: str
    unused: int
    retained_bytes: int


class ReplicationSeen(Record):
    """Everything that was seen of a pair."""

    promise: Promise
    pair: Pair
    primary: End
    standby: End
    sender: Sender
    receiver: Receiver
    slots: Slots


class ReplicationObservation(Record):
    """What was seen; `error` is set when the check itself could not look, and then nothing else is."""

    observed_at: int
    seconds: float
    error: str = ""
    seen: ReplicationSeen | None = None
