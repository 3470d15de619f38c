"""The ledger of generations: what it says of a rotation at each of its stages, and how it is written."""

import errno
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.credentials.generations import OLDER, Generation, Ledger, LedgerError, read_ledger
from vigie.credentials.ledger import (
    abandon_generation,
    confirm_generation,
    make_key,
    marks_in_passfile,
    note_generation,
)
from vigie.credentials.station import Server, mark_of
from vigie.errors import VigieError

SCHOOL = "9990001X"
NOW = 1_800_000_000
SERVER = Server("srv", 5432, "")


def at(seconds: int) -> Callable[[], float]:
    return lambda: float(seconds)


def marked(number: int) -> Callable[[str], int]:
    """A password's mark, the same under every role: ledgers do not know how it is made."""
    return lambda _role: 2**48 + number


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.json"


def rotate(file: Path, count: int) -> None:
    for number in range(1, count + 1):
        note_generation(file, SCHOOL, "ab"[number % 2], marked(number), clock=at(NOW + number))


def test_a_first_generation_is_the_current_one(file: Path) -> None:
    note_generation(file, SCHOOL, "a", marked(0), clock=at(NOW))
    ledger = read_ledger(file, SCHOOL)
    assert ledger.current == Generation(1, "a", 2**48, NOW, NOW)
    assert (ledger.pending, ledger.older) == (None, ())


def test_a_generation_that_is_handed_out_is_not_current_before_it_is_confirmed(file: Path) -> None:
    rotate(file, 1)
    note_generation(file, SCHOOL, "a", marked(7), pending=True, clock=at(NOW + 50))
    ledger = read_ledger(file, SCHOOL)
    assert ledger.current is not None
    assert ledger.pending is not None
    assert (ledger.current.number, ledger.pending.number) == (1, 2)
    confirm_generation(file, SCHOOL, clock=at(NOW + 90))
    ledger = read_ledger(file, SCHOOL)
    assert ledger.current == Generation(2, "a", 2**48 + 7, NOW + 50, NOW + 90)
    assert [each.number for each in ledger.older] == [1]


def test_only_the_last_generations_are_told_apart_newest_first(file: Path) -> None:
    rotate(file, OLDER + 3)
    assert [each.number for each in read_ledger(file, SCHOOL).older] == [5, 4, 3]


def test_two_rotations_at_a_time_are_refused(file: Path) -> None:
    note_generation(file, SCHOOL, "a", marked(0), pending=True)
    with pytest.raises(VigieError, match="generation 1 is still being handed out"):
        note_generation(file, SCHOOL, "b", marked(1))


def test_a_password_that_was_used_before_is_refused(file: Path) -> None:
    rotate(file, 2)
    with pytest.raises(VigieError, match="is that of generation 1"):
        note_generation(file, SCHOOL, "b", marked(1))


def test_a_password_that_was_used_for_the_other_role_is_refused(file: Path) -> None:
    """Its mark is another one there: it is computed again under each role that had a generation."""

    def same(role: str) -> int:
        return mark_of(b"k" * 32, role, b"the same for both")

    note_generation(file, SCHOOL, "a", same)
    note_generation(file, SCHOOL, "b", marked(1))
    with pytest.raises(VigieError, match="is that of generation 1"):
        note_generation(file, SCHOOL, "b", same)


def test_a_rotation_whose_password_was_lost_is_given_up_and_another_one_begins(file: Path) -> None:
    rotate(file, 1)
    note_generation(file, SCHOOL, "a", marked(7), pending=True)
    assert abandon_generation(file, SCHOOL).number == 2
    ledger = read_ledger(file, SCHOOL)
    assert ledger.current is not None
    assert (ledger.current.number, ledger.pending) == (1, None)
    assert note_generation(file, SCHOOL, "a", marked(8), pending=True).number == 2


def test_the_current_generation_cannot_be_given_up(file: Path) -> None:
    rotate(file, 1)
    with pytest.raises(VigieError, match="no generation is being handed out"):
        abandon_generation(file, SCHOOL)
    assert read_ledger(file, SCHOOL).current is not None


