"""Reading a dump back whole: `pg_restore` must take all of it, its rows are counted, its bytes are hashed.

`pg_restore --list` accepts truncated and bit-flipped dumps; restoring to a text rejects both (measured). The text is
counted on
its way instead of being thrown away, so a manifest can say how many rows a restore must bring.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from vigie.backups.process import Tools
from vigie.backups.programs import Programs

_HEADER = b"\nCOPY "
_HEADER_END = b" FROM stdin;"
_END = b"\n\\.\n"
_LONGEST_HEADER = 1 << 20


@dataclass(frozen=True, slots=True)
class Contents:
    """What a verified dump holds; size in bytes."""

    size: int
    sha256: str
    tables: int
    rows: int


class CopyCounter:
    """Counts tables and rows in a plain dump that comes in pieces, in a bounded memory."""

    def __init__(self) -> None:
        self.tables = 0
        self.rows = 0
        self._pending = b"\n"
        self._in_rows = False

    def feed(self, piece: bytes) -> None:
        """Count in the next piece of the text."""
        data = self._pending + piece
        position = 0
        while (following := self._step(data, position)) is not None:
            position = following
        self._pending = data[position:]
        self._shorten()

    def _step(self, data: bytes, position: int) -> int | None:
        if self._in_rows:
            end = data.find(_END, position)
            if end < 0:
                return None
            self.rows += data.count(b"\n", position, end + 1) - 1
            self._in_rows = False
            return end + len(_END) - 1
        start = data.find(_HEADER, position)
        line_end = data.find(b"\n", start + 1) if start >= 0 else -1
        if line_end < 0:
            return None
        if data.endswith(_HEADER_END, start, line_end):
            self.tables += 1
            self._in_rows = True
        return line_end

    def _shorten(self) -> None:
        """Keep no more than what the next piece may complete."""
        pending = self._pending
        if self._in_rows:
            keep = len(_END) - 1
            if len(pending) > keep:
                counted, rest = pending[:-keep], pending[-keep:]
                # The first line feed is the header's (or stands for it): `_step` subtracts it at the end.
                self.rows += counted.count(b"\n")
                self._pending = rest
        else:
            start = pending.find(_HEADER)
            if start < 0:
                self._pending = pending[-(len(_HEADER) - 1) :]
            elif len(pending) - start > _LONGEST_HEADER:
                self._pending = b""
            else:
                self._pending = pending[start:]


def read_back(dump: Path, tools: Tools, programs: Programs, *, env: dict[str, str], timeout: float) -> Contents:
    """Verify a dump in custom format, whole.

    Args:
        dump: the file.
        tools: where the process is started.
        programs: the client programs to use.
        env: its environment.
        timeout: seconds.

    Raises:
        ToolError: when `pg_restore` rejects the dump.
    """
    counter = CopyCounter()
    tools.run([programs.path("pg_restore"), "--file=-", str(dump)], timeout=timeout, env=env, consume=counter.feed)
    return hashed(dump, tables=counter.tables, rows=counter.rows)


def hashed(file: Path, *, tables: int = 0, rows: int = 0) -> Contents:
    """Size and SHA-256 of a file."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    return Contents(size, digest, tables, rows)
