"""Which triggers of Vigie's templates no fault of the lab raises."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ruamel.yaml import YAML

from lab.faults.base import Fault
from provisioning.shipped import shipped_templates

# DRBD needs a kernel module and two disks: documents of its format raise its triggers, in the integration tests.
EXCEPTED = ("DRBD: ",)


def unproven(faults: Sequence[Fault]) -> list[str]:
    """The names of the triggers that are in no fault's expectation."""
    expected = [problem.name for fault in faults for problem in fault.expected]
    return sorted(
        name
        for name in _triggers()
        if not name.startswith(EXCEPTED) and not any(_pattern(name).match(each) for each in expected)
    )


def _pattern(name: str) -> re.Pattern[str]:
    """A trigger's name, with anything in the place of the macros of what was discovered."""
    return re.compile(".+".join(re.escape(part) for part in re.split(r"\{#[A-Z0-9_.]+\}", name)))


def _triggers() -> Iterator[str]:
    for template in shipped_templates():
        yield from _walk(YAML(typ="safe", pure=True).load(template.source))


def _walk(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "expression" in node and "priority" in node:
            yield str(node["name"])
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)
