"""The rolling re-check."""

import itertools
from pathlib import Path

import pytest
from dumpbuilder import DAY, SCHOOL, STARTED, put, stamp_of, store_in

import vigie.backups.recheck
from vigie.backups.catalogue import DumpEntry, DumpState, Layout, read_index
from vigie.backups.recheck import Recheck, recheck
from vigie.backups.store import remove, write_index


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return store_in(tmp_path)


def look(layout: Layout, seconds: float = 60) -> Recheck:
    return recheck(layout.root, SCHOOL, seconds=seconds)


def entry(layout: Layout, name: str) -> DumpEntry:
    return read_index(layout.index).databases[name].dumps[-1]


def flip(layout: Layout, name: str) -> None:
    file = layout.dump_folder(name, stamp_of(STARTED)) / "dump"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_a_flipped_bit_is_found_and_its_mending_is_seen(layout: Layout) -> None:
    put(layout, "SpecibikeMartin", b"x" * 1000)
    put(layout, "SpecibikeZoe", b"z" * 1000)
    before = entry(layout, "SpecibikeMartin")
    flip(layout, "SpecibikeMartin")
    label = f"SpecibikeMartin/{stamp_of(STARTED)}"
    assert look(layout) == Recheck(2, 0, [label], [])
    assert entry(layout, "SpecibikeMartin") == before._replace(state=DumpState.CORRUPT)
    assert entry(layout, "SpecibikeZoe").state == DumpState.SOUND
    flip(layout, "SpecibikeMartin")
    assert look(layout) == Recheck(2, 0, [], [label])
    assert entry(layout, "SpecibikeMartin").state == DumpState.SOUND
    events = (layout.journal / "recheck.jsonl").read_text()
    assert events.index('"corrupt"') < events.index('"mended"')


def test_a_dump_that_lost_its_end_or_its_manifest_is_corrupt(layout: Layout) -> None:
    put(layout, "SpecibikeMartin", b"x" * 1000)
    put(layout, "SpecibikeZoe", b"z" * 1000)
    (layout.dump_folder("SpecibikeMartin", stamp_of(STARTED)) / "dump").write_bytes(b"x" * 999)
    (layout.dump_folder("SpecibikeZoe", stamp_of(STARTED)) / "manifest.json").unlink()
    assert len(look(layout).corrupt) == 2


def test_a_dump_on_a_sector_that_cannot_be_read_is_corrupt(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    put(layout, "SpecibikeMartin", b"x" * 1000)

    def hashed(_file: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(vigie.backups.recheck, "hashed", hashed)
    assert look(layout).corrupt == [f"SpecibikeMartin/{stamp_of(STARTED)}"]
    assert entry(layout, "SpecibikeMartin").state == DumpState.CORRUPT


def test_a_sound_dump_is_verified_anew(layout: Layout) -> None:
    put(layout, "SpecibikeMartin", b"x" * 1000, STARTED - 40 * DAY)
    before = entry(layout, "SpecibikeMartin").verified_at
    look(layout)
    assert entry(layout, "SpecibikeMartin").verified_at > before
    assert read_index(layout.index).rechecked_at > 0


def test_a_dump_that_vanished_stays_in_the_ledger(layout: Layout) -> None:
    put(layout, "SpecibikeMartin", b"x" * 1000)
    before = entry(layout, "SpecibikeMartin")
    (layout.dump_folder("SpecibikeMartin", before.stamp) / "dump").unlink()
    assert look(layout) == Recheck(0, 1, [], [])
    assert entry(layout, "SpecibikeMartin") == before


def test_no_dump_is_begun_after_its_time_and_the_next_cycles_reach_them_all(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(6):
        put(layout, "SpecibikeMartin", b"x" * 1000, STARTED - day * DAY)
    clock = itertools.count(0.0, 1.0)  # a second passes at each look at the clock
    monkeypatch.setattr(vigie.backups.recheck.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(vigie.backups.recheck, "locked", unbothered)
    seen: list[str] = []
    real = vigie.backups.recheck.hashed
    monkeypatch.setattr(vigie.backups.recheck, "hashed", lambda file: (seen.append(file.parent.name), real(file))[1])
    oldest_first = [stamp_of(STARTED - day * DAY) for day in (5, 4, 3, 2, 1, 0)]
    assert look(layout, 3.0) == Recheck(2, 4, [], [])
    assert seen == oldest_first[:2]
    look(layout, 3.0)
    look(layout, 3.0)
    assert seen == oldest_first, "each dump once before any dump twice"


def test_without_time_nothing_is_read(layout: Layout) -> None:
    put(layout, "SpecibikeMartin", b"x" * 1000)
    assert look(layout, 0.0) == Recheck(0, 1, [], [])


def test_what_was_found_corrupt_is_looked_at_first(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(3):
        put(layout, "SpecibikeMartin", b"x" * 1000, STARTED - day * DAY)
    index = read_index(layout.index)
    dumps = index.databases["SpecibikeMartin"].dumps
    dumps[-1] = dumps[-1]._replace(state=DumpState.CORRUPT)
    write_index(layout, index)
    seen: list[str] = []
    real = vigie.backups.recheck.hashed
    monkeypatch.setattr(vigie.backups.recheck, "hashed", lambda file: (seen.append(file.parent.name), real(file))[1])
    assert look(layout).mended == [f"SpecibikeMartin/{stamp_of(STARTED)}"]
    assert seen[0] == stamp_of(STARTED)


def test_a_dump_removed_meanwhile_does_not_come_back(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    put(layout, "SpecibikeMartin", b"x" * 1000)
    put(layout, "SpecibikeZoe", b"z" * 1000)
    real = vigie.backups.recheck.hashed

    def hashed(file: Path) -> object:
        done = real(file)
        if file.parent.parent.name == "SpecibikeMartin":
            remove(layout, read_index(layout.index), [("SpecibikeMartin", stamp_of(STARTED))])
        return done

    monkeypatch.setattr(vigie.backups.recheck, "hashed", hashed)
    look(layout)
    assert set(read_index(layout.index).databases) == {"SpecibikeZoe"}


def unbothered(*_arguments: object, **_options: object) -> "Nobody":
    """A lock that looks at no clock."""
    return Nobody()


class Nobody:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...
