"""Vigie's own parts in a school, in the site file, and what they lean on."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from vigie.site.types import AbsolutePath, Address, Duration, HostName, Part, Port, Service, UnitName


class WatchedService(Part):
    """A program that Vigie leans on: it must be alive by its systemd unit, its process id file and its port.

    `address` is where the port is asked, the host's own address unless it says otherwise.
    """

    name: Service
    host: HostName
    unit: UnitName | None = None
    pid_file: AbsolutePath | None = None
    address: Address | None = None
    port: Port | None = None

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.unit is None and self.pid_file is None and self.port is None:
            raise ValueError("give unit, pid_file or port: otherwise there is no way to see whether it is alive")
        return self


class WatchedCertificate(Part):
    """A certificate in a PEM file of a host, and how long before its end it is a problem."""

    name: Service
    host: HostName
    file: AbsolutePath
    warn: Duration = 30 * 86_400


class Itself(Part):
    """Vigie itself. `stamps` is where the units of its timers leave their successes: another folder than theirs is only
    of use where no systemd runs."""

    services: list[WatchedService] = Field(default_factory=list)
    certificates: list[WatchedCertificate] = Field(default_factory=list)
    stamps: AbsolutePath = Path("/var/lib/vigie-stamps")
    requests: AbsolutePath = Path("/var/spool/vigie/requests")
    queue_age: Annotated[Duration, Field(ge=1)] = 600
    deadline: Annotated[Duration, Field(ge=1, le=29)] = 2

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for things in (self.services, self.certificates):
            names = [(thing.host, thing.name) for thing in things]
            for host, name in names:
                if names.count((host, name)) > 1:
                    raise ValueError(f"{name} of {host} is there twice")
        return self
