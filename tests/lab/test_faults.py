"""Each fault of the catalogue raises exactly its problem in the real Zabbix, and mending it closes that problem."""

import time
from collections.abc import Callable

import pytest

from lab.faults import FAULTS, Bench, Fault, Problem
from lab.waiting import wait_until
from lab.watched import Raised, Watched
from lab.whole import Lab

# A problem that comes on top of the right one would come within an observation or two.
_TIME_FOR_OTHERS = 8.0
_RAISED_WITHIN = 180.0
_RECOVERED_WITHIN = 180.0


def _is(raised: Raised, expected: Problem, lab: Lab) -> bool:
    """Whether a problem is the expected one: name, severity, host and tags."""
    backup = lab.machines.backup
    host = lab.machines.school.host(backup.store if expected.role == "store" else backup.source)
    return (
        raised.name.startswith(expected.name)
        and raised.severity == expected.severity
        and raised.host == lab.machines.school.technical_name(host)
        and set(expected.tags.items()) | {("school", lab.machines.school.uai)} <= raised.tags
    )


def _check(raised: list[Raised], expected: tuple[Problem, ...], lab: Lab) -> None:
    """Each problem is there once, and no other."""
    seen = [f"{one.name} (severity {one.severity}, {one.host}, {sorted(one.tags)})" for one in raised]
    assert len(raised) == len(expected), seen
    assert all(any(_is(one, each, lab) for one in raised) for each in expected), seen


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_raises_exactly_its_problem_and_its_mending_closes_it(
    fault: Fault,
    lab: Lab,
    watched: Watched,
    bench: Bench,
    note: Callable[[str, tuple[str, ...], float, float], None],
) -> None:
    wait_until(lambda: not watched.problems(), what=f"no problem before: {watched.problems()}", deadline=60)
    begun = int(time.time())

    try:
        bench.break_(fault)
        broken = time.monotonic()
        wait_until(
            lambda: bool(watched.problems()), what=f"{fault.name} raises no problem", deadline=_RAISED_WITHIN, every=0.5
        )
        to_raise = time.monotonic() - broken
        time.sleep(_TIME_FOR_OTHERS)  # nothing else can be waited for: it is the absence of others that is asserted
        _check(watched.raised_since(begun), fault.expected, lab)
    finally:
        if bench.is_broken(fault):
            bench.mend(fault)
    mended = time.monotonic()
    wait_until(
        lambda: not watched.problems(),
        what=f"mending {fault.name} closes nothing",
        deadline=_RECOVERED_WITHIN,
        every=0.5,
    )
    to_recover = time.monotonic() - mended

    raised = watched.raised_since(begun)
    _check(raised, fault.expected, lab)
    note(fault.name, tuple(one.name for one in raised), to_raise, to_recover)
