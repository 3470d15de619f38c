"""The observation of replication on a real primary and a real standby, broken by real means."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import replace
from threading import Thread

import psycopg2
import pytest
from replicationpair import PASSWORD, RealPair

from lab.streaming import write_much
from lab.waiting import wait_until
from vigie.observe.replication.model import (
    EndRole,
    PairState,
    ReceiverState,
    ReplicationSeen,
    Roles,
    SenderState,
    SyncState,
)
from vigie.observe.replication.observation import observe_replication
from vigie.observe.replication.settings import ObserveReplication


def postmaster(pair: RealPair, end: str) -> int:
    cluster = pair.primary if end == "primary" else pair.standby.cluster
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def test_a_pair_that_streams_is_seen_from_both_ends(pair: RealPair) -> None:
    seen = pair.observe()
    assert (seen.primary.role, seen.standby.role) == (EndRole.WRITABLE, EndRole.IN_RECOVERY)
    assert (seen.primary.timeline, seen.standby.timeline) == (1, 1)
    assert (seen.sender.state, seen.sender.sync) == (SenderState.STREAMING, SyncState.ASYNC)
    assert seen.receiver.state == ReceiverState.STREAMING
    assert (seen.pair.roles, seen.pair.writable, seen.pair.late) == (Roles.DECLARED, 1, 0)
    assert seen.primary.wal_bytes >= 16 << 20
    assert (seen.slots.seen, seen.slots.inactive, seen.slots.unused) == (1, 0, 0)
    assert seen.primary.version == int(pair.primary.sql("SHOW server_version_num"))


def test_a_standby_that_is_stopped_is_gone_and_its_slot_is_not_another_problem(pair: RealPair) -> None:
    pair.supervisor.stop(pair.standby.cluster.name)
    try:
        seen = pair.wait_for(PairState.STANDBY_GONE)
        assert (seen.standby.reachable, seen.primary.reachable) == (0, 1)
        assert "refused" in seen.standby.error
        wait_until(lambda: pair.observe().sender.present == 0, what="the row stays", deadline=10)
        assert pair.observe().slots.inactive == 0
    finally:
        pair.standby.start(pair.supervisor)


def test_a_primary_that_is_stopped_is_gone(pair: RealPair) -> None:
    pair.supervisor.stop(pair.primary.name)
    try:
        seen = pair.wait_for(PairState.PRIMARY_GONE)
        assert (seen.pair.roles, seen.pair.writable) == (Roles.UNKNOWN, 0)
        assert seen.receiver.state == ReceiverState.NONE
    finally:
        pair.supervisor.start(pair.primary.server())


def test_an_end_that_hangs_costs_the_deadline_and_hides_nothing_of_the_other(pair: RealPair) -> None:
    """Stopped in its tracks, as by a machine that swaps: the kernel still accepts for it."""
    for end, state in (("standby", PairState.STANDBY_GONE), ("primary", PairState.PRIMARY_GONE)):
        process = postmaster(pair, end)
        os.kill(process, signal.SIGSTOP)
        begun = time.monotonic()
        try:
            seen = pair.observe()
        finally:
            os.kill(process, signal.SIGCONT)
        assert time.monotonic() - begun < pair.settings.deadline + 1
        assert seen.pair.state == state
        assert seen.primary.reachable + seen.standby.reachable == 1


def test_a_paused_replay_is_seen_where_the_replay_timestamp_is_blind(pair: RealPair) -> None:
    pair.standby.cluster.sql("SELECT pg_wal_replay_pause()")
    try:
        pair.primary.sql("INSERT INTO sales SELECT generate_series(1, 100)")
        seen = pair.wait_for(PairState.PAUSED)
        assert seen.standby.paused == 1
        wait_until(lambda: pair.observe().pair.bytes > 0, what="no distance shows", deadline=10)
        assert pair.observe().pair.late == 0, "a pause is one problem, not two"
    finally:
        pair.standby.cluster.sql("SELECT pg_wal_replay_resume()")


def test_a_receiver_that_cannot_connect_is_broken_although_nothing_was_written(pair: RealPair) -> None:
    """Nothing to replay: by the standby's own timestamps it is not late at all."""
    pair.standby.set("primary_conninfo", f"host={pair.primary.address} port=1 user=nobody")
    try:
        seen = pair.wait_for(PairState.BROKEN)
        assert "receiver" in seen.pair.error
        wait_until(lambda: not pair.observe().sender.present, what="the row stays", deadline=10)
        seen = pair.observe()
        assert "pg_stat_replication" in seen.pair.error
        assert seen.slots.inactive == 0
    finally:
        pair.standby.set("primary_conninfo", None)


