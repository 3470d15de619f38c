"""A journal: one JSON line per event, on the disk before the next thing is done, and never a secret."""

import json
import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self


class Journal:
    """Appends events to a file; several threads may write."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o640)
        size = os.fstat(self._descriptor).st_size
        if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
            # A program killed while it wrote, or a full disk, left half a line: it must not spoil the next one.
            os.write(self._descriptor, b"\n")
        self._turn = threading.Lock()

    def note(self, event: str, **facts: str | float | bool) -> None:
        """Write an event and its facts; it is on the disk when this returns."""
        line = json.dumps({"at": round(time.time(), 3), "event": event, **facts}) + "\n"
        with self._turn:
            os.write(self._descriptor, line.encode())
            os.fdatasync(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)
