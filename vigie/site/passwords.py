"""The passwords of a school's PostgreSQL in the site file: who has them, how old they may be, where they are kept."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from vigie.site.types import AbsolutePath, Address, Duration, HostName, Part, Port, Service

# Names that need no quotes in SQL, so that the same text is right everywhere.
RoleName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
# On Windows too, where `%APPDATA%` and spaces are usual.
StationPath = Annotated[str, Field(pattern=r'^[^\x00-\x1f"<>|?*]{1,250}$')]
# At most as long as PostgreSQL's own names; in a passfile `*` is any of them.
DatabaseName = Annotated[str, Field(pattern=r"^[^\x00-\x1f*]{1,63}$")]


class Stations(Part):
    """Where client stations keep the password, and how often it is looked at.

    `names` are the stations that hold one; all those with the role `station` when it is left out. `server` and `port`
    are PostgreSQL as their clients name it, the host's address and 5432 unless they say otherwise; `database` is the
    only one that they ask for, where there is one: a passfile's line for another is then none of theirs. `note` is
    where root leaves what it saw on a Linux station. A station that said nothing for `max_silence` is counted as
    silent.
    """

    names: list[HostName] = Field(default_factory=list)
    server: Address | None = None
    port: Port = 5432
    database: DatabaseName | None = None
    linux_passfile: StationPath = "/home/eleve/.pgpass"
    windows_passfile: StationPath = r"C:\Users\eleve\AppData\Roaming\postgresql\pgpass.conf"
    windows_folder: StationPath = r"C:\ProgramData\vigie"
    note: AbsolutePath = Path("/var/lib/vigie-station/note.json")
    look_every: Annotated[Duration, Field(ge=1, le=3600)] = 300
    max_silence: Annotated[Duration, Field(ge=1)] = 14 * 86_400


class PasswordObservation(Part):
    """How the server with the databases observes: its PostgreSQL service, and how long it may take."""

    service: Service = "vigie-observe"
    service_file: AbsolutePath = Path("/etc/vigie/observe/pg_service.conf")
    deadline: Annotated[Duration, Field(ge=1, le=29)] = 2


class Passwords(Part):
    """The rotation of the PostgreSQL password: two login roles in turn, of one owner that never logs in.

    `max_age` is the promise; `expiry_warning` how long before its end a role's password is announced. `ledger` and
    `key_file` are on the host: the generations, and the key of the fingerprints, which every station has too.
    """

    host: HostName
    owner: RoleName = "openerp"
    roles: Annotated[list[RoleName], Field(min_length=2, max_length=2)] = Field(
        default_factory=lambda: ["openerp_a", "openerp_b"]
    )
    max_age: Annotated[Duration, Field(ge=1)] = 180 * 86_400
    expiry_warning: Duration = 14 * 86_400
    ledger: AbsolutePath = Path("/var/lib/vigie/credentials/ledger.json")
    key_file: AbsolutePath = Path("/etc/vigie/fingerprint.key")
    stations: Stations = Stations()
    observation: PasswordObservation = PasswordObservation()

    @model_validator(mode="after")
    def _three_roles(self) -> Self:
        if len({self.owner, *self.roles}) != 3:
            raise ValueError("owner and roles must be three different roles: two log in by turns, the owner never does")
        return self
