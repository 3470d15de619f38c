"""Hosts, with their groups, templates, interface, proxy and tags."""

from collections.abc import Sequence
from typing import Any, ClassVar

from provisioning import marks
from provisioning.batches import HOSTS, batches
from provisioning.model import Act, Change, Found, RefusedError, World, compare
from provisioning.objects.host_state import HostState, Tag, desired_host, found_host, visible_names
from provisioning.objects.unlinking import let_go
from provisioning.roles import EVERY, OWN
from vigie.zabbix.releases import Row

_MANAGED = {"tag": marks.MANAGED_TAG, "value": marks.MANAGED_VALUE, "operator": 1}


class Hosts:
    """The schools' machines."""

    title: ClassVar[str] = "host"

    def __init__(self, world: World) -> None:
        self._world = world
        self._desired: dict[str, HostState] = {}
        self._rows: dict[str, Row] = {}
        self._own_groups: dict[str, str] = {}
        self._in_the_way: list[Row] = []

    def examine(self) -> list[Change]:
        """Compare all hosts, three calls; fills `world.host_ids`."""
        self._desired = self._wanted()
        self._rows = {row["host"]: row for row in self._get(filter={"host": list(self._desired)})}
        self._refuse_strangers()
        mine = self._get_names(
            tags=[_MANAGED, {"tag": marks.ACADEMY_TAG, "value": self._world.site.academy.name, "operator": 1}],
            evaltype=0,
        )
        self._own_groups = {group_id: name for name, group_id in self._world.group_ids.items()}
        proxies = {proxy_id: name for name, proxy_id in self._world.proxy_ids.items()}
        release = self._world.session.release
        current = {
            name: Found(row["hostid"], found_host(row, self._desired[name], release, proxies, self._own_groups))
            for name, row in self._rows.items()
        }
        self._world.host_ids.update({name: row["hostid"] for name, row in self._rows.items()})
        stale = {row["host"]: row["hostid"] for row in mine if row["host"] not in self._desired}
        self._find_taken_names(set(stale))
        return [self._counted(change) for change in compare(self.title, self._desired, current, stale)]

    def write(self, changes: Sequence[Change]) -> None:
        """Create and update hosts, `HOSTS` a call."""
        call = self._world.session.call
        if self._in_the_way:
            call("host.update", [{"hostid": row["hostid"], "name": row["host"]} for row in self._in_the_way])
        create = [change.name for change in changes if change.act is Act.CREATE]
        for batch in batches(create, HOSTS):
            answer = call("host.create", [self._creation(name) for name in batch])
            self._world.host_ids.update(zip(batch, answer["hostids"], strict=True))
            self._world.progress(self.title, len(batch))
        update = [change for change in changes if change.act is Act.UPDATE]
        for part in batches(update, HOSTS):
            self._write_interfaces(part)
            rows = [row for change in part if len(row := self._update(change)) > 1]
            if rows:
                let_go(self._world.session, self._world.host_ids.values(), rows)
                call("host.update", rows)
            self._world.progress(self.title, len(part))

    def remove(self, changes: Sequence[Change]) -> None:
        """Remove hosts that left the site file, with their history."""
        for batch in batches(changes, HOSTS):
            self._world.session.call("host.delete", [change.id for change in batch])
            self._world.progress(self.title, len(batch))

    def _wanted(self) -> dict[str, HostState]:
        site = self._world.site
        known = set(self._world.template_ids) | {template.name for template in self._world.templates}
        shown = visible_names(site)
        wanted = {
            school.technical_name(host): desired_host(site, school, host, shown[school.uai, host.name], known)
            for school, host in self._world.hosts()
        }
        for missing in sorted(EVERY - known):
            whose = "Vigie's own" if missing in OWN else "Zabbix's own"
            self._world.note(f"{whose} template {missing!r} is not there: hosts are not linked to it")
        return wanted

    def _get(self, **params: Any) -> list[Row]:
        release = self._world.session.release
        return self._world.session.get(
            "host",
            output=["hostid", "host", "name", "description", *release.host_proxy_output],
            selectInterfaces=["interfaceid", "type", "main", "useip", "ip", "dns", "port"],
            selectParentTemplates=["templateid", "host"],
            selectTags=["tag", "value"],
            **{release.select_host_groups: ["groupid", "name"]},
            **params,
        )

    def _get_names(self, **params: Any) -> list[Row]:
        return self._world.session.get("host", output=["hostid", "host", "name"], **params)

    def _refuse_strangers(self) -> None:
        """Hosts of the same name that Vigie did not make for this academy: a person decides what becomes of them."""
        academy = self._world.site.academy.name
        for name, row in self._rows.items():
            tags = {Tag(tag["tag"], tag["value"]) for tag in row["tags"]}
            if Tag(marks.MANAGED_TAG, marks.MANAGED_VALUE) not in tags or Tag(marks.ACADEMY_TAG, academy) not in tags:
                raise RefusedError(
                    f"the host {name!r} exists in Zabbix and was not made by Vigie for this academy: rename it there, "
                    f"or put it in Vigie's hands by the tags {marks.MANAGED_TAG}: {marks.MANAGED_VALUE} and "
                    f"{marks.ACADEMY_TAG}: {academy}"
                )

    def _find_taken_names(self, stale: set[str]) -> None:
        """Visible names that another host bears: one of ours lends it (two schools may swap names), others keep it."""
        owners = {state.visible_name: name for name, state in self._desired.items()}
        self._in_the_way = []
        for row in self._get_names(filter={"name": list(owners)}):
            if row["host"] == owners.get(row["name"]):
                continue
            if row["host"] not in self._desired and row["host"] not in stale:
                raise RefusedError(
                    f"the visible name {row['name']!r} is taken in Zabbix by the host {row['host']!r}: rename that one"
                )
            self._in_the_way.append(row)

    @staticmethod
    def _counted(change: Change) -> Change:
        """A template that is unlinked takes its items and their history with it: that is a removal too."""
        if change.act is not Act.UPDATE:
            return change
        unlinked = sum(len(field.removed) for field in change.fields if field.name == "templates")
        return Change(change.kind, change.act, change.name, change.fields, unlinked, change.id)

    def _creation(self, name: str) -> Row:
        state = self._desired[name]
        return {
            "host": name,
            "name": state.visible_name,
            "description": state.description,
            "groups": [{"groupid": self._world.group_ids[group]} for group in sorted(state.groups)],
            "templates": [{"templateid": self._world.template_ids[link]} for link in sorted(state.templates)],
            "tags": [tag._asdict() for tag in sorted(state.tags)],
            "interfaces": [state.interface.creation()] if state.interface else [],
            **self._world.session.release.proxy_assignment(self._world.proxy_ids.get(state.proxy, "0")),
        }

    def _update(self, change: Change) -> Row:
        """The fields that differ; lists are written whole, so what people added to them goes along."""
        state, row = self._desired[change.name], self._rows[change.name]
        release = self._world.session.release
        new: Row = {"hostid": change.id}
        for field in change.fields:
            match field.name:
                case "visible name":
                    new["name"] = state.visible_name
                case "description":
                    new["description"] = state.description
                case "proxy":
                    new |= release.proxy_assignment(self._world.proxy_ids.get(state.proxy, "0"))
                case "groups":
                    ids = {group["groupid"] for group in row[release.host_groups]}
                    ids = (ids - set(self._own_groups)) | {self._world.group_ids[group] for group in state.groups}
                    new["groups"] = [{"groupid": group_id} for group_id in sorted(ids)]
                case "tags":
                    gone = set(field.removed)
                    kept = {Tag(tag["tag"], tag["value"]) for tag in row["tags"]}
                    kept = {tag for tag in kept if str(tag) not in gone} | state.tags
                    new["tags"] = [tag._asdict() for tag in sorted(kept)]
                case "templates":
                    links = {link["templateid"] for link in row["parentTemplates"] if link["host"] not in EVERY}
                    links |= {self._world.template_ids[link] for link in state.templates}
                    new["templates"] = [{"templateid": link} for link in sorted(links)]
                    dropped = [link for link in row["parentTemplates"] if link["host"] in field.removed]
                    if dropped:
                        new["templates_clear"] = [{"templateid": link["templateid"]} for link in dropped]
        return new

    def _write_interfaces(self, changes: Sequence[Change]) -> None:
        create, update = [], []
        for change in changes:
            wanted = self._desired[change.name].interface
            if wanted is None or not any(field.name == "interface" for field in change.fields):
                continue
            interfaces = self._rows[change.name]["interfaces"]
            main = next((i for i in interfaces if i["type"] == wanted.type and i["main"] == "1"), None)
            if main is None:
                create.append(wanted.creation() | {"hostid": change.id})
            else:
                update.append(wanted.fields() | {"interfaceid": main["interfaceid"]})
        if create:
            self._world.session.call("hostinterface.create", create)
        if update:
            self._world.session.call("hostinterface.update", update)
