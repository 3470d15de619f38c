"""A fault turns exactly its school's line in the service tree, and what is above it; mending turns them back."""

import pytest

from lab.faults import Bench, fault
from lab.waiting import wait_until
from lab.watched import Watched
from lab.whole import Lab
from provisioning.objects.services import lines_of

_TURNED_WITHIN = 60.0


def test_the_tree_has_the_lines_of_the_school(lab: Lab, watched: Watched) -> None:
    assert set(watched.services()) == {*_above(lab), *lines_of(lab.machines.school).values()}


@pytest.mark.parametrize(("name", "line"), [("receiver-stopped", "Sauvegardes"), ("certificate-damaged", "Vigie")])
def test_a_fault_turns_its_own_line_and_no_other(
    lab: Lab, watched: Watched, bench: Bench, name: str, line: str
) -> None:
    broken = fault(name)
    turned = dict.fromkeys({*_above(lab), line}, int(broken.expected[0].severity))
    wait_until(lambda: not _turned(watched), what=f"all is well before: {_turned(watched)}", deadline=_TURNED_WITHIN)
    bench.break_(broken)
    try:
        wait_until(lambda: _turned(watched) == turned, what=f"{name} turns {line}", deadline=_TURNED_WITHIN)
    finally:
        bench.mend(broken)
    wait_until(lambda: not _turned(watched), what=f"{line} is well again", deadline=_TURNED_WITHIN)


def _above(lab: Lab) -> set[str]:
    school = lab.machines.school
    return {"Académie du Laboratoire", f"{school.name} ({school.uai})"}


def _turned(watched: Watched) -> dict[str, int]:
    """The services that are not well, and how badly."""
    return {name: status for name, status in watched.services().items() if status >= 0}
