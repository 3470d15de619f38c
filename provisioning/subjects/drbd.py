"""DRBD: the hosts whose disks it mirrors, each watched by its own agent."""

from provisioning.hostfiles.places import SUDOERS, HostFile
from provisioning.hostfiles.rendering import settings, text
from provisioning.subjects.subject import Method, Order, Subject
from vigie.observe.drbd.settings import ObserveDrbd
from vigie.site import DrbdHost, Host, School

DRBD = "DRBD by Zabbix agent"
# The one command that the agent may run as root; the sudoers file says the same, argument by argument.
STATUS = ("/usr/sbin/drbdsetup", "status", "--json")
_DEADLINE = 2.0


def _declared(school: School, host: Host) -> DrbdHost | None:
    mirrored = school.replication.drbd if school.replication is not None else []
    return next((each for each in mirrored if each.host == host.name), None)


def _bears(school: School, host: Host) -> bool:
    return _declared(school, host) is not None


def _files(order: Order) -> list[HostFile]:
    declared = _declared(order.school, order.host)
    if declared is None:
        return []
    known = observation_settings(order.school, declared)
    rights = text("vigie-drbd.sudoers", {"command": " ".join(STATUS)})
    return [
        settings(f"drbd-{order.school.uai}.json", known, order.places),
        HostFile("vigie-drbd.sudoers", rights, SUDOERS / "vigie-drbd", 0o440),
    ]


def observation_settings(school: School, declared: DrbdHost) -> ObserveDrbd:
    """What the observation on a host must know."""
    return ObserveDrbd(
        school=school.uai,
        resources=list(declared.resources),
        command=["sudo", "-n", *STATUS],
        proc="/proc/drbd",
        by_resource="/dev/drbd/by-res",
        deadline=_DEADLINE,
    )


SUBJECTS = (
    Subject(
        template=DRBD,
        method=Method.AGENT,
        bears=_bears,
        files=_files,
        silent=("DRBD: No data from the agent",),
        target="replication",
    ),
)
