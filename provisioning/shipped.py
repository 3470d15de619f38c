"""Vigie's own templates, as their files say: what provisioning needs to know before Zabbix reads them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from vigie.errors import VigieError
from vigie.paths import room


@dataclass(frozen=True, slots=True)
class ShippedTemplate:
    """A template's file.

    Args:
        name: its technical name.
        uuid: how Zabbix knows it again.
        groups: the UUIDs of its template groups, by name.
        source: the whole file.
        file: where it is.
    """

    name: str
    uuid: str
    groups: dict[str, str]
    source: str
    file: Path


def shipped_templates(folder: Path | None = None) -> tuple[ShippedTemplate, ...]:
    """The templates in a folder (`templates` when none is given), in the order of their names.

    Raises:
        VigieError: when a file cannot be read, or is not a template with its UUIDs.
    """
    found = [_read(file, file.stat().st_mtime_ns) for file in sorted((folder or room("templates")).glob("*/*.yaml"))]
    return tuple(sorted(found, key=lambda template: template.name))


@lru_cache(maxsize=64)
def _read(file: Path, _changed: int) -> ShippedTemplate:
    try:
        source = file.read_text(encoding="utf-8")
        export = YAML(typ="safe", pure=True).load(_head(source))["zabbix_export"]
        (template,) = export["templates"]
        groups = {group["name"]: str(group["uuid"]) for group in export["groups"]}
        return ShippedTemplate(template["template"], str(template["uuid"]), groups, source, file)
    except OSError as error:
        raise VigieError(f"{file}: cannot be read: {error.strerror}") from error
    except (YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise VigieError(f"{file}: is not a template exported by Zabbix 6.0: install Vigie again") from error


def _head(source: str) -> str:
    """The first part of an export: groups, then the template down to its items; the rest is long, and Zabbix's."""
    lines = source.splitlines()
    for number, line in enumerate(lines):
        if (
            line.strip() in ("items:", "discovery_rules:", "macros:", "dashboards:", "valuemaps:")
            and line[:6] == "      "
        ):
            return "\n".join(lines[:number])
    return source
