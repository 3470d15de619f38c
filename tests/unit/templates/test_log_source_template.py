"""The log source's template says what the code says."""

from dataclasses import fields
from typing import get_type_hints

from exports import export_in, meanings, paths_of, triggers_of

from vigie.observe.canary.model import Emission, RsyslogState, SourceSeen

EXPORT = export_in("specibike_log_source_agent")


def test_the_states_of_the_value_maps_are_those_of_the_code() -> None:
    for name, states in (("Vigie rsyslog state", RsyslogState), ("Vigie canary emission", Emission)):
        assert meanings(EXPORT, name) == {state.value: state.name.capitalize() for state in states}


def test_every_path_of_the_template_is_in_the_document() -> None:
    known = {"$.error", "$.seconds", "$.observed_at"}
    for part, kind in get_type_hints(SourceSeen).items():
        if part != "source":
            known |= {f"$.{part}.{spec.name}" for spec in fields(kind)}
    assert paths_of(EXPORT) <= known


def test_a_loss_is_kept_quiet_by_blindness_and_by_a_stopped_rsyslog_alone() -> None:
    (lost,) = [trigger for trigger in triggers_of(EXPORT) if trigger["name"].endswith("Messages were discarded")]
    assert {above["name"] for above in lost["dependencies"]} == {
        "Log source: No data from the agent",
        "Log source: Check is broken",
        "Log source: rsyslog is stopped",
    }
