"""The backup server's side: what came in is compared with its manifest, then published. The sender is not trusted.

A sender can add dumps. It cannot replace or remove one, name a place outside its store, or have a link followed.
"""

import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from vigie.backups.catalogue import SERVER_KEYS, Index, Layout
from vigie.backups.manifests import Manifest, Receipt, RunManifest
from vigie.backups.store import (
    RUNS_KEPT,
    add,
    entry_of,
    keep_newest,
    locked,
    new_dump_folder,
    opened,
    publish,
    read_manifest,
    settle,
    write_atomically,
    write_index,
)
from vigie.backups.verify import hashed
from vigie.naming import key_of

RUN_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}")
_STAMP_FORM = "%Y%m%dT%H%M%SZ"
_CLOCKS_DIFFER = 86_400
_LOCK_WAIT = 900.0
_FORGOTTEN_AFTER = 3 * 86_400
_MANIFEST_MOST = 64 << 10
_RUN_MOST = 8 << 20
_RECEIPTS_KEPT = 30


class _RefusedError(Exception):
    """A dump is not taken; the text is the reason."""


class _IncompleteError(_RefusedError):
    """A part of a dump is still on its way: a later reception takes it."""


@dataclass
class Received:
    """What one reception did."""

    accepted: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def receive(root: Path, school: str) -> Received:
    """Publish everything complete in `incoming`, and write one receipt per run.

    Args:
        root: the store on the backup server.
        school: its UAI; dumps of another are refused.

    Raises:
        VigieError: when the store cannot be used, or its lock is held for more than 15 minutes.
    """
    layout = Layout(root)
    done = Received()
    with locked(layout, wait=_LOCK_WAIT):
        index = opened(root, school)
        settle(layout, index)
        _take_runs(layout, school)
        by_run: dict[str, Receipt] = {}
        for key, stamp, folder in list(_incoming(layout)):
            label = f"{key}/{stamp}"
            try:
                manifest = _checked_manifest(folder, key, stamp, school)
            except _RefusedError as why:
                _forget_if_old(folder)
                if not isinstance(why, _IncompleteError):
                    done.refused[label] = str(why)
                continue
            receipt = by_run.setdefault(manifest.run, _receipt_so_far(layout, manifest.run))
            try:
                _take(layout, index, folder, manifest)
            except _IncompleteError:
                _forget_if_old(folder)
            except (_RefusedError, OSError) as why:
                reason = str(why) if isinstance(why, _RefusedError) else f"it could not be taken: {why.strerror}"
                done.refused[label] = receipt.refused[label] = reason
                shutil.rmtree(folder, ignore_errors=True)
            else:
                done.accepted.append(label)
                receipt.refused.pop(label, None)
                by_run[manifest.run] = Receipt(receipt.accepted | {label}, receipt.refused)
        if done.accepted:
            write_index(layout, index)
        # Receipts come last: what they promise is already on the disk.
        for run, receipt in by_run.items():
            write_atomically(layout.receipts / f"{run}.json", receipt.to_json())
        keep_newest(layout.receipts, _RECEIPTS_KEPT)
        keep_newest(layout.runs, RUNS_KEPT)
    return done


def _incoming(layout: Layout) -> Iterator[tuple[str, str, Path]]:
    base = layout.incoming / "dumps"
    for parent in _real_folders(base):
        for folder in _real_folders(parent):
            yield parent.name, folder.name, folder
        with suppress(OSError):
            parent.rmdir()


def _real_folders(parent: Path) -> list[Path]:
    try:
        with os.scandir(parent) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []


def _checked_manifest(folder: Path, key: str, stamp: str, school: str) -> Manifest:
    text = _read_regular(folder / "manifest.json", _MANIFEST_MOST)
    try:
        manifest = Manifest.from_json(text)
    except ValueError as error:
        raise _RefusedError(f"its manifest {str(error)[:200]}") from error
    if manifest.school != school:
        raise _RefusedError(f"it is a dump of the school {manifest.school[:20]!r}")
    expected = key if key in SERVER_KEYS else key_of(manifest.name)
    if (manifest.key, manifest.stamp) != (key, stamp) or expected != key:
        raise _RefusedError("its manifest describes another dump")
    if not RUN_NAME.fullmatch(manifest.run) or not _is_plausible(manifest):
        raise _RefusedError("its stamp, its run or its times are not well formed")
    return manifest


