"""The school's standby: a real one, fed by the school's PostgreSQL through a cable that can be cut."""

import secrets
from typing import ClassVar

from lab.cable import Cable
from lab.postgres import Cluster
from lab.school.machines import Machines
from lab.streaming import Standby
from lab.zabbix.login import write_secret
from vigie.errors import VigieError
from vigie.site import Streaming

STANDBY = "school-standby"
CABLE = "cable-standby"
ROLE = "vigie_replication"
# Where the standby plugs its end of the cable in, on its own address.
_PLUG = 5433


def streaming_of(machines: Machines) -> Streaming:
    """The school's pair; the lab's school has one."""
    replication = machines.school.replication
    if replication is None or replication.streaming is None:
        raise VigieError("the lab's school has no `replication.streaming` in its site file")
    return replication.streaming


def cable_of(machines: Machines) -> Cable:
    """The cable between the two ends."""
    address, primary = _address(machines), machines.cluster
    return Cable(CABLE, (address, _PLUG), (primary.address, primary.port), source=address)


def standby_of(machines: Machines) -> Standby:
    """The standby of the school's PostgreSQL."""
    streaming, cable = streaming_of(machines), cable_of(machines)
    cluster = Cluster(STANDBY, machines.places.root / "standby", machines.account, _address(machines))
    return Standby(
        machines.cluster, cluster, cable.listen, streaming.slot or "standby", streaming.application_name or "standby"
    )


class StandbyPart:
    """The standby, its cable, and the role that Zabbix's machine sees both ends with."""

    title: ClassVar[str] = "the standby of PostgreSQL, behind a cable of its own"

    def start(self, machines: Machines) -> None:
        """Make and start what is missing."""
        standby = standby_of(machines)
        machines.supervisor.start(cable_of(machines).server(machines.account, machines.vigie.with_name("python")))
        standby.prepare_primary()
        self._let_zabbix_in(machines, standby)
        standby.start(machines.supervisor)

    @staticmethod
    def _let_zabbix_in(machines: Machines, standby: Standby) -> None:
        """Make the role and the service file of both ends, for the user of the Zabbix server."""
        streaming = streaming_of(machines)
        folder = machines.places.hosts / streaming.primary
        standby.primary.sql((folder / "replication-roles.sql").read_text())
        file = streaming.observation.service_file
        passfile = file.with_name("pgpass")
        if passfile.exists() and file.exists():
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        password = secrets.token_urlsafe(24)
        standby.primary.sql(f"ALTER ROLE {ROLE} PASSWORD '{password}';")
        write_secret(passfile, f"*:*:*:{ROLE}:{password}")
        ends = {
            streaming.observation.primary_service: standby.primary,
            streaming.observation.standby_service: standby.cluster,
        }
        lines = [
            f"[{service}]\nhost={end.address}\nport={end.port}\nuser={ROLE}\ndbname=postgres\npassfile={passfile}\n"
            for service, end in ends.items()
        ]
        write_secret(file, "\n".join(lines))
        machines.account.own(passfile, file)


def _address(machines: Machines) -> str:
    return str(machines.school.host(streaming_of(machines).standby).address)
