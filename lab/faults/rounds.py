"""Rounds of faults: one of each subject at the same time, so that proving all of them takes the time of the longest."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import zip_longest

from lab.faults.base import Fault

Round = tuple[Fault, ...]
# Seconds that a round takes beside those of its slowest fault: breaking, looking for other problems, mending, recovery.
_EACH = 30.0


def rounds(faults: Sequence[Fault]) -> list[Round]:
    """The faults in rounds: those that shake other subjects too stand alone, at the end.

    Within a round each fault has another subject; within a subject the slowest come first, so that slow ones meet.
    Those that silence a check take minutes to be seen: they share rounds of their own.
    """
    quick = _side_by_side([fault for fault in faults if not fault.alone and not fault.silent_for])
    silent = _side_by_side([fault for fault in faults if not fault.alone and fault.silent_for])
    return quick + silent + [(fault,) for fault in faults if fault.alone]


def _side_by_side(faults: Sequence[Fault]) -> list[Round]:
    lanes: dict[str, list[Fault]] = defaultdict(list)
    for fault in sorted(faults, key=lambda fault: -fault.slow):
        lanes[fault.subject].append(fault)
    return [tuple(fault for fault in row if fault is not None) for row in zip_longest(*lanes.values())]


def parts(made: Sequence[Round], number: int) -> list[list[Round]]:
    """The rounds in so many parts that take about the same time, each part in the order of the rounds.

    Args:
        made: the rounds.
        number: how many parts.
    """
    taken: list[list[int]] = [[] for _ in range(number)]
    for index in sorted(range(len(made)), key=lambda index: -_seconds(made[index])):
        shortest = min(taken, key=lambda part: sum(_seconds(made[each]) for each in part))
        shortest.append(index)
    return [[made[index] for index in sorted(part)] for part in taken]


def _seconds(faults: Round) -> float:
    return _EACH + max(fault.silent_for or fault.slow for fault in faults)
