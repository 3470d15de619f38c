"""The school's network: an SNMP agent for each router and switch, and the file of what is wrong with them."""

import errno
import secrets
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from lab.processes import Server
from lab.snmp import causes
from lab.snmp.causes import Causes
from vigie.errors import VigieError
from vigie.site import Host

if TYPE_CHECKING:
    from pathlib import Path

    from lab.school.machines import Machines

_COMMUNITY = "{$SNMP_COMMUNITY}"
# The objects of a device stand under these two: those of the Internet, and those of the IEEE.
_ROOTS = (".1.3.6.1", ".1.2.840.10006")
# The branches that an agent leaves out, as after a mistake in its views: all that a device has, or some.
EVERYTHING = _ROOTS
HSRP = (".1.3.6.1.4.1.9.9.106",)
INTERFACES = (".1.3.6.1.2.1.2", ".1.3.6.1.2.1.31")


class SchoolNetwork:
    """The routers and switches of the lab: snmpd of Debian, answering what simulated devices would."""

    title: ClassVar[str] = "SNMP agents of the school's routers and switches"

    def start(self, machines: "Machines") -> None:
        """Make the community, then start each device's agent."""
        folder(machines).mkdir(exist_ok=True)
        if not causes_file(machines).exists():
            causes.write(causes_file(machines), Causes())
        for host in devices(machines):
            start_agent(machines, host)


def devices(machines: "Machines") -> list[Host]:
    """The routers and switches of the school."""
    return [host for host in machines.school.hosts if host.is_network]


def agent_name(host: Host) -> str:
    """An agent's name in `status`."""
    return f"snmp-{host.name}"


def start_agent(machines: "Machines", host: Host, *, hiding: Sequence[str] = ()) -> None:
    """Start a device's agent.

    Args:
        machines: the school's.
        host: the router or switch.
        hiding: the branches that its views leave out.
    """
    place = folder(machines) / host.name
    place.mkdir(exist_ok=True)
    machines.account.own(place)
    access = f"rocommunity {_community(machines, host)} default"
    asked = f"{machines.places.prefix}/bin/python -I -m lab.snmp.responder {causes_file(machines)} {host.name}"
    lines = [
        f"agentaddress udp:{host.address}:{host.agent_port}",
        "view shown included .1",
        *(f"view shown excluded {branch}" for branch in hiding),
        f"{access} -V shown",
        *(f"pass_persist {root} {asked}" for root in _ROOTS),
    ]
    configuration = place / "snmpd.conf"
    configuration.touch(0o600)
    configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")
    machines.account.own(configuration)
    machines.supervisor.start(
        Server(
            name=agent_name(host),
            argv=["/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", str(configuration), "-I", "vacm_conf,pass_persist"],
            account=machines.account,
            ready=lambda: is_taken(host.address, host.agent_port),
            environment={"MIBS": "", "SNMP_PERSISTENT_DIR": str(place)},
            where=f"udp {host.address}:{host.agent_port}",
        )
    )


def folder(machines: "Machines") -> "Path":
    """Where the agents' files are."""
    return machines.places.root / "network"


def causes_file(machines: "Machines") -> "Path":
    """What is wrong with the network: every device reads it."""
    return folder(machines) / "causes.json"


def _community(machines: "Machines", host: Host) -> str:
    """The community, made when there is none; Zabbix gets it from the same file, through the site file."""
    file = host.secret_macros.get(_COMMUNITY)
    if file is None:
        raise VigieError(f"host {host.name} has no {_COMMUNITY} in its secret_macros")
    if not file.exists():
        file.touch(0o600)
        file.write_text(secrets.token_urlsafe(16) + "\n", encoding="utf-8")
        machines.account.own(file)
    return file.read_text(encoding="utf-8").strip()


def is_taken(address: str, port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False
