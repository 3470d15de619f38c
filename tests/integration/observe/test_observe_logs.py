"""The observation of the central log server over a real PostgreSQL."""

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from logstore import Store, figures, observe

from lab.postgres import Cluster
from vigie.observe.logs import store as asking
from vigie.observe.logs.document import of_logs
from vigie.observe.logs.observation import observe_logs
from vigie.observe.logs.states import SourceState
from vigie.observe.logs.verdict import findings
from vigie.observe.postgres import query


def send_canaries(store: Store, numbers: range, host: str = "srv-openerp", **how: Any) -> None:
    """Canaries a minute apart, the last one now."""
    now = time.time()
    for number in numbers:
        store.canary(number, (numbers[-1] - number) * 60.0, host, now=now, **how)


def test_a_source_that_was_never_heard_is_not_forgotten(store: Store) -> None:
    row = observe(store).sources["srv-backup"]
    assert (row.state, row.silent, row.lost, row.canary_age) == (SourceState.NEVER, 1, 0, None)


def test_a_source_is_heard_by_its_canaries_and_by_what_it_says(store: Store) -> None:
    send_canaries(store, range(1, 11))
    store.write(5, "srv-openerp", "cron[12]:", "x")
    row = observe(store).sources["srv-openerp"]
    assert (row.state, row.silent, row.quiet, row.canary_number) == (SourceState.HEARD, 0, 0, 10)
    assert (row.lost, row.doubled) == (0, 0)
    assert row.canary_age is not None
    assert row.canary_age <= 10
    assert row.last_age is not None
    assert 5 <= row.last_age <= 15


def test_a_source_whose_canary_is_late_is_silent_and_nothing_else(store: Store) -> None:
    now = time.time()
    for number in range(1, 6):
        store.canary(number, 900 - number * 60, now=now)
    row = observe(store).sources["srv-openerp"]
    assert (row.state, row.silent, row.quiet, row.latency, row.skew) == (SourceState.SILENT, 1, 0, 0, 0)


@pytest.mark.parametrize("canaries", [5, 0])
def test_a_source_whose_messages_come_without_a_canary_is_not_silent(store: Store, canaries: int) -> None:
    """Its agent sends none: that is the agent's problem, and said of it."""
    now = time.time()
    for number in range(canaries):
        store.canary(number, 900 - number * 60, now=now)
    store.write(5, "srv-openerp", "cron[12]:", "x")
    row = observe(store).sources["srv-openerp"]
    assert (row.state, row.silent, row.quiet, row.latency) == (SourceState.UNPROVEN, 0, 0, 0)


def test_a_source_that_only_sends_canaries_is_quiet(store: Store) -> None:
    send_canaries(store, range(1, 6))
    store.write(700, "srv-openerp", "cron:", "long ago")
    row = observe(store).sources["srv-openerp"]
    assert (row.state, row.silent, row.quiet) == (SourceState.QUIET, 0, 1)


def test_a_source_is_one_under_all_its_names(store: Store) -> None:
    send_canaries(store, range(1, 6), "backup.old")
    store.write(1, "srv-backup", "cron:", "x")
    assert observe(store).sources["srv-backup"].state == SourceState.HEARD


def test_lost_and_doubled_canaries_are_counted(store: Store) -> None:
    now = time.time()
    for number in (1, 2, 3, 4, 5, 8, 9, 9, 10):
        store.canary(number, (10 - number) * 60.0, now=now)
    row = observe(store).sources["srv-openerp"]
    assert (row.lost, row.doubled) == (2, 1)


def test_a_loss_older_than_the_window_is_forgotten(store: Store) -> None:
    now = time.time()
    for number in (1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13):
        store.canary(number, (13 - number) * 60.0, now=now)
    assert observe(store).sources["srv-openerp"].lost == 2
    assert observe(store, window=400).sources["srv-openerp"].lost == 0


def test_the_clock_of_a_source_is_compared_with_the_centres(store: Store) -> None:
    send_canaries(store, range(1, 6), latency=-120)
    skew = observe(store).sources["srv-openerp"].skew
    assert skew == pytest.approx(120, abs=2)


