"""Each fault of the catalogue raises exactly its problems in the real Zabbix, and mending it closes them."""

import time
from collections.abc import Callable

import pytest

from lab.faults import FAULTS, Bench, Fault, Problem
from lab.faults.rounds import parts, rounds
from lab.waiting import wait_until
from lab.watched import Raised, Watched
from lab.whole import Lab
from vigie.errors import VigieError

# Observed for this long after the fault, a problem that comes on top of the right one has come: the lab's triggers look
# at periods of 15 s at most.
_OBSERVED_FOR = 18.0
_HEARD_WITHIN = 20.0
_RAISED_WITHIN = 180.0
_RECOVERED_WITHIN = 180.0

Note = Callable[[str, tuple[str, ...], float, float], None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The rounds of this part: two labs side by side take half the time."""
    if "faults" in metafunc.fixturenames:
        part, number = metafunc.config.getoption("--part")
        chosen = parts(rounds(FAULTS), number)[part - 1]
        metafunc.parametrize("faults", chosen, ids=["+".join(fault.name for fault in faults) for faults in chosen])


def _is(raised: Raised, expected: Problem, lab: Lab) -> bool:
    """Whether a problem is the expected one: name, severity, host and tags.

    The templates that come with Zabbix 7.0 put their subject before the names that they have in 6.0.
    """
    school = lab.machines.school
    return (
        any(text.startswith(expected.name) for text in (raised.name, raised.name.partition(": ")[2]))
        and raised.severity == expected.severity
        and raised.host == school.technical_name(school.host(expected.host))
        and set(expected.tags.items()) | {("school", school.uai)} <= raised.tags
    )


def _has_come(fault: Fault, raised: list[Raised], lab: Lab) -> bool:
    return all(any(_is(one, each, lab) for one in raised) for each in fault.expected)


def _check(raised: list[Raised], faults: tuple[Fault, ...], lab: Lab) -> None:
    """Each problem is there once, and no other."""
    seen = [f"{one.name} (severity {one.severity}, {one.host}, {sorted(one.tags)})" for one in raised]
    expected = [problem for fault in faults for problem in fault.expected]
    strange = [one.name for one in raised if not any(_is(one, each, lab) for each in expected)]
    assert not strange, (strange, seen)
    missing = [each.name for each in expected if not any(_is(one, each, lab) for one in raised)]
    assert not missing, (missing, seen)
    assert len(raised) == len(expected), seen


def _let_others_come(fault: Fault, watched: Watched, broken: int) -> None:
    """Wait until a problem that should not come would have come, by what Zabbix itself received or did not."""
    if fault.silent_for:
        wait_until(
            lambda: time.time() - watched.last_observed(fault.observed_by) > fault.silent_for,
            what=f"{fault.observed_by} is not silent for {fault.silent_for} s",
            deadline=fault.silent_for + 60,
        )
        return
    wait_until(
        lambda: watched.last_observed(fault.observed_by) - broken >= _OBSERVED_FOR,
        what=f"Zabbix has not observed {fault.name} for {_OBSERVED_FOR} s",
        deadline=90,
    )


def test_faults_raise_exactly_their_problems_and_their_mending_closes_them(
    faults: tuple[Fault, ...], lab: Lab, watched: Watched, bench: Bench, note: Note
) -> None:
    wait_until(lambda: not watched.problems(), what=f"no problem before: {watched.problems()}", deadline=60)
    # What the fault before has silenced speaks again: else its silence would count for the next one.
    wait_until(
        lambda: time.time() - watched.least_lately_observed() < _HEARD_WITHIN,
        what=f"a check has said nothing for {_HEARD_WITHIN} s",
        deadline=60,
    )
    begun = int(time.time())
    broken: dict[str, float] = {}
    came: dict[str, float] = {}

    try:
        for fault in faults:
            bench.break_(fault)
            broken[fault.name] = time.monotonic()
        clock = int(time.time())

        def all_came() -> bool:
            raised = watched.raised_since(begun)
            for fault in faults:
                if fault.name not in came and _has_come(fault, raised, lab):
                    came[fault.name] = time.monotonic()
            return len(came) == len(faults)

        try:
            wait_until(all_came, what="not every problem is raised", deadline=_RAISED_WITHIN, every=0.5)
        except VigieError as error:
            late = [fault.name for fault in faults if fault.name not in came]
            raise AssertionError((late, [one.name for one in watched.raised_since(begun)])) from error
        for fault in faults:
            _let_others_come(fault, watched, clock)
        _check(watched.raised_since(begun), faults, lab)
    finally:
        for fault in reversed(faults):
            if bench.is_broken(fault):
                bench.mend(fault)
    mended = time.monotonic()
    wait_until(
        lambda: not watched.problems(),
        what=f"mending {', '.join(fault.name for fault in faults)} leaves problems open",
        deadline=_RECOVERED_WITHIN,
        every=0.5,
    )
    to_recover = time.monotonic() - mended

    raised = watched.raised_since(begun)
    _check(raised, faults, lab)
    for fault in faults:
        names = tuple(one.name for one in raised if any(_is(one, each, lab) for each in fault.expected))
        note(fault.name, names, came[fault.name] - broken[fault.name], to_recover)


def test_every_trigger_is_proven_by_a_fault() -> None:
    """A trigger that no fault raises is a promise that nobody has seen kept."""
    from lab.faults.coverage import unproven

    assert unproven(FAULTS) == []
