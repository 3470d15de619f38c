"""The rotation of the school's PostgreSQL password: the ledger, the observing role's own access, and two stations.

What a timer does on a station as root is done here again and again by the lab's user; its agent tells the note.
"""

import json
import secrets
import shutil
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import ClassVar

from lab.accounts import POSTGRES_BIN, current
from lab.cable import Cable
from lab.processes import Server
from lab.school.machines import Machines
from lab.waiting import wait_until
from lab.zabbix.login import write_secret
from provisioning.hostfiles.places import Places
from provisioning.subjects.passwords import PROGRAM, program_place
from vigie.credentials.generations import Generation, read_ledger
from vigie.credentials.ledger import make_key
from vigie.credentials.station import StationSettings
from vigie.errors import VigieError
from vigie.site import Host, Passwords

PORT = 5432
# A machine that is no declared station.
ELSEWHERE = "elsewhere"
_LOOK = 'while :; do /usr/bin/python3 -I "$0" --look "$1" "$2" >/dev/null; sleep "$3"; done'
# A client that keeps a session, idle between two questions: PostgreSQL notices at once when it goes. It connects again
# when PostgreSQL comes back. Its password stands in the passfile.
_CLIENT = (
    "while :; do printf '%s\\n' 'SELECT 1 \\watch 2' | "
    '"$0" -X -w -h "$1" -p "$2" -U "$3" -d postgres >/dev/null; sleep 2; done'
)


class Part:
    """The password's generations, and the client stations that hold them."""

    title: ClassVar[str] = "two client stations, which keep the password of the databases"

    def start(self, machines: Machines) -> None:
        """Make roles, key, ledger and stations; start the stations' looks and the session of the first one."""
        passwords = declared(machines)
        database_host = machines.places.hosts / passwords.host
        machines.cluster.sql((database_host / "passwords.sql").read_text())
        _let_the_observer_in(machines, passwords)
        _install_program(machines)
        folder = passwords.ledger.parent
        if not folder.exists():
            folder.mkdir(parents=True)
            machines.account.own(folder, group=machines.group)
            folder.chmod(0o2750)
        if not passwords.key_file.exists():
            make_key(passwords.key_file)
            machines.account.own(passwords.key_file)
        for host in machines.school.stations():
            _settle(machines, host)
        if not passwords.ledger.exists():
            rotate(machines, machines.school.stations())
        for host in machines.school.stations():
            start_look(machines, host)
        _plug(machines)
        if not machines.supervisor.is_alive(_client_name(machines)):
            start_client(machines)


def declared(machines: Machines) -> Passwords:
    """What the lab's site file declares of the passwords."""
    if machines.school.passwords is None:
        raise VigieError("the lab's school has no `passwords` in its site file")
    return machines.school.passwords


def folder_of(machines: Machines, name: str) -> Path:
    """What stands on a station, or on a machine that is none."""
    return machines.places.root / "stations" / name


def passfile_of(machines: Machines, name: str) -> Path:
    """The passfile of a station."""
    return folder_of(machines, name) / "pgpass"


def key_of(machines: Machines, host: Host) -> Path:
    """The station's copy of the key."""
    return folder_of(machines, host.name) / "fingerprint.key"


def current_generation(machines: Machines) -> Generation | None:
    """The generation that stations must hold; None before the first."""
    passwords = declared(machines)
    if not passwords.ledger.exists():
        return None
    return read_ledger(passwords.ledger, machines.school.uai).current


def make_password(machines: Machines) -> tuple[str, str]:
    """Give the login role that is idle a new password; the role, and the line of a passfile."""
    passwords = declared(machines)
    known = current_generation(machines)
    role = passwords.roles[0] if known is None or known.role == passwords.roles[1] else passwords.roles[1]
    password = secrets.token_urlsafe(24)
    # URL-safe characters: no quote to escape. On psql's input, so in no argument; PostgreSQL keeps its hash only.
    machines.cluster.sql(f"ALTER ROLE {role} LOGIN PASSWORD '{password}';")
    return role, f"*:{PORT}:*:{role}:{password}"


