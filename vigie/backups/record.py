"""What a run knows of itself: journalled at once, written to its manifest and the index every few seconds."""

import getpass
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from vigie.backups.catalogue import CatalogueError, DumpEntry, Index, Layout, read_last_run, read_run
from vigie.backups.journal import Journal
from vigie.backups.manifests import DatabaseRun, Manifest, Outcome, RunManifest, RunPhase
from vigie.backups.store import add, write_atomically, write_index

# An unfinished run is gone on with when it is younger than this; an older one has had its night.
_RESUMED_WITHIN = 12 * 3600
_SAVE_EVERY = 2.0

Progress = Callable[[str, DatabaseRun], None]


class Record:
    """A run as it goes. Several threads report to it; what they report is journalled before it is believed."""

    def __init__(
        self,
        layout: Layout,
        index: Index,
        run: RunManifest,
        before: RunManifest | None,
        journal: Journal,
        progress: Progress,
    ) -> None:
        self.layout = layout
        self.index = index
        self.run = run
        self.before = before
        self.journal = journal
        self._progress = progress
        self._turn = threading.RLock()
        self._saved = 0.0
        self._trouble = ""

    def expect(self, names: dict[str, str]) -> None:
        """The databases, by key, that this run has to bring to the backup server; some may stand there already."""
        standing = going_on(self)
        with self._turn:
            self.run.databases = {key: standing.get(key) or DatabaseRun(name) for key, name in names.items()}

    def published(self, manifest: Manifest, entry: DumpEntry) -> None:
        """A dump stands in the local store."""
        self._note("published", key=manifest.key, stamp=manifest.stamp, size=manifest.size, sha256=manifest.sha256)
        with self._turn:
            add(self.index, manifest.key, manifest.name, entry)
            seconds = round(manifest.verified_at - manifest.started_at, 3)
            self._set(manifest.key, Outcome.PUBLISHED, stamp=manifest.stamp, size=manifest.size, seconds=seconds)

    def delivered(self, keys: Iterable[str]) -> None:
        """The backup server has published these."""
        listed = sorted(keys)
        self._note("delivered", keys=" ".join(listed))
        with self._turn:
            for key in listed:
                self._set(key, Outcome.DELIVERED)

    def failed(self, key: str, error: str) -> None:
        """A dump could not be made; the others go on."""
        self._note("failed", key=key, error=error)
        with self._turn:
            self._set(key, Outcome.FAILED, error=error)

    def undelivered(self, why: dict[str, str]) -> None:
        """Dumps that stand here and did not reach the backup server: for the promise they do not count."""
        for key, error in why.items():
            self._note("undelivered", key=key, error=error)
            with self._turn:
                self._set(key, Outcome.PUBLISHED, error=error)

    def not_sent(self, error: str, attempt: int) -> None:
        """A transfer failed; it will be tried again."""
        self._note("not sent", error=error, attempt=attempt)

    def with_outcome(self, outcome: Outcome) -> dict[str, DatabaseRun]:
        """The databases that came exactly this far."""
        with self._turn:
            return {key: database for key, database in self.run.databases.items() if database.outcome == outcome}

    def save(self, *, at_once: bool = True) -> None:
        """Write index and manifest, with a new heartbeat; unless `at_once`, not more often than every few seconds."""
        with self._turn:
            if not at_once and time.monotonic() - self._saved < _SAVE_EVERY:
                return
            self.run.heartbeat_at = round(time.time(), 3)
            try:
                write_index(self.layout, self.index)
                write_atomically(self.layout.runs / f"{self.run.run}.json", self.run.to_json())
            except OSError as error:
                self._trouble = self._trouble or f"the run cannot be written down: {error.strerror}"
            self._saved = time.monotonic()

    def finish(self, error: str = "") -> None:
        """Say how the run ended: done, partial when something is missing, failed when nothing new stands anywhere."""
        with self._turn:
            run = self.run
            outcomes = [database.outcome for database in run.databases.values()]
            reached = sum(outcome == Outcome.DELIVERED for outcome in outcomes)
            if outcomes and reached == len(outcomes):
                run.phase = RunPhase.DONE
            elif reached:
                run.phase = RunPhase.PARTIAL
            else:
                run.phase = RunPhase.FAILED
            run.error = error or self._trouble or _common_error(run)
            run.finished_at = round(time.time(), 3)
            self._note("finished", phase=run.phase, error=run.error)
            self.save()

    def _note(self, event: str, **facts: str | float) -> None:
        """Journal an event. On a full disk the run goes on with what can still be saved, and says so at its end."""
        try:
            self.journal.note(event, **facts)
        except OSError as error:
            self._trouble = self._trouble or f"the journal cannot be written: {error.strerror}"

    def _set(self, key: str, outcome: Outcome, *, error: str = "", **facts: str | float) -> None:
        database = self.run.databases[key]
        database.outcome = outcome
        database.error = error
        for name, value in facts.items():
            setattr(database, name, value)
        self._progress(key, database)
        self.save(at_once=False)


