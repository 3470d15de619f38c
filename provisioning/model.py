"""What provisioning speaks of: changes, the world they are worked out in, and what every kind of object offers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from provisioning.shipped import ShippedTemplate
from vigie.errors import VigieError
from vigie.site import Host, School, Site
from vigie.zabbix.session import Session


class Act(StrEnum):
    """What becomes of an object."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one object: what goes and what comes, as text that may be shown (never a secret)."""

    name: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One object that differs from the site file.

    Args:
        kind: the kind's title.
        act: what becomes of it.
        name: the object's name, its key within the kind.
        fields: what changes in it.
        lost: how many things are removed from Zabbix by it, with their data; held against the site file's limit.
        id: the object's id in Zabbix, empty when it does not exist yet.
    """

    kind: str
    act: Act
    name: str
    fields: tuple[FieldChange, ...] = ()
    lost: int = 0
    id: str = ""


class RefusedError(VigieError):
    """Something in Zabbix is in the way; nothing was touched."""


@dataclass(slots=True)
class World:
    """What the kinds share while one plan is worked out: the session, the site, and ids by name as they become known.

    Args:
        session: connected.
        site: the site file.
        templates: Vigie's own, as their files say.
        notes: sentences for the person who reads the plan, for what cannot be done but is no error.
        progress: told after each write how many objects of a kind are done.
    """

    session: Session
    site: Site
    templates: tuple[ShippedTemplate, ...]
    notes: list[str] = field(default_factory=list)
    group_ids: dict[str, str] = field(default_factory=dict)
    template_ids: dict[str, str] = field(default_factory=dict)
    proxy_ids: dict[str, str] = field(default_factory=dict)
    host_ids: dict[str, str] = field(default_factory=dict)
    progress: Callable[[str, int], None] = lambda _title, _count: None

    def hosts(self) -> list[tuple[School, Host]]:
        """Every host of the site with its school."""
        return [(school, host) for school in self.site.schools for host in school.hosts]

    def note(self, sentence: str) -> None:
        """Keep a sentence to show with the plan, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)


class Kind(Protocol):
    """A kind of object: one small module of `provisioning.objects`, listed there in the order of application."""

    title: ClassVar[str]

    def __init__(self, world: World) -> None: ...

    def examine(self) -> list[Change]:
        """Compare the site file with Zabbix. Reads only; the number of calls does not depend on the number of hosts.

        Raises:
            RefusedError: when an object that Vigie did not make stands in the way.
        """

    def write(self, changes: Sequence[Change]) -> None:
        """Create and update what `examine` found, in batches."""

    def remove(self, changes: Sequence[Change]) -> None:
        """Remove what `examine` found to be Vigie's own and no longer wanted."""


State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Found(Generic[State]):
    """An object as it is in Zabbix."""

    id: str
    state: State


def compare(
    kind: str,
    desired: Mapping[str, State],
    current: Mapping[str, Found[State]],
    removable: Mapping[str, str] | None = None,
) -> list[Change]:
    """The changes that make `current` what `desired` says; states are frozen dataclasses, compared field by field.

    Args:
        kind: the kind's title.
        desired: what must be, by name.
        current: what is, by the same names.
        removable: ids by name of what is Vigie's own and no longer wanted.
    """
    changes = []
    for name, wanted in desired.items():
        found = current.get(name)
        if found is None:
            changes.append(Change(kind, Act.CREATE, name, field_changes(None, wanted)))
        elif found.state != wanted:
            changes.append(Change(kind, Act.UPDATE, name, field_changes(found.state, wanted), id=found.id))
    changes += [Change(kind, Act.REMOVE, name, lost=1, id=found_id) for name, found_id in (removable or {}).items()]
    return changes


def field_changes(before: Any, after: Any) -> tuple[FieldChange, ...]:
    """Field by field, what goes and what comes. Sets are compared element by element; `before` may be None."""
    found = []
    for spec in fields(after):
        if not spec.compare:
            continue
        old = _parts(getattr(before, spec.name)) if before is not None else ()
        new = _parts(getattr(after, spec.name))
        if old != new:
            gone = tuple(part for part in old if part not in new)
            come = tuple(part for part in new if part not in old)
            found.append(FieldChange(spec.name.replace("_", " "), gone, come))
    return tuple(found)


def _parts(value: Any) -> tuple[str, ...]:
    if isinstance(value, frozenset | set | tuple | list) and not hasattr(value, "_fields"):
        return tuple(sorted(str(part) for part in value))
    return (str(value),) if value not in ("", None) else ()
