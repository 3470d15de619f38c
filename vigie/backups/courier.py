"""Bringing dumps to the backup server while others are still being made, and reading its receipts."""

import threading
import time
from collections import defaultdict
from types import TracebackType
from typing import Self

from vigie.backups.dumping import sentence
from vigie.backups.manifests import Outcome
from vigie.backups.process import Cancelled, ToolError
from vigie.backups.record import Record
from vigie.backups.store import read_manifest
from vigie.backups.transfer import Far

_ATTEMPTS = 4
_PAUSE = 2.0
_SLOWEST = 1 << 20  # bytes a second: a link slower than this cannot carry a night
_LEAST_SECONDS = 60.0
# Dumps wait for each other this long, so that a night is a few transfers and not one for each pupil.
_GATHER = 10.0
_UNCONFIRMED = "the backup server did not confirm it in time; look at the log of its rsync daemon"


class Courier:
    """A thread that sends published dumps in batches; the run's manifest in each of them is its heartbeat."""

    def __init__(self, far: Far, record: Record, *, heartbeat: float) -> None:
        self._far = far
        self._record = record
        self._heartbeat = heartbeat
        self._waiting: dict[str, int] = {}
        self._sent: dict[str, str] = {}
        self._turn = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="courier")
        self.error = ""

    def take(self, key: str, stamp: str, size: int) -> None:
        """Hand over a published dump."""
        with self._turn:
            self._waiting[f"{key}/{stamp}"] = size
            self._turn.notify()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._turn:
            self._closing = True
            self._turn.notify()
        self._thread.join()

    def settle(self) -> None:
        """After the last dump was sent: believe the receipts, and say why for what has none."""
        labels = {
            f"{key}/{database.stamp}": key for key, database in self._record.with_outcome(Outcome.PUBLISHED).items()
        }
        by_run: dict[str, set[str]] = defaultdict(set)
        for label, run in self._sent.items():
            if label in labels:
                by_run[run].add(label)
        why = dict.fromkeys(labels, self.error or "it was not sent")
        for run, sent in by_run.items():
            accepted, refused = self._confirmed(run, sent)
            self._record.delivered(labels.pop(label) for label in sent & accepted)
            for label in sent - accepted:
                why[label] = self.error or _UNCONFIRMED
                if label in refused:
                    # Sent again it would be refused again: the next run makes a new one.
                    self._record.failed(labels.pop(label), f"refused by the backup server: {refused[label]}")
        self._record.undelivered({key: f"not delivered: {why[label]}" for label, key in labels.items()})

    def last_word(self) -> None:
        """Send the finished run's manifest; a backup server that was out of reach a moment ago is asked once more."""
        self._try_to_send({}, attempts=1 if self.error else _ATTEMPTS)

    def _confirmed(self, run: str, sent: set[str]) -> tuple[frozenset[str], dict[str, str]]:
        record = self._record
        size = sum(database.size for database in record.with_outcome(Outcome.PUBLISHED).values())
        try:
            receipt = self._far.confirm(record.layout, run, sent, timeout=_LEAST_SECONDS + size / (20 * _SLOWEST))
        except (ToolError, OSError) as error:
            self.error = sentence(error)
            return frozenset(), {}
        return receipt.accepted, receipt.refused

    def _work(self) -> None:
        failures = 0
        pause = due = 0.0  # the first message goes at once: the backup server learns that a run has begun
        while True:
            with self._turn:
                self._turn.wait_for(self._is_closing, timeout=pause)
                batch, self._waiting = self._waiting, {}
                closing = self._closing
            if batch or (time.monotonic() >= due and not closing):
                if self._try_to_send(batch, attempts=_ATTEMPTS if closing else 1):
                    failures = 0
                    due = time.monotonic() + self._heartbeat
                else:
                    failures += 1
                    with self._turn:
                        self._waiting = batch | self._waiting
            if closing:
                return
            pause = min(_GATHER * 2**failures, self._heartbeat)

    def _is_closing(self) -> bool:
        return self._closing

    def _try_to_send(self, batch: dict[str, int], *, attempts: int = _ATTEMPTS) -> bool:
        """Send dumps and the run's manifest; False when that failed, and `error` says why."""
        record = self._record
        record.save()
        files = [f"runs/{record.run.run}.json"]
        runs: dict[str, str] = {}
        for label in batch:
            manifest = read_manifest(record.layout.dumps / label)
            runs[label] = manifest.run if manifest else record.run.run
            files += [f"dumps/{label}/dump", f"dumps/{label}/manifest.json"]
        timeout = _LEAST_SECONDS + sum(batch.values()) / _SLOWEST
        for attempt in range(attempts):
            try:
                self._far.send(record.layout, files, timeout=timeout)
            except Cancelled as error:
                self.error = str(error)
                return False
            except (ToolError, OSError) as error:
                self.error = sentence(error)
                record.not_sent(self.error, attempt + 1)
                if attempt + 1 < attempts and self._far.tools.cancelled.wait(_PAUSE * 2**attempt):
                    return False
            else:
                self.error = ""
                self._sent.update(runs)
                return True
        return False
