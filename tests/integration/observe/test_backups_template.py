"""The template in real servers: imported by hand, exported again, nothing differs."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from lab.zabbix import Zabbix
from lab.zabbix.api import Api

FILE = Path(__file__).parents[3] / "templates/specibike_backups_agent/template_specibike_backups_agent.yaml"
NAME = "Specibike backups by Zabbix agent"
# What the frontend's import page proposes, with removals, so that a difference cannot hide as a leftover.
RULES = {
    kind: {"createMissing": True, "updateExisting": True, "deleteMissing": True}
    for kind in ("items", "triggers", "graphs", "discoveryRules", "templateDashboards", "valueMaps")
} | {"templates": {"createMissing": True, "updateExisting": True}}


def rules(zabbix: Zabbix) -> dict[str, Any]:
    """Hosts and templates share their groups in 6.0, and no longer in 7.0."""
    groups = "groups" if zabbix.release.name == "6.0" else "template_groups"
    return RULES | {groups: {"createMissing": True, "updateExisting": True}}


@pytest.fixture
def imported(zabbix: Zabbix, api: Api) -> str:
    """The template's identifier, once it is imported by hand."""
    assert api.call("configuration.import", format="yaml", source=FILE.read_text(), rules=rules(zabbix)) is True
    (template,) = api.call("template.get", filter={"host": NAME}, output=["templateid"])
    return str(template["templateid"])


def test_what_was_imported_does_not_differ(zabbix: Zabbix, api: Api, imported: str) -> None:
    differences = api.call("configuration.importcompare", format="yaml", source=FILE.read_text(), rules=rules(zabbix))
    if zabbix.release.name == "6.0":
        assert differences == []
        return
    # 7.0 writes out the type of passive items when it converts, and leaves it out when it exports: that is all.
    (template,) = differences.pop("templates").pop("updated")
    assert differences == {}
    assert template.pop("before") == template.pop("after")
    (item,) = template.pop("items").pop("updated")
    assert template == {}
    assert item["after"] == item["before"] | {"type": "ZABBIX_PASSIVE"}


def test_what_is_exported_is_what_was_imported(zabbix: Zabbix, api: Api, imported: str) -> None:
    exported = plain(api.call("configuration.export", format="yaml", options={"templates": [imported]}))
    ours = plain(FILE.read_text())
    if zabbix.release.name == "6.0":
        assert exported == ours
        return
    # 7.0 has its own format; what a person sees in it must be the same.
    for path in ("items", "discovery_rules", "macros", "valuemaps", "dashboards"):
        assert len(exported["templates"][0][path]) == len(ours["templates"][0][path]), path
    assert {t["name"] for t in exported["triggers"]} == {t["name"] for t in ours["triggers"]}
    (page, _) = exported["templates"][0]["dashboards"][0]["pages"]
    assert len(page["widgets"]) == len(ours["templates"][0]["dashboards"][0]["pages"][0]["widgets"])


def plain(text: str) -> Any:
    """An export without its date; line ends as files have them."""

    def cleaned(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: cleaned(value) for key, value in node.items() if key != "date"}
        if isinstance(node, list):
            return [cleaned(value) for value in node]
        return node.replace("\r\n", "\n").rstrip("\n") if isinstance(node, str) else node

    return cleaned(YAML(typ="safe", pure=True).load(text)["zabbix_export"])


def test_every_trigger_is_understood_by_the_server(api: Api, imported: str) -> None:
    triggers = api.call("trigger.get", templateids=imported, output=["state", "error"])
    assert triggers
    prototypes = api.call(
        "triggerprototype.get", templateids=imported, output=["description"], selectDependencies=["triggerid"]
    )
    assert len(prototypes) == 4
    assert all(len(prototype["dependencies"]) >= 2 for prototype in prototypes)