def _is_plausible(manifest: Manifest) -> bool:
    """Whether its times are those of a dump that was made: one of the year 9999 would be the newest for ever."""
    times = (manifest.started_at, manifest.finished_at, manifest.verified_at)
    return all(map(_is_past, times)) and _is_stamp_of(manifest.stamp, manifest.started_at)


def _is_past(moment: float) -> bool:
    return 0 < moment < time.time() + _CLOCKS_DIFFER


def _is_stamp_of(stamp: str, started_at: float) -> bool:
    """Whether a stamp was cut from a time, which is itself written rounded to the millisecond."""
    return any(stamp == time.strftime(_STAMP_FORM, time.gmtime(moment)) for moment in (started_at, started_at - 0.001))


def _take(layout: Layout, index: Index, folder: Path, manifest: Manifest) -> None:
    """Publish one dump; a dump that is there already with the same content is accepted again."""
    final = layout.dump_folder(manifest.key, manifest.stamp)
    if final.exists():
        known = read_manifest(final)
        if known is None or known.sha256 != manifest.sha256:
            raise _RefusedError("another dump was published under this name")
        shutil.rmtree(folder, ignore_errors=True)
        return
    source = folder / "dump"
    _regular_size(source)
    making = new_dump_folder(layout, manifest.key, manifest.stamp)
    try:
        # Out of the sender's reach first, compared afterwards: what is compared is what is published.
        source.rename(making / "dump")
        (making / "dump").chmod(0o600)
        contents = hashed(making / "dump")
        if contents.size != manifest.size:
            raise _RefusedError(f"it has {contents.size} bytes, its manifest says {manifest.size}")
        if contents.sha256 != manifest.sha256:
            raise _RefusedError("its content is not what its manifest says (SHA-256)")
        descriptor = os.open(making / "dump", os.O_RDONLY | os.O_NOFOLLOW)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        publish(layout, making, manifest)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    add(index, manifest.key, manifest.name, entry_of(manifest))
    shutil.rmtree(folder, ignore_errors=True)


def _take_runs(layout: Layout, school: str) -> None:
    """Publish the runs' manifests; a run that a newer message has replaced is replaced here too."""
    try:
        files = sorted((layout.incoming / "runs").iterdir())
    except FileNotFoundError:
        return
    for file in files:
        with suppress(_RefusedError, ValueError, OSError):
            if file.suffix == ".json" and RUN_NAME.fullmatch(file.stem):
                run = RunManifest.from_json(_read_regular(file, _RUN_MOST))
                known = run.run == file.stem and run.school == school
                if known and _is_past(run.started_at) and _is_stamp_of(run.run[:16], run.started_at):
                    write_atomically(layout.runs / file.name, run.to_json())
                file.unlink()


def _receipt_so_far(layout: Layout, run: str) -> Receipt:
    try:
        return Receipt.from_json((layout.receipts / f"{run}.json").read_bytes())
    except (OSError, ValueError):
        return Receipt()


def _read_regular(file: Path, most: int) -> bytes:
    size = _regular_size(file)
    if size > most:
        raise _RefusedError(f"{file.name} is larger than {most} bytes")
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(most)


def _regular_size(file: Path) -> int:
    try:
        status = file.lstat()
    except FileNotFoundError:
        raise _IncompleteError(f"{file.name} has not come") from None
    except OSError as error:
        raise _RefusedError(f"{file.name} cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise _RefusedError(f"{file.name} is not a plain file")
    return status.st_size


def _forget_if_old(folder: Path) -> None:
    """What never became complete is removed after three days, so that a broken sender does not fill the disk."""
    with suppress(OSError):
        if time.time() - folder.stat().st_mtime > _FORGOTTEN_AFTER:
            shutil.rmtree(folder, ignore_errors=True)
