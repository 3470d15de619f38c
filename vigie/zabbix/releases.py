"""Every difference between the Zabbix releases that Vigie speaks to, and nowhere else."""

from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]

OLDEST = (6, 0)
_SPLIT_GROUPS = (6, 2)  # host groups and template groups became two things
_NEW_PROXIES = (7, 0)  # proxies are no longer stored as hosts

_ALL = {"createMissing": True, "updateExisting": True, "deleteMissing": True}
_KEEP = {"createMissing": True, "updateExisting": True}


@dataclass(frozen=True, slots=True)
class Release:
    """A release of Zabbix, with the names that its API gives to things.

    Args:
        version: what `apiinfo.version` answers, as numbers.
    """

    version: tuple[int, ...]

    def __str__(self) -> str:
        return ".".join(map(str, self.version))

    @property
    def is_too_old(self) -> bool:
        return self.version[:2] < OLDEST

    @property
    def _groups_are_split(self) -> bool:
        return self.version[:2] >= _SPLIT_GROUPS

    @property
    def _proxies_are_new(self) -> bool:
        return self.version[:2] >= _NEW_PROXIES

    @property
    def template_group(self) -> str:
        """The API object that holds template groups."""
        return "templategroup" if self._groups_are_split else "hostgroup"

    @property
    def select_host_groups(self) -> str:
        """The parameter of host.get that asks for groups."""
        return "selectHostGroups" if self._groups_are_split else "selectGroups"

    @property
    def host_groups(self) -> str:
        """The field of host.get's answer that holds the groups."""
        return "hostgroups" if self._groups_are_split else "groups"

    @property
    def import_rules(self) -> Row:
        """Rules of configuration.import that make a template exactly what its file says.

        Links of a template to other templates and groups are made, groups are never renamed.
        """
        groups = "template_groups" if self._groups_are_split else "groups"
        return {
            groups: {"createMissing": True},
            "templates": _KEEP,
            "valueMaps": _ALL,
            "templateDashboards": _ALL,
            "templateLinkage": {"createMissing": True, "deleteMissing": True},
            "items": _ALL,
            "discoveryRules": _ALL,
            "triggers": _ALL,
            "graphs": _ALL,
            "httptests": _ALL,
        }

    @property
    def import_defaults(self) -> dict[str, str]:
        """Fields of a template's file that say nothing when they have this value: exports leave them out.

        7.0 writes them itself while it converts a 6.0 file, then calls them a difference: such a template would never
        be identical (measured on 7.0.22).
        """
        return {"type": "ZABBIX_PASSIVE", "history": "31d" if self._proxies_are_new else "90d"}

    def new_proxy(self, name: str, allowed: str, description: str) -> Row:
        """The fields of proxy.create for a proxy that calls the server by itself.

        Args:
            name: the proxy's name.
            allowed: the address it may call from.
            description: free text.
        """
        if self._proxies_are_new:
            return {"name": name, "operating_mode": 0, "allowed_addresses": allowed, "description": description}
        return {"host": name, "status": 5, "proxy_address": allowed, "description": description}

    @property
    def proxy_fields(self) -> tuple[str, str]:
        """The fields of proxy.get that hold the name and the allowed addresses."""
        return ("name", "allowed_addresses") if self._proxies_are_new else ("host", "proxy_address")

    @property
    def host_proxy_output(self) -> list[str]:
        """The fields of host.get that say which proxy looks after a host."""
        return ["monitored_by", "proxyid"] if self._proxies_are_new else ["proxy_hostid"]

    def proxy_of(self, host: Row) -> str:
        """The id of the proxy in a row of host.get, "0" when the server looks after the host itself."""
        return str(host["proxyid"] if self._proxies_are_new else host["proxy_hostid"])

    def proxy_assignment(self, proxy_id: str) -> Row:
        """The fields of host.create and host.update that give a host to a proxy ("0": to the server)."""
        if not self._proxies_are_new:
            return {"proxy_hostid": proxy_id}
        return {"monitored_by": 1, "proxyid": proxy_id} if proxy_id != "0" else {"monitored_by": 0}
