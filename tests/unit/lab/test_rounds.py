"""Rounds of faults: as short as the longest subject, and never two faults of one subject at the same time."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.faults import FAULTS, Fault
from lab.faults.rounds import rounds
from lab.school.machines import Machines


class Some(Fault):
    """A fault of some subject."""

    expected = ()

    def __init__(self, subject: str, alone: bool) -> None:
        self.__dict__.update(subject=subject, alone=alone)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        raise AssertionError

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        raise AssertionError


@given(st.lists(st.builds(Some, st.sampled_from("abc"), st.booleans())))
def test_every_fault_has_its_round_and_no_round_two_of_a_subject(faults: list[Fault]) -> None:
    made = rounds(faults)
    assert sorted(map(id, (fault for row in made for fault in row))) == sorted(map(id, faults))
    for row in made:
        assert len({fault.subject for fault in row}) == len(row)
        assert len(row) == 1 or not any(fault.alone for fault in row)
    together = [row for row in made if not row[0].alone]
    longest = max((sum(f.subject == s and not f.alone for f in faults) for s in "abc"), default=0)
    assert len(together) == longest


def test_a_fault_that_silences_an_agent_stands_alone() -> None:
    assert all(fault.alone for fault in FAULTS if fault.silent_for)
