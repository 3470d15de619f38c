"""The replication: PostgreSQL's streaming pair, seen from the machine that runs the external checks."""

from collections.abc import Iterator

from provisioning.hostfiles.checkers import checked_from
from provisioning.hostfiles.places import HostFile
from provisioning.hostfiles.rendering import example, network, settings, text
from provisioning.subjects.openerp import OPENERP
from provisioning.subjects.subject import Method, Order, Quiet, Subject
from vigie.observe.replication.settings import ObserveReplication
from vigie.site import Host, Role, School, Site, Streaming

REPLICATION = "Specibike replication by external check"
_MIB = 1 << 20


def _streaming_of(school: School) -> Streaming | None:
    return school.replication.streaming if school.replication is not None else None


def _bears(school: School, host: Host) -> bool:
    """The standby's host: what is watched exists for its sake."""
    streaming = _streaming_of(school)
    return streaming is not None and streaming.standby == host.name


def _files(order: Order) -> list[HostFile]:
    files = []
    streaming = _streaming_of(order.school)
    if streaming is not None and order.host.name == streaming.primary:
        values: dict[str, object] = {"checkers": _checkers(order.site, order.school)}
        files.append(
            HostFile(
                "replication-roles.sql",
                text("replication-roles.sql", values),
                order.places.etc / "replication-roles.sql",
                0o644,
            )
        )
    for school in checked_from(order.site, order.school, order.host):
        files += _for_the_checks(school, order)
    return files


def _for_the_checks(school: School, order: Order) -> Iterator[HostFile]:
    streaming = _streaming_of(school)
    if streaming is None:
        return
    yield settings(f"replication-{school.uai}.json", observation_settings(school, streaming), order.places)
    values: dict[str, object] = {
        "streaming": streaming,
        "primary": school.host(streaming.primary),
        "standby": school.host(streaming.standby),
    }
    yield example("replication-pg_service.conf", streaming.observation.service_file, values, "zabbix")


def _checkers(site: Site, school: School) -> list[str]:
    """The addresses, as pg_hba.conf wants them, from which the school's ends are asked."""
    asked_by = [
        network(host.address)
        for other in site.schools
        for host in other.hosts
        if Role.ZABBIX in host.roles and school in checked_from(site, other, host)
    ]
    if not asked_by and school.proxy is not None:
        asked_by.append(network(school.proxy.address))
    return asked_by or ["ADDRESS-OF-ZABBIX"]


def observation_settings(school: School, streaming: Streaming) -> ObserveReplication:
    """What the observation must know."""
    return ObserveReplication(
        school=school.uai,
        primary=streaming.primary,
        standby=streaming.standby,
        primary_address=school.host(streaming.primary).address,
        standby_address=school.host(streaming.standby).address,
        primary_service=streaming.observation.primary_service,
        standby_service=streaming.observation.standby_service,
        service_file=str(streaming.observation.service_file),
        application_name=streaming.application_name or "",
        slot=streaming.slot or "",
        max_bytes=streaming.max_mib * _MIB,
        max_seconds=streaming.max_seconds,
        max_silence=streaming.max_silence,
        slot_max_bytes=streaming.slot_max_mib * _MIB,
        deadline=float(streaming.observation.deadline),
    )


SUBJECTS = (
    Subject(
        template=REPLICATION,
        method=Method.EXTERNAL,
        bears=_bears,
        files=_files,
        program="vigie-replication",
        quiet=(Quiet("Replication: Primary does not answer", OPENERP, "OpenERP: PostgreSQL does not answer"),),
        service="Réplication",
        target="replication",
    ),
)
