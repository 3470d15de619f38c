"""The site file: what a school has and what it was promised. Secrets are never in it, only where to find them."""

import re
from collections import Counter
from datetime import date, time
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import ErrorDetails

from vigie import durations, naming, yamlfile
from vigie.errors import VigieError

_UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def _duration(value: object) -> object:
    return durations.parse(value) if isinstance(value, str) else value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"{value!r} is not a time zone; write one like Europe/Paris or Indian/Reunion")
    return value


def _absolute(value: Path) -> Path:
    if not value.is_absolute() or ".." in value.parts:
        raise ValueError(f"'{value}' must be an absolute path without '..'")
    return value


def _address(value: str) -> str:
    try:
        ip_address(value)
    except ValueError:
        if not re.fullmatch(
            r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*",
            value,
        ):
            raise ValueError(f"{value!r} is neither an IP address nor a host name") from None
        if re.fullmatch(r"[0-9.]+", value):
            raise ValueError(f"{value!r} is not an IP address") from None
    return value


Duration = Annotated[
    int,
    BeforeValidator(_duration),
    Field(ge=0),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": "^[0-9]+[smhdw]?$"}, {"type": "integer", "minimum": 0}]}),
]
Zone = Annotated[str, AfterValidator(_zone)]
AbsolutePath = Annotated[Path, AfterValidator(_absolute)]
Address = Annotated[str, AfterValidator(_address)]
HostName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
Service = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Percent = Annotated[float, Field(ge=0, le=100)]


class Part(BaseModel):
    """A part of the site file: an unknown field is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Role(StrEnum):
    """What a host does in its school."""

    ZABBIX = "zabbix"
    OPENERP = "openerp"
    POSTGRES = "postgres"
    STANDBY = "standby"
    BACKUP = "backup"
    LOGS = "logs"
    DIRECTORY = "directory"
    ROUTER = "router"
    SWITCH = "switch"
    STATION = "station"


NETWORK_ROLES = frozenset({Role.ROUTER, Role.SWITCH})


class Zabbix(Part):
    """How Zabbix is reached. The token is read from a file or from an environment variable, never from here."""

    url: HttpUrl
    token_file: AbsolutePath | None = None
    token_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    timeout: Duration = 30
    removal_limit: Annotated[int, Field(ge=0)] = 5

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if (self.token_file is None) == (self.token_env is None):
            raise ValueError("give token_file or token_env, one of them")
        return self


class Academy(Part):
    """The academy the schools belong to."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    time_zone: Zone = "Europe/Paris"


class Proxy(Part):
    """A Zabbix proxy standing in a school, known by its name in Zabbix."""

    name: HostName
    address: Address


class Host(Part):
    """A machine of a school, with the address of its agent (or of its SNMP agent for routers and switches)."""

    name: HostName
    address: Address
    port: Port | None = None
    roles: Annotated[list[Role], Field(min_length=1)]
    tags: dict[str, str] = {}
    macros: dict[Annotated[str, Field(pattern=r"^\{\$[A-Z0-9_.]+(:.+)?\}$")], str] = {}
    secret_macros: dict[Annotated[str, Field(pattern=r"^\{\$[A-Z0-9_.]+(:.+)?\}$")], AbsolutePath] = {}

    @property
    def agent_port(self) -> int:
        """The port of the host's interface: the standard one unless the file says otherwise."""
        return self.port or (161 if self.is_network else 10050)

    @property
    def is_network(self) -> bool:
        """Whether the host is spoken to by SNMP instead of the Zabbix agent."""
        return bool(NETWORK_ROLES & set(self.roles))


class OpenErp(Part):
    """The OpenERP that the school declares."""

    version: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+){1,3}$")]
    host: HostName
    port: Port = 8069


class Window(Part):
    """The hours of the night in which backups may run, local time of the school."""

    start: time = time(0, 30)
    end: time = time(5, 0)


class Retention(Part):
    """How many dumps are kept: one a day, a week and a month; `dropped` is for databases that no longer exist."""

    daily: Annotated[int, Field(ge=1, le=366)] = 7
    weekly: Annotated[int, Field(ge=0, le=104)] = 5
    monthly: Annotated[int, Field(ge=0, le=120)] = 12
    dropped: Duration = 90 * 86_400


class RsyncTransfer(Part):
    """The backup server's rsync daemon, with a secrets file on each side."""

    method: Literal["rsync"]
    port: Port = 8730
    user: Service = "vigie"
    password_file: AbsolutePath = Path("/etc/vigie/rsync.password")


class SshTransfer(Part):
    """rsync over ssh, with a key of its own; the backup server's host key must be known beforehand."""

    method: Literal["ssh"]
    port: Port = 22
    user: Service = "vigie"
    identity_file: AbsolutePath = Path("/etc/vigie/ssh/id_ed25519")
    known_hosts_file: AbsolutePath = Path("/etc/vigie/ssh/known_hosts")


class Observation(Part):
    """How the backup server observes: its own PostgreSQL role, and how long it may take."""

    service: Service = "vigie-observe"
    service_file: AbsolutePath = Path("/etc/vigie/observe/pg_service.conf")
    deadline: Duration = 2
    recheck_seconds: Annotated[int, Field(ge=1, le=3600)] = 20
    silent_after: Duration = 900


