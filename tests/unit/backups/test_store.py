"""The store: its lock, its names, and what settling takes for what."""

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from dumpbuilder import DAY, SCHOOL, STARTED, agrees, manifest_of, put, stamp_of, store_in

from vigie.backups.catalogue import read_index
from vigie.backups.store import (
    StoreBusyError,
    initialise,
    keep_newest,
    locked,
    new_dump_folder,
    opened,
    publish,
    settle,
    write_atomically,
    write_index,
)
from vigie.errors import Exit, VigieError


def test_a_dump_never_replaces_a_published_one(tmp_path: Path) -> None:
    layout = store_in(tmp_path)
    manifest = put(layout, "SpecibikeMartin", b"first")
    making = new_dump_folder(layout, manifest.key, manifest.stamp)
    (making / "dump").write_bytes(b"second")
    with pytest.raises(FileExistsError):
        publish(layout, making, manifest_of("SpecibikeMartin", b"second"))
    assert (layout.dump_folder(manifest.key, manifest.stamp) / "dump").read_bytes() == b"first"


def test_settling_does_not_take_a_stranger_for_a_dump(tmp_path: Path) -> None:
    layout = store_in(tmp_path)
    manifest = put(layout, "SpecibikeMartin", b"x")
    elsewhere = layout.dumps / "SpecibikeOther" / manifest.stamp
    elsewhere.mkdir(parents=True)
    (elsewhere / "manifest.json").write_text(manifest.to_json())  # it describes the dump of another
    (layout.dumps / "SpecibikeOther" / "20261121T000000Z").mkdir()  # no manifest at all
    assert settle(layout, read_index(layout.index)) is False
    assert set(read_index(layout.index).databases) == {"SpecibikeMartin"}


def test_settling_a_store_in_order_writes_nothing(tmp_path: Path) -> None:
    layout = store_in(tmp_path)
    put(layout, "SpecibikeMartin", b"x")
    before = layout.index.stat().st_mtime_ns
    assert settle(layout, read_index(layout.index)) is False
    assert layout.index.stat().st_mtime_ns == before


def test_dumps_stand_in_the_index_in_the_order_of_time(tmp_path: Path) -> None:
    layout = store_in(tmp_path)
    for day in (2, 0, 1):
        put(layout, "SpecibikeMartin", b"x", STARTED - day * DAY)
    stamps = [entry.stamp for entry in read_index(layout.index).databases["SpecibikeMartin"].dumps]
    assert stamps == [stamp_of(STARTED - day * DAY) for day in (2, 1, 0)]
    agrees(layout)


def test_the_lock_keeps_a_second_writer_out_and_is_free_when_its_holder_is_killed(tmp_path: Path) -> None:
    layout = store_in(tmp_path)
    program = (
        "import sys, time; from pathlib import Path; from vigie.backups.store import locked;"
        "from vigie.backups.catalogue import Layout\n"
        "with locked(Layout(Path(sys.argv[1]))):\n    print('held', flush=True)\n    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(layout.root)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreBusyError) as caught, locked(layout, wait=0.3):
            pass
        assert caught.value.exit_code == Exit.BUSY
        assert str(layout.lock) in caught.value.sentence
        holder.kill()
    with locked(layout):
        pass


def test_a_store_of_another_school_is_refused(tmp_path: Path) -> None:
    layout = store_in(tmp_path)
    with pytest.raises(VigieError, match=f"belongs to the school {SCHOOL}"):
        opened(layout.root, "9990002Y")


def test_dumps_without_a_catalogue_are_not_taken_for_an_empty_store(tmp_path: Path) -> None:
    layout = store_in(tmp_path)
    put(layout, "SpecibikeMartin", b"x")
    layout.index.unlink()
    with pytest.raises(VigieError, match="vigie backup reindex"):
        initialise(layout.root, SCHOOL)
    with pytest.raises(VigieError, match="vigie backup reindex"):
        opened(layout.root, SCHOOL)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format":2}', b"[" * 50_000, b"\xff\xfe"])
def test_a_damaged_catalogue_is_said_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    layout = store_in(tmp_path)
    layout.index.write_bytes(content)
    with pytest.raises(VigieError, match="damaged"):
        opened(layout.root, SCHOOL)


def test_a_catalogue_that_cannot_be_written_whole_leaves_the_one_before(tmp_path: Path) -> None:
    layout = store_in(tmp_path)
    put(layout, "SpecibikeMartin", b"x")
    before = layout.index.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))  # files of at most 20 bytes, as on a full disk
    try:
        with pytest.raises(OSError, match="File too large"):
            write_index(layout, read_index(layout.index))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert layout.index.read_bytes() == before
    write_index(layout, read_index(layout.index))
    agrees(layout)


def test_files_are_made_for_their_owner_and_group_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        layout = store_in(tmp_path)
        write_atomically(layout.runs / "20261121T003000Z-0a1b.json", "{}")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in layout.root.rglob("*")}
    finally:
        os.umask(before)
    assert modes["catalogue.json"] == modes["20261121T003000Z-0a1b.json"] == 0o640
    assert modes["incoming"] == 0o700
    assert {modes[name] for name in ("runs", "dumps", "journal", "receipts")} == {0o750}


def test_only_the_newest_files_of_a_folder_are_kept(tmp_path: Path) -> None:
    layout = store_in(tmp_path)
    for day in range(5):
        (layout.journal / f"{stamp_of(STARTED + day * DAY)}-0a1b.jsonl").touch()
    (layout.journal / "keep.jsonl").touch()
    keep_newest(layout.journal, 2)
    assert sorted(file.name for file in layout.journal.iterdir()) == [
        f"{stamp_of(STARTED + 3 * DAY)}-0a1b.jsonl",
        f"{stamp_of(STARTED + 4 * DAY)}-0a1b.jsonl",
        "keep.jsonl",
    ]
