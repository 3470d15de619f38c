"""The school's machines: their files, and starting what runs on each."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import storage
from lab.accounts import Account, current
from lab.places import ZABBIX_HOST, Places
from lab.postgres import Cluster
from lab.processes import Supervisor
from lab.school import agents, backup_server, contexts, roles
from vigie.errors import VigieError
from vigie.paths import room
from vigie.site import Backup, Host, RsyncTransfer, School

POSTGRES = "school-postgres"


@dataclass(frozen=True, slots=True)
class Machines:
    """The machines of a lab's school.

    Args:
        places: where the lab is.
        school: the school, from the lab's site file.
        account: the user of the servers and of the backups.
        observer: the user of the agents.
        group: the group that may read the catalogue.
        supervisor: who starts and stops.
        agent: the program of the agents, a command's beginning.
    """

    places: Places
    school: School
    account: Account
    observer: Account
    group: int
    supervisor: Supervisor
    agent: tuple[str, ...]

    @property
    def vigie(self) -> Path:
        """The command, as it is installed on the machines."""
        return self.places.prefix / "bin/vigie"

    @property
    def store_settings(self) -> Path:
        return self.places.etc / f"store-{self.school.uai}.json"

    @property
    def observe_settings(self) -> Path:
        return self.places.etc / f"backups-{self.school.uai}.json"

    @property
    def backup(self) -> Backup:
        """The school's backup promise; the lab's school has one."""
        if self.school.backup is None:
            raise VigieError("the lab's school has no `backup` in its site file")
        return self.school.backup

    @property
    def backup_host(self) -> Host:
        return self.school.host(self.backup.store)

    @property
    def cluster(self) -> Cluster:
        source = self.school.host(self.backup.source)
        return Cluster(POSTGRES, self.places.postgres, self.account, str(source.address), access=roles.ACCESS)

    def settings_of(self, host: Host) -> Path:
        """Where the settings are that a host's agent reads."""
        return self.places.etc / "hosts" / host.name

    def settings_files(self, name: str) -> list[Path]:
        """The settings files of one name, of every machine that has one."""
        return sorted((self.places.etc / "hosts").glob(f"*/{name}"))

    def write_files(self) -> None:
        """Have `vigie provision files` write each machine's files, and install those that the lab uses."""
        shutil.rmtree(self.places.hosts, ignore_errors=True)
        self.places.etc.mkdir(exist_ok=True)
        for host in self.school.hosts:
            options = ["--host", host.name, "--to", str(self.places.hosts / host.name)]
            where = ["--prefix", str(self.places.prefix), "--etc", str(self.places.etc)]
            command = [str(self.vigie), "provision", "files", str(self.places.site), *options, *where]
            current().run(command, timeout=60)
            self._install_settings(host)
        self._install(self.places.hosts / self.backup.store / "rsyncd.conf", self.places.etc, mode=0o640)

    def start_postgres(self) -> None:
        """Start the school's PostgreSQL, made with its roles and contexts when it is new."""
        cluster = self.cluster
        cluster.create()
        self.supervisor.start(cluster.server())
        observation = self.backup.observation
        accesses = [
            roles.Access("vigie_backup", self.backup.service, self.backup.service_file, self.account),
            roles.Access("vigie_observe", observation.service, observation.service_file, self.observer),
        ]
        text = (self.places.hosts / self.backup.source / "roles.sql").read_text()
        roles.make(cluster, text, accesses)
        contexts.make_all(cluster)

    def prepare_backup_server(self) -> None:
        """Make the disk, the stores and the transfer's secrets."""
        transfer = self._transfer
        storage.prepare(self.places.disk, self.account)
        backup_server.make_store(self.places.local_store, self.account, self.group)
        backup_server.make_secrets(
            transfer.password_file, self.places.etc / "rsyncd.secrets", transfer.user, self.account
        )
        self.make_store()

    def make_store(self) -> None:
        """Make the backup server's store where it is missing, empty."""
        backup_server.make_store(self.places.store, self.account, self.group)
        self.run_vigie("backup", "init", str(self.store_settings))

    @contextmanager
    def store_at_rest(self) -> Iterator[None]:
        """Nobody writes to the store meanwhile: the rsync daemon and the re-check are stopped, then started again."""
        for name in (backup_server.RSYNCD, backup_server.RECHECK):
            self.supervisor.stop(name)
        try:
            yield
        finally:
            self.start_rsyncd()
            self.start_recheck()

    def start_rsyncd(self, name: str = "rsyncd.conf") -> None:
        """Start the rsync daemon with its own configuration, or with another one beside it."""
        conf, address = self.places.etc / name, str(self.backup_host.address)
        self.supervisor.start(backup_server.rsync_daemon(conf, self.account, address, self._transfer.port))

    def start_recheck(self) -> None:
        self.supervisor.start(backup_server.recheck_loop(self.vigie, self.store_settings, self.account))

    def agents(self) -> list[Host]:
        """The machines that have an agent."""
        return [host for host in self.school.hosts if not host.is_network]

    @staticmethod
    def agent_name(host: Host) -> str:
        """An agent's name in `status`."""
        return f"agent-{host.name}"

    def parameters_of(self, host: Host) -> str:
        """The user parameters that a machine's files bring; all machines share one prefix and not their settings."""
        file = self.places.hosts / host.name / "vigie.conf"
        text = file.read_text() if file.exists() else ""
        return text.replace(f" {self.places.etc} ", f" {self.settings_of(host)} ")

    def start_agent(self, host: Host, *, parameters: str | None = None) -> None:
        """Start a machine's agent, with the user parameters that its files bring unless others are given."""
        self.supervisor.start(
            agents.agent(
                name=self.agent_name(host),
                program=self.agent,
                folder=self.places.root / "agents" / host.name,
                account=self.observer,
                hostname=self.school.technical_name(host),
                address=str(host.address),
                port=host.agent_port,
                server=self.places.address(ZABBIX_HOST),
                parameters=self.parameters_of(host) if parameters is None else parameters,
            )
        )

    def run_vigie(self, *arguments: str, timeout: float = 240.0, check: bool = True) -> int:
        """Run the installed `vigie` as the user of the backups; its exit code."""
        return self.account.run([str(self.vigie), *arguments], timeout=timeout, check=check).returncode

    def provision(self) -> None:
        """Apply the lab's site file to its Zabbix, as the administrator: the token is theirs."""
        current().run([str(self.vigie), "provision", "apply", str(self.places.site)], timeout=180)

    def back_up(self, *, check: bool = True) -> int:
        """Run the nightly backup now; its exit code."""
        return self.run_vigie("backup", "run", str(self.places.site), check=check)

    def keep(self) -> None:
        """Apply the retention on the backup server, as its timer does."""
        self.run_vigie("backup", "keep", str(self.store_settings))

    @property
    def _transfer(self) -> RsyncTransfer:
        transfer = self.backup.transfer
        if not isinstance(transfer, RsyncTransfer):
            raise VigieError("the lab's backup must travel by the rsync daemon: `transfer: {method: rsync}`")
        return transfer

    def _install_settings(self, host: Host) -> None:
        """Put a host's settings files in their place, and its external checks in Zabbix's.

        All machines share one folder here; what a host's agent reads stands in a folder of its own too, for files of
        one name may differ from host to host.
        """
        folder, own = self.places.hosts / host.name, self.settings_of(host)
        own.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*.json"):
            self._install(file, self.places.etc, mode=0o640)
            self._install(file, own, mode=0o640)
        for program in room("externalscripts").glob("vigie-*"):
            if (folder / program.name).exists():
                self._install(folder / program.name, self.places.external_scripts, mode=0o750)

    def _install(self, file: Path, folder: Path, *, mode: int) -> None:
        """Install a file as a real installation does, whole or not at all: its server's, the monitoring group reads."""
        destination, partial = folder / file.name, folder / f".{file.name}.partial"
        shutil.copyfile(file, partial)
        partial.chmod(mode)
        self.account.own(partial, group=self.group)
        partial.rename(destination)