def test_a_replay_that_is_delayed_is_late_by_time_though_bytes_are_few(pair: RealPair) -> None:
    settings = replace(pair.settings, max_seconds=0)
    # Nothing replayed since its start: PostgreSQL has no timestamp to give.
    pair.standby.rebuild(pair.supervisor)
    pair.wait_for(PairState.STREAMING)
    pair.standby.set("recovery_min_apply_delay", "1h")
    try:

        def late() -> bool:
            # Again and again: the process that replays reads its settings in its own time.
            pair.primary.sql("INSERT INTO sales VALUES (1)")
            seen = observe_replication(settings).seen
            return seen is not None and seen.pair.late == 1 and seen.pair.state == PairState.LAGGING

        wait_until(late, what="the delay does not show", deadline=15, every=0.2)
    finally:
        pair.standby.set("recovery_min_apply_delay", None)


def test_a_long_transaction_on_a_pair_that_replays_at_once_is_not_late(pair: RealPair) -> None:
    """No commit is replayed meanwhile, however quickly the standby follows."""
    settings = replace(pair.settings, max_bytes=1 << 40, max_seconds=4)
    pair.primary.sql("INSERT INTO sales VALUES (1)")

    def last_commit_is_old() -> bool:
        replayed_at = pair.observe().standby.last_replay_at
        return replayed_at > 0 and time.time() - replayed_at > 6

    wait_until(last_commit_is_old, what="somebody else commits", deadline=60, every=0.5)
    writing = Thread(
        target=pair.primary.sql, args=["BEGIN; INSERT INTO sales SELECT generate_series(1, 1500000); ROLLBACK;"]
    )
    writing.start()
    behind = []
    while writing.is_alive():
        seen = observe_replication(settings).seen
        assert seen is not None
        if seen.pair.bytes > 0 and seen.sender.replay_seconds >= 0:
            behind.append(seen.pair)
    writing.join()
    pair.primary.sql("CHECKPOINT;")  # a new slot keeps what was written since the last one
    assert behind, "nothing was to be replayed at any look"
    assert {(each.state, each.late) for each in behind} == {(PairState.STREAMING, 0)}


def test_an_idle_pair_is_not_silent_although_little_silence_was_promised(pair: RealPair) -> None:
    """Nothing is said until the receiver asks, after half of its wal_receiver_timeout (6 s here, 60 s by default)."""
    settings = replace(pair.settings, max_silence=1)
    seen = []

    def is_idle() -> bool:
        seen.append(observe_replication(settings).seen)
        return seen[-1] is not None and seen[-1].receiver.message_age >= 2

    wait_until(is_idle, what="there is always something to say", deadline=30, every=0.2)
    assert {each.pair.state for each in seen if each is not None} == {PairState.STREAMING}


def test_a_switched_pair_is_told_by_the_slot_that_is_used_or_by_the_address_and_not_by_the_declared_slot(
    pair: RealPair,
) -> None:
    """Seen with the declaration the other way round: the declared primary follows the declared standby."""
    by_address = replace(
        pair.settings,
        primary_service="standby",
        standby_service="primary",
        standby_address="192.0.2.14",
        slot="of_the_declared_standby",
        application_name="the_declared_standby",
    )
    by_name = replace(by_address, primary_address="srv-openerp.lycee.example")

    def observe(settings: ObserveReplication) -> ReplicationSeen:
        seen = observe_replication(settings).seen
        assert seen is not None
        return seen

    def expect_well(inactive: int) -> None:
        for settings in (by_address, by_name):
            seen = observe(settings)
            assert (seen.pair.state, seen.pair.roles, seen.pair.error) == (PairState.STREAMING, Roles.SWITCHED, "")
            assert (seen.sender.present, seen.slots.unused, seen.slots.inactive) == (1, 0, inactive)

    expect_well(inactive=0)
    pair.standby.set("primary_slot_name", "")
    try:
        wait_until(lambda: observe(by_address).slots.inactive == 1, what="the slot is read", deadline=15, every=0.2)
        streams = PairState.STREAMING
        wait_until(lambda: observe(by_address).pair.state == streams, what="it stays away", deadline=15, every=0.2)
        expect_well(inactive=1)
    finally:
        pair.standby.set("primary_slot_name", None)
        wait_until(lambda: not pair.observe().slots.unused, what="it does not come back", deadline=15, every=0.2)


def test_a_slot_that_nobody_reads_is_told_before_and_after_it_holds_too_much(pair: RealPair) -> None:
    pair.primary.sql("SELECT pg_create_physical_replication_slot('forgotten', true)")
    try:
        slots = pair.observe().slots
        assert (slots.seen, slots.inactive, slots.inactive_names) == (2, 1, "forgotten")
        write_much(pair.primary, 7)
        slots = pair.observe().slots
        assert (slots.inactive, slots.holding, slots.holding_names) == (0, 1, "forgotten")
        assert slots.retained_bytes > 100 << 20
    finally:
        pair.primary.sql("SELECT pg_drop_replication_slot('forgotten'); CHECKPOINT;")


