"""Every template in real servers: imported by hand, exported again, nothing differs."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from lab.zabbix import Zabbix
from lab.zabbix.api import Api

FILES = sorted(Path(__file__).parents[3].glob("templates/*/template_*.yaml"))
# What the frontend's import page proposes, with removals, so that a difference cannot hide as a leftover.
RULES = {
    kind: {"createMissing": True, "updateExisting": True, "deleteMissing": True}
    for kind in ("items", "triggers", "graphs", "discoveryRules", "templateDashboards", "valueMaps")
} | {"templates": {"createMissing": True, "updateExisting": True}}


def rules(zabbix: Zabbix) -> dict[str, Any]:
    """Hosts and templates share their groups in 6.0, and no longer in 7.0."""
    groups = "groups" if zabbix.release.name == "6.0" else "template_groups"
    return RULES | {groups: {"createMissing": True, "updateExisting": True}}


@pytest.fixture(params=FILES, ids=lambda file: file.parent.name)
def file(request: pytest.FixtureRequest) -> Path:
    """Each template of the repository."""
    found: Path = request.param
    return found


@pytest.fixture
def imported(zabbix: Zabbix, api: Api, file: Path) -> str:
    """The template's identifier, once it is imported by hand."""
    text = file.read_text(encoding="utf-8")
    assert api.call("configuration.import", format="yaml", source=text, rules=rules(zabbix)) is True
    (ours,) = plain(text)["templates"]
    (template,) = api.call("template.get", filter={"host": ours["template"]}, output=["templateid"])
    return str(template["templateid"])


def test_what_was_imported_is_what_is_exported_and_differs_in_nothing(
    zabbix: Zabbix, api: Api, file: Path, imported: str
) -> None:
    text = file.read_text(encoding="utf-8")
    differences = api.call("configuration.importcompare", format="yaml", source=text, rules=rules(zabbix))
    exported = plain(api.call("configuration.export", format="yaml", options={"templates": [imported]}))
    if zabbix.release.name == "6.0":
        assert differences == []
        assert exported == plain(text)
    else:
        _differs_by_the_type_of_passive_items_alone(differences)
        _shows_the_same(exported, plain(text))


def _differs_by_the_type_of_passive_items_alone(differences: Any) -> None:
    """7.0 writes out the type of passive items when it converts, and leaves it out when it exports: that is all.

    It also names discovery rules whose lifetime is 0 (it writes that in another way), with nothing that differs.
    """
    if differences == []:
        return
    (template,) = differences.pop("templates").pop("updated")
    assert differences == {}
    assert template.pop("before") == template.pop("after")
    for item in template.pop("items", {"updated": []}).pop("updated"):
        assert item["after"] == item["before"] | {"type": "ZABBIX_PASSIVE"}
    for rule in template.pop("discovery_rules", {"updated": []}).pop("updated"):
        assert rule["after"] == rule["before"]
    assert template == {}


def _shows_the_same(exported: Any, ours: Any) -> None:
    """7.0 has its own format; what a person sees in it must be the same."""
    (theirs,), (template,) = exported["templates"], ours["templates"]
    for path in ("items", "discovery_rules", "macros", "valuemaps", "dashboards"):
        assert len(theirs.get(path, [])) == len(template.get(path, [])), path
    assert {t["name"] for t in exported.get("triggers", [])} == {t["name"] for t in ours.get("triggers", [])}
    for theirs_board, board in zip(theirs["dashboards"], template["dashboards"], strict=True):
        for their_page, page in zip(theirs_board["pages"], board["pages"], strict=True):
            assert len(their_page["widgets"]) == len(page["widgets"])


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
    prototypes = api.call("triggerprototype.get", templateids=imported, output=["description", "state"])
    assert triggers or prototypes
    assert all(trigger["error"] == "" for trigger in triggers)
