"""Making one dump: `pg_dump` into a folder nobody reads yet, verified whole, then published with its manifest."""

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from vigie.backups.catalogue import GLOBALS_KEY, SERVER_KEYS, SETTINGS_KEY, DumpEntry, Layout
from vigie.backups.manifests import Manifest
from vigie.backups.process import ToolError, Tools
from vigie.backups.programs import Programs
from vigie.backups.server import Server
from vigie.backups.store import new_dump_folder, publish
from vigie.backups.verify import Contents, hashed, read_back
from vigie.naming import key_of

_LOCK_WAIT = "60s"


@dataclass(frozen=True, slots=True)
class Maker:
    """What all dumps of a run have in common; `timeout` in seconds bounds each tool."""

    layout: Layout
    server: Server
    tools: Tools
    school: str
    run: str
    made_by: str
    timeout: float
    server_version: str
    programs: Programs

    def make(self, name: str) -> "Made":
        """Dump a database into a folder of its own; it is not verified yet.

        Raises:
            ToolError: when `pg_dump` fails.
            OSError: when the store cannot be written.
        """
        return self._made(key_of(name), name, self._dump_database)

    def make_globals(self) -> "Made":
        """Dump roles and tablespaces. Their passwords are left out: they are secrets, and are renewed at a rebuild."""
        return self._made(GLOBALS_KEY, SERVER_KEYS[GLOBALS_KEY], self._dump_globals)

    def make_settings(self) -> "Made":
        """Write down the server's settings that are not defaults."""
        return self._made(SETTINGS_KEY, SERVER_KEYS[SETTINGS_KEY], self._dump_settings)

    def _made(self, key: str, name: str, act: Callable[[str, Path], None]) -> "Made":
        started_at = time.time()
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(started_at))
        folder = new_dump_folder(self.layout, key, stamp)
        file = folder / "dump"
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            act(name, file)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return Made(self, key, name, stamp, folder, started_at, time.time())

    def _dump_database(self, name: str, file: Path) -> None:
        dsn = self.server.dsn(name)
        command = [
            self.programs.path("pg_dump"),
            "--format=custom",
            "--no-password",
            "--no-sync",
            f"--lock-wait-timeout={_LOCK_WAIT}",
        ]
        self.tools.run(
            [*command, f"--file={file}", f"--dbname={dsn}"], env=self.server.environment(), timeout=self.timeout
        )

    def _dump_globals(self, _name: str, file: Path) -> None:
        command = [
            self.programs.path("pg_dumpall"),
            "--globals-only",
            "--no-role-passwords",
            "--no-password",
            f"--dbname={self.server.dsn()}",
        ]
        with file.open("wb") as stream:
            self.tools.run(command, env=self.server.environment(), timeout=self.timeout, stdout=stream)

    def _dump_settings(self, _name: str, file: Path) -> None:
        release, settings = self.server.settings()
        document = {"server_version": release, "settings": [asdict(setting) for setting in settings]}
        file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Made:
    """A dump that was written and that nobody can see yet."""

    maker: Maker
    key: str
    name: str
    stamp: str
    folder: Path
    started_at: float
    finished_at: float

    def published(self) -> tuple[Manifest, DumpEntry]:
        """Verify the dump, put it on the disk for good and give it its final name.

        Raises:
            ToolError: when the dump is not good; nothing was published.
            OSError: when the store cannot be written.
        """
        try:
            return self._publish(self.folder / "dump")
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _publish(self, file: Path) -> tuple[Manifest, DumpEntry]:
        contents = self._verified(file)
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        maker = self.maker
        manifest = Manifest(
            key=self.key,
            name=self.name,
            school=maker.school,
            stamp=self.stamp,
            run=maker.run,
            size=contents.size,
            sha256=contents.sha256,
            tables=contents.tables,
            rows=contents.rows,
            server_version=maker.server_version,
            tool_version=maker.programs.version,
            started_at=round(self.started_at, 3),
            finished_at=round(self.finished_at, 3),
            verified_at=round(time.time(), 3),
            made_by=maker.made_by,
        )
        return manifest, publish(maker.layout, self.folder, manifest)

    def _verified(self, file: Path) -> Contents:
        if self.key not in SERVER_KEYS:
            maker = self.maker
            return read_back(file, maker.tools, maker.programs, env=maker.server.environment(), timeout=maker.timeout)
        if self.key == GLOBALS_KEY and not _ends_well(file):
            raise ToolError("pg_dumpall left an incomplete file: its closing comment is missing")
        if self.key == SETTINGS_KEY:
            settings = json.loads(file.read_bytes())["settings"]
            return replace(hashed(file), rows=len(settings))
        return hashed(file)


def _ends_well(file: Path) -> bool:
    """Whether a plain dump is complete: its trailer is among the last lines (`\\unrestrict` may follow it)."""
    with file.open("rb") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - 1024))
        return b"database cluster dump complete" in stream.read()
