"""The templates of the repository as their files export them."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[3]
FILES = sorted(ROOT.glob("templates/*/template_*.yaml"))

Data = dict[str, Any]


@cache
def export_of(file: Path) -> Data:
    """What a template's file exports."""
    data: Data = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))["zabbix_export"]
    return data


def export_in(folder: str) -> Data:
    """What the template in a folder of `templates` exports."""
    (file,) = (ROOT / "templates" / folder).glob("template_*.yaml")
    return export_of(file)


def walk(node: Any) -> Iterator[Data]:
    """Every mapping inside an export."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def template_of(export: Data) -> Data:
    (template,) = export["templates"]
    assert isinstance(template, dict)
    return template


def rules_of(export: Data) -> list[Data]:
    """Discovery rules."""
    rules: list[Data] = template_of(export).get("discovery_rules", [])
    return rules


def items_of(export: Data) -> list[Data]:
    """Items and item prototypes."""
    prototypes = [item for rule in rules_of(export) for item in rule["item_prototypes"]]
    return [*template_of(export).get("items", []), *prototypes]


def triggers_of(export: Data) -> list[Data]:
    """Triggers and trigger prototypes, wherever the export puts them."""
    return [node for node in walk(export) if "expression" in node and "priority" in node]


def meanings(export: Data, name: str) -> dict[int, str]:
    """A value map: what each number means."""
    (found,) = [valuemap for valuemap in template_of(export)["valuemaps"] if valuemap["name"] == name]
    return {int(mapping["value"]): mapping["newvalue"] for mapping in found["mappings"]}


def paths_of(export: Data) -> set[str]:
    """The first JSONPath of every dependent item and rule."""
    found = set()
    for dependent in [*rules_of(export), *items_of(export)]:
        found |= {step["parameters"][0] for step in dependent.get("preprocessing", []) if step["type"] == "JSONPATH"}
    return found


def is_by_snmp(export: Data) -> bool:
    """Whether the template's items are native SNMP items: no program of Vigie's answers."""
    return bool(re.search(r" by SNMP$", template_of(export)["name"]))
