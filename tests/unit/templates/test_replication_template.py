"""The replication's template says what the code says."""

from dataclasses import fields
from enum import IntEnum
from typing import get_type_hints

from exports import export_in, items_of, meanings, paths_of, triggers_of

from vigie.observe.replication.model import (
    EndRole,
    PairState,
    ReceiverState,
    ReplicationSeen,
    Roles,
    SenderState,
    SyncState,
)

EXPORT = export_in("specibike_replication_external")


def words(states: type[IntEnum]) -> dict[int, str]:
    return {state.value: state.name.capitalize().replace("_", " ") for state in states}


def test_the_states_of_the_value_maps_are_those_of_the_code() -> None:
    for name, states in (
        ("Vigie replication state", PairState),
        ("Vigie replication roles", Roles),
        ("Vigie role of an end", EndRole),
        ("Vigie WAL sender state", SenderState),
        ("Vigie synchronous state", SyncState),
        ("Vigie WAL receiver state", ReceiverState),
    ):
        assert meanings(EXPORT, name) == words(states)


def test_every_path_of_the_template_is_in_the_document() -> None:
    known = {"$.error", "$.seconds", "$.observed_at"}
    for part, kind in get_type_hints(ReplicationSeen).items():
        known |= {f"$.{part}.{spec.name}" for spec in fields(kind)}
    assert paths_of(EXPORT) <= known


def test_no_problem_is_raised_from_the_replay_timestamp_alone() -> None:
    """It is blind: with the replay paused, or the receiver gone, the usual question answers 0."""
    for trigger in triggers_of(EXPORT):
        assert "last_replay_at" not in trigger["expression"]


def test_every_state_that_stops_the_service_has_a_problem_of_its_own() -> None:
    """A pair that nobody can write is no mere notice that the roles are others."""
    raised = {trigger["name"]: (trigger["expression"], trigger["priority"]) for trigger in triggers_of(EXPORT)}
    for name, state in (
        ("Broken", PairState.BROKEN),
        ("Diverged", PairState.DIVERGED),
        ("Split brain", PairState.SPLIT_BRAIN),
        ("Neither end is writable", Roles.NO_PRIMARY),
    ):
        expression, priority = raised[f"Replication: {name}"]
        assert f"={state.value}" in expression
        assert priority == "HIGH"
    roles, _ = raised["Replication: Roles are not the declared ones"]
    assert f">={Roles.SWITCHED.value} " in roles
    assert roles.endswith(f"<={Roles.TAKEN_OVER.value}")


def test_what_may_be_absent_is_not_shown_as_a_figure() -> None:
    """A distance is -1 where there is none: such a value is not kept."""
    for item in items_of(EXPORT):
        if item["key"].endswith("_bytes") and ".promise." not in item["key"]:
            assert [step["type"] for step in item["preprocessing"]] == ["JSONPATH", "IN_RANGE"], item["key"]
