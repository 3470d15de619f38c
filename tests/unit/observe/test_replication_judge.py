"""What a pair comes to, from what both ends said."""

from dataclasses import replace
from typing import Any

import pytest

from vigie.observe.replication.ends import Answer
from vigie.observe.replication.follower import follower_of, line_of
from vigie.observe.replication.judge import pair_of, receiver_of, sender_of
from vigie.observe.replication.model import Pair, PairState, ReceiverState, Roles, SenderState, Slots
from vigie.observe.replication.settings import ObserveReplication
from vigie.observe.replication.slots import slots_of
from vigie.observe.replication.timelines import Branch, Past

MIB = 1 << 20
SETTINGS = ObserveReplication(
    school="9990001X",
    primary="srv-openerp",
    standby="srv-standby",
    primary_address="192.0.2.11",
    standby_address="192.0.2.14",
    primary_service="primary",
    standby_service="standby",
    service_file="/etc/vigie/replication/pg_service.conf",
    application_name="standby",
    slot="standby",
    max_bytes=16 * MIB,
    max_seconds=300,
    max_silence=60,
    slot_max_bytes=1024 * MIB,
    deadline=4.0,
)
SLOT: dict[str, Any] = {
    "slot_name": "standby",
    "active": True,
    "active_pid": 77,
    "temporary": False,
    "restart_lsn": "0/5000000",
    "wal_status": "reserved",
}
SENDER: dict[str, Any] = {
    "pid": 77,
    "application_name": "standby",
    "client_addr": "192.0.2.14",
    "state": "streaming",
    "sync_state": "async",
    "sent_lsn": "0/5000000",
    "write_lsn": "0/5000000",
    "flush_lsn": "0/4000000",
    "replay_lsn": "0/3000000",
    "reply_at": 999.0,
}
PRIMARY = Answer(
    in_recovery=False,
    now=1000.0,
    version=150018,
    system="7000",
    past=Past(1, ()),
    lsn="0/5000000",
    at=0x5000000,
    paused=False,
    last_replay=0.0,
    started=100.0,
    wal_bytes=64 * MIB,
    receiver=None,
    receiver_timeout=60.0,
    senders=[SENDER],
    slots=[SLOT],
)
STANDBY = replace(
    PRIMARY,
    in_recovery=True,
    last_replay=400.0,
    receiver={"status": "streaming", "message_age": 0.4, "received_tli": 1},
    senders=[],
    slots=[],
)
DECLARED = follower_of(None, SETTINGS)


def judged(primary: Answer | None, standby: Answer | None, settings: ObserveReplication = SETTINGS) -> Pair:
    """The pair, as the observation puts it together."""
    line = line_of(primary, standby)
    upstream, downstream = (line.upstream, line.downstream) if line else (primary, standby)
    sender = sender_of(upstream, follower_of(line, settings))
    return pair_of(primary, standby, sender, receiver_of(downstream), settings)


def slots_seen(primary: Answer, standby: Answer, state: PairState, settings: ObserveReplication = SETTINGS) -> Slots:
    """The slots of the end that feeds, as the observation puts them together."""
    line = line_of(primary, standby)
    return slots_of(line.upstream if line else primary, state, follower_of(line, settings), settings)


def test_a_pair_that_streams_and_has_nothing_to_replay_is_well_however_old_the_last_transaction() -> None:
    pair = judged(PRIMARY, STANDBY)
    assert (pair.state, pair.bytes, pair.seconds, pair.late) == (PairState.STREAMING, 0, 0, 0)


def test_the_replay_timestamp_counts_only_while_there_is_something_to_replay() -> None:
    pair = judged(replace(PRIMARY, at=PRIMARY.at + 8), STANDBY)
    assert (pair.bytes, pair.seconds, pair.state, pair.late) == (8, 600, PairState.LAGGING, 1)


@pytest.mark.parametrize(
    ("row", "seconds"),
    [
        ({"replay_seconds": 0.02}, 0),
        ({"replay_seconds": 700.5}, 600),
        ({"replay_seconds": 420.0}, 420),
        ({"replay_seconds": None}, 600),
        ({"replay_seconds": 0.02, "state": "catchup"}, 600),
    ],
)
def test_during_a_long_transaction_a_standby_that_replays_at_once_is_not_late(
    row: dict[str, Any], seconds: int
) -> None:
    """No commit is replayed meanwhile; the sender's own measure is another bound, once it streams and has one."""
    pair = judged(replace(PRIMARY, at=PRIMARY.at + 8192, senders=[SENDER | row]), STANDBY)
    assert (pair.seconds, pair.late) == (seconds, int(seconds > 300))


