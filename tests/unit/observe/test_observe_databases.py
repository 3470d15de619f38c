"""What the dumps of each database are worth."""

import shutil
from collections.abc import Callable, Iterable

import pytest
from storebuilder import DAY, HOUR, NOW, Store

from vigie.naming import Kind
from vigie.observe.backups import dumps
from vigie.observe.backups.states import DatabaseState

Lists = Callable[[Iterable[str]], None]
NAME = "SpecibikeDupont"


def test_a_database_with_a_young_sound_dump_is_fresh(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(26 * HOUR, 2 * HOUR), size=100)
    row = store.seen().databases[key]
    assert (row.state, row.age, row.size, row.dumps, row.bad, row.error) == (
        DatabaseState.FRESH, 2 * HOUR, 100, 2, 0, "",
    )  # fmt: skip
    assert row.at == NOW - 2 * HOUR


def test_a_database_is_stale_once_its_newest_dump_is_older_than_promised(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME, "SpecibikeDurand"])
    young, old = store.dump(NAME, ages=(26 * HOUR,)), store.dump("SpecibikeDurand", ages=(26 * HOUR + 1,))
    seen = store.seen()
    assert seen.databases[young].state == DatabaseState.FRESH
    assert seen.databases[old].state == DatabaseState.STALE


@pytest.mark.parametrize("size", [0, 99, 101])
def test_a_dump_whose_size_changed_is_never_fresh(store: Store, postgres_lists: Lists, size: int) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(HOUR,), size=100)
    store.file(key).write_bytes(b"x" * size)
    row = store.seen().databases[key]
    assert (row.state, row.bad, row.at) == (DatabaseState.CORRUPT, 1, 0)
    assert f"has {size} bytes instead of 100" in row.error


def test_a_truncated_newest_dump_leaves_the_age_of_the_sound_one_before(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(25 * HOUR, HOUR))
    store.file(key).write_bytes(b"")
    row = store.seen().databases[key]
    assert (row.state, row.age, row.bad) == (DatabaseState.CORRUPT, 25 * HOUR, 1)


def test_a_bad_old_dump_is_counted_and_spoils_nothing_of_what_would_be_restored(
    store: Store, postgres_lists: Lists
) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(3 * DAY, 2 * DAY, HOUR))
    store.mark(key, 0, state=1)
    row = store.seen().databases[key]
    assert (row.state, row.bad) == (DatabaseState.FRESH, 1)
    assert "its content is not what its manifest says (1 of 3)" in row.error


def test_a_bad_old_dump_does_not_hide_that_the_nights_have_stopped(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(9 * DAY, 3 * DAY))
    store.mark(key, 0, state=1)
    row = store.seen().databases[key]
    assert (row.state, row.bad) == (DatabaseState.STALE, 1)


def test_a_vanished_dump_is_bad(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(2 * DAY, HOUR))
    shutil.rmtree(store.file(key, 0).parent)
    seen = store.seen()
    assert seen.databases[key].bad == seen.counts.bad == 1
    assert "vanished" in seen.databases[key].error


def test_a_dump_whose_file_alone_vanished_is_bad(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(HOUR,))
    store.file(key).unlink()
    assert store.seen().databases[key].state == DatabaseState.CORRUPT


def test_a_link_in_place_of_a_dump_is_bad_even_when_it_leads_to_one(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(HOUR,))
    real = store.file(key).with_name("real")
    store.file(key).rename(real)
    store.file(key).symlink_to(real)
    assert store.seen().databases[key].state == DatabaseState.CORRUPT


def test_all_the_dumps_of_a_database_vanished(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(2 * DAY, DAY, HOUR))
    shutil.rmtree(store.layout.dumps / key)
    row = store.seen().databases[key]
    assert (row.state, row.bad, row.age) == (DatabaseState.CORRUPT, 3, -1)
    assert "and 2 more of 3" in row.error


def test_a_dump_on_its_way_out_did_not_vanish(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(2 * DAY, HOUR))
    folder = store.file(key, 0).parent
    folder.rename(folder.with_name(f".removing-{folder.name}"))
    seen = store.seen()
    assert seen.counts.bad == seen.counts.strays == 0


def test_what_the_retention_removes_while_one_looks_did_not_vanish(
    store: Store, postgres_lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(2 * DAY, HOUR))
    read_index = dumps.read_index

    def read_then_removed(file: str) -> dumps.Index:
        index = read_index(file)
        if len(store.index.databases[key].dumps) == 2:
            shutil.rmtree(store.file(key, 0).parent)
            del store.index.databases[key].dumps[0]
            new = store.layout.index.with_name(".new")
            new.write_text(store.index.to_json())
            new.rename(store.layout.index)
        return index

    monkeypatch.setattr(dumps, "read_index", read_then_removed)
    row = store.seen().databases[key]
    assert (row.dumps, row.bad) == (1, 0)


def test_a_dump_being_made_is_not_a_stray_and_an_unknown_one_is(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(HOUR,))
    (store.layout.dumps / key / ".making-20261118T010000Z").mkdir()
    assert store.seen().counts.strays == 0
    (store.layout.dumps / key / "20200101T000000Z").mkdir()
    (store.layout.dumps / "Unknown" / "20200101T000000Z").mkdir(parents=True)
    assert store.seen().counts.strays == 2


