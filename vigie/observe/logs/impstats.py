"""A rsyslog's own figures: the newest line of each counter that impstats wrote into its file, as JSON.

rsyslog writes one line per counter, `1795299637: { "name": "main Q", "origin": "core.queue", ... }`, all those of a
moment one after the other. When the file is full it becomes `<file>.1` and a new one begins.
"""

import json
import os
from dataclasses import dataclass
from typing import Any

_TAIL = 128 * 1024

Counters = dict[tuple[str, str], dict[str, Any]]


class ImpstatsError(Exception):
    """The figures cannot be read; one sentence."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Messages that wait in queues, and totals since rsyslog was started.

    `written_at` is when the file was last written (epoch seconds); `longest` names the longest queue.
    """

    written_at: float
    size: int = 0
    longest: str = ""
    discarded: int = 0
    failed: int = 0
    suspended: int = 0


def read_figures(path: str) -> Figures:
    """The newest figures.

    Raises:
        ImpstatsError: when the file is missing, cannot be read, or holds no figures.
    """
    try:
        counters, written_at = _newest(path)
    except FileNotFoundError:
        counters, written_at = {}, 0.0
    except OSError as error:
        raise ImpstatsError(f"the figures of rsyslog, {path}: {error.strerror}") from error
    if not counters:  # the file was changed for a new one a moment ago
        try:
            counters, written_at = _newest(f"{path}.1")
        except OSError as error:
            raise ImpstatsError(f"the figures of rsyslog, {path}: missing, or without a line of impstats") from error
    if not counters:
        raise ImpstatsError(f"the figures of rsyslog, {path}: no line of impstats in JSON")
    return _summed(counters, written_at)


def _newest(path: str) -> tuple[Counters, float]:
    """The last line of each counter, and when the file was written; a line that is being written is left out."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 -- pathlib would be a third of this module's price
        status = os.fstat(file.fileno())
        file.seek(max(0, status.st_size - _TAIL))
        lines = file.read(_TAIL).splitlines()
    newest: Counters = {}
    for line in reversed(lines):
        _, brace, rest = line.partition(b"{")
        try:
            counters = json.loads(brace + rest)
        except ValueError:
            continue
        if isinstance(counters, dict):
            newest.setdefault((str(counters.get("name")), str(counters.get("origin"))), counters)
    return newest, status.st_mtime


def _summed(counters: Counters, written_at: float) -> Figures:
    queues = [each for each in counters.values() if "discarded.full" in each]
    longest = max(queues, key=lambda each: _count(each, "size"), default={})
    return Figures(
        written_at=written_at,
        size=sum([_count(each, "size") for each in queues]),
        longest=str(longest.get("name", ""))[:64] if _count(longest, "size") else "",
        discarded=sum([_count(each, "discarded.full") + _count(each, "discarded.nf") for each in queues]),
        failed=sum([_count(each, "failed") for each in counters.values()]),
        suspended=sum([_count(each, "suspended") for each in counters.values()]),
    )


def _count(counters: dict[str, Any], name: str) -> int:
    value = counters.get(name, 0)
    return value if isinstance(value, int) else 0
