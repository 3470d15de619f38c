"""What the backup server knows of the last run, of the re-check and of its disk."""

from collections.abc import Callable, Iterable

import pytest
from storebuilder import DAY, HOUR, NOW, Store

from vigie.observe.backups.states import LATE_BEFORE, DatabaseState, Overdue, RunState

Lists = Callable[[Iterable[str]], None]


@pytest.fixture(autouse=True)
def one_database(store: Store, postgres_lists: Lists) -> str:
    """A school with one database, fresh."""
    postgres_lists(["SpecibikeDupont"])
    return store.dump("SpecibikeDupont", ages=(2 * HOUR,))


def test_a_run_that_ended_well(store: Store) -> None:
    run = store.seen().run
    assert (run.state, run.state_text, run.age, run.seconds) == (RunState.DONE, "done", HOUR, 2 * HOUR)
    assert (run.seen, run.published, run.failed, run.at_risk) == (3, 3, 0, 0)


def test_no_run_was_ever_seen(store: Store, postgres_lists: Lists) -> None:
    store.run = None
    postgres_lists(["SpecibikeDupont", "SpecibikeNew"])
    seen = store.seen()
    assert (seen.run.state, seen.run.age) == (RunState.NEVER, -1)
    assert seen.databases["SpecibikeNew"].state == DatabaseState.MISSING


@pytest.mark.parametrize(("silence", "state"), [(900, RunState.RUNNING), (901, RunState.INTERRUPTED)])
def test_a_run_without_a_sign_of_life_was_interrupted(store: Store, silence: int, state: RunState) -> None:
    assert store.run is not None
    store.run.phase, store.run.heartbeat_at, store.run.finished_at = "running", NOW - silence, 0.0
    assert store.seen().run.state == state


def test_a_run_that_lasts_longer_than_a_day_and_lives_is_running(store: Store) -> None:
    assert store.run is not None
    store.run.phase, store.run.heartbeat_at, store.run.finished_at = "running", NOW - 5, 0.0
    store.run.started_at = NOW - 30 * HOUR
    assert store.seen().run.state == RunState.RUNNING


@pytest.mark.parametrize(
    ("phase", "state"),
    [("done", RunState.DONE), ("partial", RunState.PARTIAL), ("failed", RunState.FAILED)],
)
def test_how_a_run_ended(store: Store, phase: str, state: RunState) -> None:
    assert store.run is not None
    store.run.phase = phase
    assert store.seen().run.state == state


@pytest.mark.parametrize("phase", ["done", "partial", "failed", "running"])
def test_however_it_ended_a_run_with_no_next_one_is_late(store: Store, phase: str) -> None:
    assert store.run is not None
    store.run.phase = phase
    store.run.started_at = NOW - 26 * HOUR
    store.run.heartbeat_at = store.run.finished_at = NOW - 22 * HOUR
    assert store.seen().run.state == RunState.LATE


def test_a_missed_night_is_late_before_its_first_dump_is_stale(store: Store, one_database: str) -> None:
    assert store.run is not None
    store.run.started_at = NOW - 26 * HOUR + LATE_BEFORE - 1
    store.mark(one_database, 0, finished_at=NOW - 26 * HOUR + LATE_BEFORE)
    seen = store.seen()
    assert seen.run.state == RunState.LATE
    assert seen.counts.stale == 0


def test_a_database_whose_last_attempt_failed_is_at_risk_while_its_dump_is_fresh(store: Store) -> None:
    store.saw("SpecibikeDupont", outcome="failed", error="pg_dump: error: out of memory")
    seen = store.seen()
    assert (seen.run.at_risk, seen.run.at_risk_names, seen.run.failed) == (1, "SpecibikeDupont", 1)
    assert seen.databases["SpecibikeDupont"].error == "pg_dump: error: out of memory"


def test_it_is_no_longer_at_risk_but_stale_once_its_dump_is_too_old(store: Store, one_database: str) -> None:
    store.saw("SpecibikeDupont", outcome="failed", error="no")
    store.mark(one_database, 0, finished_at=NOW - 30 * HOUR)
    seen = store.seen()
    assert seen.run.at_risk == 0
    assert seen.databases[one_database].state == DatabaseState.STALE


def test_a_dump_that_the_run_made_and_that_did_not_arrive_is_a_risk(store: Store) -> None:
    store.saw("SpecibikeDupont", outcome="published", stamp="20261118T110000Z")
    assert store.seen().run.at_risk == 1


def test_what_a_living_run_has_not_delivered_yet_is_no_risk(store: Store) -> None:
    assert store.run is not None
    store.run.phase, store.run.heartbeat_at, store.run.finished_at = "running", NOW - 5, 0.0
    store.saw("SpecibikeDupont", outcome="published", stamp="20261118T110000Z")
    assert store.seen().run.at_risk == 0


