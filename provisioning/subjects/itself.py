"""Vigie itself, on each host that carries a part of it: its settings follow from the files of the other subjects."""

import re
from collections.abc import Iterable

from provisioning.hostfiles.places import UNITS, HostFile
from provisioning.hostfiles.rendering import settings
from provisioning.subjects.subject import Method, Order, Promises, Quiet, Subject
from vigie import __version__, durations
from vigie.observe.itself.settings import Certificate, ObserveItself, Service, Timer
from vigie.site import CARRIERS, Host, Role, School

ITSELF = "Vigie by Zabbix agent"
_SILENT = "Vigie: No data from the agent"
# systemd leaves sections that begin with X- alone: a timer says there how old its last success may be.
_WITHIN = re.compile(r"^\[X-Vigie\]\nSuccessWithin=(\S+)$", re.MULTILINE)


def _bears(_school: School, host: Host) -> bool:
    return not host.is_windows and any(role in CARRIERS for role in host.roles)


def bears_token(school: School, host: Host) -> bool:
    """Whether a host is the one that says when the API token of provisioning ends: the machine of Zabbix."""
    return Role.ZABBIX in host.roles and _bears(school, host)


def _macros(_school: School, _host: Host) -> Promises:
    return {"{$VIGIE.VERSION}": (__version__, "the version of Vigie that provisioned this host")}


def itself_file(order: Order, others: Iterable[HostFile]) -> list[HostFile]:
    """The settings of the observation of Vigie itself, on a host that bears it.

    Args:
        order: the host.
        others: the files that the other subjects give to it: its timers are among them.
    """
    if not _bears(order.school, order.host):
        return []
    return [settings(f"itself-{order.school.uai}.json", _observed(order, others), order.places)]


def _observed(order: Order, others: Iterable[HostFile]) -> ObserveItself:
    school, host, declared = order.school, order.host, order.school.vigie
    return ObserveItself(
        school=school.uai,
        stamps=str(declared.stamps),
        requests=str(declared.requests) if Role.ZABBIX in host.roles else "",
        queue_age=declared.queue_age,
        deadline=float(declared.deadline),
        timers=[_timer(file) for file in others if file.destination.parent == UNITS and file.name.endswith(".timer")],
        services=[
            Service(
                name=service.name,
                unit=service.unit or "",
                pid_file=str(service.pid_file or ""),
                address=service.address or host.address,
                port=service.port or 0,
            )
            for service in declared.services
            if service.host == host.name
        ],
        certificates=[
            Certificate(name=certificate.name, file=str(certificate.file), warn=certificate.warn)
            for certificate in declared.certificates
            if certificate.host == host.name
        ],
    )


def _timer(file: HostFile) -> Timer:
    within = _WITHIN.search(file.text)
    return Timer(file.name.removesuffix(".timer"), durations.parse(within[1]) if within else 0)


def subject_beside(others: Iterable[Subject]) -> Subject:
    """Vigie itself as a subject; whatever else a host's agent no longer says is said by the subject that lacks it.

    Args:
        others: the other subjects.
    """
    silences = [
        Quiet(_SILENT, other.template, trigger, same_host=True)
        for other in others
        if other.method is Method.AGENT
        for trigger in other.silent
    ]
    return Subject(
        template=ITSELF,
        method=Method.AGENT,
        bears=_bears,
        macros=_macros,
        silent=(_SILENT,),
        quiet=tuple(silences),
        service="Vigie",
        target="vigie",
    )
