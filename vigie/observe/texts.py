"""Texts of an observation: always printable, on one line, and short, whatever a pupil or a server wrote."""

from collections.abc import Sequence

from vigie.naming import shown

_SENTENCE = 240
_NAME = 64
_NAMES = 5


def sentence(text: str) -> str:
    """A text of unknown origin as one short printable line."""
    line = shown(" ".join(text.split()))
    return line if len(line) <= _SENTENCE else line[: _SENTENCE - 1] + "…"


def short_name(name: str, key: str) -> str:
    """A database's printable name, at most 64 characters; what is cut ends like its key, so that it stays its own."""
    printable = shown(name)
    return printable if len(printable) <= _NAME else f"{printable[:50]}…{key[-12:]}"


def some_of(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    rest = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + rest
