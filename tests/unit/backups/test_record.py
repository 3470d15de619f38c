"""What a run knows of itself, and how the next one goes on with it."""

import errno
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dumpbuilder import SCHOOL, put, run_of, store_in
from hypothesis import given
from hypothesis import strategies as st

from vigie.backups.catalogue import Layout, read_index, read_last_run
from vigie.backups.journal import Journal
from vigie.backups.manifests import DatabaseRun, Outcome, RunManifest
from vigie.backups.receive import RUN_NAME
from vigie.backups.record import Record, begin, going_on
from vigie.backups.store import remove, write_atomically

HOUR = 3600.0


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return store_in(tmp_path)


@pytest.fixture
def now() -> float:
    return float(int(time.time()))


@pytest.fixture
def record(layout: Layout) -> Iterator[Callable[[], Record]]:
    """Begins a run, as the runbook does."""
    journals: list[Journal] = []

    def begun() -> Record:
        run, before = begin(layout, SCHOOL)
        journals.append(Journal(layout.journal / f"{run.run}.jsonl"))
        return Record(layout, read_index(layout.index), run, before, journals[-1], lambda *_: None)

    yield begun
    for journal in journals:
        journal.__exit__(None, None, None)


def left(layout: Layout, run: RunManifest) -> RunManifest:
    write_atomically(layout.runs / f"{run.run}.json", run.to_json())
    return run


def state(name: str, outcome: Outcome, stamp: str = "", size: int = 4) -> DatabaseRun:
    return DatabaseRun(name, outcome, stamp, size)


Begun = Callable[[], Record]


def test_the_first_run_goes_on_with_nothing(record: Begun) -> None:
    assert record().run.resumes == ""
    assert going_on(record()) == {}


@pytest.mark.parametrize(
    ("phase", "resumed"), [("running", True), ("partial", True), ("failed", True), ("done", False)]
)
def test_only_an_unfinished_run_is_gone_on_with(
    layout: Layout, record: Begun, now: float, phase: str, resumed: bool
) -> None:
    before = left(layout, run_of(now - HOUR, phase=phase))
    assert record().run.resumes == (before.run if resumed else "")


def test_an_unfinished_run_of_yesterday_had_its_night(layout: Layout, record: Begun, now: float) -> None:
    left(layout, run_of(now - 13 * HOUR))
    assert record().run.resumes == ""


def test_what_stands_is_not_made_again_and_what_failed_is(layout: Layout, record: Begun, now: float) -> None:
    start = now - HOUR
    at = {name: put(layout, f"Specibike{name}", b"dump", start + 60).stamp for name in ("A", "B", "C", "D")}
    databases = {
        "SpecibikeA": state("SpecibikeA", Outcome.DELIVERED, at["A"]),
        "SpecibikeB": state("SpecibikeB", Outcome.PUBLISHED, at["B"]),
        "SpecibikeC": state("SpecibikeC", Outcome.PENDING),  # published, and killed before the manifest knew
        "SpecibikeD": state("SpecibikeD", Outcome.FAILED),
        "SpecibikeE": state("SpecibikeE", Outcome.PENDING),
    }
    left(layout, run_of(start, databases=databases))
    resumed = record()
    resumed.expect({key: key for key in databases})
    assert {key: database.outcome for key, database in resumed.run.databases.items()} == {
        "SpecibikeA": Outcome.DELIVERED,
        "SpecibikeB": Outcome.PUBLISHED,
        "SpecibikeC": Outcome.PUBLISHED,
        "SpecibikeD": Outcome.PENDING,
        "SpecibikeE": Outcome.PENDING,
    }
    assert resumed.run.databases["SpecibikeC"].stamp == at["C"]


def test_a_database_dropped_since_is_not_gone_on_with(layout: Layout, record: Begun, now: float) -> None:
    stamp = put(layout, "SpecibikeGone", b"dump", now - HOUR).stamp
    left(layout, run_of(now - HOUR, databases={"SpecibikeGone": state("SpecibikeGone", Outcome.PUBLISHED, stamp)}))
    resumed = record()
    resumed.expect({"SpecibikeNew": "SpecibikeNew"})
    assert set(resumed.run.databases) == {"SpecibikeNew"}


