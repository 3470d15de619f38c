"""Durations as Zabbix writes them: `90`, `15m`, `26h`, `7d`, `2w`."""

import re

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_FORM = re.compile(r"(0|[1-9][0-9]{0,8})([smhdw]?)")


def parse(text: str) -> int:
    """Seconds of a duration written with a Zabbix time suffix.

    Raises:
        ValueError: when the text is not a whole number followed by s, m, h, d, w or nothing.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a duration: write a whole number and a unit, like 90s, 15m, 26h or 7d")
    return int(match[1]) * _UNITS[match[2]]


def written(seconds: int) -> str:
    """The shortest exact Zabbix form of a number of seconds: `93600` is `26h`."""
    for unit in ("w", "d", "h", "m"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"
