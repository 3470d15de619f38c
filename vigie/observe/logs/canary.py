"""The canaries of one source: what was lost or doubled, how late they come, and how wrong its clock is."""

import re
from collections.abc import Sequence

from vigie.observe.logs.numbered import Numbered, total
from vigie.records import Record

_STEADY = 3
_TEXT = re.compile(rb" ?n=([0-9]{1,15}) t=([0-9]{1,11}(?:\.[0-9]{1,6})?) id=([0-9a-f-]{36})")


class Canary(Record):
    """One canary as it was stored: when the centre received it and when the source sent it, by their own clocks."""

    received: float
    sent: float
    series: str
    number: int


def parsed(received: float, text: bytes) -> Canary | None:
    """A canary from its text, `n=NUMBER t=EPOCH id=UUID`; None when somebody wrote something else under its tag."""
    found = _TEXT.fullmatch(text)
    return None if found is None else Canary(received, float(found[2]), found[3].decode(), int(found[1]))


class Timing(Record):
    """Seconds that the last canary took, and seconds that the source's clock is ahead (negative: behind)."""

    latency: float
    skew: float


def lost_and_doubled(canaries: Sequence[Canary]) -> Numbered:
    """What is missing and what came twice, series by series: a source that lost its counter begins a new series.

    Args:
        canaries: in the order of their arrival.
    """
    series: dict[str, list[int]] = {}
    for canary in canaries:
        series.setdefault(canary.series, []).append(canary.number)
    return total(series.values())


def timing(canaries: Sequence[Canary]) -> Timing:
    """Tell a slow delivery from a wrong clock, which both show as a difference between sent and received.

    Canaries that arrive as regularly as they were sent differ by the clocks; when they arrive in bursts or ever later,
    the least difference is the clocks' and the rest is delay. A delay that never varies cannot be told from a clock.

    Args:
        canaries: in the order of their arrival.
    """
    if not canaries:
        return Timing(0.0, 0.0)
    differences = [canary.received - canary.sent for canary in canaries]
    last = differences[-_STEADY:]
    if len(last) < _STEADY:
        return Timing(round(max(0.0, differences[-1]), 3), 0.0)
    sent_over = abs(canaries[-1].sent - canaries[-_STEADY].sent)
    steady = max(last) - min(last) <= max(1.0, sent_over / 10)
    clocks = sorted(last)[_STEADY // 2] if steady else min(differences)
    return Timing(round(max(0.0, differences[-1] - clocks), 3), round(-clocks, 3))
