"""Rows whose time has not come: the centre's clock was ahead, or a stock table is kept in local time."""

import json
import time

import pytest
from logstore import Store, observe

from vigie.observe.logs.document import of_logs
from vigie.observe.logs.observation import observe_logs
from vigie.observe.logs.states import SourceState
from vigie.observe.logs.verdict import findings

HOUR = 3600


def test_they_are_counted_and_said(store: Store) -> None:
    store.write(-HOUR, "srv-openerp", "t:", "x")
    store.write(-60, "srv-openerp", "t:", "x")
    store.write(0, "srv-openerp", "t:", "x")
    settings = store.settings()
    observation = observe_logs(settings)
    assert observation.seen is not None
    assert observation.seen.store.future == 2
    assert observation.seen.store.future_seconds == pytest.approx(HOUR, abs=5)
    assert any(
        "2 messages are stored with a time that has not come" in one.text for one in findings(observation, settings)
    )


def test_a_row_that_was_stored_since_the_check_began_is_none_of_them(store: Store) -> None:
    store.write(-3, "srv-openerp", "t:", "x")
    seen = observe(store)
    assert (seen.store.future, seen.store.future_seconds, seen.sources["srv-openerp"].last_age) == (0, 0, 0)


def test_they_hide_no_silence(store: Store) -> None:
    now = time.time()
    for number in range(1, 6):
        store.canary(number, 2 * HOUR - number * 60, now=now)
        store.canary(number + 5, number * 60 - HOUR, now=now)
    store.write(-HOUR, "srv-openerp", "t:", "x")
    store.write(-HOUR, "PC-B12-01", "t:", "x", counter=1)
    sources = observe(store).sources
    assert (sources["srv-openerp"].state, sources["srv-openerp"].last_at) == (SourceState.SILENT, None)
    assert sources["srv-openerp"].canary_age == pytest.approx(2 * HOUR - 300, abs=5)
    assert sources["poste-01"].state == SourceState.NEVER


def test_they_are_no_flood_no_stranger_and_nothing_that_happened(store: Store) -> None:
    store.apply(
        "INSERT INTO systemevents (receivedat, fromhost, syslogtag, message, facility, priority, counter)"
        " SELECT now() AT TIME ZONE 'UTC' + n * interval '0.5 s' + interval '1 minute',"
        " (ARRAY['intru', 'srv-openerp', 'PC-B12-01'])[1 + n % 3], 't:', 'x', 1, 3, n * 2"
        " FROM generate_series(1, 6000) AS n"
    )
    seen = observe(store)
    assert seen.recent is not None
    assert seen.strangers is not None
    assert seen.activity is not None
    assert (seen.recent.rate, seen.strangers.count, seen.activity.errors) == (0, 0, 0)
    assert (seen.sources["poste-01"].lost, seen.store.future, seen.hours) == (0, 6000, ())


def test_a_time_that_never_comes_is_told_in_numbers(store: Store) -> None:
    store.apply("INSERT INTO systemevents (receivedat, fromhost) VALUES ('infinity', 'x')")
    document = json.loads(json.dumps(of_logs(observe_logs(store.settings())), allow_nan=False))
    assert document["store"]["future"] == 1
    assert 3e8 < document["store"]["future_seconds"] < 4e8
