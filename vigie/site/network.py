"""The redundant network of a school in the site file, as declared."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vigie.site.types import HostName, Part


class RedundantGroup(Part):
    """A gateway that two routers hold together: who is active when all is well."""

    protocol: Literal["hsrp", "vrrp"]
    group: Annotated[int, Field(ge=0, le=4095, strict=True)]
    interface: Annotated[int, Field(ge=1, strict=True)]
    active: HostName
    standby: HostName

    @model_validator(mode="after")
    def _two_routers(self) -> Self:
        if self.active == self.standby:
            raise ValueError(f"{self.active} cannot be both active and standby")
        return self


class Network(Part):
    """Network redundancy as declared."""

    groups: list[RedundantGroup] = Field(default_factory=list)
    spanning_tree_root: HostName | None = None
    uplinks: dict[HostName, list[int]] = Field(default_factory=dict)
