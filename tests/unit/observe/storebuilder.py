"""A store of dumps written file by file, as the engine lays it out."""

import time
from collections.abc import Iterable
from pathlib import Path

from vigie.backups.catalogue import SERVER_KEYS, DumpEntry, Holdings, Index, Layout
from vigie.backups.manifests import DatabaseRun, RunManifest
from vigie.naming import key_of
from vigie.observe.backups.model import BackupsObservation, BackupsSeen
from vigie.observe.backups.observation import observe_backups
from vigie.observe.backups.settings import ObserveBackups

SCHOOL = "0750001A"
HOUR = 3600
DAY = 86_400
NOW = 1_795_000_000
STAMP = "%Y%m%dT%H%M%SZ"


class Store:
    """A school's store at the moment NOW; `write` puts catalogue and run on the disk."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)
        self.layout.runs.mkdir(parents=True)
        self.layout.dumps.mkdir()
        self.index = Index(SCHOOL, written_at=NOW, rechecked_at=NOW - 60)
        self.run: RunManifest | None = RunManifest(
            run="20261118T003000Z-0001",
            school=SCHOOL,
            made_by="vigie",
            started_at=NOW - 3 * HOUR,
            heartbeat_at=NOW - HOUR,
            phase="done",
            finished_at=NOW - HOUR,
        )
        for key in SERVER_KEYS:
            self.dump(key, ages=(2 * HOUR,))

    def dump(self, name: str, *, ages: Iterable[int], size: int = 100, verified: bool = True) -> str:
        """Give a database sound dumps of these ages (seconds), the newest by the last run; returns its key."""
        key = name if name in SERVER_KEYS else key_of(name)
        held = self.index.databases.setdefault(key, Holdings(SERVER_KEYS.get(key, name)))
        for age in sorted(ages, reverse=True):
            made = NOW - age
            stamp = time.strftime(STAMP, time.gmtime(made))
            folder = self.layout.dump_folder(key, stamp)
            folder.mkdir(parents=True)
            (folder / "dump").write_bytes(b"x" * size)
            (folder / "manifest.json").write_text("{}")
            held.dumps.append(DumpEntry(stamp, size, made, made if verified else 0, 0))
        self.saw(name, outcome="delivered", stamp=held.dumps[-1].stamp if held.dumps else "")
        return key

    def saw(self, name: str, *, outcome: str, stamp: str = "", error: str = "") -> None:
        """Let the last run have seen a database."""
        if self.run is not None:
            key = name if name in SERVER_KEYS else key_of(name)
            self.run.databases[key] = DatabaseRun(name, outcome=outcome, stamp=stamp, error=error)

    def mark(self, key: str, position: int, **changes: int) -> None:
        """Change one line of the ledger."""
        dumps = self.index.databases[key].dumps
        dumps[position] = dumps[position]._replace(**changes)

    def file(self, key: str, position: int = -1) -> Path:
        """The file of one dump."""
        return self.layout.dump_folder(key, self.index.databases[key].dumps[position].stamp) / "dump"

    def write(self) -> None:
        """Put the ledger and the run on the disk."""
        self.layout.index.write_text(self.index.to_json())
        if self.run is not None:
            (self.layout.runs / f"{self.run.run}.json").write_text(self.run.to_json())

    def settings(self, **changes: object) -> ObserveBackups:
        """Settings for this store; no server is asked unless the changes name one."""
        fields: dict[str, object] = {
            "school": SCHOOL,
            "store": str(self.layout.root),
            "classes": ["TS", "1ES"],
            "service": "nobody",
            "service_file": str(self.layout.root / "no-such-service-file"),
            "max_age": 26 * HOUR,
            "verify_age": 30 * DAY,
            "silent_after": 900,
            "deadline": 5.0,
            "receiver_address": "",
            "receiver_port": 0,
            "free_min_percent": 0.0,
            "days_left_min": 7,
        }
        return ObserveBackups(**{**fields, **changes})  # type: ignore[arg-type]

    def observed(self, **changes: object) -> BackupsObservation:
        """Write everything, then observe at NOW."""
        self.write()
        return observe_backups(self.settings(**changes), clock=lambda: NOW)

    def seen(self, **changes: object) -> BackupsSeen:
        """What is seen, where nothing keeps the observation from seeing."""
        observation = self.observed(**changes)
        assert observation.error == ""
        assert observation.seen is not None
        return observation.seen
