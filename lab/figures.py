"""An item's last value as a person reads it."""

import time

from lab.watched import Item
from vigie.backups.space import readable


def written(item: Item) -> str:
    """An item's last value as a person reads it."""
    if not item.clock:
        return "(none yet)"
    if item.value in item.meanings:
        return item.meanings[item.value]
    try:
        return _with_unit(float(item.value), item.units)
    except ValueError:  # a text
        return " ".join(item.value.split())[:60]


def _with_unit(number: float, units: str) -> str:
    if units == "unixtime":
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(number)) if number else "never"
    if units in ("s", "uptime"):
        return _duration(number)
    if units == "B":
        return readable(number)
    text = f"{number:.1f}".removesuffix(".0")
    return f"{text} {units.removeprefix('!')}".strip()


def _duration(seconds: float) -> str:
    if seconds < 0:
        return "none"
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.3g} s"
