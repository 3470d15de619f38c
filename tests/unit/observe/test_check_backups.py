"""`vigie check backups`: the same observation for people, and its exit code."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from storebuilder import DAY, HOUR, NOW, SCHOOL, Store

from vigie.check.texts import ago, readable
from vigie.observe.backups.verdict import findings
from vigie.observe.levels import Level, level_of

Lists = Callable[[Iterable[str]], None]
VIGIE = Path(sys.executable).with_name("vigie")


@pytest.fixture(autouse=True)
def one_database(store: Store, postgres_lists: Lists) -> None:
    """A school with one database, fresh."""
    postgres_lists(["SpecibikeDupont"])
    store.dump("SpecibikeDupont", ages=(2 * DAY, HOUR))


def level(store: Store, **changes: object) -> Level:
    return level_of(findings(store.observed(**changes), store.settings(**changes)))


def test_all_is_well(store: Store) -> None:
    assert level(store) == Level.WELL
    assert findings(store.observed(), store.settings()) == []


def test_an_unrecognised_name_is_told_and_is_no_warning(store: Store, postgres_lists: Lists) -> None:
    postgres_lists(["SpecibikeDupont", "Specibike;x"])
    store.dump("Specibike;x", ages=(HOUR,))
    (finding,) = findings(store.observed(), store.settings())
    assert (finding.level, finding.text) == (Level.WELL, "1 database with unrecognised names: Specibike;x")


def test_a_database_at_risk_is_a_warning(store: Store) -> None:
    store.saw("SpecibikeDupont", outcome="failed", error="no")
    assert level(store) == Level.WARNING


def test_a_disk_that_fills_soon_is_a_warning(store: Store) -> None:
    store.index.totals = [(20_000, 0), (20_001, 10**15)]
    assert level(store) == Level.WARNING


def test_too_little_free_space_is_a_problem(store: Store) -> None:
    assert level(store, free_min_percent=100.0) == Level.PROBLEM


def test_a_bad_old_dump_is_a_problem(store: Store) -> None:
    store.mark("SpecibikeDupont", 0, state=1)
    assert level(store) == Level.PROBLEM


@pytest.mark.parametrize("outcome", ["stale", "missing", "corrupt"])
def test_a_database_that_could_not_be_restored_as_promised_is_a_problem(
    store: Store, postgres_lists: Lists, outcome: str
) -> None:
    if outcome == "stale":
        store.mark("SpecibikeDupont", 1, finished_at=NOW - 3 * DAY)
    elif outcome == "missing":
        postgres_lists(["SpecibikeDupont", "SpecibikeDurand"])
        store.saw("SpecibikeDurand", outcome="failed")
    else:
        store.file("SpecibikeDupont").unlink()
    found = findings(store.observed(), store.settings())
    assert level_of(found) == Level.PROBLEM
    assert len([finding for finding in found if finding.level == Level.PROBLEM]) == 1


def test_a_run_that_failed_is_a_problem(store: Store) -> None:
    assert store.run is not None
    store.run.phase, store.run.error = "failed", "no room"
    (finding,) = findings(store.observed(), store.settings())
    assert (finding.level, finding.text) == (Level.PROBLEM, "the last run failed: no room")


def test_what_cannot_be_seen_is_neither_well_nor_a_problem(store: Store) -> None:
    store.write()
    store.layout.index.unlink()
    from vigie.observe.backups.observation import observe_backups

    assert level_of(findings(observe_backups(store.settings()), store.settings())) == Level.UNKNOWN


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does."""
    return subprocess.run(
        [str(VIGIE), "check", "backups", *arguments], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.fixture
def settings_file(store: Store, tmp_path: Path) -> Path:
    """The same store as if NOW were today, and its settings; PostgreSQL does not answer."""
    later = int(time.time()) - NOW
    for held in store.index.databases.values():
        held.dumps = [
            entry._replace(finished_at=entry.finished_at + later, verified_at=entry.verified_at + later)
            for entry in held.dumps
        ]
    assert store.run is not None
    for moment in ("started_at", "heartbeat_at", "finished_at"):
        setattr(store.run, moment, getattr(store.run, moment) + later)
    store.write()
    file = tmp_path / "settings.json"
    file.write_text(store.settings().to_json())
    return file


def test_the_table_names_every_database_and_says_what_is_wrong(settings_file: Path) -> None:
    done = check(str(settings_file))
    assert done.returncode == Level.WARNING
    assert done.stdout.startswith(f"{SCHOOL}: the backups are as promised, with a warning\n  PostgreSQL does not give")
    for text in ("SpecibikeDupont", "student", "(roles)", "(settings)", "fresh", "2 h 0 min"):
        assert text in done.stdout
    assert done.stderr == ""


def test_the_json_is_the_document(settings_file: Path) -> None:
    done = check(str(settings_file), "--json")
    assert done.returncode == Level.WARNING
    assert json.loads(done.stdout)["databases"]["SpecibikeDupont"]["dumps"] == 2


def test_bad_dumps_come_first_with_their_reason(settings_file: Path, store: Store) -> None:
    shutil.rmtree(store.file("SpecibikeDupont", 0).parent)
    done = check(str(settings_file))
    assert done.returncode == Level.PROBLEM
    rows = done.stdout[done.stdout.index("Database ") :].splitlines()
    assert rows[1].startswith("SpecibikeDupont")
    assert "vanished (1 of 2)" in done.stdout


def test_a_catalogue_that_cannot_be_read_is_cannot_tell(settings_file: Path, store: Store) -> None:
    store.layout.index.unlink()
    done = check(str(settings_file))
    assert done.returncode == Level.UNKNOWN
    assert "nothing can be said of the backups" in done.stdout


def test_missing_settings_are_one_sentence_and_cannot_tell(tmp_path: Path) -> None:
    done = check(str(tmp_path / "none.json"))
    assert done.returncode == Level.UNKNOWN
    assert done.stderr.count("\n") == 1
    assert "vigie provision files" in done.stderr


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1, "-"), (5, "5 s"), (65, "1 min 5 s"), (3660, "1 h 1 min"), (90_000, "1 d 1 h")]
)
def test_ages_for_people(seconds: int, text: str) -> None:
    assert ago(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 30, "5.0 GiB"), (3 << 40, "3.0 TiB")]
)
def test_sizes_for_people(size: int, text: str) -> None:
    assert readable(size) == text
