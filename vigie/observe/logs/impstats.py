"""A rsyslog's own figures: the newest line of each counter that impstats wrote into its file, as JSON.

rsyslog writes one line per counter, `1795299637: { "name": "main Q", "origin": "core.queue", ... }`, all those of a
moment one after the other. When the file is full it becomes `<file>.1` and a new one begins.
"""

import json
import os
from contextlib import suppress

from vigie.hints import Any
from vigie.records import Record

_TAIL = 128 * 1024

Counters = dict[tuple[str, str], dict[str, Any]]


class ImpstatsError(Exception):
    """The figures cannot be read; one sentence."""


class Figures(Record):
    """Messages that wait in queues, and totals since rsyslog was started.

    `written_at` is when the file was last written (epoch seconds); `since` is when writing began again after a hole, 0
    when there is none in sight. `longest` names the longest queue.
    """

    written_at: float
    since: float = 0.0
    size: int = 0
    longest: str = ""
    discarded: int = 0
    failed: int = 0
    suspended: int = 0


def read_figures(path: str, *, hole: float = 60.0) -> Figures:
    """The newest figures.

    Args:
        path: the file; while it is missing or short, the end of the one before is read too.
        hole: seconds without figures that are a stop: what was counted before it is left out.

    Raises:
        ImpstatsError: when the file is missing, cannot be read, or holds no figures.
    """
    try:
        tail, written_at = _tail(path)
    except OSError as error:
        raise ImpstatsError(f"the figures of rsyslog, {path}: {error.strerror}") from error
    counters, since = _newest(tail.splitlines(), hole)
    if not counters:
        raise ImpstatsError(f"the figures of rsyslog, {path}: missing, or no line of impstats in JSON")
    return _summed(counters, written_at, since)


def _tail(path: str) -> tuple[bytes, float]:
    """The newest lines, and when they were written.

    rsyslog changes the file for a new one between any two counters of a moment: until the next moment the others stand
    at the end of the file before, and without them a total would seem to fall, then to rise again.
    """
    try:
        tail, written_at = _end(path, _TAIL)
    except FileNotFoundError:  # the new one is not there yet
        return _end(f"{path}.1", _TAIL)
    if len(tail) < _TAIL:
        with suppress(FileNotFoundError):
            tail = _end(f"{path}.1", _TAIL - len(tail))[0] + tail
    return tail, written_at


def _end(path: str, size: int) -> tuple[bytes, float]:
    with open(path, "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        file.seek(max(0, status.st_size - size))
        return file.read(size), status.st_mtime


def _newest(lines: list[bytes], hole: float) -> tuple[Counters, float]:
    """The last line of each counter since the last hole, and when that one ended (0: there is none).

    A line that is being written is left out.
    """
    newest: Counters = {}
    after = 0.0
    for line in reversed(lines):
        stamp, brace, rest = line.partition(b"{")
        try:
            counters = json.loads(brace + rest)
        except ValueError:
            continue
        if not isinstance(counters, dict):
            continue
        at = _moment(stamp)
        if at and after - at > hole:
            return newest, after
        after = at
        newest.setdefault((str(counters.get("name")), str(counters.get("origin"))), counters)
    return newest, 0.0


def _moment(stamp: bytes) -> float:
    """When a line was written, where the stamp is in epoch seconds; 0 where rsyslog wrote a date instead."""
    digits = stamp.rstrip(b": ")
    return float(digits) if digits.isdigit() else 0.0


def _summed(counters: Counters, written_at: float, since: float) -> Figures:
    queues = [each for each in counters.values() if "discarded.full" in each]
    longest = max(queues, key=lambda each: _count(each, "size"), default={})
    return Figures(
        written_at=written_at,
        since=since,
        size=sum([_count(each, "size") for each in queues]),
        longest=str(longest.get("name", ""))[:64] if _count(longest, "size") else "",
        discarded=sum([_count(each, "discarded.full") + _count(each, "discarded.nf") for each in queues]),
        failed=sum([_count(each, "failed") for each in counters.values()]),
        suspended=sum([_count(each, "suspended") for each in counters.values()]),
    )


def _count(counters: dict[str, Any], name: str) -> int:
    value = counters.get(name, 0)
    return value if isinstance(value, int) else 0
