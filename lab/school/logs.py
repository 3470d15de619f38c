"""The school's logs: an rsyslog on each Linux source, the centre with its PostgreSQL and its disk, Windows machines."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from lab import storage
from lab.cable import Cable
from lab.postgres import Cluster
from lab.school import roles
from lab.school.chatter import chatter, windows_machine
from lab.school.machines import Machines
from lab.school.rsyslog import Rsyslog
from provisioning.hostfiles import rsyslog
from vigie.errors import VigieError
from vigie.site import Host, LogPlaces, Logs

DATABASE = "Syslog"
# Every client of the loopback comes from 127.0.0.1.
_ACCESS = """
host "Syslog" vigie_rsyslog 127.0.0.0/8 scram-sha-256
host "Syslog" vigie_observe 127.0.0.0/8 scram-sha-256
"""
_FRAGMENTS = ("rsyslog-centre.conf", "rsyslog-source.conf")
_ROTATE = "rotate-rsyslog-stats"
_CABLE_PORT = 2515


@dataclass(frozen=True, slots=True)
class LogServers:
    """The servers of the logs on the school's machines."""

    machines: Machines

    @property
    def logs(self) -> Logs:
        """The school's logs; the lab's school has some."""
        if self.machines.school.logs is None:
            raise VigieError("the lab's school has no `logs` in its site file")
        return self.machines.school.logs

    @property
    def centre(self) -> Host:
        return self.machines.school.host(self.logs.centre)

    @property
    def disk(self) -> Path:
        """The centre's disk: a small file system of its own, when mounting is permitted."""
        return Path(self.logs.store.directory)

    @property
    def sources(self) -> list[Host]:
        """The Linux sources."""
        return [host for host in self.machines.school.hosts if rsyslog.places_of(self.logs, host)]

    @property
    def stations(self) -> list[Host]:
        """The Windows sources; what sends their logs is a program of the lab's."""
        names = {source.host for source in self.logs.sources if source.kind in ("snare", "epilog")}
        return [host for host in self.machines.school.hosts if host.name in names]

    @property
    def cluster(self) -> Cluster:
        """The centre's PostgreSQL."""
        folder = self.machines.places.root / "logs" / self.centre.name / "postgres"
        return Cluster("logs-postgres", folder, self.machines.account, str(self.centre.address), access=_ACCESS)

    def places_of(self, host: Host) -> LogPlaces:
        """Where a machine has its rsyslog."""
        if host == self.centre:
            folder = Path(self.logs.observation.impstats).parent
            return LogPlaces(
                socket=folder / "log.sock",
                impstats=self.logs.observation.impstats,
                pid_file=folder / "rsyslogd.pid",
                state=folder / "canary",
            )
        found = rsyslog.places_of(self.logs, host)
        if found is None:
            raise VigieError(f"{host.name} is no Linux source of logs in the site file")
        return found

    def rsyslog(self, host: Host) -> Rsyslog:
        """A machine's rsyslog, with the configuration that `vigie provision files` wrote for it."""
        folder = self.machines.places.hosts / host.name
        text = next((folder / name).read_text() for name in _FRAGMENTS if (folder / name).exists())
        # All machines share one /etc/vigie here, and these files differ from one to the other.
        text = text.replace(f"{self.machines.places.etc}/{_ROTATE}", f"{folder_of(self, host)}/{_ROTATE}")
        if host in self.sources:
            text = text.replace(f'port="{self.logs.port}"', f'port="{self.cable(host).listen[1]}"')
            text = text.replace(f'target="{self.centre.address}"', f'target="{host.address}"')
        return Rsyslog(f"rsyslog-{host.name}", folder_of(self, host), self.places_of(host), self.machines.account, text)

    def cable(self, host: Host) -> Cable:
        """The cable between a source and the centre."""
        centre = (str(self.centre.address), self.logs.port)
        return Cable(f"cable-{host.name}-logs", (str(host.address), _CABLE_PORT), centre, str(host.address))

    def start_postgres(self) -> None:
        """Start the centre's PostgreSQL, made with its database, roles and tables when it is new."""
        cluster = self.cluster
        cluster.create()
        self.machines.supervisor.start(cluster.server())
        if not cluster.sql(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):  # noqa: S608 -- a constant
            cluster.sql(f"CREATE DATABASE \"{DATABASE}\" ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;")
        self.make_tables()
        observation = self.logs.observation
        access = Path(self.logs.database.password_file).with_name("pg_service.conf")
        machines = self.machines
        accesses = [
            roles.Access("vigie_rsyslog", "vigie-rsyslog", access, machines.account, DATABASE),
            roles.Access("vigie_observe", observation.service, observation.service_file, machines.observer, DATABASE),
        ]
        roles.make(cluster, "SELECT;", accesses)

    def make_tables(self) -> None:
        """Make the tables, or widen those that are there, as an administrator does."""
        schema = self.machines.places.hosts / self.centre.name / "logs-schema.sql"
        self.cluster.sql(schema.read_text(), database=DATABASE)

    def start_centre(self) -> None:
        """Start the central rsyslog."""
        self.start_rsyslog(self.centre)

    def start_rsyslog(self, host: Host) -> None:
        """Start a machine's rsyslog."""
        wanted = self.rsyslog(host)
        wanted.write()
        shutil.copy(self.machines.places.hosts / host.name / _ROTATE, wanted.folder / _ROTATE)
        self.machines.supervisor.start(wanted.server())

    def start_changed(self, host: Host, old: str = "", new: str = "") -> None:
        """Start a machine's rsyslog again with its configuration, in which one text is replaced by another."""
        wanted = self.rsyslog(host)
        changed = replace(wanted, fragment=wanted.fragment.replace(old, new)) if old else wanted
        self.machines.supervisor.stop(changed.name)
        changed.write()
        self.machines.supervisor.start(changed.server())

    def start_source(self, host: Host) -> None:
        """Start a source: its cable, its rsyslog, the folder of its canary, and programs that write to its log."""
        machines, places = self.machines, self.places_of(host)
        machines.supervisor.start(self.cable(host).server(machines.account, machines.places.prefix / "bin/python"))
        self.start_rsyslog(host)
        places.state.mkdir(exist_ok=True)
        machines.observer.own(places.state)
        self.start_chatter(host)

    def start_chatter(self, host: Host) -> None:
        """Start what writes to a source's log now and then."""
        self.machines.supervisor.start(chatter(self.machines, host, self.places_of(host)))

    def start_station(self, host: Host) -> None:
        """Start what sends a Windows machine's log."""
        to = (str(self.centre.address), self.logs.windows_port)
        kinds = [source.kind for source in self.logs.sources if source.host == host.name]
        self.machines.supervisor.start(windows_machine(self.machines, host, to, kinds))


def folder_of(servers: LogServers, host: Host) -> Path:
    """Where the files of a machine's rsyslog are."""
    return servers.machines.places.root / "logs" / host.name


class LogsPart:
    """The logs, from the centre to the sources."""

    title: ClassVar[str] = "the logs: the centre's rsyslog and PostgreSQL, the sources, the Windows machines"

    def start(self, machines: Machines) -> None:
        """Make what is not there, start what does not run."""
        servers = LogServers(machines)
        storage.prepare(servers.disk, machines.account)
        files = Path(servers.logs.store.files)
        files.mkdir(exist_ok=True)
        machines.account.own(files)
        servers.start_postgres()
        servers.start_centre()
        for host in servers.sources:
            servers.start_source(host)
        for host in servers.stations:
            servers.start_station(host)
