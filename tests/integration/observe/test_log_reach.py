"""The observation of the log centre where much comes, or where somebody invents names: nothing hides the rest."""

import time

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from logstore import Store, observe

from vigie.observe.logs.store import ask_store


def fill(store: Store, rows: int, *, apart: str = "1 ms", **columns: str) -> None:
    """So many messages, the newest now: what a column says may depend on `n`, which is 1 for the newest."""
    given = {
        "fromhost": "'srv-openerp'",
        "syslogtag": "'t:'",
        "message": "'x'",
        "facility": "1",
        "priority": "6",
    } | columns
    store.apply(
        f"INSERT INTO systemevents (receivedat, {', '.join(given)})"
        f" SELECT now() AT TIME ZONE 'UTC' - n * interval '{apart}', {', '.join(given.values())}"
        f" FROM generate_series({rows}, 1, -1) AS n"
    )


def test_refused_rows_are_still_counted_behind_150_000_others(store: Store) -> None:
    """Five minutes of a flood of 500 a second."""
    fill(store, 10, apart="40 s")
    store.apply("SELECT nextval('systemevents_id_seq') FROM generate_series(1, 7)")
    fill(store, 150_000, apart="2 ms")
    assert observe(store).store.refused == 7


def test_what_snare_lost_is_still_counted_behind_an_hour_of_a_domain_controller(store: Store) -> None:
    fill(
        store,
        40_000,
        apart="88 ms",
        fromhost="'PC-B12-01'",
        counter="50000 - n - CASE WHEN n > 39000 THEN 3 ELSE 0 END",
    )
    assert observe(store).sources["poste-01"].lost == 3


@st.composite
def counters(draw: st.DrawFn) -> tuple[list[int], int]:
    """Snare's counter as it arrives: some numbers lost, some in another order, from 1 again at each restart."""
    arrived: list[int] = []
    missing = 0
    for _ in range(draw(st.integers(1, 3))):
        length = draw(st.integers(80, 120))
        lost = draw(st.sets(st.integers(6, length - 2), max_size=10))
        run = [number for number in range(1, length + 1) if number not in lost]
        for place in draw(st.lists(st.integers(4, len(run) - 3), max_size=5, unique=True)):
            run[place : place + 2] = run[place : place + 2][::-1]
        for number in draw(st.lists(st.sampled_from(run[4:]), max_size=3)):
            run.insert(run.index(number), number)
        arrived += run
        missing += len(lost)
    return arrived, missing


@tried(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counters())
def test_exactly_what_is_missing_between_restarts_is_counted(store: Store, case: tuple[list[int], int]) -> None:
    arrived, missing = case
    store.apply("TRUNCATE systemevents")
    values = ", ".join(f"({place}, {counter})" for place, counter in enumerate(arrived))
    store.apply(
        "INSERT INTO systemevents (receivedat, fromhost, syslogtag, counter)"
        f" SELECT now() AT TIME ZONE 'UTC' - (1000 - place) * interval '1 s', 'PC-B12-01', 't:', counter"
        f" FROM (VALUES {values}) AS arrived (place, counter) ORDER BY place"
    )
    assert ask_store(store.settings(), time.time(), 10).missing.get("PC-B12-01", 0) == missing


@pytest.mark.parametrize("forged", [2**63 - 1, -(2**63)])
def test_a_forged_counter_neither_counts_nor_blinds_the_check(store: Store, forged: int) -> None:
    for counter in (1, 2, 3, forged, 4, 5, 8):
        store.write(10, "PC-B12-01", "MSWinEventLog:", "x", counter=counter)
    assert observe(store).sources["poste-01"].lost == 2


def test_failed_logins_are_counted_whatever_contexts_somebody_invents(store: Store) -> None:
    """1,500 errors, each of another context, and 200 failed logins."""
    failed = "' Failed password for root from 192.0.2.7 port 4022 ssh2'"
    fill(store, 200, facility="10", message=failed)
    fill(store, 1500, priority="3", eventlogtype="'openerp'", genericfilename="'context-' || n")
    seen = observe(store)
    assert seen.activity is not None
    counted = (seen.activity.errors, seen.activity.openerp_errors, seen.activity.failed_logins, seen.activity.since)
    assert counted == (1500, 1500, 200, 0)
    assert seen.sources["srv-openerp"].failed_logins == 200
    assert sum(hour.failed_logins for hour in seen.hours) == 200


def test_a_flood_has_its_rate_whatever_programs_it_invents(store: Store) -> None:
    fill(store, 4000, apart="2 ms", syslogtag="'p' || n || ':'")
    seen = observe(store)
    assert seen.recent is not None
    assert seen.recent.rate == pytest.approx(4000 / 60, rel=0.01)
    assert seen.sources["srv-openerp"].rate == pytest.approx(4000 / 60, rel=0.01)


def test_names_of_other_days_hide_no_stranger(store: Store) -> None:
    fill(store, 4000, apart="30 minutes", fromhost="'a-' || lpad(n::text, 4, '0')")
    store.write(5, "zz-intru", "t:", "x")
    strangers = observe(store).strangers
    assert strangers is not None
    assert strangers.names == "zz-intru, a-0001"  # this one half an hour ago


def test_the_latest_strangers_are_shown_when_there_are_too_many(store: Store) -> None:
    fill(store, 1000, apart="1 s", fromhost="'a-' || lpad(n::text, 4, '0')")
    store.write(0, "zz-intru", "t:", "x")
    strangers = observe(store).strangers
    assert strangers is not None
    assert strangers.count == 300
    assert strangers.names.startswith("zz-intru")