@pytest.mark.parametrize(
    "text", [b"n=1", b"n=99999999999999999999 t=1 id=x", b"\xff\xfe", b"n=7 t=1 id=" + b"x" * 5000, b""]
)
def test_what_somebody_wrote_under_the_tag_of_canaries_counts_nothing(store: Store, text: bytes) -> None:
    send_canaries(store, range(1, 6))
    store.write(0, "srv-openerp", "vigie-canary:", text)
    row = observe(store).sources["srv-openerp"]
    assert (row.canary_number, row.lost, row.doubled) == (5, 0, 0)


def test_a_gap_in_snares_counter_is_a_loss_and_a_restart_is_not(store: Store) -> None:
    for place, counter in enumerate([900, 901, 902, 903, 905, 906, 1, 2, 3, 4, 5]):
        store.write(60 - place, "PC-B12-01", "MSWinEventLog:", "x", counter=counter, eventid=4624)
    row = observe(store).sources["poste-01"]
    assert (row.state, row.lost, row.doubled) == (SourceState.HEARD, 1, 0)


def test_a_windows_source_needs_no_canary_and_is_silent_after_its_own_time(store: Store) -> None:
    store.write(700, "PC-B12-01", "MSWinEventLog:", "x", counter=1)
    row = observe(store).sources["poste-01"]
    assert (row.state, row.silent) == (SourceState.SILENT, 1)


def test_names_that_nobody_declared_are_shown_safely(store: Store) -> None:
    store.write(5, "intru\n{$MACRO}", "t:", "x")
    store.write(5, b"\xe9cole", "t:", "x")
    store.write(7200, "gone", "t:", "x")
    store.write(5, "srv-logs", "rsyslogd:", "the central rsyslog itself")
    strangers = observe(store).strangers
    assert strangers is not None
    assert strangers.count == 2
    assert "{$" not in strangers.names
    assert "\n" not in strangers.names
    assert "gone" not in strangers.names


def test_a_machine_that_invents_names_does_not_make_the_check_slow(store: Store) -> None:
    store.apply(
        "INSERT INTO systemevents (fromhost, syslogtag, message)"
        " SELECT md5(n::text), md5(n::text) || ':', 'x' FROM generate_series(1, 20000) AS n"
    )
    send_canaries(store, range(1, 6))
    seen = observe(store)
    assert seen.strangers is not None
    assert seen.strangers.count <= 300
    assert seen.sources["srv-openerp"].silent == 0
    assert len(json.dumps(of_logs(observe_logs(store.settings())))) < 100_000


