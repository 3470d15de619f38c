"""Host macros: the promises of the site file, its own macros, and its secrets.

They stand at host level: a template's import would blank a secret that stood in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import SecretStr

from provisioning import token
from provisioning.batches import SMALL, batches
from provisioning.marks import DESCRIPTION
from provisioning.model import Act, Change, Found, World, compare
from provisioning.secrets import Fingerprints
from provisioning.subjects import SUBJECTS
from provisioning.subjects.itself import bears_token
from vigie.errors import VigieError
from vigie.site import Host, School
from vigie.zabbix.access import read_secret
from vigie.zabbix.releases import Row

TEXT, SECRET = "text", "secret text"
_TYPES = {"0": TEXT, "1": SECRET, "2": "vault secret"}
_NUMBERS = {TEXT: 0, SECRET: 1}
_LONGEST = 2048


@dataclass(frozen=True, slots=True)
class Macro:
    """A host macro. A secret's value is not compared: its description holds a fingerprint of it."""

    type: str
    value: str
    description: str
    secret: SecretStr | None = field(default=None, compare=False)


class Macros:
    """Macros of the site's hosts, keyed by technical name and macro."""

    title: ClassVar[str] = "host macro"

    def __init__(self, world: World) -> None:
        self._world = world
        self._fingerprints = Fingerprints(world.session.token)
        self._desired: dict[str, Macro] = {}
        self._token_expires: int | None = None
        self._token_known = False

    def examine(self) -> list[Change]:
        """Compare all macros of all hosts, one call, and once the end of the token that is used here."""
        self._desired = {}
        self._look_at_token()
        for school, host in self._world.hosts():
            name = school.technical_name(host)
            for macro, wanted in self._wanted(school, host).items():
                self._desired[f"{name} {macro}"] = wanted
        names = {host_id: name for name, host_id in self._world.host_ids.items()}
        rows = []
        if names:
            output = ["hostmacroid", "hostid", "macro", "value", "type", "description"]
            rows = self._world.session.get("usermacro", output=output, hostids=list(names))
        current, stale = {}, {}
        for row in rows:
            key = f"{names[row['hostid']]} {row['macro']}"
            if key in self._desired:
                # A text that is to become a secret may be the secret: it is not shown, nor compared.
                value = "" if self._desired[key].type == SECRET else row.get("value", "")
                current[key] = Found(row["hostmacroid"], Macro(_TYPES[row["type"]], value, row["description"]))
            elif row["description"].startswith(DESCRIPTION):
                stale[key] = row["hostmacroid"]
        return compare(self.title, self._desired, current, stale)

    def write(self, changes: Sequence[Change]) -> None:
        """Create and update macros in batches."""
        create = [change for change in changes if change.act is Act.CREATE]
        for batch in batches(create, SMALL):
            rows = []
            for change in batch:
                host, macro = change.name.split(" ", 1)
                rows.append(self._fields(change) | {"hostid": self._world.host_ids[host], "macro": macro})
            self._world.session.call("usermacro.create", rows)
            self._world.progress(self.title, len(batch))
        update = [change for change in changes if change.act is Act.UPDATE]
        for batch in batches(update, SMALL):
            self._world.session.call(
                "usermacro.update", [self._fields(change) | {"hostmacroid": change.id} for change in batch]
            )
            self._world.progress(self.title, len(batch))

    def remove(self, changes: Sequence[Change]) -> None:
        """Remove macros that Vigie wrote and the site file no longer wants."""
        for batch in batches(changes, SMALL):
            self._world.session.call("usermacro.delete", [change.id for change in batch])
            self._world.progress(self.title, len(batch))

    def _fields(self, change: Change) -> Row:
        wanted = self._desired[change.name]
        value = wanted.secret.get_secret_value() if wanted.secret else wanted.value
        return {"type": _NUMBERS[wanted.type], "value": value, "description": wanted.description}

    def _look_at_token(self) -> None:
        if self._token_known or not any(bears_token(school, host) for school, host in self._world.hosts()):
            return
        self._token_expires, self._token_known = token.expires_at(self._world.session), True
        if self._token_expires is None:
            self._world.note("the role of the token's user may not call token.get: nobody will say when the token ends")

    def _wanted(self, school: School, host: Host) -> dict[str, Macro]:
        wanted = {
            name: Macro(TEXT, value, f"{DESCRIPTION} {meaning}")
            for name, (value, meaning) in promises(school, host).items()
        }
        wanted |= {name: Macro(TEXT, value, f"{DESCRIPTION} from the site file") for name, value in host.macros.items()}
        if self._token_expires is not None and bears_token(school, host):
            wanted[token.EXPIRES] = Macro(TEXT, str(self._token_expires), f"{DESCRIPTION} {token.MEANING}")
        for name, file in host.secret_macros.items():
            secret = SecretStr(read_secret(file))
            if len(secret.get_secret_value()) > _LONGEST:
                raise VigieError(f"{file}: longer than {_LONGEST} characters, more than a Zabbix macro holds")
            description = self._fingerprints.describe(school.technical_name(host), name, secret)
            wanted[name] = Macro(SECRET, "", description, secret)
        return wanted


def promises(school: School, host: Host) -> dict[str, tuple[str, str]]:
    """The macros that carry a school's promises to the templates of a host: value and meaning by name."""
    macros = {"{$VIGIE.SCHOOL}": (school.uai, "the school's UAI")}
    for subject in SUBJECTS:
        if subject.bears(school, host):
            macros |= subject.macros(school, host)
    return macros
