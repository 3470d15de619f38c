"""The service contract of a school in the site file."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vigie.site.types import Clock, Duration, Label, Part, Percent, Service, Zone


class ServiceHours(Part):
    """Hours in which the service is promised, local time."""

    days: Annotated[list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], Field(min_length=1)]
    start: Clock
    end: Clock

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start >= self.end:
            raise ValueError(f"start {self.start:%H:%M} must come before end {self.end:%H:%M}")
        return self


class Excluded(Part):
    """A period that does not count: holidays, announced work. Both days belong to it."""

    name: Label
    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start > self.end:
            raise ValueError(f"start {self.start} comes after end {self.end}")
        return self


class Contract(Part):
    """The service contract. Zabbix keeps four decimals of an objective."""

    objective: Percent = 99.0
    hours: list[ServiceHours] = Field(default_factory=list)
    time_zone: Zone | None = None
    excluded: list[Excluded] = Field(default_factory=list)
    rto: dict[Service, Duration] = Field(default_factory=dict)
    rpo: dict[Service, Duration] = Field(default_factory=dict)
