"""What a context is worth, from the facts that its tables hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vigie.naming import Kind
from vigie.observe.openerp import release
from vigie.observe.openerp.contexts import Listed, Reading, Refusal, Row
from vigie.observe.openerp.judging import counted, judged, state_of
from vigie.observe.openerp.states import ContextState

NOW = 1_790_000_000


def row(
    base: str = "6.0.1.3", *, pending: int = 0, markers: int = 5, next_call: float | None = NOW + 60.0, size: int = 100
) -> Row:
    return Row(base, pending, markers, NOW - 1000, next_call, size)


@pytest.mark.parametrize(
    ("found", "wanted", "state"),
    [
        (row(), "6.0.4", ContextState.UPGRADED),
        (row(markers=1), "6.0.4", ContextState.UPGRADED),  # a school may remove currencies
        (row(markers=0), "6.0.4", ContextState.NOT_UPGRADED),
        (row(markers=0), "6.0.5", ContextState.NOT_UPGRADED),
        (row(markers=0), "6.0.3", ContextState.UPGRADED),
        (row(markers=5), "6.0.3", ContextState.UPGRADED),
        (row(), "6.0", ContextState.UPGRADED),
        (row(markers=0), "6.0", None),  # right for 6.0.3, not for 6.0.4
        (row("5.0.1.3", markers=0), "6.0", ContextState.NOT_UPGRADED),
        (row(pending=1, markers=0), "6.0", ContextState.INTERRUPTED),
        (row(), "6.1", ContextState.NOT_UPGRADED),
        (row("17.0.1.3", markers=0), "17.0", ContextState.UPGRADED),
        (row(pending=1), "6.0.4", ContextState.INTERRUPTED),
        (row(pending=1, markers=0), "6.0.4", ContextState.INTERRUPTED),
        (row(""), "6.0.4", ContextState.NOT_OPENERP),
        (row("hello"), "6.0.4", ContextState.NOT_UPGRADED),
    ],
)
def test_the_state_of_a_context(found: Row, wanted: str, state: ContextState | None) -> None:
    assert state_of(found, wanted)[0] == state


def test_contexts_are_measured_by_what_runs_where_it_is_as_declared_and_else_by_the_declaration() -> None:
    assert release.reference("6.0.4", "6.0") == "6.0.4"
    assert release.reference("6.0.3", "6.0.4") == "6.0.4"
    assert release.reference("", "6.0") == "6.0"


@given(some.text(max_size=20))
def test_any_text_is_a_release_or_none(text: str) -> None:
    assert all(number >= 0 for number in release.numbers(text))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("6.0.4", (6, 0, 4)), ("17.0-20260101", (17, 0)), ("saas~11.3", ()), ("", ()), ("6..4", (6,)), ("٦.٠", ())],
)
def test_the_numbers_of_a_release(text: str, numbers: tuple[int, ...]) -> None:
    assert release.numbers(text) == numbers


def reading(found: Row | Refusal | None, *, is_open: bool = True, is_served: bool = True) -> Reading:
    name = "SpecibikeTS1Vélo"
    return Reading({name: Listed(name, is_open, is_served)}, {} if found is None else {name: found})


def the_one(given_reading: Reading) -> tuple[ContextState, int]:
    (context,) = judged(given_reading, ["TS1"], "6.0.4", NOW).values()
    assert context.kind == Kind.GROUP
    return context.state, context.cron_late


def test_an_overdue_action_counts_where_openerp_has_loaded_the_context() -> None:
    assert the_one(reading(row(next_call=NOW - 7200.0))) == (ContextState.UPGRADED, 7200)


def test_without_a_login_since_its_start_openerp_runs_nothing_there_and_nothing_is_late() -> None:
    assert the_one(reading(row(next_call=NOW - 7200.0), is_served=False)) == (ContextState.UPGRADED, 0)


def test_no_action_is_not_late() -> None:
    assert the_one(reading(row(next_call=None))) == (ContextState.UPGRADED, 0)


def test_a_context_that_is_closed_on_purpose_is_no_failure_to_read_it() -> None:
    assert the_one(reading(None, is_open=False)) == (ContextState.CLOSED, 0)


def test_a_context_that_was_not_reached_is_missed_and_has_no_line() -> None:
    partial = reading(None)
    contexts = judged(partial, [], "6.0.4", NOW)
    counts = counted(partial, contexts, 2.0)
    assert contexts == {}
    assert (counts.contexts, counts.read, counts.missed) == (1, 0, 1)
    assert counts.error == "1 of 1 contexts were not read within 2 s"


def test_the_counts_sum_to_the_contexts() -> None:
    names = [f"Specibike{letter}" for letter in "ABCDEFGHI"]
    found: dict[str, Row | Refusal] = {
        "SpecibikeA": row(),
        "SpecibikeB": row(markers=0, next_call=NOW - 10.0),
        "SpecibikeC": row(pending=2),
        "SpecibikeD": row(""),
        "SpecibikeE": Refusal(ContextState.NOT_GRANTED, "not yet"),
        "SpecibikeF": Refusal(ContextState.UNREADABLE, "locked"),
        "SpecibikeG": row(),
    }
    listed = {name: Listed(name, is_open=name != "SpecibikeH", is_served=True) for name in names}
    given_reading = Reading(listed, found)
    counts = counted(given_reading, judged(given_reading, [], "6.0.4", NOW), 2.0)
    states = ("upgraded", "not_upgraded", "interrupted", "not_openerp", "not_granted", "unreadable", "closed", "missed")
    assert [getattr(counts, state) for state in states] == [2, 1, 1, 1, 1, 1, 1, 1]
    assert (counts.contexts, counts.read, counts.late, counts.bytes, counts.unknown) == (9, 8, 1, 500, 0)


def test_without_an_answer_of_openerp_a_context_of_the_declared_series_is_neither_upgraded_nor_not() -> None:
    """A problem "not upgraded" must not close because OpenERP was stopped."""
    listed = {name: Listed(name, True, True) for name in ("SpecibikeA", "SpecibikeB")}
    given_reading = Reading(listed, {"SpecibikeA": row(markers=0), "SpecibikeB": row()})
    contexts = judged(given_reading, [], release.reference("", "6.0"), NOW)
    counts = counted(given_reading, contexts, 2.0)
    assert (counts.contexts, counts.unknown, counts.not_upgraded, counts.upgraded) == (2, 1, 0, 1)
    assert (contexts["SpecibikeA"].state, contexts["SpecibikeA"].state_text) == (None, "unknown")
    assert "not known" in contexts["SpecibikeA"].error
