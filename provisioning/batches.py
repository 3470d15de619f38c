"""How many objects one call carries.

A call is one transaction in Zabbix, held whole in PHP's memory. Measured on 6.0.14 with "Linux by Zabbix agent" linked:
400 new hosts in one call exhaust 256 MiB, and frontends are often given 128; a hundred take about 3 seconds.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

HOSTS = 100
SMALL = 1000

Item = TypeVar("Item")


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items in order, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
