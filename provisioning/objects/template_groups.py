"""The template groups that Vigie's templates stand in. They exist before the import, and are never removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from provisioning.model import Change, Found, RefusedError, World, compare


@dataclass(frozen=True, slots=True)
class TemplateGroup:
    """A template group; its key is its name."""

    uuid: str


class TemplateGroups:
    """The template groups of Vigie's own templates (host groups before Zabbix 6.2)."""

    title: ClassVar[str] = "template group"

    def __init__(self, world: World) -> None:
        self._world = world
        self._desired = {
            name: TemplateGroup(uuid) for template in world.templates for name, uuid in template.groups.items()
        }

    def examine(self) -> list[Change]:
        """Compare by name; a group of that name with another UUID was made by a person, and serves as well."""
        if not self._desired:
            return []
        thing = self._world.session.release.template_group
        rows = self._world.session.get(thing, output=["groupid", "name", "uuid"], filter={"name": list(self._desired)})
        taken = self._world.session.get(
            thing,
            output=["name", "uuid"],
            filter={"uuid": [group.uuid for group in self._desired.values()]},
        )
        for row in taken:
            if row["name"] not in self._desired:
                raise RefusedError(
                    f"Zabbix has renamed Vigie's template group to {row['name']!r}: give it back its name, "
                    f"one of {', '.join(sorted(self._desired))}"
                )
        current = {row["name"]: Found(row["groupid"], self._desired[row["name"]]) for row in rows}
        return compare(self.title, self._desired, current)

    def write(self, changes: Sequence[Change]) -> None:
        """Create the groups that are missing."""
        rows = [{"name": change.name, "uuid": self._desired[change.name].uuid} for change in changes]
        if rows:
            self._world.session.call(f"{self._world.session.release.template_group}.create", rows)
            self._world.progress(self.title, len(rows))

    def remove(self, changes: Sequence[Change]) -> None:
        """Nothing: template groups stay."""