def test_the_last_message_of_each_program_is_known(store: Store) -> None:
    store.write(50, "srv-openerp", "sshd[12]:", "x")
    store.write(20, "srv-openerp", "sshd[99]:", "x")
    store.write(10, "srv-openerp", "cron", "x")
    store.write(10, "intru", "cron", "x")
    store.canary(1, 0, now=time.time())
    programs = observe(store).programs
    assert programs is not None
    found = {(row.source, row.name): (row.messages, int(time.time() - row.last_at) // 10) for row in programs.values()}
    assert found == {("srv-openerp", "sshd"): (2, 2), ("srv-openerp", "cron"): (1, 1)}


def test_rates_are_those_of_the_last_minute_even_in_a_flood(store: Store) -> None:
    store.apply(
        "INSERT INTO systemevents (receivedat, fromhost, syslogtag, message)"
        " SELECT now() AT TIME ZONE 'UTC' - n * interval '1 ms', 'srv-openerp', 'loop:', 'x'"
        " FROM generate_series(1, 30000) AS n"
    )
    seen = observe(store)
    assert seen.recent is not None
    # A second or so passed since they were made; only the newest 5,000 were looked at.
    assert 500 < seen.recent.rate < 1100
    assert seen.recent.busiest.startswith("srv-openerp")


def test_errors_and_failed_logins_are_told_apart_by_hour_source_and_context(store: Store) -> None:
    store.write(10, "srv-openerp", "sshd[1]:", " Failed password for root from 192.0.2.7 port 4022 ssh2", facility=10)
    store.write(10, "srv-openerp", "sshd[1]:", " pam_unix(sshd:auth): authentication failure; user=root", facility=10)
    store.write(10, "srv-openerp", "sudo:", " pam_unix(sudo:auth): authentication failure; user=lea", facility=10)
    store.write(10, "srv-openerp", "sshd[1]:", " Accepted publickey for root", facility=10)
    store.write(10, "srv-openerp", "kernel:", " I/O error", facility=0, priority=3)
    store.write(10, "srv-openerp", "sshd[1]:", " error: kex_exchange", facility=10, priority=3)
    store.write(10, "PC-B12-01", "MSWinEventLog:", "x", eventid=4625, counter=1)
    for age, context in ((10, "SpecibikeÉtienne"), (5 * 3600, "SpecibikeÉtienne"), (10, "")):
        store.write(age, "srv-openerp", "openerp:", "x", priority=3, eventlogtype="openerp", genericfilename=context)
    seen = observe(store)
    assert seen.activity is not None
    assert (seen.activity.errors, seen.activity.failed_logins, seen.activity.openerp_errors) == (4, 3, 2)
    assert (seen.sources["srv-openerp"].errors, seen.sources["srv-openerp"].failed_logins) == (4, 2)
    assert seen.sources["poste-01"].failed_logins == 1
    assert seen.contexts is not None
    ((row,),) = [list(seen.contexts.values())]
    assert (row.name, row.errors, row.errors_day) == ("SpecibikeÉtienne", 1, 2)
    assert sum(hour.errors for hour in seen.hours) == 5
    assert sum(hour.openerp_errors for hour in seen.hours) == 3
    assert {hour.source for hour in seen.hours} == {"srv-openerp", "poste-01"}


@pytest.mark.parametrize(
    ("question", "indexes"),
    [
        ("canaries", {"vigie_canaries"}),
        ("counters", {"vigie_ordinary"}),
        ("lasts", {"vigie_canaries", "vigie_ordinary"}),
        ("hosts", {"vigie_ordinary", "vigie_received"}),
        ("recent", {"vigie_received"}),
        ("activity", {"vigie_notable"}),
        ("refused", {"systemevents_pkey", "vigie_received"}),
        ("future", {"vigie_received"}),
    ],
)
def test_each_question_goes_by_its_index_and_none_walks_through_the_table(
    store: Store, question: str, indexes: set[str]
) -> None:
    """A store of some size, as the planner sees it; the smallest tables are always read whole."""
    store.apply(
        "INSERT INTO systemevents (receivedat, fromhost, syslogtag, message, priority, facility) SELECT"
        " now() AT TIME ZONE 'UTC' - n * interval '1 s', 'srv-' || n % 20,"
        " CASE WHEN n % 60 < 20 THEN 'vigie-canary:' ELSE 'cron:' END, 'a message',"
        " CASE WHEN n % 50 = 0 THEN 3 ELSE 6 END, 3"
        " FROM generate_series(1, 200000) AS n"
    )
    store.apply("VACUUM ANALYZE systemevents")
    now = time.time()
    parameters = {
        "names": ["srv-1", "srv-2"],
        "most": 1000,
        "most_names": 300,
        "most_walked": 9,
        "since": now - 3600,
        "until": now,
    }
    parameters |= {"rate_since": now - 60, "hour_since": now - 3600, "now": now, "most_ahead": now + 10**9}
    parameters |= {"restart": 64, "edge": 4, "most_missing": 1000}
    with store.connected("vigie_observe") as connection, connection.cursor() as cursor:
        cursor.execute(b"EXPLAIN " + query(asking.__file__, question), parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    used = set(re.findall(r"using (\w+) on systemevents", plan))
    assert used == indexes
    assert "Seq Scan on systemevents" not in plan


def test_a_stopped_postgresql_is_said_and_the_rest_is_still_seen(store: Store, cluster: Cluster) -> None:
    settings = store.settings(service="closed")
    Path(settings.service_file).write_text(f"[closed]\nhost={cluster.socket}\nport=1\nuser=vigie_observe\ndbname=x\n")
    seen = observe_logs(settings).seen
    assert seen is not None
    assert seen.store.reachable == 0
    assert "No such file" in seen.store.error
    assert (seen.centre.alive, seen.centre.queue) == (1, 0)
    assert {row.state for row in seen.sources.values()} == {SourceState.UNKNOWN}
    document = of_logs(observe_logs(settings))
    assert "silent" not in document["sources"]["srv-openerp"]
    assert len(document["discovery"]) == 3
    assert "discovery_programs" not in document  # or Zabbix would forget them


def test_a_postgresql_that_hangs_is_given_up_in_time(store: Store, cluster: Cluster) -> None:
    settings = store.settings(deadline=2.0)
    postmaster = int((cluster.data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGSTOP)
    begun = time.monotonic()
    try:
        seen = observe_logs(settings).seen
    finally:
        os.kill(postmaster, signal.SIGCONT)
    assert time.monotonic() - begun < 4
    assert seen is not None
    assert seen.store.reachable == 0


def test_sources_are_not_blamed_while_the_central_rsyslog_is_stopped(store: Store) -> None:
    settings = store.settings(silent_after=30)
    os.utime(settings.impstats, (time.time() - 300, time.time() - 300))
    observation = observe_logs(settings)
    assert observation.seen is not None
    assert observation.seen.centre.alive == 0
    assert {row.state for row in observation.seen.sources.values()} == {SourceState.UNKNOWN}
    problems = [finding.text for finding in findings(observation, settings)]
    assert len(problems) == 1
    assert problems[0].startswith("the central rsyslog is stopped")


def test_sources_are_not_blamed_while_the_centre_is_far_behind(store: Store) -> None:
    settings = store.settings(queue_max=100)
    Path(settings.impstats).write_text(figures(1, size=101))
    observation = observe_logs(settings)
    assert observation.seen is not None
    assert {row.state for row in observation.seen.sources.values()} == {SourceState.UNKNOWN}


def test_no_canary_is_late_before_the_centre_has_listened_for_as_long(store: Store) -> None:
    settings = store.settings()
    now = time.time()
    Path(settings.impstats).write_text("".join(figures(now - ago) for ago in (900, 890, 30, 20, 10)))
    store.canary(1, 900, now=now)
    observation = observe_logs(settings)
    assert observation.seen is not None
    assert observation.seen.sources["srv-openerp"].state == SourceState.UNKNOWN
    Path(settings.impstats).write_text("".join(figures(now - ago) for ago in range(400, 0, -10)))
    assert observe(store, impstats=settings.impstats).sources["srv-openerp"].state == SourceState.SILENT


def test_a_message_that_postgresql_refused_is_counted_for_the_window(store: Store) -> None:
    """With the stock width, as rsyslog meets it: one message, one statement."""
    store.apply("ALTER TABLE systemevents ALTER COLUMN syslogtag TYPE varchar(60)")
    store.write(500, "srv-openerp", "t:", "long ago")
    with pytest.raises(psycopg2.errors.StringDataRightTruncation):
        store.write(400, "srv-openerp", "t" * 88, "x")
    store.write(300, "srv-openerp", "t:", "x")
    store.write(900, "srv-openerp", "t:", "waited in a queue")
    with pytest.raises(psycopg2.errors.StringDataRightTruncation):
        store.write(0, "srv-openerp", "t" * 88, "x")
    store.write(0, "srv-openerp", "t:", "x")
    assert observe(store).store.refused == 2
    assert observe(store, window=400).store.refused == 1


def test_what_the_retention_removed_was_not_refused(store: Store) -> None:
    for age in (100 * 86_400, 99 * 86_400, 1, 0):
        store.write(age, "srv-openerp", "t:", "x")
    assert store.apply("CALL vigie_purge('90 days')") == "2"
    assert observe(store).store.refused == 0


def test_a_folder_that_is_gone_is_an_error_with_its_name(store: Store, tmp_path: Path) -> None:
    observation = observe_logs(store.settings(files=str(tmp_path / "gone")))
    assert observation.seen is None
    assert "gone cannot be looked at: No such file" in observation.error
