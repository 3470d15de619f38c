"""The interconnection's template: what is declared is what is watched, whether a device has it or not."""

import re

import pytest
from exports import Data, export_in, items_of, meanings, rules_of, template_of, triggers_of

from lab.fast import FAST
from lab.snmp.causes import Causes
from lab.snmp.devices import DEVICES, Hsrp
from lab.snmp.mib import objects
from provisioning.subjects.network import INTERCONNECTION, declared
from vigie.site import Host, Role, School

EXPORT = export_in("interconnection_snmp")
# Objects that a device answers in a part of the lab that has none of them: keepalived's, shown on a real pair.
KEEPALIVED = "1.3.6.1.4.1.9586.100.5.2.3.1"


def readings() -> int:
    """How many readings in a row make a problem."""
    times = {macro["macro"]: macro.get("value", "") for macro in template_of(EXPORT)["macros"]}["{$VIGIE.NET.TIMES}"]
    return int(times.removeprefix("#"))


def seconds_of_macros() -> dict[str, int]:
    return {
        macro["macro"]: int(macro["value"][:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[macro["value"][-1]]
        for macro in template_of(EXPORT)["macros"]
        if re.fullmatch(r"[0-9]+[smhd]", macro.get("value", ""))
    }


def seconds_in_the_lab() -> dict[str, int]:
    return {name: int(value.rstrip("s")) for name, value in FAST[INTERCONNECTION].items()}


def by_snmp() -> list[Data]:
    return [item for item in items_of(EXPORT) if item.get("type") == "SNMP_AGENT"]


def test_roles_are_numbered_as_hsrp_numbers_its_states() -> None:
    roles = meanings(EXPORT, "Vigie gateway role")
    for state in Hsrp:
        assert roles[state.value] == state.name.capitalize()


def test_a_declared_thing_that_a_device_has_not_gives_a_value_and_not_silence() -> None:
    for item in by_snmp():
        if item["key"].startswith(("vigie.net.tree.changes", "vigie.net.tree.since", "vigie.net.tree.port")):
            continue  # figures, and ports that are discovered on the device itself
        first = item["preprocessing"][0]
        assert (first["type"], first["error_handler"]) == ("CHECK_NOT_SUPPORTED", "CUSTOM_VALUE"), item["key"]


def test_every_list_of_the_template_is_written_by_provisioning() -> None:
    router = Host(name="rt", address="10.0.0.1", roles=[Role.ROUTER])
    school = School(uai="0750001A", name="Lycée", hosts=[router])
    lists = {macro["macro"] for macro in template_of(EXPORT)["macros"] if macro.get("value") == "[]"}
    assert lists == set(declared(school, router))
    read = {parameter["value"] for rule in rules_of(EXPORT) for parameter in rule.get("parameters", [])}
    assert read == lists


def test_every_object_that_is_asked_is_answered_by_a_device_of_the_lab() -> None:
    known = {".".join(map(str, name)) for device in DEVICES for name in objects(device, Causes(), now=1e9)}
    scripts = " ".join(str(rule.get("params", "")) for rule in rules_of(EXPORT))
    asked = {item["snmp_oid"].partition("[")[0] for item in by_snmp()} - {"{#OID}", "{#SHOWN}"}
    asked |= set(re.findall(r'\["index","([0-9.]+)"', " ".join(item["snmp_oid"] for item in by_snmp())))
    asked |= {oid for oid in re.findall(r'"([0-9][0-9.]{10,})"', scripts) if not oid.startswith(KEEPALIVED)}
    for oid in asked:
        begin = oid.replace("{#SNMPINDEX}", "").rstrip(".")
        assert any(name == begin or name.startswith(f"{begin}.") for name in known), oid


def test_only_the_declared_active_router_speaks_for_the_gateway_as_a_whole() -> None:
    (rule,) = [rule for rule in rules_of(EXPORT) if rule["key"] == "vigie.net.gateway.discovery"]
    left_out = {
        override["filter"]["conditions"][0]["value"]: override["operations"][0]["value"]
        for override in rule["overrides"]
    }
    names = [trigger["name"] for trigger in triggers_of(EXPORT) if trigger["name"].startswith("Gateway ")]
    on_active = {name for name in names if not re.search(left_out["^active$"], name)}
    on_standby = {name for name in names if not re.search(left_out["^standby$"], name)}
    assert on_active.isdisjoint(on_standby)
    assert on_active | on_standby == set(names)
    assert "Gateway [{#KEY}]: Declared standby router is not ready" in on_standby


def test_routers_are_judged_together_within_their_school_alone() -> None:
    for item in items_of(EXPORT):
        if "_foreach(/*/" in item.get("params", ""):
            assert '?[tag="school:{$VIGIE.SCHOOL}"],{$VIGIE.NET.FRESH})' in item["params"], item["key"]


def test_each_trigger_looks_at_one_item() -> None:
    """Of two, the one stored last would judge with its own, earlier time, and raise what is mended once more."""
    for trigger in triggers_of(EXPORT):
        assert len(set(re.findall(r"/(vigie\.net\.[a-z.]+)", trigger["expression"]))) == 1, trigger["name"]


def test_a_device_that_hides_itself_is_told_before_what_it_hides() -> None:
    """Readings are counted, for after a pause one reading alone would fill a period."""
    assert readings() > 2
    counted = {"vigie.net.hidden", "vigie.net.channel.state", "vigie.net.uplink.state", "vigie.net.tree.state"}
    for trigger in triggers_of(EXPORT):
        for key, period in re.findall(r"/(vigie\.net\.[a-z.]+)[^,]*,([^)]+)\)", trigger["expression"]):
            if key in counted:
                assert period == "{$VIGIE.NET.TIMES}", trigger["name"]
        if "vigie.net.seen" in trigger["expression"]:
            assert ",#2)=0" in trigger["expression"]


def test_no_problem_is_concluded_from_what_a_device_cannot_or_will_not_show() -> None:
    """An object that is not there gives a value: it is judged by way of an item that knows whether it is shown."""
    judged = {
        key for trigger in triggers_of(EXPORT) for key in re.findall(r"/(vigie\.net\.[a-z.]+)", trigger["expression"])
    }
    silent = {"vigie.net.tree.changes", "vigie.net.tree.port"}  # without their object they give no value at all
    asked = {item["key"].partition("[")[0] for item in by_snmp()}
    assert judged & asked == {"vigie.net.seen"} | silent
    formulas = {item["key"].partition("[")[0]: item.get("params", "") for item in items_of(EXPORT)}
    for key in judged - asked - {"vigie.net.hidden", "vigie.net.tree.roots"}:
        assert ".shown" in formulas[key], key


def test_a_single_reading_of_a_device_that_falls_silent_is_no_problem() -> None:
    """What is worked out from it counts for as long as it is fresh: fewer times than make a problem."""
    for seconds in (seconds_of_macros(), seconds_in_the_lab()):
        assert seconds["{$VIGIE.NET.FRESH}"] // seconds["{$VIGIE.NET.INTERVAL}"] < readings()


def test_what_is_declared_no_more_goes_at_the_next_discovery() -> None:
    """A declaration never flaps; a port of the spanning tree may."""
    kept = {rule["key"]: rule["lifetime"] for rule in rules_of(EXPORT)}
    ports = kept.pop("vigie.net.tree.port.discovery")
    assert ports == "{$VIGIE.NET.KEEP}"
    assert set(kept.values()) == {"0"}


@pytest.mark.parametrize("place", ["template", "lab"])
def test_the_periods_leave_no_room_for_a_consequence_before_its_cause(place: str) -> None:
    """A silent router's last word is forgotten before the pair is judged; the pair is judged before one router."""
    seconds = seconds_of_macros() if place == "template" else seconds_in_the_lab()
    interval, fresh = seconds["{$VIGIE.NET.INTERVAL}"], seconds["{$VIGIE.NET.FRESH}"]
    period, alone = seconds["{$VIGIE.NET.PERIOD}"], seconds["{$VIGIE.NET.ROLE.PERIOD}"]
    assert period >= fresh + interval
    assert alone > period + fresh
    assert fresh >= 3 * interval
