"""Two real keepalived on a wire of their own, in network namespaces, each shown by a real snmpd through AgentX.

The agents stand on the loopback of the machine, where Zabbix can ask them: AgentX's socket is a file, which both sides
of a namespace see.
"""

import os
import subprocess
from pathlib import Path

from lab.accounts import current
from lab.processes import Server, Supervisor
from lab.school.network import is_taken

INSTANCE, GROUP = "VI_GATEWAY", 51
ROUTERS = ("rt-1", "rt-2")
_PRIORITIES = {"rt-1": 150, "rt-2": 100}

_KEEPALIVED = """\
global_defs {{
    router_id {router}
    enable_snmp_vrrp
    snmp_socket unix:{socket}
}}
vrrp_instance {instance} {{
    state BACKUP
    interface eth0
    virtual_router_id {group}
    priority {priority}
    advert_int 1
    virtual_ipaddress {{
        10.75.0.254/24
    }}
}}
"""
_SNMPD = """\
rocommunity {community} default
agentaddress udp:{address}:{port}
master agentx
agentXSocket unix:{socket}
"""


class Pair:
    """The two routers and the wire between them.

    Args:
        folder: where their files are.
        tag: told apart from other pairs of the machine by it; short.
        supervisor: who starts and stops their programs.
        community: their agents', which reads only.
    """

    def __init__(self, folder: Path, tag: str, supervisor: Supervisor, community: str) -> None:
        self._folder, self._tag, self._supervisor, self._community = folder, tag, supervisor, community

    def lay(self) -> None:
        """Make the namespaces and the wire: a bridge with one port for each router.

        Raises:
            AssertionError: when the machine does not let root make namespaces: this is no test to leave out.
        """
        self._ip("netns", "add", self._space("wire"))
        self._ip("-n", self._space("wire"), "link", "add", "bridge", "type", "bridge")
        self._ip("-n", self._space("wire"), "link", "set", "bridge", "up")
        for number, router in enumerate(ROUTERS, start=1):
            space = self._space(router)
            self._ip("netns", "add", space)
            self._ip("-n", space, "link", "set", "lo", "up")
            peer = ["peer", "name", f"to-{router}", "netns", self._space("wire")]
            self._ip("-n", space, "link", "add", "eth0", "type", "veth", *peer)
            self._ip("-n", space, "addr", "add", f"10.75.0.{number}/24", "dev", "eth0")
            self._ip("-n", space, "link", "set", "eth0", "up")
            self._ip("-n", self._space("wire"), "link", "set", f"to-{router}", "up")
        self.join()

    def join(self) -> None:
        """Let the routers hear each other, with their links up."""
        for router in ROUTERS:
            wire = self._space("wire")
            self._ip("-n", wire, "link", "set", f"to-{router}", "master", "bridge")
            self._ip("-n", wire, "link", "set", f"to-{router}", "up")

    def part(self) -> None:
        """Let them hear each other no more; their links stay up."""
        self._ip("-n", self._space("wire"), "link", "set", "to-rt-2", "nomaster")

    def unplug(self, router: str) -> None:
        """Take the cable of a router out."""
        self._ip("-n", self._space("wire"), "link", "set", f"to-{router}", "down")

    def start(self, router: str, address: str, port: int) -> None:
        """Start a router's agent, then its keepalived."""
        place = self._folder / router
        place.mkdir(exist_ok=True)
        socket = place / "agentx"
        words = {"socket": socket, "community": self._community, "address": address, "port": port}
        (place / "snmpd.conf").write_text(_SNMPD.format(**words))
        words = {"socket": socket, "router": router, "instance": INSTANCE, "group": GROUP}
        (place / "keepalived.conf").write_text(_KEEPALIVED.format(priority=_PRIORITIES[router], **words))
        self._supervisor.start(
            Server(
                name=f"snmpd-{router}",
                argv=["snmpd", "-f", "-Lo", "-C", "-c", str(place / "snmpd.conf")],
                account=current(),
                ready=lambda: is_taken(address, port) and socket.exists(),
                environment={"MIBS": "", "SNMP_PERSISTENT_DIR": str(place)},
            )
        )
        program = ["keepalived", "--dont-fork", "--vrrp", "--log-console", "-f", str(place / "keepalived.conf")]
        program += ["-p", str(place / "pid"), "-r", str(place / "vrrp.pid")]
        self._supervisor.start(
            Server(
                name=f"keepalived-{router}",
                argv=["ip", "netns", "exec", self._space(router), *program],
                account=current(),
                ready=(place / "vrrp.pid").exists,
            )
        )

    def remove(self) -> None:
        """Take the namespaces away, with all that stands in them; the programs have been stopped."""
        for name in ("wire", *ROUTERS):
            subprocess.run(["ip", "netns", "del", self._space(name)], capture_output=True, timeout=20, check=False)

    def _space(self, name: str) -> str:
        return f"vigie-{self._tag}-{name}"

    @staticmethod
    def _ip(*arguments: str) -> None:
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr.strip()}"


def may_make_namespaces() -> bool:
    """Whether this user is one who could: root. A root who may not is a machine to put right, and a failure."""
    return os.geteuid() == 0
