"""Every template is made as the official ones are: nothing unexplained, nothing literal, nothing that drifts."""

import json
import re
import subprocess
import uuid

import pytest
from exports import FILES, ROOT, Data, export_of, is_by_snmp, items_of, rules_of, template_of, triggers_of, walk

SCOPES = {"availability", "performance", "capacity", "notice", "security"}
MACRO = re.compile(r"\{\$[A-Z0-9_.]+")
# LLD macros that hold safe identifiers; any other may hold what people chose.
SAFE = {"{#KEY}", "{#SNMPINDEX}", "{#SINGLETON}"}


@pytest.fixture(params=FILES, ids=lambda file: file.parent.name)
def export(request: pytest.FixtureRequest) -> Data:
    """The export of each template of the repository."""
    return export_of(request.param)


def test_there_are_templates() -> None:
    assert FILES


def test_the_format_is_the_oldest_that_is_supported(export: Data) -> None:
    assert export["version"] == "6.0"


def test_uuids_are_of_version_4_and_unique(export: Data) -> None:
    found = [node["uuid"] for node in walk(export) if "uuid" in node]
    assert len(found) == len(set(found))
    for text in found:
        assert re.fullmatch(r"[0-9a-f]{32}", text)
        assert uuid.UUID(text).version == 4
        assert uuid.UUID(text).variant == uuid.RFC_4122


def test_everything_that_has_an_identity_has_a_uuid(export: Data) -> None:
    for node in [*items_of(export), *triggers_of(export), *export.get("graphs", []), template_of(export)]:
        assert "uuid" in node


def test_every_macro_that_is_used_is_described_and_every_one_described_is_used(export: Data) -> None:
    template = template_of(export)
    described = {macro["macro"].rstrip("}") for macro in template["macros"]}
    used = set(MACRO.findall(json.dumps({**template, "macros": []}) + json.dumps(export.get("triggers", []))))
    assert used == described
    assert all(macro["description"].endswith(".") for macro in template["macros"])


def test_every_item_is_explained_and_tagged(export: Data) -> None:
    for item in items_of(export):
        assert item["description"].endswith("."), item["key"]
        assert [tag["value"] for tag in item["tags"] if tag["tag"] == "component"], item["key"]


def test_every_figure_has_a_unit_or_a_value_map_or_counts_things(export: Data) -> None:
    maps = {valuemap["name"] for valuemap in template_of(export).get("valuemaps", [])}
    used = set()
    for item in items_of(export):
        if "valuemap" in item:
            used.add(item["valuemap"]["name"])
        elif item.get("value_type", "UNSIGNED") in ("UNSIGNED", "FLOAT") and "units" not in item:
            counted = re.search(r"[A-Za-z]{2,}s\b", item["name"])
            assert counted, f"{item['key']}: neither unit nor value map, and its name counts nothing"
    assert used == maps


def test_one_item_asks_and_the_others_depend_on_it(export: Data) -> None:
    if is_by_snmp(export):
        assert {item["type"] for item in items_of(export)} <= {"SNMP_AGENT", "DEPENDENT", "CALCULATED", "INTERNAL"}
        return
    asking = [item for item in template_of(export)["items"] if item.get("type") not in ("DEPENDENT", "CALCULATED")]
    (master,) = asking
    assert (master["history"], master["trends"], master["value_type"]) == ("0", "0", "TEXT")
    assert {"tag": "component", "value": "raw"} in master["tags"]
    for dependent in [*rules_of(export), *items_of(export)]:
        if dependent.get("type") == "DEPENDENT":
            assert dependent["master_item"]["key"] == master["key"]
            assert dependent["preprocessing"][0]["error_handler"] in ("DISCARD_VALUE", "CUSTOM_VALUE")


def test_intervals_come_from_macros(export: Data) -> None:
    for item in items_of(export):
        assert item.get("delay", "1m") == "0" or item["delay"].startswith("{$")
        for step in item.get("preprocessing", []):
            if step["type"] == "DISCARD_UNCHANGED_HEARTBEAT":
                assert step["parameters"][0].startswith("{$")


