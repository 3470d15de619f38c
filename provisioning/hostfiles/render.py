"""What each host of a school needs, as texts. Nothing here writes."""

import re
from datetime import date
from ipaddress import ip_network
from pathlib import Path, PurePosixPath

from jinja2 import Environment, PackageLoader, StrictUndefined

from provisioning.hostfiles.nights import time_allowed
from provisioning.hostfiles.places import AGENT, OBSERVERS, OWNER, UNITS, HostFile, Places
from vigie.errors import VigieError
from vigie.observe.backups.settings import ObserveBackups
from vigie.paths import room
from vigie.settings import Store
from vigie.site import Backup, Host, RsyncTransfer, School, Site

# Plain text, no HTML: every value was checked by the site file's models to be free of blanks, quotes and %.
_JINJA = Environment(
    loader=PackageLoader("provisioning.hostfiles", "files"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def files_for(site: Site, school: School, host: Host, *, site_text: str, places: Places, today: date) -> list[HostFile]:
    """The files of one host, by what it does in the school's backups; none when it does nothing there.

    Args:
        site: the checked site file, for the time zone.
        school: the host's school.
        host: one of its hosts.
        site_text: the site file as written: OpenERP's server gets a copy.
        places: where Vigie is on the hosts.
        today: the first night of the window that counts.
    """
    backup = school.backup
    files: list[HostFile] = []
    if backup is not None and host.name == backup.store:
        files += _for_the_store(site, school, backup, places)
    if backup is not None and host.name == backup.source:
        files += _for_the_source(site, school, backup, places, site_text=site_text, today=today)
    return files


def observation_settings(site: Site, school: School) -> ObserveBackups:
    """What the observation on the backup server must know.

    Raises:
        VigieError: when the school has no backup.
    """
    backup = _backup_of(school)
    by_daemon = isinstance(backup.transfer, RsyncTransfer)
    return ObserveBackups(
        school=school.uai,
        store=str(backup.store_directory),
        classes=list(school.classes),
        service=backup.observation.service,
        service_file=str(backup.observation.service_file),
        max_age=backup.max_age,
        verify_age=backup.verify_age,
        silent_after=backup.observation.silent_after,
        deadline=float(backup.observation.deadline),
        receiver_address=school.host(backup.store).address if by_daemon else "",
        receiver_port=backup.transfer.port if by_daemon else 0,
        free_min_percent=backup.free_min_percent,
        days_left_min=backup.days_left_min,
    )


def store_settings(site: Site, school: School) -> Store:
    """What the receiver, the retention and the re-check on the backup server must know.

    Raises:
        VigieError: when the school has no backup.
    """
    backup = _backup_of(school)
    return Store(
        school=school.uai,
        root=str(backup.store_directory),
        daily=backup.retention.daily,
        weekly=backup.retention.weekly,
        monthly=backup.retention.monthly,
        dropped=backup.retention.dropped,
        time_zone=site.time_zone(school).key,
        recheck_seconds=backup.observation.recheck_seconds,
    )


def _backup_of(school: School) -> Backup:
    if school.backup is None:
        raise VigieError(f"school {school.uai} has no `backup` in the site file")
    return school.backup


def _for_the_store(site: Site, school: School, backup: Backup, places: Places) -> list[HostFile]:
    uai = school.uai
    values = {
        "uai": uai,
        "backup": backup,
        "zone": site.time_zone(school).key,
        "source": school.host(backup.source),
        "store": school.host(backup.store),
        "loopback": school.host(backup.source).address.startswith("127."),
        "prefix": places.prefix,
        "etc": places.etc,
        "writable": backup.store_directory,
    }
    observed, stored = f"backups-{uai}.json", f"store-{uai}.json"
    files = [
        _settings(observed, observation_settings(site, school).to_json(), places),
        _settings(stored, store_settings(site, school).to_json(), places),
        HostFile("vigie.conf", agent_file(places), AGENT / "vigie.conf", 0o644),
        _example("observe-pg_service.conf", backup.observation.service_file, values, "zabbix"),
        *(_unit(name, values) for name in ("vigie-keep.service", "vigie-keep.timer")),
        *(_unit(name, values) for name in ("vigie-recheck.service", "vigie-recheck.timer")),
        HostFile("rsyncd.conf", _text("rsyncd.conf", values), places.etc / "rsyncd.conf", 0o640, group=OWNER),
    ]
    if isinstance(backup.transfer, RsyncTransfer):
        files.append(_unit("vigie-rsyncd.service", values))
    return files


def _for_the_source(
    site: Site, school: School, backup: Backup, places: Places, *, site_text: str, today: date
) -> list[HostFile]:
    zone = site.time_zone(school)
    values = {
        "uai": school.uai,
        "backup": backup,
        "zone": zone.key,
        "allowed": time_allowed(backup.window, zone, today),
        "store_network": _network(school.host(backup.store).address),
        "prefix": places.prefix,
        "etc": places.etc,
        "writable": backup.directory,
    }
    return [
        HostFile("site.yaml", site_text, places.etc / "site.yaml", 0o640, group=OWNER),
        HostFile("roles.sql", _text("roles.sql", values), places.etc / "roles.sql", 0o644),
        _example("pg_service.conf", backup.service_file, values, OWNER),
        _unit("vigie-backup.service", values),
        _unit("vigie-backup.timer", values),
    ]


def agent_file(places: Places) -> str:
    """The agent's user parameters, with the two prefixes of the production places replaced.

    Raises:
        VigieError: when Vigie was installed without its user parameters.
    """
    source = room("userparameters") / "vigie.conf"
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise VigieError(f"{source}: cannot be read: {error.strerror}; install Vigie again") from error
    wanted = {"/opt/vigie": str(places.prefix), "/etc/vigie": str(places.etc)}
    return re.sub(r"/(?:opt|etc)/vigie(?![A-Za-z0-9_.-])", lambda match: wanted[match[0]], text)


def _network(address: str) -> str:
    """An address as pg_hba.conf wants it: an IP with its mask, a name as it is."""
    try:
        return str(ip_network(address))
    except ValueError:
        return address


def _settings(name: str, text: str, places: Places) -> HostFile:
    return HostFile(name, text, places.etc / name, 0o640, group=OBSERVERS)


def _unit(name: str, values: dict[str, object]) -> HostFile:
    return HostFile(name, _text(name, values), UNITS / name, 0o644)


def _example(name: str, destination: Path, values: dict[str, object], reader: str) -> HostFile:
    """A file that the administrator completes: it gets another name, so that none ever replaces a completed one."""
    return HostFile(f"{name}.example", _text(name, values), PurePosixPath(destination), 0o640, group=reader)


def _text(name: str, values: dict[str, object]) -> str:
    return _JINJA.get_template(f"{name}.j2").render(values)