class Backup(Part):
    """The backup promise: every context dumped at least every `max_age`, on another machine."""

    source: HostName
    store: HostName
    service: Service = "vigie-backup"
    service_file: AbsolutePath = Path("/etc/vigie/pg_service.conf")
    directory: AbsolutePath = Path("/var/lib/vigie/backups")
    store_directory: AbsolutePath = Path("/srv/vigie/backups")
    max_age: Duration = 26 * 3600
    verify_age: Duration = 30 * 86_400
    window: Window = Window()
    jobs: Annotated[int, Field(ge=1, le=32)] = 2
    dump_timeout: Duration = 3600
    free_min_percent: Percent = 10
    days_left_min: Annotated[int, Field(ge=0)] = 7
    retention: Retention = Retention()
    local_retention: Retention = Retention(daily=2, weekly=0, monthly=0, dropped=2 * 86_400)
    transfer: Annotated[RsyncTransfer | SshTransfer, Field(discriminator="method")] = RsyncTransfer(method="rsync")
    observation: Observation = Observation()


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
    sources: list[LogSource] = []


class Phase2(Part):
    """When phase 2 may renew the directory."""

    start: time = time(19, 0)
    end: time = time(23, 59)
    interval: Duration = 180


class Directory(Part):
    """The school directory and its official sources."""

    uri: Annotated[str, Field(pattern=r"^ldaps?://[^\s]+$")]
    base: Annotated[str, Field(min_length=3)]
    bind_dn: str
    password_file: AbsolutePath
    sources: AbsolutePath
    phase2: Phase2 = Phase2()


class RedundantGroup(Part):
    """A gateway that two routers hold together: who is active when all is well."""

    protocol: Literal["hsrp", "vrrp"]
    group: Annotated[int, Field(ge=0, le=4095)]
    interface: Annotated[int, Field(ge=1)]
    active: HostName
    standby: HostName


class Network(Part):
    """Network redundancy as declared."""

    groups: list[RedundantGroup] = []
    spanning_tree_root: HostName | None = None
    uplinks: dict[HostName, list[int]] = {}


class ServiceHours(Part):
    """Hours in which the service is promised, local time."""

    days: Annotated[list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], Field(min_length=1)]
    start: time
    end: time

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start >= self.end:
            raise ValueError(f"start {self.start:%H:%M} must come before end {self.end:%H:%M}")
        return self


class Excluded(Part):
    """A period that does not count: holidays, announced work."""

    name: Annotated[str, Field(min_length=1)]
    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start > self.end:
            raise ValueError(f"start {self.start} comes after end {self.end}")
        return self


class Contract(Part):
    """The service contract."""

    objective: Percent = 99.0
    hours: list[ServiceHours] = []
    time_zone: Zone | None = None
    excluded: list[Excluded] = []
    rto: dict[Service, Duration] = {}
    rpo: dict[Service, Duration] = {}


class School(Part):
    """A school (établissement), identified by its UAI."""

    uai: Annotated[str, Field(pattern=r"^[0-9]{7}[A-Z]$")]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    proxy: Proxy | None = None
    classes: list[Annotated[str, Field(min_length=1, max_length=40)]] = []
    hosts: Annotated[list[Host], Field(min_length=1)]
    openerp: OpenErp | None = None
    backup: Backup | None = None
    logs: Logs | None = None
    directory: Directory | None = None
    network: Network | None = None
    contract: Contract = Contract()

    def host(self, name: str) -> Host:
        """The host of that name; the file was checked, so it is there."""
        return next(host for host in self.hosts if host.name == name)

    def technical_name(self, host: Host) -> str:
        """The host's name in Zabbix, unique over the academy."""
        return f"{self.uai}-{host.name}"


class Site(Part):
    """The whole site file."""

    version: Literal[1]
    zabbix: Zabbix
    academy: Academy
    schools: Annotated[list[School], Field(min_length=1)]

    def school(self, uai: str | None) -> School:
        """The school of that UAI, or the only one when none is named.

        Raises:
            VigieError: when there is no such school, or several and none was named.
        """
        known = ", ".join(school.uai for school in self.schools)
        if uai is None:
            if len(self.schools) == 1:
                return self.schools[0]
            raise VigieError(f"the site file has several schools ({known}): name one with --school")
        for school in self.schools:
            if school.uai == uai:
                return school
        raise VigieError(f"no school {uai} in the site file; it has {known}")

    def time_zone(self, school: School) -> ZoneInfo:
        """The school's time zone: its contract's, or the academy's."""
        return ZoneInfo(school.contract.time_zone or self.academy.time_zone)


def uai_is_plausible(uai: str) -> bool:
    """Whether the UAI's letter matches its number; real files break it, so it is a warning and never a refusal."""
    return uai[-1] == _UAI_LETTERS[int(uai[:-1]) % 23]


