"""The receiver, and senders that are broken or mean harm."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dumpbuilder import (
    DAY,
    RUN,
    SCHOOL,
    STARTED,
    agrees,
    deliver,
    manifest_of,
    published,
    put,
    run_of,
    stamp_of,
    store_in,
)  # fmt: skip

import vigie.backups.receive
from vigie.backups.catalogue import Layout, read_last_run
from vigie.backups.manifests import Manifest, Receipt, RunManifest
from vigie.backups.receive import Received, receive
from vigie.backups.retention import Policy, judge

CONTENT = b"PGDMP" * 1000


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return store_in(tmp_path)


def received(layout: Layout) -> Received:
    done = receive(layout.root, SCHOOL)
    agrees(layout)
    return done


def receipt(layout: Layout, run: str = RUN) -> Receipt:
    return Receipt.from_json((layout.receipts / f"{run}.json").read_bytes())


def test_a_whole_dump_is_published_and_promised(layout: Layout) -> None:
    manifest = manifest_of("SpecibikeMartin", CONTENT)
    folder = deliver(layout, manifest, CONTENT)
    label = f"{manifest.key}/{manifest.stamp}"
    assert received(layout).accepted == [label]
    assert receipt(layout).accepted == {label}
    assert published(layout) == {label}
    assert not folder.exists()
    dump = layout.dump_folder(manifest.key, manifest.stamp) / "dump"
    assert dump.stat().st_mode & 0o777 == 0o600


def test_a_dump_on_its_way_waits_and_is_taken_when_it_is_whole(layout: Layout) -> None:
    manifest = manifest_of("SpecibikeMartin", CONTENT)
    folder = deliver(layout, manifest, None)
    assert received(layout) == Received()
    assert folder.exists()
    (folder / "manifest.json").rename(folder / "hidden")
    (folder / "dump").write_bytes(CONTENT)
    assert received(layout) == Received()
    (folder / "hidden").rename(folder / "manifest.json")
    assert len(received(layout).accepted) == 1


def test_what_never_became_whole_is_forgotten_after_three_days(layout: Layout) -> None:
    recent = deliver(layout, manifest_of("SpecibikeMartin", CONTENT), None)
    old = deliver(layout, manifest_of("SpecibikeOld", CONTENT), None)
    before = old.stat().st_mtime - 3 * DAY - 60
    os.utime(old, (before, before))
    received(layout)
    assert recent.exists()
    assert not old.exists()


def test_the_same_dump_delivered_again_is_accepted_again(layout: Layout) -> None:
    manifest = manifest_of("SpecibikeMartin", CONTENT)
    deliver(layout, manifest, CONTENT)
    received(layout)
    (layout.receipts / f"{RUN}.json").unlink()  # killed before it was written
    folder = deliver(layout, manifest, CONTENT)
    assert received(layout).accepted == [f"{manifest.key}/{manifest.stamp}"]
    assert receipt(layout).accepted == {f"{manifest.key}/{manifest.stamp}"}
    assert not folder.exists()


def test_a_published_dump_is_not_replaced(layout: Layout) -> None:
    manifest = put(layout, "SpecibikeMartin", CONTENT)
    deliver(layout, manifest_of("SpecibikeMartin", b"ransom"), b"ransom")
    assert list(received(layout).refused.values()) == ["another dump was published under this name"]
    assert (layout.dump_folder(manifest.key, manifest.stamp) / "dump").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (CONTENT[:-1], "it has 4999 bytes, its manifest says 5000"),
        (CONTENT + b"x", "it has 5001 bytes, its manifest says 5000"),
        (CONTENT[:-1] + b"x", "its content is not what its manifest says (SHA-256)"),
        (b"", "it has 0 bytes, its manifest says 5000"),
    ],
)
def test_a_dump_that_is_not_what_its_manifest_says_is_refused_with_the_reason(
    layout: Layout, content: bytes, reason: str
) -> None:
    manifest = manifest_of("SpecibikeMartin", CONTENT)
    deliver(layout, manifest, content)
    label = f"{manifest.key}/{manifest.stamp}"
    assert received(layout).refused == {label: reason}
    assert receipt(layout) == Receipt(frozenset(), {label: reason})
    assert published(layout) == set()
    deliver(layout, manifest, CONTENT)  # sent again, well this time
    assert received(layout).accepted == [label]
    assert receipt(layout) == Receipt(frozenset({label}), {})


LATER = 4_102_444_800.0  # the year 2100
WRONG: dict[str, dict[str, Any]] = {
    "another school": {"school": "9990002Y"},
    "another key": {"key": "SpecibikeOther"},
    "a key that is not the name's": {"name": "SpecibikeOther"},
    "a key of the server that is not one": {"key": "_passwords", "name": "(passwords)"},
    "a stamp of other digits": {"stamp": "٢٠٢٦1121T003000Z"},
    "a stamp that climbs": {"stamp": "../20261121T0030Z"},
    "a stamp of another time": {"stamp": "20261121T003500Z"},
    "a time before all time": {"started_at": -5.0, "stamp": "19691231T235955Z"},
    "a run that climbs": {"run": "../../20261121T003000Z-0a1b"},
    "a run without form": {"run": "x"},
    "a dump of the future": {"started_at": LATER, "finished_at": LATER, "verified_at": LATER, "stamp": stamp_of(LATER)},
    "an end in the future": {"finished_at": LATER},
    "a verification in the future": {"verified_at": LATER},
    "an end beyond all years": {"finished_at": 1e15},
    "no verification": {"verified_at": 0.0},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_manifest_that_lies_is_refused(layout: Layout, wrong: dict[str, Any]) -> None:
    honest = manifest_of("SpecibikeMartin", CONTENT)
    lying = replace(honest, **wrong)
    deliver(layout, honest, CONTENT)
    folder = layout.incoming / "dumps" / lying.key / Path(lying.stamp).name
    folder.parent.mkdir(exist_ok=True)
    (layout.incoming / "dumps" / honest.key / honest.stamp).rename(folder)
    (folder / "manifest.json").write_text(lying.to_json())
    done = received(layout)
    assert done.accepted == []
    assert len(done.refused) == 1
    assert published(layout) == set()
    assert {path.name for path in layout.root.iterdir()} == {
        "catalogue.json", "dumps", "incoming", "journal", "lock", "receipts", "runs",
    }  # fmt: skip
    assert {path.name for path in layout.root.parent.iterdir()} == {"store"}


RAW: dict[str, bytes] = {
    "empty": b"",
    "brackets alone": b"[" * 60_000,
    "huge": b'{"format":1,' + b" " * (65 << 10) + b"}",
    "not text": b"\xff\xfe\x00",
    "a list": b"[]",
    "null": b"null",
}
FIELDS: dict[str, tuple[str, str]] = {
    "infinite": ("finished_at", "Infinity"),
    "not a number": ("finished_at", "NaN"),
    "without end": ("finished_at", "1" * 4000),
    "too large": ("size", "1" * 400),
    "a truth": ("size", "true"),
    "a name that is a list": ("name", "[]"),
}


def raw_manifest(field: str, value: str) -> bytes:
    document = json.loads(manifest_of("SpecibikeMartin", CONTENT).to_json())
    document[field] = "@"
    return json.dumps(document).replace('"@"', value).encode()


@pytest.mark.parametrize(
    "text",
    [*RAW.values(), *(raw_manifest(*each) for each in FIELDS.values())],
    ids=[*RAW.keys(), *FIELDS.keys()],
)
def test_a_manifest_that_is_none_stops_neither_the_receiver_nor_the_others(layout: Layout, text: bytes) -> None:
    folder = deliver(layout, manifest_of("SpecibikeMartin", CONTENT), CONTENT)
    (folder / "manifest.json").write_bytes(text)
    other = manifest_of("SpecibikeZoé", CONTENT)
    deliver(layout, other, CONTENT)
    done = received(layout)
    assert done.accepted == [f"{other.key}/{other.stamp}"]
    assert list(done.refused) == [f"SpecibikeMartin/{stamp_of(STARTED)}"]


def link_to_the_dump(folder: Path, outside: Path) -> None:
    (folder / "dump").unlink()
    (folder / "dump").symlink_to(outside)


def link_to_the_manifest(folder: Path, outside: Path) -> None:
    text = (folder / "manifest.json").read_bytes()
    (outside.parent / "outside.json").write_bytes(text)
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").symlink_to(outside.parent / "outside.json")


def folder_instead_of_the_dump(folder: Path, _outside: Path) -> None:
    (folder / "dump").unlink()
    (folder / "dump").mkdir()


def pipe_instead_of_the_manifest(folder: Path, _outside: Path) -> None:
    (folder / "manifest.json").unlink()
    os.mkfifo(folder / "manifest.json")


@pytest.mark.parametrize(
    "trick", [link_to_the_dump, link_to_the_manifest, folder_instead_of_the_dump, pipe_instead_of_the_manifest]
)
def test_links_folders_and_pipes_are_not_followed(
    layout: Layout, tmp_path: Path, trick: Callable[[Path, Path], None]
) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(CONTENT)
    trick(deliver(layout, manifest_of("SpecibikeMartin", CONTENT), CONTENT), outside)
    done = received(layout)
    assert done.accepted == []
    assert "is not a plain file" in next(iter(done.refused.values()))
    assert outside.read_bytes() == CONTENT


def test_a_linked_folder_is_not_entered(layout: Layout, tmp_path: Path) -> None:
    folder = deliver(layout, manifest_of("SpecibikeMartin", CONTENT), CONTENT)
    folder.rename(tmp_path / "outside")
    folder.symlink_to(tmp_path / "outside")
    assert received(layout) == Received()
    assert (tmp_path / "outside" / "dump").exists()


def test_a_dump_that_cannot_be_read_does_not_stop_the_others(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = manifest_of("SpecibikeMartin", CONTENT), manifest_of("SpecibikeZoé", CONTENT)
    deliver(layout, bad, CONTENT)
    deliver(layout, good, CONTENT)
    real = vigie.backups.receive.hashed

    def hashed(file: Path) -> object:
        if file.parent.parent.name == bad.key:
            raise OSError(5, "Input/output error")
        return real(file)

    monkeypatch.setattr(vigie.backups.receive, "hashed", hashed)
    done = received(layout)
    assert done.accepted == [f"{good.key}/{good.stamp}"]
    assert done.refused == {f"{bad.key}/{bad.stamp}": "it could not be taken: Input/output error"}
    assert receipt(layout).accepted == {f"{good.key}/{good.stamp}"}


def test_what_a_sender_may_publish_never_breaks_the_retention(layout: Layout) -> None:
    for started in (0.5, 1.0, STARTED):
        deliver(layout, manifest_of("SpecibikeMartin", CONTENT, started, finished_at=2e9, verified_at=1.0), CONTENT)
        deliver(layout, manifest_of("SpecibikeMartin", CONTENT, started), CONTENT)
    received(layout)
    entries = vigie.backups.receive.opened(layout.root, SCHOOL).databases["SpecibikeMartin"].dumps
    policy = Policy(7, 5, 12, 90 * DAY, ZoneInfo("Europe/Paris"))
    assert len(judge(entries, policy, now=STARTED, dropped=False)) == len(entries)


def give_run(layout: Layout, run: RunManifest, name: str | None = None) -> Path:
    file = layout.incoming / "runs" / f"{name or run.run}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(run.to_json())
    return file


def test_a_runs_news_replaces_the_older_one(layout: Layout) -> None:
    give_run(layout, run_of())
    received(layout)
    file = give_run(layout, run_of(heartbeat_at=STARTED + 60, phase="done"))
    received(layout)
    last = read_last_run(layout.runs)
    assert last is not None
    assert (last.heartbeat_at, last.phase) == (STARTED + 60, "done")
    assert not file.exists()


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (run_of(school="9990002Y"), None),
        (run_of(), "20261121T003000Z-ffff"),
        (run_of(run="99991231T000000Z-0a1b"), None),
        (run_of(started_at=LATER), None),
        (run_of(run="x"), None),
        (run_of(phase="glorious"), None),
    ],
)
def test_a_run_that_lies_is_not_published(layout: Layout, run: RunManifest, name: str | None) -> None:
    give_run(layout, run, name)
    received(layout)
    assert list(layout.runs.iterdir()) == []


def test_a_linked_run_is_not_read(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text(run_of().to_json())
    (layout.incoming / "runs").mkdir()
    (layout.incoming / "runs" / f"{RUN}.json").symlink_to(tmp_path / "outside")
    received(layout)
    assert list(layout.runs.iterdir()) == []


def test_the_server_keys_are_taken_whatever_their_name_says(layout: Layout) -> None:
    manifest = Manifest.from_json(manifest_of("(roles)", CONTENT, key="_globals").to_json())
    deliver(layout, manifest, CONTENT)
    assert received(layout).accepted == [f"_globals/{manifest.stamp}"]
