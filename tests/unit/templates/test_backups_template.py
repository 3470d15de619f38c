"""The backups' template says what the code says."""

from dataclasses import fields
from typing import get_type_hints

from exports import export_in, meanings, paths_of, triggers_of

from vigie.naming import Kind
from vigie.observe.backups.model import BackupsSeen, DatabaseSeen
from vigie.observe.backups.states import DatabaseState, RunState

EXPORT = export_in("specibike_backups_agent")


def test_a_bad_dump_is_kept_quiet_by_nothing_but_blindness() -> None:
    (bad,) = [trigger for trigger in triggers_of(EXPORT) if trigger["name"].endswith("Bad dump")]
    assert {above["name"] for above in bad["dependencies"]} == {
        "Backups: No data from the agent",
        "Backups: Check is broken",
    }


def test_the_states_of_the_value_maps_are_those_of_the_code() -> None:
    for name, states in (
        ("Vigie run state", RunState),
        ("Vigie database state", DatabaseState),
        ("Vigie kind of database", Kind),
    ):
        assert meanings(EXPORT, name) == {state.value: state.name.capitalize() for state in states}


def test_every_path_of_the_template_is_in_the_document() -> None:
    known = {"$.error", "$.seconds", "$.observed_at", "$.discovery"}
    for part, kind in get_type_hints(BackupsSeen).items():
        if part != "databases":
            known |= {f"$.{part}.{spec.name}" for spec in fields(kind)}
    known |= {f"$.databases['{{#KEY}}'].{spec.name}" for spec in fields(DatabaseSeen)}
    assert paths_of(EXPORT) <= known