def test_names_that_people_chose_never_enter_a_key_a_path_or_an_expression(export: Data) -> None:
    for item in items_of(export):
        places = [item["key"], *(step["parameters"] for step in item.get("preprocessing", []))]
        assert set(re.findall(r"\{#[A-Z0-9_.]+\}", json.dumps(places))) <= SAFE, item["key"]
    for trigger in triggers_of(export):
        assert set(re.findall(r"\{#[A-Z0-9_.]+\}", trigger["expression"])) <= SAFE, trigger["name"]


def test_every_trigger_says_what_why_and_what_next(export: Data) -> None:
    for trigger in triggers_of(export):
        name = trigger["name"]
        assert "{HOST" not in name + trigger["event_name"]
        assert trigger["event_name"].startswith(name), name
        assert trigger["opdata"], name
        assert re.search(r"\nCause: .*\nNext: ", trigger["description"]), name
        (scope,) = [tag["value"] for tag in trigger["tags"] if tag["tag"] == "scope"]
        assert scope in SCOPES, name


def test_thresholds_come_from_macros(export: Data) -> None:
    """Numbers in expressions are states and the absence of things; durations and limits are macros."""
    for trigger in triggers_of(export):
        plain = re.sub(r"\{\$[^}]*\}+", "", trigger["expression"])
        assert not re.search(r",\d+[smhdw]?\)", plain), trigger["name"]
        assert not re.search(r"[<>=]\s*(?:[7-9]|\d{2,}|\d+[smhdwKMGT])", plain), trigger["name"]


def test_dependencies_lead_to_triggers_of_the_same_template(export: Data) -> None:
    known = {
        (trigger["name"], trigger["expression"], trigger.get("recovery_expression")) for trigger in triggers_of(export)
    }
    for trigger in triggers_of(export):
        for above in trigger.get("dependencies", []):
            assert (above["name"], above["expression"], above.get("recovery_expression")) in known


def test_a_trigger_about_several_items_stands_beside_them_as_exports_put_it(export: Data) -> None:
    """Below one of its items Zabbix imports it too, and calls it a difference for ever after."""
    host = re.escape(template_of(export)["name"])
    item = re.compile(rf"\(/{host}/((?:[^,()\[\]]|\[[^\]]*\])+)")
    places = [*template_of(export).get("items", []), *(p for rule in rules_of(export) for p in rule["item_prototypes"])]
    for trigger in [t for place in places for t in [*place.get("triggers", []), *place.get("trigger_prototypes", [])]]:
        expressions = trigger["expression"] + trigger.get("recovery_expression", "")
        assert len(set(item.findall(expressions))) == 1, trigger["name"]


def test_when_nobody_answers_everything_else_keeps_quiet(export: Data) -> None:
    silences = [trigger for trigger in triggers_of(export) if "nodata(" in trigger["expression"]]
    if not template_of(export)["name"].endswith(" by Zabbix agent") and not silences:
        return  # an external check always answers, and SNMP's silence is the official template's to say
    (first,) = silences
    for trigger in triggers_of(export):
        if trigger is not first:
            assert first["name"] in [above["name"] for above in trigger["dependencies"]], trigger["name"]


def test_dashboards_and_graphs_show_items_that_exist(export: Data) -> None:
    keys = {item["key"] for item in items_of(export)}
    for node in walk([template_of(export)["dashboards"], export.get("graphs", [])]):
        if "host" in node and "key" in node:
            assert node["key"] in keys


def test_the_readmes_have_not_drifted() -> None:
    done = subprocess.run(
        [ROOT / "script" / "template-readme", "--check"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_problem_has_its_line_in_the_table_of_faults() -> None:
    for file in FILES:
        export = export_of(file)
        words = (file.parent / "README.in.md").read_text(encoding="utf-8")
        for trigger in triggers_of(export):
            name = re.sub(r"\[\{#[A-Z0-9_.]+\}\]", "[...]", trigger["name"])
            assert f"| {name} |" in words, name
