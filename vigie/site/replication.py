"""The replication of a school in the site file: PostgreSQL's streaming pair, and DRBD's mirrored disks."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from vigie.site.types import AbsolutePath, Duration, HostName, Part, ResourceName, Service, SlotName

Mebibytes = Annotated[int, Field(ge=1, strict=True)]


class StreamingObservation(Part):
    """How the machine of the Zabbix server, or of the school's proxy, reaches both ends.

    The deadline stays under Zabbix's timeout of external checks (3 s by default).
    """

    primary_service: Service = "vigie-replication-primary"
    standby_service: Service = "vigie-replication-standby"
    service_file: AbsolutePath = Path("/etc/vigie/replication/pg_service.conf")
    deadline: Annotated[Duration, Field(ge=1, le=29)] = 2


class Streaming(Part):
    """A PostgreSQL and its standby, and how far that one may be behind.

    The standby's row among those of the primary is told by its `slot`, else by its `application_name`, else by the
    standby's address. `max_mib` and `max_seconds` are how far it may be behind; the seconds count only while there is
    something to replay. `max_silence` is the longest time without a message from the end that feeds, which
    PostgreSQL's own timeouts (60 s) end too; an idle one says nothing for half of `wal_receiver_timeout`, which is
    never judged. `slot_max_mib` is how much WAL one slot may hold back on the primary's disk.
    """

    primary: HostName
    standby: HostName
    slot: SlotName | None = None
    application_name: Service | None = None
    max_mib: Mebibytes = 64
    max_seconds: Annotated[Duration, Field(ge=1)] = 300
    max_silence: Annotated[Duration, Field(ge=1)] = 60
    slot_max_mib: Mebibytes = 4096
    observation: StreamingObservation = StreamingObservation()


class DrbdHost(Part):
    """A host with DRBD, and the resources that must be there."""

    host: HostName
    resources: Annotated[list[ResourceName], Field(min_length=1, max_length=32)]


class Replication(Part):
    """What is copied as it is written: PostgreSQL's WAL, and the disks that DRBD mirrors."""

    streaming: Streaming | None = None
    drbd: list[DrbdHost] = Field(default_factory=list)
