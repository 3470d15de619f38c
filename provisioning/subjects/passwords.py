"""The passwords: the server with the databases, which knows the generations, and the stations, which hold one."""

from ipaddress import ip_address
from pathlib import Path, PurePosixPath, PureWindowsPath

from provisioning.hostfiles.places import HostFile, Places
from provisioning.hostfiles.rendering import example, network, settings, shipped, text, unit
from provisioning.subjects.openerp import OPENERP
from provisioning.subjects.subject import Method, Order, Promises, Quiet, Subject
from vigie import durations
from vigie.credentials import station
from vigie.credentials.server import server_of
from vigie.credentials.station import StationSettings
from vigie.errors import VigieError
from vigie.observe.passwords.settings import ObservePasswords
from vigie.site import Host, Passwords, School

PASSWORDS = "Specibike passwords by Zabbix agent"
STATION = "Specibike station password by Zabbix agent"
PROGRAM = "vigie-station.py"
_WINDOWS_CONF = "vigie.windows.conf"
# A note may miss two looks before it is too old.
_LOOKS = 3


def observation_settings(school: School) -> ObservePasswords:
    """What the observation on the server with the databases must know.

    Raises:
        VigieError: when the school declares no passwords.
    """
    passwords = _of(school)
    stations = school.stations()
    return ObservePasswords(
        school=school.uai,
        ledger=str(passwords.ledger),
        service=passwords.observation.service,
        service_file=str(passwords.observation.service_file),
        roles=list(passwords.roles),
        stations=[host.name for host in stations],
        addresses=[canonical(host.address) for host in stations],
        names=["" if canonical(host.address) else host.address for host in stations],
        max_age=passwords.max_age,
        expiry_warning=passwords.expiry_warning,
        deadline=float(passwords.observation.deadline),
    )


def canonical(address: str) -> str:
    """An address as PostgreSQL writes that of a client; empty for a name."""
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    return str(getattr(known, "ipv4_mapped", None) or known).partition("%")[0]


def station_settings(school: School, host: Host) -> StationSettings:
    """What the program of a station must know. On Windows the agent looks itself: there is no note.

    Raises:
        VigieError: when the school declares no passwords.
    """
    passwords = _of(school)
    stations = passwords.stations
    on_windows = host.is_windows
    server = server_of(school)
    windows_key = PureWindowsPath(stations.windows_folder, passwords.key_file.name)
    return StationSettings(
        school=school.uai,
        roles=list(passwords.roles),
        host=server.host,
        port=server.port,
        database=server.database,
        passfile=stations.windows_passfile if on_windows else stations.linux_passfile,
        key_file=str(windows_key if on_windows else passwords.key_file),
        note="" if on_windows else str(stations.note),
        note_max_age=_LOOKS * stations.look_every + 60,
    )


def _of(school: School) -> Passwords:
    if school.passwords is None:
        raise VigieError(f"school {school.uai} has no `passwords` in the site file")
    return school.passwords


def _has_databases(school: School, host: Host) -> bool:
    return school.passwords is not None and school.passwords.host == host.name


def _is_station(school: School, host: Host) -> bool:
    return host in school.stations()


def _macros(school: School, _host: Host) -> Promises:
    silence = durations.written(_of(school).stations.max_silence)
    return {"{$VIGIE.PASSWORDS.SILENT.MAX}": (silence, "how long a station may say nothing")}


def _on_the_server(order: Order) -> list[HostFile]:
    school, places = order.school, order.places
    if not _has_databases(school, order.host):
        return []
    passwords = _of(school)
    values: dict[str, object] = {
        "uai": school.uai,
        "passwords": passwords,
        "address": order.host.address,
        "network": network(str(order.host.address)),
        "stations": [network(str(host.address)) for host in school.stations()],
    }
    return [
        settings(f"passwords-{school.uai}.json", observation_settings(school), places),
        HostFile("passwords.sql", text("passwords.sql", values), places.etc / "passwords.sql", 0o644),
        example("passwords-pg_service.conf", passwords.observation.service_file, values, "zabbix"),
    ]


def _on_a_station(order: Order) -> list[HostFile]:
    school, host, places = order.school, order.host, order.places
    if not _is_station(school, host):
        return []
    known = station_settings(school, host)
    code = Path(station.__file__).read_text(encoding="utf-8")
    name = f"station-{school.uai}.json"
    if host.is_windows:
        folder = PureWindowsPath(_of(school).stations.windows_folder)
        conf = shipped("userparameters", _WINDOWS_CONF, places).replace(r"C:\ProgramData\vigie", str(folder))
        texts = {name: known.to_json(), PROGRAM: code, _WINDOWS_CONF: conf}
        return [HostFile(each, its, PurePosixPath(str(folder / each)), 0o644) for each, its in texts.items()]
    values: dict[str, object] = {
        "uai": school.uai,
        "program": program_place(places),
        "etc": places.etc,
        "stations": _of(school).stations,
    }
    return [
        HostFile(name, known.to_json(), places.etc / name, 0o644),
        HostFile(PROGRAM, code, program_place(places), 0o755),
        unit("vigie-station.service", values),
        unit("vigie-station.timer", values),
    ]


def program_place(places: Places) -> PurePosixPath:
    """Where the program of a Linux station is."""
    return places.prefix / "station" / PROGRAM


SUBJECTS = (
    Subject(
        template=PASSWORDS,
        method=Method.AGENT,
        bears=_has_databases,
        macros=_macros,
        files=_on_the_server,
        silent=("Passwords: No data from the agent",),
        quiet=(Quiet("Passwords: PostgreSQL does not answer", OPENERP, "OpenERP: PostgreSQL does not answer"),),
        service="Mots de passe",
        target="passwords",
    ),
    Subject(
        template=STATION,
        method=Method.AGENT,
        bears=_is_station,
        files=_on_a_station,
        silent=("Station password: No data from the agent",),
        service="Postes clients",
        target="station",
    ),
)
