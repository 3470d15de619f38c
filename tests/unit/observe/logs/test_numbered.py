"""What is missing and what came twice, counted from what arrived."""

from hypothesis import given
from hypothesis import strategies as st

from vigie.observe.logs.numbered import EDGE, Numbered, counted


def test_nothing_arrived_is_nothing_missing() -> None:
    assert counted([]) == Numbered(0, 0)


def test_a_whole_series_lacks_nothing_wherever_it_begins() -> None:
    assert counted(range(977, 1200)) == Numbered(0, 0)


def test_what_never_came_is_missing() -> None:
    assert counted([1, 2, 3, 4, 5, 8, 9]) == Numbered(missing=2, twice=0)


def test_what_came_late_is_not_missing() -> None:
    assert counted([1, 2, 3, 4, 6, 7, 5, 8]) == Numbered(0, 0)


def test_what_came_before_the_window_is_not_missing() -> None:
    """The window cuts a batch that arrived in disorder: 6 came before it."""
    assert counted([5, 7, 8, 9, 10, 11]) == Numbered(0, 0)


def test_what_came_again_long_after_is_neither_missing_nor_the_beginning() -> None:
    assert counted([100, 101, 102, 103, 104, 3, 105]) == Numbered(0, 0)


def test_a_forged_number_makes_no_number_that_zabbix_cannot_hold() -> None:
    assert counted([1, 2, 3, 4, 999_999_999_999_999]).missing == 1_000_000_000


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[int], set[int], int]:
    """A series as it arrives: some numbers lost, some doubled, some before others that were sent earlier."""
    first = draw(st.integers(0, 10**6))
    length = draw(st.integers(EDGE + 2, 200))
    inner = list(range(first + EDGE, first + length - 1))
    lost = set(draw(st.lists(st.sampled_from(inner), max_size=20, unique=True)))
    kept = [number for number in range(first, first + length) if number not in lost]
    doubled = draw(st.lists(st.sampled_from(kept[EDGE:]), max_size=10))
    series = kept[:EDGE] + sorted(kept[EDGE:] + doubled)
    for place in draw(st.lists(st.integers(EDGE, len(series) - 2), max_size=10)) if len(series) > EDGE + 1 else []:
        series[place : place + 2] = series[place : place + 2][::-1]
    return series, lost, len(doubled)


@given(arrivals())
def test_exactly_what_was_lost_and_doubled_is_counted(case: tuple[list[int], set[int], int]) -> None:
    arrived, lost, doubled = case
    assert counted(arrived) == Numbered(len(lost), doubled)
