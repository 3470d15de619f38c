"""The logs of a school in the site file: the central server and those who send to it."""

from typing import Literal

from pydantic import Field

from vigie.site.types import Duration, HostName, Part, Port


class LogSource(Part):
    """A host that sends its log to the central server."""

    host: HostName
    kind: Literal["rsyslog", "snare", "epilog", "openerp"] = "rsyslog"
    max_silence: Duration = 300


class Logs(Part):
    """The central log server and those who write to it."""

    centre: HostName
    port: Port = 514
    transport: Literal["relp", "tcp"] = "relp"
    sources: list[LogSource] = Field(default_factory=list)