def test_a_database_that_was_never_dumped_is_missing(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    store.saw(NAME, outcome="failed", error="pg_dump: error: permission denied for table secret")
    row = store.seen().databases[NAME]
    assert (row.state, row.age) == (DatabaseState.MISSING, -1)
    assert row.error == "it was never dumped; last run: pg_dump: error: permission denied for table secret"


def test_a_dump_that_never_reached_this_server_is_missing(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    store.saw(NAME, outcome="published", stamp="20261118T010000Z")
    assert store.seen().databases[NAME].state == DatabaseState.MISSING


def test_a_database_made_after_the_last_run_waits_for_its_first_night(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    seen = store.seen()
    assert seen.databases[NAME].state == DatabaseState.WAITING
    assert seen.counts.missing == 0


def test_it_waits_no_longer_once_the_night_was_missed(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    assert store.run is not None
    store.run.started_at = NOW - 27 * HOUR
    assert store.seen().databases[NAME].state == DatabaseState.MISSING


def test_during_the_first_run_a_database_it_has_not_come_to_waits(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME, "SpecibikeDurand"])
    assert store.run is not None
    store.run.phase, store.run.heartbeat_at, store.run.finished_at = "running", NOW - 5, 0.0
    store.saw(NAME, outcome="pending")
    store.saw("SpecibikeDurand", outcome="failed", error="no")
    seen = store.seen()
    assert seen.databases[NAME].state == DatabaseState.WAITING
    assert seen.databases["SpecibikeDurand"].state == DatabaseState.MISSING


def test_the_dumps_of_a_dropped_database_are_orphaned_whatever_their_age(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([])
    key = store.dump(NAME, ages=(40 * DAY,))
    seen = store.seen()
    assert seen.databases[key].state == DatabaseState.ORPHANED
    assert seen.counts.expected == 2


def test_a_missing_database_that_was_dropped_is_seen_to_be_gone(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([])
    store.saw(NAME, outcome="failed", error="no")
    row = store.seen().databases[NAME]
    assert (row.state, row.dumps) == (DatabaseState.ORPHANED, 0)


def test_an_orphaned_dump_that_rots_is_still_bad(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([])
    key = store.dump(NAME, ages=(40 * DAY,))
    store.mark(key, 0, state=1)
    row = store.seen().databases[key]
    assert (row.state, row.bad) == (DatabaseState.ORPHANED, 1)


def test_a_dump_whose_content_was_never_read_is_unverified(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(HOUR,), verified=False)
    row = store.seen().databases[key]
    assert (row.state, row.verified_at, row.verified_age) == (DatabaseState.UNVERIFIED, 0, -1)


def test_one_kept_dump_not_read_for_too_long_makes_the_database_unverified(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(31 * DAY, HOUR))
    row = store.seen().databases[key]
    assert (row.state, row.verified_age) == (DatabaseState.UNVERIFIED, 31 * DAY)


def test_a_dump_of_tomorrow_says_nothing_of_today(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(3 * DAY, HOUR))
    store.mark(key, 1, finished_at=NOW + 30 * DAY)
    row = store.seen().databases[key]
    assert (row.state, row.age) == (DatabaseState.STALE, 3 * DAY)


def test_only_dumps_of_tomorrow_is_stale_and_says_why(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(HOUR,))
    store.mark(key, 0, finished_at=NOW + DAY)
    row = store.seen().databases[key]
    assert row.state == DatabaseState.STALE
    assert "compare the clocks" in row.error


def test_clocks_that_differ_by_a_few_minutes_are_no_fault(store: Store, postgres_lists: Lists) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(HOUR,))
    store.mark(key, 0, finished_at=NOW + 300)
    row = store.seen().databases[key]
    assert (row.state, row.age) == (DatabaseState.FRESH, 0)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [(4 << 20, 3 << 20, -25.0), (4 << 20, 0, -100.0), (0, 4 << 20, 0.0), (1000, 900_000, 0.0), (2 << 20, 2 << 20, 0.0)],
)
def test_the_change_of_size_between_the_two_newest_sound_dumps(
    store: Store, postgres_lists: Lists, before: int, after: int, change: float
) -> None:
    postgres_lists([NAME])
    key = store.dump(NAME, ages=(DAY,), size=before)
    store.dump(NAME, ages=(HOUR,), size=after)
    assert store.seen().databases[key].change == change


def test_kinds_are_told_apart_and_none_is_lost(store: Store, postgres_lists: Lists) -> None:
    names = ["SpecibikeDupont", "SpecibikeTS", "SpecibikeTSVelo", "Specibike;reboot", "specibikeMinuscule"]
    postgres_lists(names)
    keys = [store.dump(name, ages=(HOUR,)) for name in names]
    seen = store.seen()
    kinds = [seen.databases[key].kind for key in keys]
    assert kinds == [Kind.STUDENT, Kind.CLASS, Kind.GROUP, Kind.UNRECOGNISED, Kind.UNRECOGNISED]
    assert seen.databases["_globals"].kind == Kind.SERVER
    assert seen.counts.unrecognised == 2
    assert seen.counts.unrecognised_names == "Specibike;reboot, specibikeMinuscule"


def test_the_odd_name_of_a_dropped_database_is_no_matter_any_more(store: Store, postgres_lists: Lists) -> None:
    postgres_lists(["SpecibikeDupont"])
    key = store.dump("Specibike;reboot", ages=(2 * DAY,))
    seen = store.seen()
    assert seen.databases[key].state == DatabaseState.ORPHANED
    assert (seen.counts.unrecognised, seen.counts.unrecognised_names) == (0, "")


def test_the_states_sum_to_what_is_expected_and_what_is_orphaned(store: Store, postgres_lists: Lists) -> None:
    postgres_lists(["SpecibikeA", "SpecibikeB", "SpecibikeC"])
    store.dump("SpecibikeA", ages=(HOUR,))
    store.dump("SpecibikeB", ages=(3 * DAY,))
    store.dump("SpecibikeGone", ages=(3 * DAY,))
    counts = store.seen().counts
    states = counts.fresh + counts.stale + counts.missing + counts.corrupt + counts.unverified + counts.waiting
    assert (states, counts.expected, counts.orphaned) == (5, 5, 1)