@pytest.mark.parametrize("ahead", [-90.0, 90.0])
def test_a_difference_between_the_clocks_of_both_ends_is_no_trouble_of_the_pair(ahead: float) -> None:
    """Each time is taken from the clock that it was written by."""
    primary = replace(PRIMARY, now=1000.0 + ahead, at=PRIMARY.at + 8)
    pair = judged(primary, replace(STANDBY, last_replay=999.0 + ahead))
    assert (pair.state, pair.seconds) == (PairState.STREAMING, 1)
    assert judged(primary, replace(STANDBY, last_replay=0.0)).seconds == 900


@pytest.mark.parametrize(
    ("timeout", "age", "broken"), [(60.0, 34.0, 0), (60.0, 36.0, 1), (6.0, 11.0, 1), (0.0, 9000.0, 0)]
)
def test_a_receiver_is_not_called_silent_before_an_idle_one_asks_for_a_sign_of_life(
    timeout: float, age: float, broken: int
) -> None:
    """It does at half of wal_receiver_timeout, and never when that is 0: a cut is seen at the sender then."""
    standby = replace(STANDBY, receiver={"status": "streaming", "message_age": age}, receiver_timeout=timeout)
    pair = judged(PRIMARY, standby, replace(SETTINGS, max_silence=10))
    assert (pair.state == PairState.BROKEN) == bool(broken)


def test_a_standby_that_has_replayed_nothing_since_it_started_is_late_by_that_time() -> None:
    """PostgreSQL has no timestamp to give there: that is not the same as having nothing to replay."""
    pair = judged(replace(PRIMARY, at=PRIMARY.at + 8), replace(STANDBY, last_replay=0.0))
    assert (pair.seconds, pair.late) == (900, 1)


def test_bytes_beyond_the_promise_are_late() -> None:
    pair = judged(replace(PRIMARY, at=PRIMARY.at + 17 * MIB), replace(STANDBY, last_replay=999.0))
    assert (pair.state, pair.late) == (PairState.LAGGING, 1)


def test_a_standby_read_after_its_primary_is_not_ahead_of_it() -> None:
    assert judged(PRIMARY, replace(STANDBY, at=STANDBY.at + 4096)).bytes == 0


def test_a_paused_standby_is_paused_and_not_late_too() -> None:
    pair = judged(replace(PRIMARY, at=PRIMARY.at + 17 * MIB), replace(STANDBY, paused=True))
    assert (pair.state, pair.late) == (PairState.PAUSED, 0)


@pytest.mark.parametrize(
    ("primary", "standby", "reason"),
    [
        (PRIMARY, replace(STANDBY, receiver=None), "no receiver"),
        (PRIMARY, replace(STANDBY, receiver={"status": "waiting"}), "no receiver"),
        (replace(PRIMARY, senders=[]), STANDBY, "pg_stat_replication"),
        (PRIMARY, replace(STANDBY, receiver={"status": "streaming", "message_age": 61.0}), "heard nothing for 61 s"),
        (replace(PRIMARY, senders=[], slots=[]), STANDBY, "slot standby does not exist"),
        (replace(PRIMARY, senders=[], slots=[SLOT | {"wal_status": "lost"}]), STANDBY, "lost the WAL"),
    ],
)
def test_a_pair_where_nothing_flows_is_broken_with_its_reason_and_nothing_else(
    primary: Answer, standby: Answer, reason: str
) -> None:
    """The standby's own timestamps say 0 in each of these."""
    pair = judged(replace(primary, at=primary.at + 17 * MIB), replace(standby, paused=True))
    assert (pair.state, pair.late) == (PairState.BROKEN, 0)
    assert reason in pair.error


def test_a_row_without_a_state_is_one_that_the_role_may_not_read() -> None:
    """Without pg_read_all_stats the rows are there, and empty."""
    assert judged(replace(PRIMARY, senders=[{"pid": 78}]), STANDBY).state == PairState.BROKEN


