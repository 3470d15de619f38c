"""A host as Vigie describes it, from the site file and from Zabbix, in the same terms."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import NamedTuple

from provisioning import marks
from provisioning.objects.host_groups import school_group
from provisioning.roles import EVERY, templates_for
from vigie.errors import VigieError
from vigie.site import Host, School, Site
from vigie.zabbix.releases import Release, Row

AGENT, SNMP = "1", "2"
_NAME_LENGTH = 128
_SITE_TAGS = re.compile(r"Tags of the site file: (.*?)\.$", re.MULTILINE)


class Tag(NamedTuple):
    """A host tag."""

    tag: str
    value: str

    def __str__(self) -> str:
        return f"{self.tag}: {self.value}"


class Interface(NamedTuple):
    """A host's main interface of one type. SNMP details are set when it is made, and left to people afterwards."""

    type: str
    address: str
    port: str

    def __str__(self) -> str:
        return f"{'SNMP' if self.type == SNMP else 'agent'} {self.address}:{self.port}"

    def fields(self) -> Row:
        """The address as hostinterface.create and .update take it."""
        is_ip = _is_ip(self.address)
        return {
            "useip": 1 if is_ip else 0,
            "ip": self.address if is_ip else "",
            "dns": "" if is_ip else self.address,
            "port": self.port,
        }

    def creation(self) -> Row:
        """The whole interface, for its creation. The community is a macro: its value is a secret of the host.

        No bulk requests: when a device is dead, Zabbix halves a bulk request after each timeout, down to one object,
        and holds its poller meanwhile. With a Timeout of 10 s a dead switch held each of them 143 s, and 22 s without.
        """
        row = self.fields() | {"type": int(self.type), "main": 1}
        if self.type == SNMP:
            row["details"] = {"version": 2, "community": "{$SNMP_COMMUNITY}", "bulk": 0}
        return row


@dataclass(frozen=True, slots=True)
class HostState:
    """What Vigie holds of a host; what people added to it beside (other groups, templates, tags) is not in here."""

    visible_name: str
    groups: frozenset[str]
    templates: frozenset[str]
    interface: Interface | None
    proxy: str
    tags: frozenset[Tag]
    description: str


def desired_host(site: Site, school: School, host: Host, visible_name: str, known: Iterable[str]) -> HostState:
    """A host as the site file wants it.

    Args:
        site: the site file.
        school: the host's school.
        host: the host.
        visible_name: as `visible_names` gives it.
        known: names of the templates that can be linked.

    Raises:
        VigieError: when the file uses a tag that Vigie keeps for itself.
    """
    reserved = sorted(marks.OWN_TAGS & set(host.tags))
    if reserved:
        raise VigieError(f"{school.uai}, host {host.name}: the tag {reserved[0]!r} is Vigie's own; choose another name")
    tags = {Tag(marks.MANAGED_TAG, marks.MANAGED_VALUE), Tag(marks.ACADEMY_TAG, site.academy.name)}
    tags |= {Tag(marks.SCHOOL_TAG, school.uai)} | {Tag(marks.ROLE_TAG, str(role)) for role in host.roles}
    tags |= {Tag(name, value) for name, value in host.tags.items()}
    return HostState(
        visible_name=visible_name,
        groups=frozenset({school_group(site, school)}),
        templates=templates_for(school, host) & frozenset(known),
        interface=Interface(SNMP if host.is_network else AGENT, host.address, str(host.agent_port)),
        proxy=school.proxy.name if school.proxy else "",
        tags=frozenset(tags),
        description=_description(host),
    )


def found_host(
    row: Row, wanted: HostState, release: Release, proxies: dict[str, str], own_groups: dict[str, str]
) -> HostState:
    """A host as Zabbix has it, without what people added beside.

    Args:
        row: of host.get.
        wanted: the same host as the site file wants it.
        release: of this Zabbix.
        proxies: names of proxies by id.
        own_groups: names of the groups that Vigie made, by id, as they are or will be.
    """
    own_tags = marks.OWN_TAGS | {tag.tag for tag in wanted.tags} | _site_tags(row["description"])
    groups = {own_groups[group["groupid"]] for group in row[release.host_groups] if group["groupid"] in own_groups}
    kind = wanted.interface.type if wanted.interface else AGENT
    main = next((i for i in row["interfaces"] if i["type"] == kind and i["main"] == "1"), None)
    return HostState(
        visible_name=row["name"],
        groups=frozenset(groups),
        templates=frozenset(t["host"] for t in row["parentTemplates"] if t["host"] in EVERY),
        interface=Interface(kind, main["ip"] if main["useip"] == "1" else main["dns"], main["port"]) if main else None,
        proxy=proxies.get(release.proxy_of(row), ""),
        tags=frozenset(Tag(t["tag"], t["value"]) for t in row["tags"] if t["tag"] in own_tags),
        description=row["description"].replace("\r\n", "\n"),
    )


def visible_names(site: Site) -> dict[tuple[str, str], str]:
    """The names that people read, by UAI and host name: school, then host, then the UAI when two would be alike."""
    taken: dict[str, int] = {}
    plain = {}
    for school in site.schools:
        for host in school.hosts:
            name = f"{school.name[: _NAME_LENGTH - len(host.name) - 13]} {host.name}"
            plain[school.uai, host.name] = name
            taken[name.casefold()] = taken.get(name.casefold(), 0) + 1
    return {key: f"{name} ({key[0]})" if taken[name.casefold()] > 1 else name for key, name in plain.items()}


def _description(host: Host) -> str:
    """The description also remembers which tags came from the site file, so that they go when they leave it."""
    text = "Managed by Vigie from its site file: changes made here to its fields are undone by the next apply."
    return f"{text}\nTags of the site file: {', '.join(sorted(host.tags))}." if host.tags else text


def _site_tags(description: str) -> set[str]:
    match = _SITE_TAGS.search(description.replace("\r\n", "\n"))
    return set(match[1].split(", ")) if match else set()


def _is_ip(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True
