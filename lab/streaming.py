"""A streaming standby of one of the lab's clusters: made by pg_basebackup, fed through a slot, open for reading."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from lab.accounts import POSTGRES_BIN, Account
from lab.postgres import Cluster
from lab.processes import Supervisor
from lab.zabbix.login import write_secret

REPLICATOR = "replicator"
# Appended to the primary's pg_hba.conf. Every client of the loopback comes from 127.0.0.0/8.
ACCESS = f"""
host replication {REPLICATOR} 127.0.0.0/8 scram-sha-256
host postgres vigie_replication 127.0.0.0/8 scram-sha-256
"""
# A cut network shows after 6 s, after a minute in production.
_PATIENCE = "6s"
_SETTINGS = """
# the standby
listen_addresses = '{address}'
port = {port}
unix_socket_directories = '{socket}'
hot_standby = on
primary_conninfo = 'host={host} port={from_port} user={user} passfile={passfile} application_name={name} {options}'
primary_slot_name = '{slot}'
wal_receiver_timeout = '{patience}'
wal_receiver_status_interval = '1s'
wal_retrieve_retry_interval = '1s'
"""
# libpq waits for a peer that is silent as long as TCP does: a cut cable would hold the standby for minutes.
_OPTIONS = "connect_timeout=3 sslmode=disable gssencmode=disable"


@dataclass(frozen=True, slots=True)
class Standby:
    """A standby that may be there or not.

    Args:
        primary: whom it follows.
        cluster: its own cluster.
        plug: address and port where it finds the primary: its own, or a cable's.
        slot: its physical slot on the primary.
        name: the name under which it streams.
    """

    primary: Cluster
    cluster: Cluster
    plug: tuple[str, int]
    slot: str = "standby"
    name: str = "standby"

    @property
    def account(self) -> Account:
        return self.cluster.account

    @property
    def passfile(self) -> Path:
        return self.cluster.directory / "pgpass"

    @property
    def is_made(self) -> bool:
        return (self.cluster.data / "vigie-lab-standby").exists()

    def prepare_primary(self) -> None:
        """Give the primary its replication role, the slot, and short patience. Twice is harmless."""
        sql = self.primary.sql
        if not sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{REPLICATOR}'"):  # noqa: S608 - a constant
            sql(f"CREATE ROLE {REPLICATOR} LOGIN REPLICATION;")
        self._make_password()
        self.make_slot()
        sql(f"ALTER SYSTEM SET wal_sender_timeout = '{_PATIENCE}';\nSELECT pg_reload_conf();")

    def make_slot(self) -> None:
        """Make the standby's slot where it is missing."""
        self.primary.sql(
            f"SELECT pg_create_physical_replication_slot('{self.slot}', true) "  # noqa: S608 - the lab's own name
            f"WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '{self.slot}');"
        )

    def drop_slot(self) -> None:
        """Drop the standby's slot; it must not be in use."""
        self.primary.sql(f"SELECT pg_drop_replication_slot('{self.slot}');")

    def may_drop_slot(self) -> bool:
        """Whether nobody reads the standby's slot."""
        query = f"SELECT active FROM pg_replication_slots WHERE slot_name = '{self.slot}'"  # noqa: S608
        return self.primary.sql(query) == "f"

    def make(self) -> None:
        """Copy the primary, which runs; what was there before is gone, and must not run."""
        data = self._copy()
        self.account.run(["rm", "-rf", "--", str(self.cluster.data)], timeout=120)
        data.rename(self.cluster.data)

    def _copy(self) -> Path:
        """A copy of the primary beside the standby's data, ready to take its place."""
        folder = self.cluster.directory
        for path in (folder, self.cluster.socket):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o700)
            self.account.own(path)
        data = self.cluster.data.with_name("copy")
        self.account.run(["rm", "-rf", "--", str(data)], timeout=120)
        address, port = self.primary.address, str(self.primary.port)
        where = ["-h", address, "-p", port, "-U", REPLICATOR, "-w", "-D", str(data)]
        self.account.run(
            [str(POSTGRES_BIN / "pg_basebackup"), *where, "-c", "fast", "-X", "stream", "--no-sync"],
            timeout=300,
            environment={"PGPASSFILE": str(self.passfile)},
        )
        settings = _SETTINGS.format(
            address=self.cluster.address,
            port=self.cluster.port,
            socket=self.cluster.socket,
            host=self.plug[0],
            from_port=self.plug[1],
            user=REPLICATOR,
            passfile=self.passfile,
            name=self.name,
            options=_OPTIONS,
            slot=self.slot,
            patience=_PATIENCE,
        )
        with (data / "postgresql.conf").open("a") as file:
            file.write(settings)
        for name in ("standby.signal", "vigie-lab-standby"):
            (data / name).touch()
            self.account.own(data / name)
        return data

    def obey(self) -> None:
        """Have it start as a standby."""
        signal = self.cluster.data / "standby.signal"
        signal.touch()
        self.account.own(signal)

    def start(self, supervisor: Supervisor) -> None:
        """Start it, made first when it is new."""
        if not self.is_made:
            self.make()
        supervisor.start(self.cluster.server())

    def rebuild(self, supervisor: Supervisor) -> None:
        """What an administrator does with a standby that can no longer follow: copy the primary again.

        The copy is made beside it: the standby is away for as long as it takes to put one in the place of the other.
        """
        self.make_slot()
        data = self._copy()
        old = data.with_name("old")
        supervisor.stop(self.cluster.name)
        self.cluster.data.rename(old)
        data.rename(self.cluster.data)
        self.start(supervisor)
        self.account.run(["rm", "-rf", "--", str(old)], timeout=120)

    def is_streaming(self) -> bool:
        """Whether the primary sees it stream."""
        query = f"SELECT 1 FROM pg_stat_replication WHERE application_name = '{self.name}' AND state = 'streaming'"  # noqa: S608
        return self.primary.sql(query) == "1"

    def set(self, name: str, value: str | None) -> None:
        """Set one of its settings, or forget what was set, without a restart."""
        change = f"ALTER SYSTEM RESET {name};" if value is None else f"ALTER SYSTEM SET {name} = '{value}';"
        self.cluster.sql(f"{change}\nSELECT pg_reload_conf();")

    def _make_password(self) -> None:
        if self.passfile.exists():
            return
        self.cluster.directory.mkdir(parents=True, exist_ok=True)
        self.account.own(self.cluster.directory)
        password = secrets.token_urlsafe(24)
        self.primary.sql(f"ALTER ROLE {REPLICATOR} PASSWORD '{password}';")
        write_secret(self.passfile, f"*:*:*:{REPLICATOR}:{password}")
        self.account.own(self.passfile)


def write_much(primary: Cluster, segments: int) -> None:
    """Have a primary go on by whole segments of WAL (16 MB each), with next to nothing in them."""
    # A switch in an empty segment does nothing: each is begun first.
    step = "SELECT pg_logical_emit_message(true, 'vigie-lab', 'x');\nSELECT pg_switch_wal();\n"
    primary.sql(step * segments, timeout=120)
