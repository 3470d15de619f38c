"""A real pair: a primary, a standby that streams from it, and how Vigie sees them."""

from dataclasses import dataclass
from pathlib import Path

from lab.postgres import Cluster
from lab.processes import Supervisor
from lab.streaming import Standby
from lab.waiting import wait_until
from vigie.observe.replication.model import PairState, ReplicationSeen
from vigie.observe.replication.observation import observe_replication
from vigie.observe.replication.settings import ObserveReplication

PASSWORD = "of the test"


@dataclass(frozen=True)
class RealPair:
    """A primary and its standby, both running, and how Vigie sees them."""

    primary: Cluster
    standby: Standby
    supervisor: Supervisor
    settings: ObserveReplication

    def observe(self) -> ReplicationSeen:
        """What is seen now; never an error, whatever the ends do."""
        observation = observe_replication(self.settings)
        assert (observation.error, observation.seen is None) == ("", False)
        assert observation.seen is not None
        return observation.seen

    def wait_for(self, state: PairState, deadline: float = 30) -> ReplicationSeen:
        """Observe until the pair comes to a state."""
        seen: list[ReplicationSeen] = []

        def reached() -> bool:
            seen.append(self.observe())
            return seen[-1].pair.state == state

        wait_until(reached, what=f"the pair is never {state.name}", deadline=deadline, every=0.2)
        return seen[-1]


def settings_of(directory: Path, primary: Cluster, standby: Cluster) -> ObserveReplication:
    """Services for both ends, and a promise small enough to be broken in a test."""
    passfile = directory / "passfile"
    passfile.write_text(f"*:*:*:vigie_replication:{PASSWORD}\n")
    passfile.chmod(0o600)
    services = [
        f"[{name}]\nhost={end.address}\nport={end.port}\nuser=vigie_replication\ndbname=postgres\npassfile={passfile}\n"
        for name, end in (("primary", primary), ("standby", standby))
    ]
    service_file = directory / "pg_service.conf"
    service_file.write_text("".join(services))
    return ObserveReplication(
        school="9990001X",
        primary="srv-openerp",
        standby="srv-standby",
        primary_address="127.0.0.1",
        standby_address="127.0.0.1",  # where every client of the loopback comes from
        primary_service="primary",
        standby_service="standby",
        service_file=str(service_file),
        application_name="",
        slot="standby",
        max_bytes=4 << 20,
        max_seconds=3600,
        max_silence=30,
        slot_max_bytes=100 << 20,
        deadline=4.0,
    )
