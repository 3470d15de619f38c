"""Who can follow whom is a matter of ancestry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.observe.replication.timelines import Branch, Past, ancestry, may_follow, position

HISTORY = """1\t0/3000000\tno recovery target specified

# a comment
2\t1/A000060\tbefore 2026-11-21 20:30:00+01
"""

positions = st.integers(0, (1 << 64) - 1)
pasts = st.lists(positions, max_size=6).map(
    lambda left: Past(len(left) + 1, tuple(Branch(number, at) for number, at in enumerate(sorted(left), 1)))
)


def test_a_history_file_is_read_as_postgresql_writes_it() -> None:
    assert ancestry(HISTORY) == (Branch(1, 0x3000000), Branch(2, 0x10A000060))


def test_what_is_not_a_history_is_refused() -> None:
    for text in ("1", "one 0/0", "1 here"):
        with pytest.raises(ValueError, match=r".*"):
            ancestry(text)


@given(positions)
def test_a_position_is_read_back(at: int) -> None:
    assert position(f"{at >> 32:X}/{at & 0xFFFFFFFF:X}") == at


@given(pasts, positions)
def test_whoever_is_on_the_same_line_may_follow(past: Past, at: int) -> None:
    assert may_follow(past, past, at)


@given(pasts, st.data())
def test_an_ancestor_may_follow_as_long_as_it_has_not_outrun_the_branch(past: Past, data: st.DataObject) -> None:
    assert past.ancestors is not None
    if not past.ancestors:
        return
    index = data.draw(st.integers(0, len(past.ancestors) - 1))
    branch = past.ancestors[index]
    ancestor = Past(branch.timeline, past.ancestors[:index])
    assert may_follow(past, ancestor, branch.left_at)
    assert not may_follow(past, ancestor, branch.left_at + 1)


def test_a_timeline_that_the_server_never_was_on_cannot_follow() -> None:
    assert not may_follow(Past(1, ()), Past(2, (Branch(1, 50),)), 60)
    assert not may_follow(Past(3, (Branch(1, 40),)), Past(2, (Branch(1, 50),)), 30)


def test_equal_numbers_with_another_past_cannot_follow() -> None:
    assert not may_follow(Past(2, (Branch(1, 40),)), Past(2, (Branch(1, 50),)), 60)
    assert not may_follow(Past(3, (Branch(1, 40), Branch(2, 90))), Past(2, (Branch(1, 50),)), 60)


def test_a_past_that_is_not_known_refuses_nothing() -> None:
    assert may_follow(Past(2, None), Past(2, (Branch(1, 50),)), 60)
    assert may_follow(Past(3, None), Past(2, (Branch(1, 50),)), 60)
    assert may_follow(Past(2, (Branch(1, 40),)), Past(2, None), 60)
