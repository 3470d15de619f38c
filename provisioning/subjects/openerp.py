"""OpenERP: its server asked by the Zabbix server, its contexts read in PostgreSQL, the right to read them granted."""

from collections.abc import Iterator

from provisioning.hostfiles.checkers import checked_from
from provisioning.hostfiles.places import HostFile
from provisioning.hostfiles.rendering import example, network, settings, text, unit
from provisioning.subjects.subject import Method, Order, Subject
from vigie.errors import VigieError
from vigie.observe.openerp.settings import ObserveOpenErp
from vigie.settings import GrantContexts
from vigie.site import Host, OpenErp, Role, School, Site

OPENERP = "Specibike OpenERP by external check"
ROLE = "vigie_contexts"
# Two checks may meet when one is slow; each lists the contexts by a connection of its own.
_CHECKS_AT_ONCE = 2


def _bears(school: School, host: Host) -> bool:
    return school.openerp is not None and school.openerp.host == host.name


def observation_settings(school: School) -> ObserveOpenErp:
    """What the observation of OpenERP must know.

    Raises:
        VigieError: when the school has no OpenERP.
    """
    declared = _openerp_of(school)
    observation = declared.observation
    return ObserveOpenErp(
        school=school.uai,
        address=str(school.host(declared.host).address),
        port=declared.port,
        version=declared.version,
        classes=list(school.classes),
        service=observation.service,
        service_file=str(observation.service_file),
        connections=observation.connections,
        deadline=float(observation.deadline),
    )


def _openerp_of(school: School) -> OpenErp:
    if school.openerp is None:
        raise VigieError(f"school {school.uai} has no `openerp` in the site file")
    return school.openerp


def _files(order: Order) -> list[HostFile]:
    files: list[HostFile] = []
    declared = order.school.openerp
    if declared is not None and declared.postgres_host == order.host.name:
        files += _for_postgres(order, declared)
    for school in checked_from(order.site, order.school, order.host):
        if school.openerp is not None:
            files += _for_the_check(order, school, school.openerp)
    return files


def _for_postgres(order: Order, declared: OpenErp) -> Iterator[HostFile]:
    uai, places = order.school.uai, order.places
    values: dict[str, object] = {
        "uai": uai,
        "role": ROLE,
        "limit": _CHECKS_AT_ONCE * (declared.observation.connections + 1),
        "checkers": [network(str(host.address)) for host in _checkers(order.site, order.school)],
        "prefix": places.prefix,
        "etc": places.etc,
        "writable": f"-{declared.observation.socket}",
    }
    granting = GrantContexts(school=uai, socket=str(declared.observation.socket), port=5432, role=ROLE)
    yield HostFile("contexts-role.sql", text("contexts-role.sql", values), places.etc / "contexts-role.sql", 0o644)
    yield settings(f"grant-{uai}.json", granting, places)
    yield unit("vigie-grant.service", values)
    yield unit("vigie-grant.timer", values)


def _for_the_check(order: Order, school: School, declared: OpenErp) -> Iterator[HostFile]:
    observation = declared.observation
    values: dict[str, object] = {
        "role": ROLE,
        "service": observation.service,
        "service_file": observation.service_file,
        "address": school.host(declared.postgres_host).address,
    }
    yield settings(f"openerp-{school.uai}.json", observation_settings(school), order.places)
    yield example("contexts-pg_service.conf", observation.service_file, values, "zabbix")


def _checkers(site: Site, school: School) -> list[Host]:
    """The machines that run the school's external checks, where the site file describes one."""
    return [
        host
        for other in site.schools
        for host in other.hosts
        if Role.ZABBIX in host.roles and any(each is school for each in checked_from(site, other, host))
    ]


SUBJECTS = (
    Subject(
        template=OPENERP,
        method=Method.EXTERNAL,
        bears=_bears,
        files=_files,
        program="vigie-openerp",
        service="OpenERP",
        target="openerp",
    ),
)
