"""Zabbix's own comparison of a template with its file, made readable."""

import json
from collections.abc import Iterator
from typing import Any

from provisioning.model import FieldChange

_NAMES = ("name", "template", "key", "macro", "event_name", "tag", "uuid")
_MOST = 12  # differences shown of one thing: a dashboard that moved has a hundred
# Parts of a dashboard that Zabbix reads from its database in any order, and that carry their place or name themselves.
_UNORDERED = frozenset({"widgets", "fields"})
_LOSSES = frozenset(
    {"items", "discovery_rules", "item_prototypes", "triggers", "trigger_prototypes", "graphs", "httptests"}
)


def essential(difference: Any, defaults: dict[str, str]) -> dict[str, Any]:
    """Zabbix's comparison without the differences that are none: fields written out with their default value.

    Args:
        difference: what `configuration.importcompare` answers (a list when it is empty).
        defaults: of the release at hand, `Release.import_defaults`.
    """
    if not isinstance(difference, dict):
        return {}
    kept = {}
    for kind, steps in difference.items():
        if not isinstance(steps, dict):
            continue
        left = {step: steps[step] for step in ("added", "removed") if steps.get(step)}
        updated = [entry for entry in (_essential_entry(e, defaults) for e in steps.get("updated", [])) if entry]
        if updated:
            left["updated"] = updated
        if left:
            kept[kind] = left
    return kept


def _essential_entry(entry: dict[str, Any], defaults: dict[str, str]) -> dict[str, Any]:
    before, after = _plain(entry.get("before", {}), defaults), _plain(entry.get("after", {}), defaults)
    inside = essential({key: value for key, value in entry.items() if key not in ("before", "after")}, defaults)
    return {"before": before, "after": after, **inside} if inside or before != after else {}


def _plain(value: Any, defaults: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _part(key, part, defaults) for key, part in value.items() if defaults.get(key) != part}
    if isinstance(value, list):
        return [_plain(part, defaults) for part in value]
    return value


def _part(key: str, value: Any, defaults: dict[str, str]) -> Any:
    plain = _plain(value, defaults)
    if key in _UNORDERED and isinstance(plain, list):
        plain.sort(key=lambda part: json.dumps(part, sort_keys=True))
    return plain


def field_changes(difference: dict[str, Any]) -> tuple[FieldChange, ...]:
    """What an import would change, one line per thing and field.

    Args:
        difference: what `configuration.importcompare` answers: for each kind of thing `added`, `removed` and `updated`,
            the last with `before`, `after` and the kinds inside it.
    """
    return tuple(_walk(difference, ""))


def removals(difference: dict[str, Any]) -> int:
    """How many things that hold data or settings of their own an import would remove."""
    count = 0
    for kind, steps in difference.items():
        if not isinstance(steps, dict):
            continue
        if kind in _LOSSES:
            count += len(steps.get("removed", []))
        for entry in steps.get("updated", []):
            count += removals({key: value for key, value in entry.items() if key not in ("before", "after")})
    return count


def _walk(node: dict[str, Any], place: str) -> Iterator[FieldChange]:
    for kind, steps in node.items():
        if not isinstance(steps, dict):
            continue
        title = kind.replace("_", " ")
        for entry in steps.get("added", []):
            yield FieldChange(f"{place}{title}", added=(_name(_whole(entry, "after")),))
        for entry in steps.get("removed", []):
            yield FieldChange(f"{place}{title}", removed=(_name(_whole(entry, "before")),))
        for entry in steps.get("updated", []):
            before, after = entry.get("before", {}), entry.get("after", {})
            # The template itself is named by the change: its fields stand at the top.
            inside = f"{place}{title} {_name(after)!r}: " if kind not in ("templates",) else place
            inner = list(_fields(before, after, inside))
            yield from inner[:_MOST]
            if len(inner) > _MOST:
                yield FieldChange(f"{inside}and {len(inner) - _MOST} more differences")
            yield from _walk({key: value for key, value in entry.items() if key not in ("before", "after")}, inside)


def _fields(before: dict[str, Any], after: dict[str, Any], place: str) -> Iterator[FieldChange]:
    """The fields that differ, down to the innermost: a dashboard is one field of a template, and a long one."""
    for name in sorted(set(before) | set(after)):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _fields(old, new, f"{place}{name}: ")
        elif isinstance(old, list) and isinstance(new, list) and _are_alike(old, new):
            for number, (one, other) in enumerate(zip(old, new, strict=True), 1):
                yield from _fields(one, other, f"{place}{name} {one.get('name', number)}: ")
        else:
            yield FieldChange(f"{place}{name}", _texts(old), _texts(new))


def _are_alike(old: list[Any], new: list[Any]) -> bool:
    """Whether two lists hold as many things, so that they can be told one by one."""
    return len(old) == len(new) and all(isinstance(part, dict) for part in [*old, *new])


def _whole(entry: dict[str, Any], side: str) -> dict[str, Any]:
    inner = entry.get(side)
    return inner if isinstance(inner, dict) else entry


def _name(thing: dict[str, Any]) -> str:
    return next((str(thing[field]) for field in _NAMES if thing.get(field)), "(without a name)")


def _texts(value: Any) -> tuple[str, ...]:
    if value in (None, "", [], {}):
        return ()
    if isinstance(value, list):
        return tuple(_text(part) for part in value)
    return (_text(value),)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(part)}" for key, part in value.items() if key != "uuid")
    if isinstance(value, list):
        return "[" + "; ".join(_text(part) for part in value) + "]"
    return str(value)
