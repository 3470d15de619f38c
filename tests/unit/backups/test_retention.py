"""What the retention promises, whatever dumps it is shown."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from dumpbuilder import DAY, STARTED, stamp_of
from hypothesis import given
from hypothesis import strategies as st

from vigie.backups.catalogue import DumpEntry, DumpState
from vigie.backups.retention import Policy, Verdict, judge

PARIS = ZoneInfo("Europe/Paris")
WEEKLY = Policy(daily=7, weekly=5, monthly=12, dropped=90 * DAY, zone=PARIS)


def dump(moment: float, *, state: DumpState = DumpState.SOUND, verified: bool = True) -> DumpEntry:
    return DumpEntry(stamp_of(moment), 1000, int(moment) + 3, int(moment) + 4 if verified else 0, state)


def paris(*when: int) -> float:
    return datetime(*when, tzinfo=PARIS).timestamp()  # type: ignore[arg-type, misc]


moments = st.integers(int(STARTED) - 1200 * DAY, int(STARTED))
dumps = st.lists(
    st.builds(dump, moments, state=st.sampled_from(DumpState), verified=st.booleans()),
    max_size=60,
    unique_by=lambda entry: entry.stamp,
)
policies = st.builds(
    Policy,
    daily=st.integers(1, 10),
    weekly=st.integers(0, 8),
    monthly=st.integers(0, 14),
    dropped=st.integers(0, 200).map(lambda days: days * DAY),
    zone=st.sampled_from([PARIS, ZoneInfo("Indian/Reunion"), ZoneInfo("Pacific/Noumea"), ZoneInfo("UTC")]),
)


def is_good(entry: DumpEntry) -> bool:
    return entry.state == DumpState.SOUND and entry.verified_at > 0


def kept(verdicts: list[Verdict]) -> list[DumpEntry]:
    return [verdict.entry for verdict in verdicts if verdict.kept]


@given(dumps, policies)
def test_the_newest_verified_dump_of_an_existing_database_is_never_removed(
    entries: list[DumpEntry], policy: Policy
) -> None:
    good = sorted(filter(is_good, entries))
    remaining = kept(judge(entries, policy, now=STARTED, dropped=False))
    assert not good or good[-1] in remaining


@given(dumps, policies)
def test_corrupt_and_unverified_dumps_of_an_existing_database_wait_for_a_person(
    entries: list[DumpEntry], policy: Policy
) -> None:
    remaining = kept(judge(entries, policy, now=STARTED, dropped=False))
    assert {entry for entry in entries if not is_good(entry)} <= set(remaining)


@given(dumps, policies)
def test_a_bad_dump_never_takes_the_place_of_a_good_one(entries: list[DumpEntry], policy: Policy) -> None:
    good = [entry for entry in entries if is_good(entry)]
    with_bad_ones = kept(judge(entries, policy, now=STARTED, dropped=False))
    assert list(filter(is_good, with_bad_ones)) == kept(judge(good, policy, now=STARTED, dropped=False))


@given(dumps, policies)
def test_no_more_are_kept_than_the_policy_has_places(entries: list[DumpEntry], policy: Policy) -> None:
    good = [entry for entry in kept(judge(entries, policy, now=STARTED, dropped=False)) if is_good(entry)]
    assert len(good) <= policy.daily + policy.weekly + policy.monthly
    for form, count in (("%Y-%m-%d", policy.daily), ("%G-W%V", policy.weekly), ("%Y-%m", policy.monthly)):
        every = {
            datetime.fromtimestamp(entry.finished_at, policy.zone).strftime(form) for entry in filter(is_good, entries)
        }
        still = {datetime.fromtimestamp(entry.finished_at, policy.zone).strftime(form) for entry in good}
        assert set(sorted(every)[len(every) - min(count, len(every)) :]) <= still


@given(dumps, policies, st.randoms(use_true_random=False), st.booleans())
def test_the_verdict_is_the_same_in_any_order_and_each_time(
    entries: list[DumpEntry], policy: Policy, random: object, dropped: bool
) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    verdicts = judge(entries, policy, now=STARTED, dropped=dropped)
    assert judge(shuffled, policy, now=STARTED, dropped=dropped) == verdicts
    assert Counter(verdict.entry for verdict in verdicts) == Counter(entries)


@given(dumps, policies)
def test_judging_what_was_kept_keeps_it_again(entries: list[DumpEntry], policy: Policy) -> None:
    once = kept(judge(entries, policy, now=STARTED, dropped=False))
    assert kept(judge(once, policy, now=STARTED, dropped=False)) == once


@given(dumps, policies, st.booleans())
def test_each_verdict_has_its_reason_in_one_line(entries: list[DumpEntry], policy: Policy, dropped: bool) -> None:
    for verdict in judge(entries, policy, now=STARTED, dropped=dropped):
        assert verdict.why.strip()
        assert "\n" not in verdict.why


@given(st.lists(moments, min_size=1, max_size=20, unique=True), policies, st.integers(-3, 3))
def test_a_dropped_database_is_kept_for_exactly_its_period(when: list[int], policy: Policy, seconds: int) -> None:
    entries = [dump(moment) for moment in when]
    end = max(entry.finished_at for entry in entries) + policy.dropped
    verdicts = judge(entries, policy, now=end + seconds, dropped=True)
    assert {verdict.kept for verdict in verdicts} == {seconds < 0}


def test_a_database_that_exists_is_kept_however_old_its_dump_is() -> None:
    old = dump(STARTED - 3000 * DAY)
    assert kept(judge([old], WEEKLY, now=STARTED, dropped=False)) == [old]


def test_the_newest_verified_dump_stays_although_every_newer_one_is_corrupt() -> None:
    good = dump(STARTED - 400 * DAY)
    newer = [dump(STARTED - day * DAY, state=DumpState.CORRUPT) for day in range(30)]
    verdicts = judge([*newer, good], WEEKLY, now=STARTED, dropped=False)
    assert next(verdict for verdict in verdicts if verdict.entry == good).why == "the newest verified dump"


def test_a_year_of_nights_is_kept_as_days_weeks_and_months() -> None:
    nights = [dump(paris(2026, 11, 21, 0, 30) - day * DAY) for day in range(365)]
    remaining = kept(judge(nights, WEEKLY, now=STARTED, dropped=False))
    days = {datetime.fromtimestamp(entry.finished_at, PARIS).date().isoformat() for entry in remaining}
    assert {f"2026-11-{day:02d}" for day in range(15, 22)} <= days
    assert {"2026-11-08", "2026-11-01", "2026-10-25"} <= days
    assert {"2026-10-31", "2026-09-30", "2026-01-31", "2025-12-31"} <= days
    assert len(remaining) == 7 + 3 + 11  # some are both: this Sunday and week, this month


def test_both_dumps_of_the_hour_that_comes_twice_belong_to_one_day() -> None:
    # 2026-10-25: 02:30 summer time, then 02:30 winter time.
    first, second = paris(2026, 10, 25, 2, 30), paris(2026, 10, 25, 2, 30) + 3600
    assert datetime.fromtimestamp(second, PARIS).hour == 2
    policy = Policy(daily=5, weekly=0, monthly=0, dropped=0, zone=PARIS)
    assert kept(judge([dump(first), dump(second)], policy, now=STARTED, dropped=False)) == [dump(second)]


def test_each_night_around_the_changes_of_the_clock_is_a_day_of_its_own() -> None:
    policy = Policy(daily=7, weekly=0, monthly=0, dropped=0, zone=PARIS)
    for month, sunday in ((3, 29), (10, 25)):
        nights = [dump(paris(2026, month, day, 0, 10)) for day in range(sunday - 3, sunday + 3)]
        nights += [dump(paris(2026, month, day, 23, 50)) for day in range(sunday - 3, sunday + 3)]
        remaining = kept(judge(nights, policy, now=STARTED, dropped=False))
        assert remaining == [dump(paris(2026, month, day, 23, 50)) for day in range(sunday - 3, sunday + 3)]


def test_a_day_is_the_schools_day_and_not_that_of_greenwich() -> None:
    noumea = Policy(daily=2, weekly=0, monthly=0, dropped=0, zone=ZoneInfo("Pacific/Noumea"))
    evening, morning = STARTED + 12 * 3600, STARTED + 13 * 3600  # 23:30 and 00:30 there, one day in UTC
    assert len(kept(judge([dump(evening), dump(morning)], noumea, now=STARTED + DAY, dropped=False))) == 2