def begin(layout: Layout, school: str) -> tuple[RunManifest, RunManifest | None]:
    """A new run, and the one it goes on with when there is one, unfinished and recent.

    The store's lock is held, so a run that says it is running was killed.
    """
    now = time.time()
    # With the fraction of the second (in 65,536ths): names stand in the order of time, and a run that was killed may be
    # followed by another at once.
    run = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now)) + f"-{int(now % 1 * 0x10000):04x}"
    made_by = f"{getpass.getuser()}@{socket.gethostname()}"
    manifest = RunManifest(run, school, made_by, started_at=round(now, 3), heartbeat_at=round(now, 3))
    with suppress(CatalogueError):
        last = read_last_run(layout.runs)
        if last is not None and last.phase != RunPhase.DONE and 0 <= now - last.started_at < _RESUMED_WITHIN:
            manifest.resumes = last.run
            # One that ended before it saw the list (PostgreSQL was down) knows nothing: what it went on with does.
            while not last.databases and last.resumes and last.resumes < last.run:
                last = read_run(layout.runs / f"{last.resumes}.json")
            return manifest, last
    return manifest, None


def going_on(record: Record) -> dict[str, DatabaseRun]:
    """What the run before left: its dumps that stand in the store need not be made again, while they are recent."""
    standing: dict[str, DatabaseRun] = {}
    before = record.before
    if before is None:
        return standing
    now = time.time()
    for key, database in before.databases.items():
        held = record.index.databases.get(key)
        entry = held.dumps[-1] if held and held.dumps else None
        unfinished = database.outcome in (Outcome.PENDING, Outcome.PUBLISHED)
        if entry is None or database.outcome == Outcome.FAILED:
            continue
        # Runs that go on with each other, all day long, must not keep yesterday's dumps for tonight's.
        if not 0 <= now - entry.finished_at < _RESUMED_WITHIN:
            continue
        # A dump that somebody removed would spoil the transfer of all the others.
        if not (record.layout.dump_folder(key, entry.stamp) / "dump").is_file():
            continue
        # The manifest may be a few seconds older than the kill: the index, settled since, knows better.
        if unfinished and (entry.stamp == database.stamp or entry.stamp >= before.run[:16]):
            standing[key] = DatabaseRun(database.name, Outcome.PUBLISHED, entry.stamp, entry.size)
        elif database.outcome == Outcome.DELIVERED and entry.stamp == database.stamp:
            standing[key] = database
    return standing


def _common_error(run: RunManifest) -> str:
    """The sentence of the run's first trouble, with how many databases have one."""
    troubled = [database for database in run.databases.values() if database.error]
    if not troubled:
        return ""
    return f"{len(troubled)} of {len(run.databases)}: {troubled[0].error}"
