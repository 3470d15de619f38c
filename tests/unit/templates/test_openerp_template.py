"""OpenERP's template says what the code says."""

import re
from dataclasses import fields
from enum import IntEnum

import pytest
from exports import export_in, items_of, meanings, paths_of, triggers_of

from vigie.naming import Kind
from vigie.observe.openerp.model import ContextSeen, Counts, PostgresSeen, Promise, ServerSeen
from vigie.observe.openerp.states import Connected, ContextState, PostgresState, ReleaseState, ServerState, words

EXPORT = export_in("specibike_openerp_external")


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("Vigie OpenERP server", ServerState),
        ("Vigie OpenERP release", ReleaseState),
        ("Vigie OpenERP connected", Connected),
        ("Vigie OpenERP PostgreSQL", PostgresState),
        ("Vigie OpenERP context", ContextState),
        ("Vigie kind of database", Kind),
    ],
)
def test_the_states_of_the_value_maps_are_those_of_the_code(name: str, states: type[IntEnum]) -> None:
    assert meanings(EXPORT, name) == {state.value: words(state).capitalize() for state in states}


def test_every_path_of_the_template_is_in_the_document() -> None:
    known = {"$.error", "$.seconds", "$.observed_at", "$.discovery"}
    for part, kind in (("promise", Promise), ("server", ServerSeen), ("postgres", PostgresSeen), ("counts", Counts)):
        known |= {f"$.{part}.{spec.name}" for spec in fields(kind)}
    known |= {f"$.contexts['{{#KEY}}'].{spec.name}" for spec in fields(ContextSeen)}
    assert paths_of(EXPORT) <= known


def test_the_triggers_that_other_subjects_keep_quiet_behind_have_the_shortest_period() -> None:
    for trigger in triggers_of(EXPORT):
        roots = ("OpenERP: Server does not answer", "OpenERP: PostgreSQL does not answer")
        assert ("{$VIGIE.OPENERP.DOWN.PERIOD}" in trigger["expression"]) == (trigger["name"] in roots)


def test_a_state_that_a_trigger_looks_at_over_a_period_is_written_at_each_cycle() -> None:
    """With unchanged values left out, the first bad one would be alone in its period and raise the problem at once."""
    over_a_period = re.compile(r"(?:min|max)\(/[^/]+/(.+?),\{\$")
    looked_at = {key for trigger in triggers_of(EXPORT) for key in over_a_period.findall(trigger["expression"])}
    assert len(looked_at) > 5
    for item in items_of(EXPORT):
        if item["key"] in looked_at:
            assert [step["type"] for step in item["preprocessing"]] == ["JSONPATH"], item["key"]


def test_a_context_that_was_just_made_raises_nothing_before_a_period_is_over() -> None:
    """Its first value would be alone in the period; the same after PostgreSQL was down for longer than that."""
    per_context = [trigger for trigger in triggers_of(EXPORT) if "{#DB}" in trigger["name"]]
    (partial,) = [
        trigger for trigger in triggers_of(EXPORT) if trigger["name"] == "OpenERP: Contexts were not all read"
    ]
    for trigger in [*per_context, partial]:
        (over,) = set(re.findall(r"(?:min|max)\([^{]*(?:\[\"\{#KEY\}\"\])?,(\{\$[A-Z.]+\})\)", trigger["expression"]))
        assert f",#1:now-{over})" in trigger["expression"], trigger["name"]


def test_operational_data_that_shows_a_reason_names_the_function_that_looks_at_it() -> None:
    """Zabbix counts the functions of the expression: with one more before it, a state is shown for the reason."""
    looked_at = re.compile(r"\w+\(/[^/]+/([^,)]+)")
    shown = re.compile(r"\{ITEM\.LASTVALUE(\d)\}\.regsub")
    reasons = 0
    for trigger in triggers_of(EXPORT):
        for number in shown.findall(trigger.get("opdata", "")):
            assert ".error" in looked_at.findall(trigger["expression"])[int(number) - 1], trigger["name"]
            reasons += 1
    assert reasons > 8


def test_what_is_silent_with_openerp_is_the_one_problem_also_when_it_comes_back() -> None:
    """Zabbix may judge the values of one document in several goes: the server's trigger looks at a whole period."""
    (server,) = [trigger for trigger in triggers_of(EXPORT) if trigger["name"] == "OpenERP: Server does not answer"]
    unreachable = PostgresState.UNREACHABLE.value
    assert re.search(
        rf'count\(/[^/]+/vigie\.openerp\.postgres\.state,\{{\$VIGIE\.OPENERP\.STEADY\.PERIOD\}},"eq","{unreachable}"\)=0$',
        server["expression"],
    )
