"""Vigie's own templates: imported only when Zabbix itself says that something in them differs.

A template that is identical is never imported again: an import blanks the values of secret macros although Zabbix
calls it no difference.
"""

from collections.abc import Sequence
from typing import ClassVar

from provisioning.model import Act, Change, RefusedError, World
from provisioning.roles import EVERY
from provisioning.shipped import ShippedTemplate
from provisioning.template_difference import essential, field_changes, removals
from vigie.zabbix.errors import CallRefusedError
from vigie.zabbix.releases import Row


class Templates:
    """Vigie's templates, and the ids of Zabbix's own that hosts are linked to."""

    title: ClassVar[str] = "template"

    def __init__(self, world: World) -> None:
        self._world = world
        self._shipped = {template.name: template for template in world.templates}

    def examine(self) -> list[Change]:
        """Compare by configuration.importcompare, one call per template; fills `world.template_ids`."""
        names = sorted(EVERY | set(self._shipped))
        rows = self._world.session.get("template", output=["templateid", "host", "uuid"], filter={"host": names})
        present = {row["host"]: row for row in rows}
        self._world.template_ids.update({name: row["templateid"] for name, row in present.items()})
        changes = []
        for template in self._shipped.values():
            row = present.get(template.name)
            if row is not None and row["uuid"] != template.uuid:
                raise RefusedError(
                    f"the template {template.name!r} exists in Zabbix and is not Vigie's (its UUID is another one): "
                    "rename it there, then start again"
                )
            answer = self._world.session.call("configuration.importcompare", self._parameters(template))
            difference = essential(answer, self._world.session.release.import_defaults)
            if difference:
                act = Act.UPDATE if row is not None else Act.CREATE
                fields = field_changes(difference) if row is not None else ()
                lost = removals(difference) if row is not None else 0
                changes.append(Change(self.title, act, template.name, fields, lost, row["templateid"] if row else ""))
        return changes

    def write(self, changes: Sequence[Change]) -> None:
        """Import the templates that differ, one call each."""
        for change in changes:
            template = self._shipped[change.name]
            try:
                self._world.session.call("configuration.import", self._parameters(template))
            except CallRefusedError as error:
                raise CallRefusedError(f"the import of {template.file.name}", error.reason) from None
            self._world.progress(self.title, 1)
        created = [change.name for change in changes if change.act is Act.CREATE]
        if created:
            rows = self._world.session.get("template", output=["templateid", "host"], filter={"host": created})
            self._world.template_ids.update({row["host"]: row["templateid"] for row in rows})

    def remove(self, changes: Sequence[Change]) -> None:
        """Nothing: templates stay, for hosts of other site files may be linked to them."""

    def _parameters(self, template: ShippedTemplate) -> Row:
        return {
            "format": "yaml",
            "source": template.source,
            "rules": self._world.session.release.import_rules,
        }
