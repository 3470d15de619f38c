"""Working out a plan, and applying it."""

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from provisioning.model import Act, Change, Kind, RefusedError, World
from provisioning.objects import KINDS
from provisioning.shipped import ShippedTemplate
from vigie.site import Site
from vigie.zabbix.session import Session


@dataclass(frozen=True, slots=True)
class Plan:
    """What would change, in the order of application, and what a person should know beside."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()

    @property
    def lost(self) -> int:
        """How many things would be removed from Zabbix."""
        return sum(change.lost for change in self.changes)

    def counts(self) -> Counter[Act]:
        """How many objects are created, updated and removed."""
        return Counter(change.act for change in self.changes)


class Progress(Protocol):
    """Who watches an application."""

    def starts(self, plan: Plan) -> None:
        """The plan that is about to be applied."""

    def done(self, title: str, count: int) -> None:
        """So many objects of a kind were written."""


def plan(session: Session, site: Site, templates: tuple[ShippedTemplate, ...]) -> Plan:
    """Compare a site file with Zabbix; reads only.

    Args:
        session: connected.
        site: the site file.
        templates: Vigie's own, as `shipped_templates` reads them.

    Raises:
        RefusedError: something that Vigie did not make stands in the way.
        ZabbixError: Zabbix cannot be asked.
    """
    return _planned(_examined(World(session, site, templates)))


def apply(
    session: Session,
    site: Site,
    templates: tuple[ShippedTemplate, ...],
    watcher: Progress,
    approved_removals: int | None = None,
) -> Plan:
    """Make Zabbix what the site file says; makes no write call when nothing differs.

    Kinds are written one after the other, each compared again after the earlier ones were written; removals come last,
    in the opposite order. Stopped anywhere, the next application finds what is missing and goes on.

    Args:
        session: connected.
        site: the site file.
        templates: Vigie's own, as `shipped_templates` reads them.
        watcher: told of the progress.
        approved_removals: how many removals a person approved, when there are more than the site file's limit.

    Returns:
        The plan that was applied.

    Raises:
        RefusedError: something stands in the way, or too much would be removed; nothing was touched.
        ZabbixError: Zabbix cannot be asked, or refused a write; what was written before stays.
    """
    world = World(session, site, templates, progress=watcher.done)
    examined = _examined(world)
    first = _planned(examined)
    _refuse_removals(first.lost, site.zabbix.removal_limit, approved_removals)
    watcher.starts(first)
    written = False
    removals: list[tuple[Kind, list[Change]]] = []
    for kind, known in examined.changes:
        changes = kind.examine() if written else known
        # What a later look would remove was not in the plan that a person saw: it is left to the next application.
        planned = {(change.act, change.id) for change in known}
        removals.append((kind, [c for c in changes if c.act is Act.REMOVE and (c.act, c.id) in planned]))
        wanted = [change for change in changes if change.act is not Act.REMOVE]
        if wanted:
            kind.write(wanted)
            written = True
    for kind, gone in reversed(removals):
        if gone:
            kind.remove(gone)
    return first


@dataclass(frozen=True, slots=True)
class _Examined:
    world: World
    changes: list[tuple[Kind, list[Change]]]


def _examined(world: World) -> _Examined:
    kinds = [kind(world) for kind in KINDS]
    return _Examined(world, [(kind, kind.examine()) for kind in kinds])


def _planned(examined: _Examined) -> Plan:
    return Plan(tuple(c for _, changes in examined.changes for c in changes), tuple(examined.world.notes))


def _refuse_removals(lost: int, limit: int, approved: int | None) -> None:
    if lost <= limit or lost == approved:
        return
    things = "1 thing" if lost == 1 else f"{lost} things"
    what = f"this would remove {things} from Zabbix with the data, more than zabbix.removal_limit ({limit})"
    if approved is not None:
        what += f", and {approved} were approved"
    raise RefusedError(f"{what}: look at `vigie provision plan`, then approve with --approve-removals {lost}")
