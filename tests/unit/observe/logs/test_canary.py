"""Canaries: what was lost, how late they come, and how wrong the clock is that sent them."""

import pytest

from vigie.observe.logs.canary import Canary, Timing, lost_and_doubled, parsed, timing
from vigie.observe.logs.numbered import Numbered
from vigie.records import replaced

SERIES = "0b4f6f3e-0000-4000-8000-000000000000"


def sent_every(seconds: float, delays: list[float], *, ahead: float = 0.0) -> list[Canary]:
    """Canaries sent at a rhythm by a clock that is ahead, each received after its delay."""
    return [
        Canary(1000 + place * seconds + delay, 1000 + place * seconds + ahead, SERIES, place)
        for place, delay in enumerate(delays)
    ]


def test_a_canary_is_read_from_its_text() -> None:
    assert parsed(9.5, f" n=12 t=1795299637.123 id={SERIES}".encode()) == Canary(9.5, 1795299637.123, SERIES, 12)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"n=12",
        f"n=-1 t=1 id={SERIES}".encode(),
        f"n=1 t=nan id={SERIES}".encode(),
        f"n=1 t=1e9 id={SERIES}".encode(),
        f"n=1 t=1 id={SERIES}\n".encode(),
        f"n=\N{ARABIC-INDIC DIGIT ONE} t=1 id={SERIES}".encode(),
        f"n={'9' * 60} t=1 id={SERIES}".encode(),
        b"n=1 t=1 id=" + b"\xff" * 36,
    ],
)
def test_what_somebody_else_wrote_under_its_tag_is_no_canary(text: bytes) -> None:
    assert parsed(9.5, text) is None


def test_a_source_that_lost_its_counter_begins_a_new_series_without_loss() -> None:
    other = "1c4f6f3e-0000-4000-8000-000000000000"
    canaries = [Canary(n, n, SERIES, 500 + n) for n in range(6)] + [Canary(10 + n, n, other, 1 + n) for n in range(6)]
    assert lost_and_doubled(canaries) == Numbered(0, 0)


def test_a_lost_canary_is_counted_in_its_own_series() -> None:
    canaries = [Canary(n, n, SERIES, n) for n in (1, 2, 3, 4, 5, 7, 8, 8)]
    assert lost_and_doubled(canaries) == Numbered(missing=1, twice=1)


def test_nothing_is_said_without_canaries() -> None:
    assert timing([]) == Timing(0.0, 0.0)


@pytest.mark.parametrize("ahead", [0.0, 120.0, -120.0])
def test_canaries_as_regular_as_they_were_sent_tell_the_clock(ahead: float) -> None:
    timed = timing(sent_every(60, [0.02, 0.03, 0.02, 0.05], ahead=ahead))
    assert timed.skew == pytest.approx(ahead, abs=0.1)
    assert timed.latency < 0.1


def test_canaries_that_come_ever_later_tell_a_slow_delivery() -> None:
    timed = timing(sent_every(5, [0, 0, 2, 8, 14, 20]))
    assert timed.latency == pytest.approx(20)
    assert timed.skew == pytest.approx(0)


def test_a_burst_after_a_cut_is_neither_slow_nor_a_wrong_clock() -> None:
    """What waited comes at once; the last one was sent just now."""
    timed = timing(sent_every(60, [0, 0, 300, 240, 180, 120, 60, 0]))
    assert (timed.latency, timed.skew) == (0, 0)


def test_a_slow_delivery_from_a_wrong_clock_is_told_apart() -> None:
    timed = timing(sent_every(60, [0, 0, 0, 30, 90, 150], ahead=-300))
    assert timed.latency == pytest.approx(150)
    assert timed.skew == pytest.approx(-300)


def test_a_clock_that_is_set_right_is_seen_at_its_third_canary() -> None:
    wrong, right = sent_every(60, [0, 0, 0], ahead=500), sent_every(60, [0, 0, 0])
    late = [replaced(canary, received=canary.received + 180, sent=canary.sent + 180) for canary in right]
    assert timing(wrong + late).skew == 0


def test_the_first_canaries_say_nothing_of_the_clock() -> None:
    assert timing(sent_every(60, [0.1, 0.1], ahead=-50)).skew == 0
