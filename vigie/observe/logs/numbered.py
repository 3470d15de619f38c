"""What is missing and what came twice in a series of numbers, from the numbers that arrived."""

from collections.abc import Iterable, Sequence

from vigie.records import Record

EDGE = 4
"""How many places a number may arrive early or late: queues deliver in batches, and a connection may be made again."""
RESTART = 64
"""A counter that comes so far below the one before it began anew."""
MOST = 1_000_000_000
"""More missing than this is not counted: whoever forges a number makes none that Zabbix cannot hold."""


class Numbered(Record):
    """How many numbers never came, and how many came again."""

    missing: int
    twice: int


def counted(numbers: Sequence[int]) -> Numbered:
    """Count what is missing between the first and the last number of one series, and what came twice.

    The first EDGE arrivals only set where counting begins: before them others may have come in another order. What was
    lost after the last number cannot be known yet.

    Args:
        numbers: of one series, in the order of their arrival.
    """
    if not numbers:
        return Numbered(0, 0)
    distinct = set(numbers)
    first, last = max(numbers[:EDGE]), max(numbers)
    present = sum([first <= number <= last for number in distinct])
    return Numbered(min(MOST, last - first + 1 - present), len(numbers) - len(distinct))


def total(series: Iterable[Sequence[int]]) -> Numbered:
    """The sum over several series."""
    each = [counted(numbers) for numbers in series]
    return Numbered(min(MOST, sum([one.missing for one in each])), sum([one.twice for one in each]))