def test_a_run_that_is_a_problem_as_a_whole_leaves_no_database_at_risk(store: Store) -> None:
    """One cause, one problem: the databases' own comes when a run that ended leaves them behind."""
    assert store.run is not None
    store.run.phase, store.run.heartbeat_at, store.run.finished_at = "running", NOW - HOUR, 0.0
    store.saw("SpecibikeDupont", outcome="published", stamp="20261118T110000Z")
    seen = store.seen()
    assert (seen.run.state, seen.run.at_risk, seen.run.at_risk_names) == (RunState.INTERRUPTED, 0, "")


@pytest.fixture
def old_and_missing(store: Store, postgres_lists: Lists) -> Callable[[], tuple[Overdue, Overdue]]:
    """A database with an old dump and one without any, both seen by the last run; how overdue they are."""
    postgres_lists(["SpecibikeOld", "SpecibikeNone"])
    store.dump("SpecibikeOld", ages=(50 * HOUR,))
    store.saw("SpecibikeNone", outcome="failed")

    def overdue() -> tuple[Overdue, Overdue]:
        databases = store.seen().databases
        old, none = databases["SpecibikeOld"], databases["SpecibikeNone"]
        assert (old.state, none.state) == (DatabaseState.STALE, DatabaseState.MISSING)
        return old.overdue, none.overdue

    return overdue


@pytest.mark.parametrize("phase", ["done", "partial"])
def test_old_and_missing_dumps_are_problems_of_their_own_once_the_run_is_none(
    store: Store, old_and_missing: Callable[[], tuple[Overdue, Overdue]], phase: str
) -> None:
    assert store.run is not None
    store.run.phase = phase
    assert old_and_missing() == (Overdue.STALE, Overdue.MISSING)


def test_a_run_that_is_a_problem_as_a_whole_leaves_no_database_overdue(
    store: Store, old_and_missing: Callable[[], tuple[Overdue, Overdue]]
) -> None:
    assert store.run is not None
    store.run.phase = "failed"
    assert old_and_missing() == (Overdue.NO, Overdue.NO)
    store.run.phase, store.run.heartbeat_at = "running", NOW - HOUR
    assert old_and_missing() == (Overdue.NO, Overdue.NO)  # interrupted
    store.run.phase, store.run.started_at = "done", NOW - 30 * HOUR
    assert old_and_missing() == (Overdue.NO, Overdue.NO)  # late
    store.run = None
    assert old_and_missing() == (Overdue.NO, Overdue.NO)  # never


def test_a_run_under_way_may_still_bring_a_dump_but_not_for_ever(
    store: Store, old_and_missing: Callable[[], tuple[Overdue, Overdue]]
) -> None:
    assert store.run is not None
    store.run.phase, store.run.heartbeat_at, store.run.finished_at = "running", NOW - 5, 0.0
    assert old_and_missing() == (Overdue.NO, Overdue.NO)
    store.run.started_at = NOW - 30 * HOUR
    assert old_and_missing() == (Overdue.STALE, Overdue.MISSING)


def test_many_names_at_risk_are_a_short_text(store: Store, postgres_lists: Lists) -> None:
    names = [f"SpecibikeEleve{letter}" for letter in "ABCDEFGH"]
    postgres_lists(names)
    for name in names:
        store.dump(name, ages=(HOUR,))
        store.saw(name, outcome="failed", error="no")
    names_text = store.seen().run.at_risk_names
    assert names_text.startswith("SpecibikeEleveA, ")
    assert names_text.endswith(" and 3 more")


def test_how_far_the_recheck_came(store: Store, one_database: str) -> None:
    store.dump("SpecibikeDupont", ages=(40 * DAY, 31 * DAY), size=1000)
    store.mark(one_database, 0, state=1)
    recheck = store.seen().recheck
    assert (recheck.age, recheck.oldest_age, recheck.corrupt, recheck.pending_bytes) == (60, 40 * DAY, 1, 2000)


def test_a_recheck_that_never_ran_is_as_old_as_the_oldest_dump(store: Store) -> None:
    store.index.rechecked_at = 0.0
    assert store.seen().recheck.age == 2 * HOUR


def test_a_recheck_that_never_ran_on_an_empty_store_waits_for_nothing(store: Store, postgres_lists: Lists) -> None:
    store.index.rechecked_at = 0.0
    store.index.databases.clear()
    postgres_lists([])
    assert store.seen().recheck.age == 0


def test_days_left_at_the_growth_that_the_retention_leaves(store: Store) -> None:
    today = int(NOW // DAY)
    # Twenty days ago it was emptier still: growth is that of the last two weeks.
    store.index.totals = [(today - 20, 0), (today - 10, 6_000_000), (today - 5, 9_000_000), (today, 8_000_000)]
    space = store.seen().space
    assert space.growth_per_day == 200_000
    assert space.days_left == min(99_999, space.free // 200_000)


@pytest.mark.parametrize("totals", [[], [(20_000, 5)], [(20_000, 5), (20_001, 5)], [(20_000, 10**12), (20_001, 5)]])
def test_a_store_that_does_not_fill_has_no_last_day(store: Store, totals: list[tuple[int, int]]) -> None:
    store.index.totals = totals
    assert store.seen().space.days_left == -1