def load(file: Path) -> Site:
    """Read and check a site file.

    Raises:
        VigieError: with one line per error, each with its path and line; exit code 2, nothing was touched.
    """
    located = yamlfile.read(file)
    if not isinstance(located.data, dict):
        raise VigieError(f"{file}: is not a site file: a mapping is expected at its top (line 1)")
    problems: list[tuple[int, str]] = []
    site: Site | None = None
    try:
        site = Site.model_validate(located.data)
    except ValidationError as error:
        for detail in error.errors():
            path = _path_in(located.data, detail["loc"])
            problems.append((located.line_of(path), f"{_written_path(path)}: {_message(detail)}"))
    # Checked on the plain data too, so that a wrong port does not hide a host that does not exist.
    for path, message in _cross_errors(located.data):
        problems.append((located.line_of(path), f"{_written_path(path)}: {message}"))
    if problems or site is None:
        lines = [f"{message} (line {line})" for line, message in sorted(set(problems))]
        count = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
        raise VigieError(f"{file}: {count}\n  " + "\n  ".join(lines))
    return site


def json_schema() -> dict[str, Any]:
    """The JSON schema of the site file, for editors."""
    schema = Site.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Vigie site file"
    return schema


def _path_in(data: Any, location: tuple[str | int, ...]) -> yamlfile.Location:
    """The part of a pydantic location that is written in the file: union tags and `[key]` marks are left out."""
    path: list[str | int] = []
    here = data
    for position, step in enumerate(location):
        if (isinstance(here, dict) and step in here) or (
            isinstance(here, list) and isinstance(step, int) and step < len(here)
        ):
            here = here[step]
        elif position == len(location) - 1 and isinstance(here, dict) and step != "[key]":
            here = None  # a field that is missing
        else:
            continue
        path.append(step)
    return tuple(path)


def _written_path(path: yamlfile.Location) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".") or "(the whole file)"


def _message(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is not a field that Vigie knows; check its spelling"
    message = detail["msg"].removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _cross_errors(data: dict[str, Any]) -> list[tuple[yamlfile.Location, str]]:
    """References between parts of the file: names used twice, hosts named and not described."""
    found: list[tuple[yamlfile.Location, str]] = []
    schools = data.get("schools")
    if not isinstance(schools, list):
        return found
    found += _repeated(schools, "uai", ("schools",), "this UAI is used")
    for index, school in enumerate(schools):
        if isinstance(school, dict):
            found += _school_errors(school, ("schools", index))
    return found


def _school_errors(school: dict[str, Any], base: yamlfile.Location) -> list[tuple[yamlfile.Location, str]]:
    hosts = [host for host in _list(school.get("hosts")) if isinstance(host, dict)]
    names = {host["name"] for host in hosts if isinstance(host.get("name"), str)}
    found = _repeated(hosts, "name", (*base, "hosts"), "this host name is used")
    for path in _HOST_REFERENCES:
        for place, value in _walk(school, path):
            if isinstance(value, str) and value not in names:
                found.append(((*base, *place), f"no host is named {value!r} in this school"))
    backup = school.get("backup")
    if isinstance(backup, dict) and "source" in backup and backup.get("source") == backup.get("store"):
        found.append(((*base, "backup", "store"), "the store must be another machine than the source"))
    folds = Counter(naming.folded(name) for name in _list(school.get("classes")) if isinstance(name, str))
    for index, name in enumerate(_list(school.get("classes"))):
        if isinstance(name, str) and folds[naming.folded(name)] > 1:
            found.append(
                (
                    (*base, "classes", index),
                    f"class {name!r} cannot be told from another one: accents, case and spaces do not count",
                )
            )
        elif isinstance(name, str) and not naming.folded(name):
            found.append(((*base, "classes", index), f"class {name!r} has neither letter nor digit"))
    return found


_HOST_REFERENCES: tuple[tuple[str, ...], ...] = (
    ("openerp", "host"),
    ("backup", "source"),
    ("backup", "store"),
    ("logs", "centre"),
    ("logs", "sources", "*", "host"),
    ("network", "groups", "*", "active"),
    ("network", "groups", "*", "standby"),
    ("network", "spanning_tree_root"),
)


def _walk(node: Any, path: tuple[str, ...]) -> list[tuple[yamlfile.Location, Any]]:
    """Every place that a path describes (`*` stands for each element of a list), with its value."""
    if not path:
        return [((), node)]
    head, rest = path[0], path[1:]
    if head == "*":
        return [
            ((index, *place), value) for index, item in enumerate(_list(node)) for place, value in _walk(item, rest)
        ]
    if isinstance(node, dict) and head in node:
        return [((head, *place), value) for place, value in _walk(node[head], rest)]
    return []


def _repeated(
    items: list[Any], key: str, base: yamlfile.Location, sentence: str
) -> list[tuple[yamlfile.Location, str]]:
    values = [item.get(key) if isinstance(item, dict) else None for item in items]
    counts = Counter(value for value in values if isinstance(value, str))
    return [
        ((*base, index, key), f"{sentence} {counts[value]} times: {value}")
        for index, value in enumerate(values)
        if isinstance(value, str) and counts[value] > 1
    ]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
