"""Measures what a model costs at the start of a program: a record of Vigie's beside a dataclass and a named tuple.

    .venv/bin/python bench/records.py [--classes 20] [--rounds 15]

Whole processes in turns, each with so many classes of six fields and nothing else.
"""

import argparse
import statistics
import subprocess
import sys
import time

_FIELDS = (
    '    "As models are."\n    a: int\n    b: str\n    c: float\n    d: int = 0\n    e: str = ""\n    f: int = 0\n'
)
_KINDS = {
    "bare interpreter": ("", ""),
    "dataclass, frozen, slots": ("from dataclasses import dataclass", "@dataclass(frozen=True, slots=True)\nclass {}:"),
    "named tuple": ("from typing import NamedTuple", "class {}(NamedTuple):"),
    "record": ("from vigie.records import Record", "class {}(Record):"),
}


def program(kind: str, classes: int) -> str:
    """A program that makes classes of a kind."""
    begin, head = _KINDS[kind]
    return begin + "\n" + "".join(f"{head.format(f'C{number}')}\n{_FIELDS}" for number in range(classes) if head)


def main() -> int:
    """Measure in turns, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--classes", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    taken: dict[tuple[str, int], list[float]] = {}
    for _ in range(options.rounds):
        for kind in _KINDS:
            for classes in (0, options.classes):
                begun = time.perf_counter()
                subprocess.run([sys.executable, "-I", "-c", program(kind, classes)], check=True)
                taken.setdefault((kind, classes), []).append((time.perf_counter() - begun) * 1000)
    medians = {which: statistics.median(values) for which, values in taken.items()}
    print(f"milliseconds, median of {options.rounds} rounds in turns\n")
    print(f"{'':26}{'import':>8}{'a class':>9}{f'{options.classes} classes':>12}")
    bare = medians["bare interpreter", 0]
    for kind in _KINDS:
        none, all_of_them = medians[kind, 0], medians[kind, options.classes]
        print(f"{kind:26}{none - bare:>8.1f}{(all_of_them - none) / options.classes:>9.3f}{all_of_them:>12.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