def test_a_dump_made_before_the_killed_run_does_not_stand_for_it(layout: Layout, record: Begun, now: float) -> None:
    put(layout, "SpecibikeA", b"dump", now - 3 * HOUR)
    left(layout, run_of(now - HOUR, databases={"SpecibikeA": state("SpecibikeA", Outcome.PENDING)}))
    assert going_on(record()) == {}


def test_a_run_that_saw_no_list_does_not_make_the_next_one_begin_from_nothing(
    layout: Layout, record: Begun, now: float
) -> None:
    stamp = put(layout, "SpecibikeA", b"dump", now - 2 * HOUR).stamp
    first = run_of(now - 2 * HOUR, phase="partial")
    first.databases = {"SpecibikeA": state("SpecibikeA", Outcome.DELIVERED, stamp)}
    left(layout, first)
    blind = left(layout, run_of(now - HOUR, phase="failed", resumes=first.run))  # PostgreSQL was down
    resumed = record()
    assert resumed.run.resumes == blind.run
    assert set(going_on(resumed)) == {"SpecibikeA"}


def test_runs_that_go_on_with_each_other_all_day_do_not_keep_the_dumps_of_the_night_before(
    layout: Layout, record: Begun, now: float
) -> None:
    stamp = put(layout, "SpecibikeA", b"dump", now - 20 * HOUR).stamp
    noon = run_of(now - 8 * HOUR, phase="partial", resumes="20261121T003000Z-0a1b")
    noon.databases = {"SpecibikeA": state("SpecibikeA", Outcome.DELIVERED, stamp)}
    left(layout, noon)
    assert going_on(record()) == {}


def test_a_dump_that_somebody_removed_from_the_disk_or_the_store_is_made_again(
    layout: Layout, record: Begun, now: float
) -> None:
    databases = {}
    for name in ("SpecibikeA", "SpecibikeB", "SpecibikeC"):
        stamp = put(layout, name, b"dump", now - HOUR).stamp
        databases[name] = state(name, Outcome.PUBLISHED, stamp)
    left(layout, run_of(now - HOUR, databases=databases))
    (layout.dump_folder("SpecibikeA", databases["SpecibikeA"].stamp) / "dump").unlink()
    remove(layout, read_index(layout.index), [("SpecibikeB", databases["SpecibikeB"].stamp)])
    assert set(going_on(record())) == {"SpecibikeC"}


def test_a_damaged_run_is_not_gone_on_with(layout: Layout, record: Begun, now: float) -> None:
    left(layout, run_of(now - HOUR))
    next(layout.runs.iterdir()).write_text("{")
    assert record().run.resumes == ""


@given(st.floats(1.7e9, 1.7e9 + 2), st.floats(1e-4, 2))
def test_runs_of_one_second_stand_in_the_order_of_time(first: float, later: float) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        layout = store_in(Path(folder))
        names = []
        for moment in (first, first + later):
            patch.setattr(time, "time", lambda moment=moment: moment)
            names.append(begin(layout, SCHOOL)[0].run)
    assert names == sorted(names)
    assert all(RUN_NAME.fullmatch(name) for name in names)


@pytest.mark.parametrize(
    ("outcomes", "phase"),
    [
        ([Outcome.DELIVERED, Outcome.DELIVERED], "done"),
        ([Outcome.DELIVERED, Outcome.FAILED], "partial"),
        ([Outcome.DELIVERED, Outcome.PUBLISHED], "partial"),
        ([Outcome.PUBLISHED, Outcome.PUBLISHED], "failed"),
        ([Outcome.FAILED, Outcome.PENDING], "failed"),
        ([], "failed"),
    ],
)
def test_a_run_ends_as_its_databases_did(layout: Layout, record: Begun, outcomes: list[Outcome], phase: str) -> None:
    begun = record()
    begun.run.databases = {f"k{number}": state("n", outcome) for number, outcome in enumerate(outcomes)}
    begun.finish()
    last = read_last_run(layout.runs)
    assert last is not None
    assert (last.run, last.phase) == (begun.run.run, phase)
    assert last.finished_at > 0


def test_a_full_disk_does_not_stop_a_run_which_says_so_at_its_end(
    record: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = record()
    begun.expect({"SpecibikeA": "SpecibikeA"})

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("vigie.backups.record.write_atomically", full)
    monkeypatch.setattr(begun.journal, "note", full)
    begun.failed("SpecibikeA", "no room")
    begun.save()
    begun.finish()
    assert begun.run.phase == "failed"
    assert "No space left on device" in begun.run.error
