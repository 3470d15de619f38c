"""The backups: the store on the backup server, the nightly run on the server of the databases."""

from provisioning.hostfiles.nights import time_allowed
from provisioning.hostfiles.places import OWNER, HostFile
from provisioning.hostfiles.rendering import example, network, settings, text, unit
from provisioning.subjects.openerp import OPENERP
from provisioning.subjects.subject import Method, Order, Promises, Quiet, Subject
from vigie.errors import VigieError
from vigie.observe.backups.settings import ObserveBackups
from vigie.settings import Store
from vigie.site import Backup, Host, RsyncTransfer, School, Site

BACKUPS = "Specibike backups by Zabbix agent"


def _bears(school: School, host: Host) -> bool:
    return school.backup is not None and school.backup.store == host.name


def _macros(school: School, _host: Host) -> Promises:
    # The greatest ages of dumps and verifications come with the observation itself: two sources could disagree.
    backup = _backup_of(school)
    return {
        "{$VIGIE.BACKUP.FREE.MIN}": (f"{backup.free_min_percent:g}", "the least free space, in percent"),
        "{$VIGIE.BACKUP.DAYS.MIN}": (str(backup.days_left_min), "the fewest days before the storage is full"),
    }


def _files(order: Order) -> list[HostFile]:
    backup = order.school.backup
    files: list[HostFile] = []
    if backup is not None and order.host.name == backup.store:
        files += _for_the_store(order, backup)
    if backup is not None and order.host.name == backup.source:
        files += _for_the_source(order, backup)
    return files


def observation_settings(school: School) -> ObserveBackups:
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


def _for_the_store(order: Order, backup: Backup) -> list[HostFile]:
    site, school, places = order.site, order.school, order.places
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
    files = [
        settings(f"backups-{uai}.json", observation_settings(school), places),
        settings(f"store-{uai}.json", store_settings(site, school), places),
        example("observe-pg_service.conf", backup.observation.service_file, values, "zabbix"),
        *(unit(name, values) for name in ("vigie-keep.service", "vigie-keep.timer")),
        *(unit(name, values) for name in ("vigie-recheck.service", "vigie-recheck.timer")),
        HostFile("rsyncd.conf", text("rsyncd.conf", values), places.etc / "rsyncd.conf", 0o640, group=OWNER),
    ]
    if isinstance(backup.transfer, RsyncTransfer):
        files.append(unit("vigie-rsyncd.service", values))
    return files


def _for_the_source(order: Order, backup: Backup) -> list[HostFile]:
    school, places = order.school, order.places
    zone = order.site.time_zone(school)
    values = {
        "uai": school.uai,
        "backup": backup,
        "zone": zone.key,
        "allowed": time_allowed(backup.window, zone, order.today),
        "store_network": network(school.host(backup.store).address),
        "prefix": places.prefix,
        "etc": places.etc,
        "writable": backup.directory,
    }
    return [
        HostFile("site.yaml", order.site_text, places.etc / "site.yaml", 0o640, group=OWNER),
        HostFile("roles.sql", text("roles.sql", values), places.etc / "roles.sql", 0o644),
        example("pg_service.conf", backup.service_file, values, OWNER),
        unit("vigie-backup.service", values),
        unit("vigie-backup.timer", values),
    ]


SUBJECTS = (
    Subject(
        template=BACKUPS,
        method=Method.AGENT,
        bears=_bears,
        macros=_macros,
        files=_files,
        silent=("Backups: No data from the agent",),
        quiet=(Quiet("Backups: PostgreSQL does not give its list", OPENERP, "OpenERP: PostgreSQL does not answer"),),
        service="Sauvegardes",
        target="backup",
    ),
)
