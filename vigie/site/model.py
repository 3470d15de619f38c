"""The site file: what a school has and what it was promised. Secrets are never in it, only where to find them."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator

from vigie import yamlfile
from vigie.errors import VigieError
from vigie.site import checks
from vigie.site.backup import Backup
from vigie.site.contract import Contract
from vigie.site.directory import Directory
from vigie.site.hosts import Host, Proxy, Role
from vigie.site.itself import Itself
from vigie.site.logs import Logs
from vigie.site.network import Network
from vigie.site.openerp import OpenErp
from vigie.site.passwords import Passwords
from vigie.site.replication import Replication
from vigie.site.types import AbsolutePath, ClassName, Count, Duration, Label, Part, Uai, Url, Variable, Zone

_UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


class Zabbix(Part):
    """How Zabbix is reached. The token is read from a file or from an environment variable, never from here."""

    url: Url
    token_file: AbsolutePath | None = None
    token_env: Variable | None = None
    timeout: Annotated[Duration, Field(ge=1)] = 30
    removal_limit: Count = 5

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if (self.token_file is None) == (self.token_env is None):
            raise ValueError("give token_file or token_env, one of them")
        return self


class Academy(Part):
    """The academy the schools belong to."""

    name: Label
    time_zone: Zone = "Europe/Paris"


class School(Part):
    """A school (établissement), identified by its UAI."""

    uai: Uai
    name: Label
    proxy: Proxy | None = None
    classes: list[ClassName] = Field(default_factory=list)
    hosts: Annotated[list[Host], Field(min_length=1)]
    openerp: OpenErp | None = None
    backup: Backup | None = None
    logs: Logs | None = None
    directory: Directory | None = None
    network: Network | None = None
    replication: Replication | None = None
    passwords: Passwords | None = None
    contract: Contract = Contract()
    vigie: Itself = Itself()

    def host(self, name: str) -> Host:
        """The host of that name.

        Raises:
            VigieError: when the school has no such host.
        """
        for host in self.hosts:
            if host.name == name:
                return host
        known = ", ".join(host.name for host in self.hosts)
        raise VigieError(f"no host {name} in school {self.uai}; it has {known}")

    def stations(self) -> list[Host]:
        """The client stations that hold a PostgreSQL password; none when the file declares no passwords."""
        if self.passwords is None:
            return []
        names = self.passwords.stations.names
        return [host for host in self.hosts if (host.name in names if names else Role.STATION in host.roles)]

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
    problems: list[checks.Problem] = []
    site: Site | None = None
    try:
        site = Site.model_validate(located.data)
    except ValidationError as error:
        problems += checks.from_validation(error, located)
    # Checked on the plain data too, so that a wrong port does not hide a host that does not exist.
    problems += checks.references(located)
    if problems or site is None:
        lines = [str(problem) for problem in sorted(set(problems))]
        count = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
        raise VigieError(f"{file}: {count}\n  " + "\n  ".join(lines))
    return site


def json_schema() -> dict[str, Any]:
    """The JSON schema of the site file, for editors."""
    schema = Site.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Vigie site file"
    return schema
