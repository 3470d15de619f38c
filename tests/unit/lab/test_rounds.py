"""Rounds of faults: as short as the longest subject, and never two faults of one subject at the same time."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.faults import FAULTS, Fault
from lab.faults.rounds import parts, rounds
from lab.school.machines import Machines


class Some(Fault):
    """A fault of some subject."""

    expected = ()

    def __init__(self, subject: str, alone: bool, silent_for: float) -> None:
        self.__dict__.update(subject=subject, alone=alone, silent_for=silent_for)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        raise AssertionError

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        raise AssertionError


@given(st.lists(st.builds(Some, st.sampled_from("abc"), st.booleans(), st.sampled_from([0.0, 100.0]))))
def test_every_fault_has_its_round_and_no_round_two_of_a_subject(faults: list[Fault]) -> None:
    made = rounds(faults)
    assert sorted(map(id, (fault for row in made for fault in row))) == sorted(map(id, faults))
    for row in made:
        assert len({fault.subject for fault in row}) == len(row)
        assert len(row) == 1 or not any(fault.alone for fault in row)
        assert len({bool(fault.silent_for) for fault in row}) == 1
    for silent in (False, True):
        together = [row for row in made if not row[0].alone and bool(row[0].silent_for) is silent]
        lanes = Counter(f.subject for f in faults if not f.alone and bool(f.silent_for) is silent)
        assert len(together) == max(lanes.values(), default=0)


@given(st.integers(1, 4))
def test_every_round_is_in_one_part_and_the_parts_take_about_the_same_time(number: int) -> None:
    made = rounds(FAULTS)
    halves = parts(made, number)
    assert sorted(made.index(row) for part in halves for row in part) == list(range(len(made)))
    assert all(part == sorted(part, key=made.index) for part in halves)
    seconds = [sum(30 + max(fault.silent_for or fault.slow for fault in row) for row in part) for part in halves]
    assert max(seconds) - min(seconds) < 180
