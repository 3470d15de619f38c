"""Stores, dumps and deliveries for the tests, made without PostgreSQL."""

import hashlib
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from vigie.backups.catalogue import Index, Layout, read_index
from vigie.backups.manifests import Manifest, RunManifest
from vigie.backups.store import add, entry_of, initialise, new_dump_folder, publish, write_index
from vigie.naming import key_of

SCHOOL = "9990001X"
RUN = "20261121T003000Z-0a1b"
STARTED = 1_795_221_000.0  # 2026-11-21 00:30:00 UTC
DAY = 86_400


def stamp_of(moment: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))


def manifest_of(name: str, content: bytes, started_at: float = STARTED, **different: Any) -> Manifest:
    """The manifest of a dump that was made and verified in four seconds."""
    manifest = Manifest(
        key=key_of(name),
        name=name,
        school=SCHOOL,
        stamp=stamp_of(started_at),
        run=RUN,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        tables=1,
        rows=2,
        server_version="15.18",
        tool_version="15.18",
        started_at=started_at,
        finished_at=started_at + 3,
        verified_at=started_at + 4,
        made_by="vigie@srv-openerp",
    )
    return replace(manifest, **different)


def run_of(started_at: float = STARTED, suffix: str = "0a1b", **different: Any) -> RunManifest:
    run = RunManifest(
        run=f"{stamp_of(started_at)}-{suffix}",
        school=SCHOOL,
        made_by="vigie@srv-openerp",
        started_at=started_at,
        heartbeat_at=started_at,
    )
    return replace(run, **different)


def store_in(folder: Path) -> Layout:
    """An empty store of the school."""
    return initialise(folder / "store", SCHOOL)


def stand(layout: Layout, name: str, content: bytes, started_at: float = STARTED, **different: Any) -> Manifest:
    """Publish a dump that the index does not know yet."""
    manifest = manifest_of(name, content, started_at, **different)
    making = new_dump_folder(layout, manifest.key, manifest.stamp)
    (making / "dump").write_bytes(content)
    publish(layout, making, manifest)
    return manifest


def put(layout: Layout, name: str, content: bytes, started_at: float = STARTED, **different: Any) -> Manifest:
    """Publish a dump and write it into the index."""
    manifest = stand(layout, name, content, started_at, **different)
    index = read_index(layout.index)
    add(index, manifest.key, manifest.name, entry_of(manifest))
    write_index(layout, index)
    return manifest


def deliver(layout: Layout, manifest: Manifest, content: bytes | None) -> Path:
    """Put a dump into `incoming` as rsync does; without content the dump itself is still on its way."""
    folder = layout.incoming / "dumps" / manifest.key / manifest.stamp
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(manifest.to_json())
    if content is not None:
        (folder / "dump").write_bytes(content)
    return folder


def labels(index: Index) -> set[str]:
    return {f"{key}/{entry.stamp}" for key, held in index.databases.items() for entry in held.dumps}


def published(layout: Layout) -> set[str]:
    """The dumps that a reader sees; each must be whole, whatever happened before."""
    seen = set()
    for folder in sorted(layout.dumps.glob("*/*")):
        if folder.name.startswith("."):
            continue
        manifest = Manifest.from_json((folder / "manifest.json").read_bytes())
        content = (folder / "dump").read_bytes()
        assert (manifest.key, manifest.stamp) == (folder.parent.name, folder.name)
        assert (manifest.size, manifest.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        seen.add(f"{manifest.key}/{manifest.stamp}")
    return seen


def agrees(layout: Layout) -> None:
    """The index says of each dump what the disk says."""
    index = read_index(layout.index)
    assert labels(index) == published(layout)
    for key, held in index.databases.items():
        for entry in held.dumps:
            manifest = Manifest.from_json((layout.dump_folder(key, entry.stamp) / "manifest.json").read_bytes())
            assert entry == entry_of(manifest)
            assert held.name == manifest.name
