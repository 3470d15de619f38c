"""Zabbix's comparison of a template, made readable, without the differences that are none."""

from typing import Any

from provisioning.model import FieldChange
from provisioning.template_difference import essential, field_changes, removals
from vigie.zabbix.releases import Release

DEFAULTS_70 = Release((7, 0, 22)).import_defaults


def updated_template(**inside: Any) -> dict[str, Any]:
    head = {"uuid": "1" * 32, "template": "T", "name": "T"}
    return {"templates": {"updated": [{"before": head, "after": head, **inside}]}}


def item(**fields: str) -> dict[str, str]:
    return {"uuid": "2" * 32, "name": "Age", "key": "age", **fields}


def test_no_difference_is_told_by_an_empty_list() -> None:
    assert essential([], DEFAULTS_70) == {}


def test_defaults_that_zabbix_7_0_writes_out_are_no_difference() -> None:
    difference = updated_template(
        items={"updated": [{"before": item(), "after": item(type="ZABBIX_PASSIVE", history="31d")}]}
    )
    assert essential(difference, DEFAULTS_70) == {}


def test_a_field_that_returns_to_its_default_is_a_difference() -> None:
    difference = updated_template(items={"updated": [{"before": item(history="90d"), "after": item(history="31d")}]})
    assert field_changes(essential(difference, DEFAULTS_70)) == (FieldChange("items 'Age': history", ("90d",)),)


def test_a_changed_field_is_shown_with_its_item() -> None:
    difference = updated_template(items={"updated": [{"before": item(delay="1m"), "after": item(delay="2m")}]})
    assert field_changes(essential(difference, {})) == (FieldChange("items 'Age': delay", ("1m",), ("2m",)),)


def test_added_and_removed_things_are_named_inside_what_holds_them() -> None:
    rule = {"uuid": "3" * 32, "name": "Rule", "key": "rule"}
    difference = updated_template(
        items={"removed": [item()]},
        discovery_rules={
            "updated": [{"before": rule, "after": rule, "trigger_prototypes": {"added": [{"name": "Stale"}]}}]
        },
    )
    assert field_changes(essential(difference, {})) == (
        FieldChange("items", ("Age",)),
        FieldChange("discovery rules 'Rule': trigger prototypes", (), ("Stale",)),
    )


def test_a_dashboard_is_compared_down_to_its_fields() -> None:
    def page(width: str) -> dict[str, Any]:
        return {"uuid": "4" * 32, "name": "Board", "pages": [{"widgets": [{"width": width, "type": "ITEM"}]}]}

    difference = updated_template(dashboards={"updated": [{"before": page("3"), "after": page("4")}]})
    assert field_changes(essential(difference, {})) == (
        FieldChange("dashboards 'Board': pages 1: widgets 1: width", ("3",), ("4",)),
    )


def test_widgets_and_their_fields_in_another_order_are_no_difference() -> None:
    def board(*widgets: dict[str, Any]) -> dict[str, Any]:
        return {"uuid": "4" * 32, "name": "Board", "pages": [{"widgets": list(widgets)}]}

    shown = [{"type": "INTEGER", "name": "show", "value": value} for value in ("1", "2")]
    first, second = {"type": "ITEM", "x": "1", "fields": shown}, {"type": "PROBLEMS"}
    turned = board(second, {**first, "fields": shown[::-1]})
    difference = updated_template(dashboards={"updated": [{"before": board(first, second), "after": turned}]})
    assert essential(difference, {}) == {}


def test_removed_items_and_triggers_count_against_the_limit_and_tags_do_not() -> None:
    rule = {"name": "Rule"}
    difference = updated_template(
        items={"removed": [item(), item()], "added": [item()]},
        tags={"removed": [{"tag": "a"}]},
        discovery_rules={"updated": [{"before": rule, "after": rule, "item_prototypes": {"removed": [item()]}}]},
    )
    assert removals(difference) == 3
