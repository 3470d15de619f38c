"""The template of Vigie itself says what the code says."""

from dataclasses import fields
from enum import IntEnum

from exports import export_in, meanings, paths_of, triggers_of

from vigie.observe.itself import model

EXPORT = export_in("vigie_agent")


def test_the_states_of_the_value_maps_are_those_of_the_code() -> None:
    maps: dict[str, type[IntEnum]] = {
        "Vigie timer state": model.TimerState,
        "Vigie service state": model.ServiceState,
        "Vigie certificate state": model.CertificateState,
    }
    for name, states in maps.items():
        assert meanings(EXPORT, name) == {state.value: state.name.replace("_", " ").capitalize() for state in states}


def test_every_path_of_the_template_is_in_the_document() -> None:
    known = {"$.error", "$.seconds", "$.observed_at", "$.version", "$.manager"}
    known |= {f"$.requests.{spec.name}" for spec in fields(model.RequestsSeen)}
    known |= {f"$.counts.{spec.name}" for spec in fields(model.Counts)}
    for part, row in (
        ("timers", model.TimerSeen),
        ("services", model.ServiceSeen),
        ("certificates", model.CertificateSeen),
    ):
        known |= {f"$.discovery.{part}", *(f"$.{part}['{{#KEY}}'].{spec.name}" for spec in fields(row))}
    assert paths_of(EXPORT) <= known


def test_the_timers_trigger_stands_for_the_states_that_are_late() -> None:
    """Its expression is "2 or more, and not 5"."""
    assert {state for state in model.TimerState if state >= 2 and state != 5} == model.TIMERS_LATE
    (trigger,) = [each for each in triggers_of(EXPORT) if each["name"].startswith("Vigie timer")]
    assert ">=2 and " in trigger["expression"]
    assert "<>5 and " in trigger["expression"]


def test_the_certificates_trigger_stands_for_the_states_that_are_bad() -> None:
    assert {state for state in model.CertificateState if state >= 2} == model.CERTIFICATES_BAD
