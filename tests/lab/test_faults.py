"""Each fault of the catalogue raises exactly its problem in the real Zabbix, and mending it closes that problem."""

import time
from collections.abc import Callable

import pytest

from lab.faults import FAULTS, Bench, Fault, Problem
from lab.waiting import wait_until
from lab.watched import Raised, Watched
from lab.whole import Lab

# Observed for this long after the fault, a problem that comes on top of the right one has come: the lab's triggers look
# at periods of 15 s at most.
_OBSERVED_FOR = 18.0
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


def _let_others_come(fault: Fault, watched: Watched, broken: int) -> None:
    """Wait until a problem that should not come would have come, by what Zabbix itself received or did not."""
    if fault.silent_for:
        wait_until(
            lambda: time.time() - watched.last_observed() > fault.silent_for,
            what=f"the agent is not silent for {fault.silent_for} s",
            deadline=fault.silent_for + 60,
        )
        return
    wait_until(
        lambda: watched.last_observed() - broken >= _OBSERVED_FOR,
        what=f"Zabbix has not observed the fault for {_OBSERVED_FOR} s",
        deadline=90,
    )


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
        broken, clock = time.monotonic(), int(time.time())
        wait_until(
            lambda: bool(watched.problems()), what=f"{fault.name} raises no problem", deadline=_RAISED_WITHIN, every=0.5
        )
        to_raise = time.monotonic() - broken
        _let_others_come(fault, watched, clock)
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
