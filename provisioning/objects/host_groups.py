"""Host groups: one for the academy, one for each school. A group that bears our UUID is ours, whatever its name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from provisioning import marks
from provisioning.batches import SMALL, batches
from provisioning.model import Act, Change, Found, RefusedError, World, compare
from vigie.site import School, Site

ROOT = "Vigie"
_NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class HostGroup:
    """A host group; its key is its UUID."""

    name: str


class HostGroups:
    """The academy's and the schools' host groups."""

    title: ClassVar[str] = "host group"

    def __init__(self, world: World) -> None:
        self._world = world
        self._academy = world.site.academy.name

    def examine(self) -> list[Change]:
        """Compare; fills `world.group_ids`."""
        desired = desired_groups(self._world.site)
        names = [group.name for group in desired.values()]
        get = self._world.session.get
        rows = get("hostgroup", output=["groupid", "name", "uuid"], filter={"uuid": list(desired)})
        current = {row["uuid"]: Found(row["groupid"], HostGroup(row["name"])) for row in rows}
        namesakes = get("hostgroup", output=["groupid", "name", "uuid"], search={"name": f"{ROOT}/"}, startSearch=True)
        stale = {}
        for row in namesakes:
            if row["name"] in names and row["uuid"] not in desired:
                raise RefusedError(
                    f"the host group {row['name']!r} exists in Zabbix and was not made by Vigie for this academy: "
                    "rename it there, then start again"
                )
            if marks.is_own_group(self._academy, row["uuid"]) and row["uuid"] not in desired:
                stale[row["name"]] = row["groupid"]
        # A group that is to be renamed is found by its UUID: its id serves under the new name.
        self._world.group_ids.update({desired[uuid].name: found.id for uuid, found in current.items()})
        changes = compare(self.title, desired, current, stale)
        return [replace(c, name=desired[c.name].name) if c.act is not Act.REMOVE else c for c in changes]

    def write(self, changes: Sequence[Change]) -> None:
        """Create and rename groups."""
        uuids = {group.name: uuid for uuid, group in desired_groups(self._world.site).items()}
        create = [change for change in changes if change.act is Act.CREATE]
        for batch in batches(create, SMALL):
            rows = [{"name": change.name, "uuid": uuids[change.name]} for change in batch]
            answer = self._world.session.call("hostgroup.create", rows)
            self._world.group_ids.update(zip((row["name"] for row in rows), answer["groupids"], strict=True))
            self._world.progress(self.title, len(batch))
        rename = [change for change in changes if change.act is Act.UPDATE]
        for batch in batches(rename, SMALL):
            self._world.session.call(
                "hostgroup.update", [{"groupid": change.id, "name": change.name} for change in batch]
            )
            self._world.progress(self.title, len(batch))

    def remove(self, changes: Sequence[Change]) -> None:
        """Remove groups of schools that left the site file; their hosts are gone by now."""
        for batch in batches(changes, SMALL):
            self._world.session.call("hostgroup.delete", [change.id for change in batch])
            self._world.progress(self.title, len(batch))


def desired_groups(site: Site) -> dict[str, HostGroup]:
    """The groups by UUID."""
    academy = site.academy.name
    groups = {marks.group_uuid(academy, ""): HostGroup(f"{ROOT}/{_plain(academy)}")}
    for school in site.schools:
        groups[marks.group_uuid(academy, school.uai)] = HostGroup(school_group(site, school))
    return groups


def school_group(site: Site, school: School) -> str:
    """The name of a school's host group: `Vigie/<academy>/<school> (<UAI>)`."""
    head = f"{ROOT}/{_plain(site.academy.name)}/"
    tail = f" ({school.uai})"
    return head + _plain(school.name)[: _NAME_LENGTH - len(head) - len(tail)] + tail


def _plain(text: str) -> str:
    """A name without the slashes that would make a group inside a group."""
    return " ".join(text.replace("/", "-").split())