@pytest.mark.parametrize("state", ["catchup", "startup"])
def test_a_standby_that_catches_up_is_not_broken(state: str) -> None:
    pair = judged(replace(PRIMARY, senders=[SENDER | {"state": state}]), STANDBY)
    assert pair.state == PairState.CATCHING_UP


@pytest.mark.parametrize("known", [{"application_name": "x"}, {"client_addr": None}, {"pid": 1}])
def test_the_standby_s_row_is_told_by_its_slot_its_name_or_its_address(known: dict[str, Any]) -> None:
    assert sender_of(replace(PRIMARY, senders=[SENDER | known]), DECLARED).present == 1


def test_a_base_backup_or_another_standby_is_not_the_standby_s_row() -> None:
    other = SENDER | {"pid": 5, "application_name": "other", "client_addr": "192.0.2.99"}
    for row in (other, SENDER | {"state": "backup"}):
        assert sender_of(replace(PRIMARY, senders=[row]), DECLARED).present == 0


def test_distances_come_from_both_the_row_and_the_upstream() -> None:
    sender = sender_of(PRIMARY, DECLARED)
    assert (sender.sent_bytes, sender.flush_bytes, sender.replay_bytes) == (0, 16 * MIB, 32 * MIB)
    assert sender.reply_age == 1


def test_a_word_that_a_later_postgresql_may_bring_is_no_error() -> None:
    sender = sender_of(replace(PRIMARY, senders=[SENDER | {"state": "dreaming", "sync_state": None}]), DECLARED)
    assert (sender.present, sender.state, sender.state_text) == (1, SenderState.NONE, "dreaming")
    assert receiver_of(replace(STANDBY, receiver={"status": "dreaming"})).state == ReceiverState.NONE


def test_columns_that_old_releases_lack_are_not_needed() -> None:
    """PostgreSQL 10 has neither reply_time nor wal_status."""
    row = {key: value for key, value in SENDER.items() if key != "reply_at"}
    slot = {key: value for key, value in SLOT.items() if key != "wal_status"}
    assert judged(replace(PRIMARY, senders=[row], slots=[slot]), STANDBY).state == PairState.STREAMING


PROMOTED = replace(STANDBY, in_recovery=False, receiver=None, past=Past(2, (Branch(1, 0x4000000),)))


@pytest.mark.parametrize(
    ("primary", "standby", "state", "roles", "writable"),
    [
        (PRIMARY, PROMOTED, PairState.SPLIT_BRAIN, Roles.DECLARED, 2),
        (PRIMARY, None, PairState.STANDBY_GONE, Roles.UNKNOWN, 1),
        (None, STANDBY, PairState.PRIMARY_GONE, Roles.UNKNOWN, 0),
        (None, PROMOTED, PairState.PRIMARY_GONE, Roles.TAKEN_OVER, 1),
        (None, None, PairState.BOTH_GONE, Roles.UNKNOWN, 0),
        (replace(PRIMARY, in_recovery=True), STANDBY, PairState.NO_PRIMARY, Roles.NO_PRIMARY, 0),
    ],
)
def test_what_is_gone_or_writable_twice_is_told_apart(
    primary: Answer | None, standby: Answer | None, state: PairState, roles: Roles, writable: int
) -> None:
    pair = judged(primary, standby)
    assert (pair.state, pair.roles, pair.writable, pair.late) == (state, roles, writable, 0)


def switched(slot: str | None, row: dict[str, Any], **changes: Any) -> tuple[Answer, Answer]:
    """The declared primary following the declared standby, by a slot of its own or by none."""
    receiver = {"status": "streaming", "message_age": 0.4, "received_tli": 1, "slot_name": slot}
    slots = [SLOT | {"slot_name": slot}] if slot else []
    row = SENDER | {"application_name": "walreceiver", "client_addr": "192.0.2.11"} | row
    return replace(STANDBY, receiver=receiver), replace(PRIMARY, senders=[row], slots=slots, **changes)


