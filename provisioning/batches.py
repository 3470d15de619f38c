"""How many objects one call carries.

A call is one transaction in Zabbix, held whole in PHP's memory. Measured on 6.0.14 with "Linux by Zabbix agent" linked:
400 new hosts in one call exhaust 256 MiB; with 128 MiB, which many frontends are given, 100 pass and 200 do not. Fifty
leave room for a second template, and take under two seconds.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

HOSTS = 50
SMALL = 1000

Item = TypeVar("Item")


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items in order, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
