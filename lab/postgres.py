"""A PostgreSQL cluster of the lab: its own directory and socket, and an address of the loopback when it needs one."""

import signal
from dataclasses import dataclass
from pathlib import Path

from lab.accounts import POSTGRES_BIN, Account
from lab.processes import Server

SUPERUSER = "postgres"

# What a laboratory wants: small, quick, and nothing to lose. A real cluster wants none of the first three.
_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 80
max_wal_size = 256MB
listen_addresses = '{address}'
port = {port}
unix_socket_directories = '{socket}'
password_encryption = 'scram-sha-256'
logging_collector = off
log_line_prefix = '%t [%p] '
timezone = 'UTC'
"""
# The socket stands in a folder that only the lab's user enters.
_ACCESS = "local all all trust\n"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that may be running or not.

    Args:
        name: the server's name in `status`.
        directory: where its data and its socket are.
        account: who owns and runs it; PostgreSQL refuses to be run by root.
        address: where it listens; empty for the socket alone.
        port: its port, on the socket too.
        access: lines of pg_hba.conf for those who come by the network.
    """

    name: str
    directory: Path
    account: Account
    address: str = ""
    port: int = 5432
    access: str = ""

    @property
    def socket(self) -> Path:
        """The folder of the socket, which libpq takes as a host."""
        return self.directory / "socket"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def create(self) -> bool:
        """Make the cluster unless it is there; whether it was made."""
        if (self.data / "PG_VERSION").exists() and (self.data / "vigie-lab-made").exists():
            return False
        for folder in (self.directory, self.socket):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            self.account.own(folder)
        self.account.run(["rm", "-rf", "--", str(self.data)], timeout=60)
        arguments = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-U", SUPERUSER]
        self.account.run([str(POSTGRES_BIN / "initdb"), *arguments, "-D", str(self.data)], timeout=120)
        settings = _SETTINGS.format(address=self.address, port=self.port, socket=self.socket)
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(settings)
        (self.data / "pg_hba.conf").write_text(_ACCESS + self.access)
        made = self.data / "vigie-lab-made"
        made.touch()
        self.account.own(made)
        return True

    def server(self) -> Server:
        """How it is run."""
        return Server(
            name=self.name,
            argv=[str(POSTGRES_BIN / "postgres"), "-D", str(self.data)],
            account=self.account,
            ready=self.answers,
            stop_signal=signal.SIGINT,  # the fast shutdown: clients are sent away
            where=f"{self.address}:{self.port}" if self.address else str(self.socket),
        )

    def answers(self) -> bool:
        """Whether it accepts connections."""
        arguments = ["-q", "-h", str(self.socket), "-p", str(self.port), "-U", SUPERUSER, "-t", "3"]
        return self.account.run([str(POSTGRES_BIN / "pg_isready"), *arguments], timeout=10, check=False).returncode == 0

    def sql(self, text: str, *, database: str = "postgres", timeout: float = 120.0) -> str:
        """Run SQL as the superuser by the socket, on psql's input so that it never stands among the arguments.

        Returns:
            what psql prints, unaligned and without headers.

        Raises:
            VigieError: at the first statement that fails.
        """
        arguments = ["-XqAt", "-v", "ON_ERROR_STOP=1", "-h", str(self.socket), "-p", str(self.port)]
        # A database's name may hold anything: `dbname=` keeps libpq from reading it as a connection string.
        quoted = database.replace("\\", "\\\\").replace("'", "\\'")
        argv = [str(POSTGRES_BIN / "psql"), *arguments, "-U", SUPERUSER, "-d", f"dbname='{quoted}'"]
        return self.account.run(argv, timeout=timeout, text=text).stdout.strip()