def test_a_slot_that_lost_its_wal_is_told(pair: RealPair) -> None:
    pair.primary.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '32MB'; ")
    pair.primary.sql("SELECT pg_reload_conf(); SELECT pg_create_physical_replication_slot('left', true)")
    try:
        for _ in range(5):
            write_much(pair.primary, 1)
            wait_until(lambda: pair.observe().pair.bytes == 0, what="the standby does not follow", deadline=20)
        pair.primary.sql("CHECKPOINT;")
        slots = pair.observe().slots
        assert (slots.lost, slots.lost_names, slots.inactive) == (1, "left", 0)
    finally:
        pair.primary.sql("ALTER SYSTEM RESET max_slot_wal_keep_size;")
        pair.primary.sql("SELECT pg_reload_conf(); SELECT pg_drop_replication_slot('left');")


def test_a_standby_that_streams_without_its_slot_is_told(pair: RealPair) -> None:
    pair.standby.set("primary_slot_name", "")
    try:
        wait_until(lambda: pair.observe().slots.unused == 1, what="nothing shows", deadline=15, every=0.2)
        seen = pair.observe()
        assert seen.pair.state == PairState.STREAMING, "it is told by where it comes from, without its slot"
        assert seen.sender.present == 1
    finally:
        pair.standby.set("primary_slot_name", None)
        wait_until(lambda: not pair.observe().slots.unused, what="it does not come back", deadline=15, every=0.2)


def test_a_promotion_beside_a_living_primary_is_a_split_brain_then_a_divergence(pair: RealPair) -> None:
    pair.standby.cluster.sql("SELECT pg_promote()")
    try:
        seen = pair.wait_for(PairState.SPLIT_BRAIN)
        assert (seen.pair.writable, seen.primary.timeline, seen.standby.timeline) == (2, 1, 2)
        pair.standby.cluster.sql("INSERT INTO sales VALUES (2)")
        # Made a standby again without being rebuilt: it can never follow.
        pair.supervisor.stop(pair.standby.cluster.name)
        pair.standby.obey()
        pair.supervisor.start(pair.standby.cluster.server())
        seen = pair.wait_for(PairState.DIVERGED)
        assert "timeline 2" in seen.pair.error
        assert seen.slots.inactive == 0
    finally:
        pair.standby.rebuild(pair.supervisor)


def test_a_standby_that_took_over_from_a_dead_primary_is_told(pair: RealPair) -> None:
    pair.supervisor.stop(pair.primary.name)
    try:
        pair.standby.cluster.sql("SELECT pg_promote()")
        seen = pair.wait_for(PairState.PRIMARY_GONE)
        assert (seen.pair.roles, seen.pair.writable) == (Roles.TAKEN_OVER, 1)
    finally:
        pair.supervisor.start(pair.primary.server())
        pair.standby.rebuild(pair.supervisor)


def test_the_role_may_do_nothing_else(pair: RealPair) -> None:
    connection = psycopg2.connect(
        host=pair.primary.address,
        port=pair.primary.port,
        user="vigie_replication",
        password=PASSWORD,
        dbname="postgres",
    )
    connection.autocommit = True
    refused = (
        "SELECT * FROM sales",
        "CREATE TABLE t (n int)",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT pg_promote()",
        "SELECT pg_drop_replication_slot('standby')",
        "SELECT pg_create_physical_replication_slot('another')",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_ls_dir('.')",
        "CREATE TABLE vigie.t (n int)",
    )
    try:
        for sql in refused:
            with connection.cursor() as cursor, pytest.raises(psycopg2.Error):
                cursor.execute(sql)
        with connection.cursor() as cursor:
            cursor.execute("SELECT vigie.timeline_history(2147483647), vigie.timeline_history(-1)")
            assert cursor.fetchall() == [(None, None)]
    finally:
        with suppress(psycopg2.Error):
            connection.close()


def test_a_service_that_is_not_described_is_a_reason(pair: RealPair) -> None:
    settings = replace(pair.settings, standby_service="unknown")
    seen = observe_replication(settings).seen
    assert seen is not None
    assert seen.pair.state == PairState.STANDBY_GONE
    assert 'definition of service "unknown" not found' in seen.standby.error


def test_a_hanging_end_does_not_hold_up_the_other_within_zabbix_s_default_timeout(pair: RealPair) -> None:
    """libpq gives a connection up after 2 s at the earliest, which is the whole deadline."""
    process = postmaster(pair, "primary")
    os.kill(process, signal.SIGSTOP)
    try:
        seen = observe_replication(replace(pair.settings, deadline=2.0)).seen
    finally:
        os.kill(process, signal.SIGCONT)
    assert seen is not None
    assert (seen.pair.state, seen.standby.reachable) == (PairState.PRIMARY_GONE, 1)
