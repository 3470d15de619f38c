"""The OpenERP of a school in the site file."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from vigie.site.types import AbsolutePath, Duration, HostName, Part, Port, Release, Service


class OpenErpObservation(Part):
    """How the Zabbix server reads the contexts in PostgreSQL, and how the right to do so is granted in new ones.

    Each cycle reads the contexts by at most `connections` at once until the `deadline`, which must be shorter than
    Zabbix's timeout of external checks. `socket` is PostgreSQL's own, on its machine: by it the timer grants, as the
    user postgres.
    """

    service: Service = "vigie-contexts"
    service_file: AbsolutePath = Path("/etc/vigie/contexts/pg_service.conf")
    connections: Annotated[int, Field(ge=1, le=32, strict=True)] = 4
    deadline: Annotated[Duration, Field(ge=1, le=60)] = 2
    socket: AbsolutePath = Path("/var/run/postgresql")


class OpenErp(Part):
    """The OpenERP that the school declares; `postgres` is the host of its databases, its own unless it is told.

    `6.0` means any release of that series, `6.0.4` that one.
    """

    version: Release
    host: HostName
    port: Port = 8069
    postgres: HostName | None = None
    observation: OpenErpObservation = OpenErpObservation()

    @property
    def postgres_host(self) -> str:
        """The host of its databases."""
        return self.postgres or self.host
