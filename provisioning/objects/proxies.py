"""The proxies that stand in schools. One that a person made serves as it is; only Vigie's own change or go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from provisioning.marks import DESCRIPTION
from provisioning.model import Act, Change, Found, World, compare


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that calls the server by itself; its key is its name."""

    allowed_addresses: str


class Proxies:
    """The schools' proxies."""

    title: ClassVar[str] = "proxy"

    def __init__(self, world: World) -> None:
        self._world = world
        self._mark = f"{DESCRIPTION} proxy of {world.site.academy.name}"
        self._desired = {
            school.proxy.name: Proxy(school.proxy.address) for school in world.site.schools if school.proxy is not None
        }

    def examine(self) -> list[Change]:
        """Compare all proxies, one call; fills `world.proxy_ids`."""
        name_field, address_field = self._world.session.release.proxy_fields
        rows = self._world.session.get("proxy", output=["proxyid", name_field, address_field, "description"])
        current, stale = {}, {}
        for row in rows:
            name, own = row[name_field], row["description"] == self._mark
            self._world.proxy_ids[name] = row["proxyid"]
            if name in self._desired:
                current[name] = Found(row["proxyid"], Proxy(row[address_field]) if own else self._desired[name])
            elif own:
                stale[name] = row["proxyid"]
        return compare(self.title, self._desired, current, stale)

    def write(self, changes: Sequence[Change]) -> None:
        """Create and update proxies."""
        release, call = self._world.session.release, self._world.session.call
        create = [change.name for change in changes if change.act is Act.CREATE]
        if create:
            rows = [release.new_proxy(name, self._desired[name].allowed_addresses, self._mark) for name in create]
            answer = call("proxy.create", rows)
            self._world.proxy_ids.update(zip(create, answer["proxyids"], strict=True))
        update = [change for change in changes if change.act is Act.UPDATE]
        if update:
            field = release.proxy_fields[1]
            call("proxy.update", [{"proxyid": c.id, field: self._desired[c.name].allowed_addresses} for c in update])
        self._world.progress(self.title, len(changes))

    def remove(self, changes: Sequence[Change]) -> None:
        """Remove proxies whose school left the site file."""
        self._world.session.call("proxy.delete", [change.id for change in changes])
        self._world.progress(self.title, len(changes))