def hold(machines: Machines, name: str, line: str) -> None:
    """Write a machine's passfile, readable by its owner alone."""
    file = passfile_of(machines, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    machines.account.own(file.parent)
    write_secret(file, line)
    machines.account.own(file)


def rotate(machines: Machines, stations: list[Host]) -> None:
    """Carry out a rotation that reaches these stations: a new password, its generation, the old role closed.

    The runbook of rotations does the same step by step; this is what it comes to.
    """
    before = current_generation(machines)
    role, line = make_password(machines)
    for host in stations:
        hold(machines, host.name, line)
    hold(machines, "rotation", line)
    note(machines, role)
    if before is not None:
        machines.cluster.sql(f"ALTER ROLE {before.role} NOLOGIN;")
    if machines.supervisor.is_alive(_client_name(machines)):
        start_client(machines)


def note(machines: Machines, role: str, *options: str) -> None:
    """Note what the rotation's own passfile holds as a generation."""
    where = ["--passfile", str(passfile_of(machines, "rotation")), "--role", role]
    machines.run_vigie("credentials", "note", str(machines.places.site), *where, *options)


def bring(machines: Machines, host: Host) -> None:
    """Bring the current password to a station."""
    hold(machines, host.name, passfile_of(machines, "rotation").read_text().rstrip("\n"))


def start_look(machines: Machines, host: Host) -> None:
    """Start what looks at a station's passfile, as its timer does in production."""
    every = str(declared(machines).stations.look_every)
    arguments = [str(folder_program(machines)), str(machines.settings_of(host)), machines.school.uai, every]
    machines.supervisor.start(
        Server(
            name=f"look-{host.name}",
            argv=["sh", "-c", _LOOK, *arguments],
            account=machines.account,
            ready=(folder_of(machines, host.name) / "note.json").exists,
            whole_group=True,
            where=f"every {every} s",
        )
    )


def folder_program(machines: Machines) -> Path:
    """Where the program of the stations is in the lab."""
    return Path(program_place(Places(prefix=PurePosixPath(machines.places.prefix))))


def start_client(machines: Machines) -> None:
    """Start the session that the first station keeps, with the current password and from its own address."""
    _plug(machines)
    host = machines.school.stations()[0]
    start_session(machines, host.name, address=host.address)


def _plug(machines: Machines) -> None:
    """Plug the cable by which PostgreSQL sees the first station come from its own address."""
    host = machines.school.stations()[0]
    cable = Cable(f"cable-{host.name}", (host.address, PORT), (machines.cluster.address, PORT), source=host.address)
    machines.supervisor.start(cable.server(machines.account, machines.vigie.with_name("python")))


def start_session(machines: Machines, name: str, *, address: str) -> None:
    """Start a session of the current login role that lasts, anew if there is one.

    Args:
        machines: the school's.
        name: of the machine whose passfile is used.
        address: where PostgreSQL is reached: its own address, or a cable's end.
    """
    known = current_generation(machines)
    role = known.role if known else declared(machines).roles[0]
    machines.supervisor.stop(f"client-{name}")
    machines.supervisor.start(
        Server(
            name=f"client-{name}",
            argv=["sh", "-c", _CLIENT, str(POSTGRES_BIN / "psql"), address, str(PORT), role],
            account=machines.account,
            ready=lambda: True,
            environment={"PGPASSFILE": str(passfile_of(machines, name)), "PGAPPNAME": f"client of {name}"},
            whole_group=True,
            where=f"to {address}:{PORT}",
        )
    )


def wait_for_session(machines: Machines, name: str) -> None:
    """Wait until PostgreSQL has the session of a machine's client."""
    question = f"SELECT 1 FROM pg_stat_activity WHERE application_name = 'client of {name}'"  # noqa: S608 -- a constant
    wait_until(lambda: machines.cluster.sql(question) == "1", what=f"no session of {name}", deadline=30)


def _client_name(machines: Machines) -> str:
    return f"client-{machines.school.stations()[0].name}"


def _settle(machines: Machines, host: Host) -> None:
    """Give a station its own places in the lab, and its copy of the key."""
    folder = folder_of(machines, host.name)
    folder.mkdir(parents=True, exist_ok=True)
    machines.account.own(folder)
    key = key_of(machines, host)
    if not key.exists():
        shutil.copyfile(declared(machines).key_file, key)
        key.chmod(0o600)
        machines.account.own(key)
    file = machines.settings_of(host) / f"station-{machines.school.uai}.json"
    known = StationSettings(**json.loads(file.read_bytes()))
    mine = replace(known, passfile=str(folder / "pgpass"), key_file=str(key), note=str(folder / "note.json"))
    file.write_text(mine.to_json())


def _install_program(machines: Machines) -> None:
    """Install the stations' program where their user parameter looks for it; it is the same for all of them."""
    program = folder_program(machines)
    program.parent.mkdir(exist_ok=True)
    source = machines.places.hosts / machines.school.stations()[0].name / PROGRAM
    shutil.copyfile(source, program)
    program.chmod(0o755)
    current().own(program)


def _let_the_observer_in(machines: Machines, passwords: Passwords) -> None:
    """Give the observation on the server with the databases a service file and a passfile of its own."""
    file, shared = passwords.observation.service_file, machines.backup.observation.service_file
    file.parent.mkdir(parents=True, exist_ok=True)
    passfile = file.with_name("pgpass")
    if not passfile.exists():
        write_secret(passfile, shared.with_name("pgpass").read_text().rstrip("\n"))
    write_secret(file, shared.read_text().replace(str(shared.with_name("pgpass")), str(passfile)).rstrip("\n"))
    machines.observer.own(file, passfile)