def test_there_is_nothing_to_confirm_when_nothing_is_handed_out(file: Path) -> None:
    with pytest.raises(VigieError, match="no generation is being handed out"):
        confirm_generation(file, SCHOOL)


def test_the_monitoring_group_reads_the_ledger_and_nobody_else(file: Path) -> None:
    rotate(file, 1)
    assert file.stat().st_mode & 0o777 == 0o640


def test_writers_at_the_same_time_lose_nothing(file: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: note_generation(file, SCHOOL, "a", marked(number)), range(24)))
    assert len(read_ledger(file, SCHOOL).generations) == 24


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"format": 2, "school": "9990001X", "generations": []}',
        '{"format": 1, "school": "9990001X"}',
        '{"format": 1, "school": "9990001X", "generations": [1]}',
        '{"format": 1, "school": "9990001X", "generations": [{"number": 1}]}',
        '{"format": 1, "school": "9990001X", "generations":'
        ' [{"number": 2, "role": "a", "mark": 3, "made_at": 1, "since": 1}]}',
        '{"format": 1, "school": "9990001X", "generations":'
        ' [{"number": 1, "role": "a", "mark": 1e400, "made_at": 1, "since": 1}]}',
        '{"format": 1, "school": "9990001X", "generations":'
        ' [{"number": 1, "role": "", "mark": 3, "made_at": 1, "since": 1}]}',
    ],
)
def test_a_damaged_ledger_is_one_sentence_and_never_an_empty_one(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(LedgerError, match=r"^the ledger \S+ is damaged: [^\n]+$"):
        read_ledger(file, SCHOOL)


def test_a_missing_ledger_says_how_it_is_made(file: Path) -> None:
    with pytest.raises(LedgerError, match="`vigie credentials note` makes it"):
        read_ledger(file, SCHOOL)


def test_another_schools_ledger_is_refused(file: Path) -> None:
    rotate(file, 1)
    with pytest.raises(LedgerError, match="another school's, not that of 9990002Y"):
        read_ledger(file, "9990002Y")


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    make_key(tmp_path / "key")
    before = (tmp_path / "key").read_text()
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(VigieError, match="there is a key already"):
        make_key(tmp_path / "key")
    assert (tmp_path / "key").read_text() == before


def test_a_key_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crashes(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", crashes)
    with pytest.raises(OSError, match="No space left"):
        make_key(tmp_path / "key")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    make_key(tmp_path / "key")
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_an_empty_key_is_not_called_a_key(tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    with pytest.raises(VigieError, match="is empty, and no key: remove it"):
        make_key(tmp_path / "key")


def test_the_mark_of_a_passfile_is_the_one_that_a_station_finds(tmp_path: Path) -> None:
    make_key(tmp_path / "key")
    (tmp_path / "pgpass").write_text("srv:5432:*:a:secret of the tests\n")
    key = bytes.fromhex((tmp_path / "key").read_text())
    marks = marks_in_passfile(tmp_path / "pgpass", tmp_path / "key", SERVER, "a")
    assert [marks(role) for role in "ab"] == [mark_of(key, role, b"secret of the tests") for role in "ab"]
    assert "secret" not in repr(marks)


def test_what_goes_wrong_with_a_passfile_is_said_without_its_password(tmp_path: Path) -> None:
    make_key(tmp_path / "key")
    (tmp_path / "pgpass").write_text("srv:5432:*:b:secret of the tests\n")
    with pytest.raises(VigieError, match="holds no password for the role a at srv:5432") as caught:
        marks_in_passfile(tmp_path / "pgpass", tmp_path / "key", SERVER, "a")
    assert "secret" not in str(caught.value)


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(2**48, 2**49), st.integers(1, 2**40)), max_size=6))
def test_what_is_written_is_what_is_read(rows: list[tuple[str, int, int]]) -> None:
    generations = tuple(Generation(number, role, mark, at, at) for number, (role, mark, at) in enumerate(rows, start=1))
    ledger = Ledger(SCHOOL, generations)
    assert Ledger.from_json(ledger.to_json()) == ledger
    assert json.loads(ledger.to_json())["format"] == 1
