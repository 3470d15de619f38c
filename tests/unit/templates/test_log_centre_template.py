"""The template of the central log server says what the code says."""

from dataclasses import fields
from typing import get_args, get_type_hints

from exports import export_in, meanings, paths_of, template_of, triggers_of

from provisioning.subjects.log_centre import LOG_CENTRE
from vigie.observe.logs.document import PARTS
from vigie.observe.logs.model import ContextSeen, LogsSeen, ProgramSeen, SourceSeen
from vigie.observe.logs.states import SourceState

EXPORT = export_in("specibike_log_centre_agent")
BLIND = {"Logs: No data from the agent", "Logs: Check is broken"}
DEAF = {"Logs: PostgreSQL does not answer", "Logs: Central rsyslog is stopped"}


def quieted_by(name: str) -> set[str]:
    (trigger,) = [trigger for trigger in triggers_of(EXPORT) if trigger["name"] == name]
    return {above["name"] for above in trigger.get("dependencies", ())}


def test_provisioning_knows_it_by_its_name() -> None:
    assert template_of(EXPORT)["template"] == LOG_CENTRE


def test_the_states_of_the_value_map_are_those_of_the_code() -> None:
    states = {state.value: state.name.capitalize() for state in SourceState}
    assert meanings(EXPORT, "Vigie log source state") == states


def test_every_path_is_in_the_document() -> None:
    known = {"$.error", "$.seconds", "$.observed_at", "$.discovery", "$.discovery_programs", "$.discovery_contexts"}
    for part, kind in get_type_hints(LogsSeen).items():
        if part in PARTS:
            (model, *_) = [one for one in (*get_args(kind), kind) if isinstance(one, type) and one is not type(None)]
            known |= {f"$.{part}.{spec.name}" for spec in fields(model)}
    for part, model in (("sources", SourceSeen), ("programs", ProgramSeen), ("contexts", ContextSeen)):
        known |= {f"$.{part}['{{#KEY}}'].{spec.name}" for spec in fields(model)}
    assert paths_of(EXPORT) <= known


def test_no_source_is_blamed_for_what_the_centre_does_not_hear() -> None:
    for problem in ("Silent", "Nothing of its own", "Clock is wrong", "Delivery is slow"):
        assert quieted_by(f"Logs of [{{#SOURCE}}]: {problem}") >= BLIND | DEAF, problem


def test_low_space_causes_nothing_by_itself_and_keeps_nothing_quiet() -> None:
    quiet = [
        trigger["name"] for trigger in triggers_of(EXPORT) if "Logs: Free space is low" in quieted_by(trigger["name"])
    ]
    assert quiet == []


def test_messages_that_wait_for_a_store_that_is_closed_are_no_second_problem() -> None:
    assert quieted_by("Logs: Queue grows") >= BLIND | DEAF | {"Logs: Messages cannot be stored"}


def test_a_loss_is_kept_quiet_by_nothing_but_blindness() -> None:
    assert quieted_by("Logs of [{#SOURCE}]: Messages are lost") == BLIND


def test_a_silent_source_has_no_other_problem_of_its_way() -> None:
    for problem in ("Nothing of its own", "Clock is wrong", "Delivery is slow"):
        assert "Logs of [{#SOURCE}]: Silent" in quieted_by(f"Logs of [{{#SOURCE}}]: {problem}"), problem
