"""What a subject of the service is to provisioning: a template, the hosts that bear it, and what they need for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from provisioning.hostfiles.places import HostFile, Places
from vigie.site import Host, School, Site

# A macro's value, and what it means.
Promises = Mapping[str, tuple[str, str]]


class Method(StrEnum):
    """How Zabbix asks: that decides which of its own triggers says that nobody answers, and who needs which program."""

    AGENT = "agent"
    EXTERNAL = "external check"
    SNMP = "SNMP"


@dataclass(frozen=True, slots=True)
class Quiet:
    """A trigger that a trigger of another template keeps quiet: one cause, one problem.

    Args:
        trigger: the one that keeps quiet.
        by_template: the template of the other.
        by_trigger: the other.
        same_host: whether only the same host's counts, and not any host's of the school.
    """

    trigger: str
    by_template: str
    by_trigger: str
    same_host: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A host whose files are wanted.

    Args:
        site: the checked site file.
        school: the host's school.
        host: one of its hosts.
        site_text: the site file as written.
        places: where Vigie is on the hosts.
        today: the first day that counts.
    """

    site: Site
    school: School
    host: Host
    site_text: str
    places: Places
    today: date


def _no_macros(_school: School, _host: Host) -> Promises:
    return {}


def _no_files(_order: Order) -> list[HostFile]:
    return []


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of the service.

    Args:
        template: the name of its template.
        method: how Zabbix asks.
        bears: whether a host bears the template.
        macros: the host macros that carry the site file's promises to the template, on the hosts that bear it.
        files: what any host needs for the subject, wherever its parts stand.
        program: the external check, a file of `externalscripts`; the host that runs the checks gets it.
        silent: the triggers that only say that nobody answers: they depend on Zabbix's own trigger for that.
        quiet: the triggers that other templates' triggers keep quiet.
        service: its line in the service tree, in French as management reads it; empty when it has none of its own.
        target: the value of the template's tag `target`, by which the service tree knows its problems.
    """

    template: str
    method: Method
    bears: Callable[[School, Host], bool]
    macros: Callable[[School, Host], Promises] = _no_macros
    files: Callable[[Order], list[HostFile]] = _no_files
    program: str = ""
    silent: tuple[str, ...] = ()
    quiet: tuple[Quiet, ...] = ()
    service: str = ""
    target: str = ""