@pytest.mark.parametrize(
    ("slot", "row", "primary_address"),
    [
        ("srv_openerp", {}, "192.0.2.11"),
        ("srv_openerp", {"client_addr": "198.51.100.7"}, "192.0.2.11"),
        (None, {}, "192.0.2.11"),
        (None, {"client_addr": "2001:db8::b"}, "2001:DB8:0::B"),
        (None, {"client_addr": "198.51.100.7"}, "192.0.2.11"),
        (None, {}, "srv-openerp.lycee.example"),
    ],
)
def test_a_pair_whose_roles_were_switched_streams_the_other_way_by_names_of_its_own(
    slot: str | None, row: dict[str, Any], primary_address: str
) -> None:
    """The slot and the name in the site file are those of the declared standby."""
    primary, standby = switched(slot, row)
    settings = replace(SETTINGS, primary_address=primary_address)
    pair = judged(primary, standby, settings)
    assert (pair.state, pair.roles, pair.error) == (PairState.STREAMING, Roles.SWITCHED, "")
    found = slots_seen(primary, standby, pair.state, settings)
    assert (found.unused, found.inactive, found.lost) == (0, 0, 0)


def test_a_switched_pair_where_nothing_flows_is_one_problem() -> None:
    """Nobody can say then which of the slots is the one that has lost its reader."""
    primary, standby = switched("srv_openerp", {})
    standby = replace(standby, senders=[], slots=[SLOT | {"slot_name": "srv_openerp", "active": False}])
    primary = replace(primary, receiver=None)
    pair = judged(primary, standby)
    assert (pair.state, pair.roles) == (PairState.BROKEN, Roles.SWITCHED)
    assert "no receiver" in pair.error
    assert slots_seen(primary, standby, pair.state).inactive == 0


def test_an_address_is_the_same_however_it_is_written() -> None:
    rows = [SENDER | {"pid": 1, "application_name": "x", "client_addr": "2001:db8::e"}]
    settings = replace(SETTINGS, standby_address="2001:DB8:0:0::E")
    assert sender_of(replace(PRIMARY, senders=rows), follower_of(None, settings)).present == 1


def test_timelines_are_compared_by_ancestry_and_not_by_number() -> None:
    """Both on timeline 2, promoted apart: the numbers are equal and nothing can flow."""
    primary = replace(PRIMARY, past=Past(2, (Branch(1, 0x3000000),)))
    standby = replace(STANDBY, past=Past(2, (Branch(1, 0x4000000),)))
    assert judged(primary, standby).state == PairState.DIVERGED
    assert judged(primary, replace(standby, past=primary.past)).state == PairState.STREAMING


def test_copies_of_different_servers_have_diverged() -> None:
    assert judged(PRIMARY, replace(STANDBY, system="7001")).state == PairState.DIVERGED


def test_every_slot_is_counted_for_one_thing() -> None:
    idle = {"active": False, "active_pid": None}
    slots = [
        SLOT,
        SLOT | idle | {"slot_name": "idle"},
        SLOT | idle | {"slot_name": "temporary", "temporary": True},
        SLOT | idle | {"slot_name": "holding", "restart_lsn": "0/1000000"},
        SLOT | idle | {"slot_name": "lost", "restart_lsn": None, "wal_status": "lost"},
        SLOT | idle | {"slot_name": "never used", "restart_lsn": None},
    ]
    settings = replace(SETTINGS, slot_max_bytes=32 * MIB)
    found = slots_seen(replace(PRIMARY, slots=slots), STANDBY, PairState.STREAMING, settings)
    assert (found.seen, found.holding_names, found.lost_names, found.unused) == (6, "holding", "lost", 0)
    assert found.inactive_names == "idle, never used"
    assert found.retained_bytes == 64 * MIB


def test_the_standby_s_own_slot_is_no_second_problem_while_the_pair_is_broken() -> None:
    own = SLOT | {"active": False, "active_pid": None}
    for state in (PairState.BROKEN, PairState.STANDBY_GONE, PairState.SPLIT_BRAIN, PairState.DIVERGED):
        found = slots_seen(replace(PRIMARY, slots=[own]), STANDBY, state)
        assert (found.inactive, found.unused, found.lost) == (0, 0, 0)


def test_a_slot_that_is_declared_and_not_used_is_told_while_the_pair_moves() -> None:
    for slots in ([], [SLOT | {"active": False}]):
        assert slots_seen(replace(PRIMARY, slots=slots), STANDBY, PairState.STREAMING).unused == 1
    without = replace(SETTINGS, slot="")
    assert slots_seen(replace(PRIMARY, slots=[]), STANDBY, PairState.STREAMING, without).unused == 0
