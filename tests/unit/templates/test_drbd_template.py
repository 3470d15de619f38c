"""DRBD's template says what the code says."""

from dataclasses import fields

from exports import export_in, meanings, paths_of, triggers_of

from vigie.observe.drbd.model import Counts, ResourceSeen, ResourceState

EXPORT = export_in("drbd_agent")


def test_the_states_of_the_value_map_are_those_of_the_code() -> None:
    assert meanings(EXPORT, "Vigie DRBD state") == {
        state.value: state.name.capitalize().replace("_", " ") for state in ResourceState
    }


def test_every_path_of_the_template_is_in_the_document() -> None:
    known = {"$.error", "$.seconds", "$.observed_at", "$.release", "$.discovery"}
    known |= {f"$.counts.{spec.name}" for spec in fields(Counts)}
    known |= {f"$.resources['{{#KEY}}'].{spec.name}" for spec in fields(ResourceSeen)}
    assert paths_of(EXPORT) <= known


def test_every_bad_state_has_its_problem() -> None:
    """Each by its own number: a resource is in one state at a time, so that one cause is one problem."""
    expressions = [trigger["expression"] for trigger in triggers_of(EXPORT)]
    for state in ResourceState:
        if state not in (ResourceState.SYNCED, ResourceState.RESYNCING):
            assert any(f"={state.value} and max(" in expression for expression in expressions), state.name
