"""Durations as Zabbix writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie import durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("90", 90),
        ("90s", 90),
        ("15m", 900),
        ("26h", 93_600),
        ("7d", 604_800),
        ("2w", 1_209_600),
        (" 5m ", 300),
    ],
)
def test_a_number_and_a_unit_are_seconds(text: str, seconds: int) -> None:
    assert durations.parse(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "1.5h", "-1h", "1 h", "1H", "01h", "1y", "1h30m", "٣h", "1h\n2", "9" * 10])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write a whole number and a unit, like 90s"):
        durations.parse(text)


@given(st.integers(0, 10**9 - 1))
def test_what_is_written_is_read_back(seconds: int) -> None:
    assert durations.parse(durations.written(seconds)) == seconds


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (59, "59s"), (60, "1m"), (93_600, "26h"), (604_800, "1w")])
def test_the_largest_unit_that_is_exact_is_written(seconds: int, text: str) -> None:
    assert durations.written(seconds) == text
