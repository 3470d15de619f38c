"""A whole Zabbix in one directory: PostgreSQL, server and frontend, with a login and an API token of its own."""

from dataclasses import dataclass
from pathlib import Path

from lab.accounts import Account
from lab.postgres import Cluster
from lab.processes import Supervisor
from lab.zabbix import database, login, server
from lab.zabbix.api import Api
from lab.zabbix.frontend import Frontend
from lab.zabbix.release import Release

SERVER_PORT = 10051
WEB_PORT = 8080


@dataclass(frozen=True, slots=True)
class Zabbix:
    """A Zabbix that may be running or not.

    Args:
        directory: where everything of it is.
        release: the programs it is made of.
        address: an address of the loopback, its own.
        account: who runs it.
        supervisor: who starts and stops it.
    """

    directory: Path
    release: Release
    address: str
    account: Account
    supervisor: Supervisor
    server_port: int = SERVER_PORT
    web_port: int = WEB_PORT

    @property
    def url(self) -> str:
        """The frontend's address, without a slash at its end."""
        return self._frontend.url

    @property
    def token_file(self) -> Path:
        """The file of the administrator's API token, mode 0600."""
        return self.directory / "token"

    @property
    def password_file(self) -> Path:
        """The file of the administrator's password, mode 0600."""
        return self.directory / "password"

    @property
    def token(self) -> str:
        return self.token_file.read_text().strip()

    @property
    def cluster(self) -> Cluster:
        return Cluster("zabbix-postgres", self.directory / "postgres", self.account)

    @property
    def _frontend(self) -> Frontend:
        return Frontend(self.directory / "frontend", self.address, self.web_port)

    def start(self) -> None:
        """Start what does not run; make what is not there. Twice is harmless.

        Raises:
            VigieError: when a part of it does not answer in time.
        """
        (self.directory / "frontend").mkdir(parents=True, exist_ok=True)
        cluster = self.cluster
        cluster.create()
        self.supervisor.start(cluster.server())
        database.load(cluster, self.release)
        self.supervisor.start(
            server.server(
                name="zabbix-server",
                release=self.release,
                directory=self.directory / "server",
                cluster=cluster,
                account=self.account,
                address=self.address,
                port=self.server_port,
            )
        )
        self._frontend.install(
            self.release, cluster, self.account, server_address=self.address, server_port=self.server_port
        )
        self.supervisor.start(self._frontend.server("zabbix-frontend", self.account))
        login.set_password(self.url, self.password_file)
        login.make_token(self.url, self.password_file, self.token_file)

    def stop(self) -> None:
        """Stop it, the frontend first."""
        for name in ("zabbix-frontend", "zabbix-server", "zabbix-postgres"):
            self.supervisor.stop(name)

    def api(self) -> Api:
        """A session of the lab's own with the API."""
        return Api(self.url, self.token)

    def reload(self) -> None:
        """Make the server read its configuration again at once."""
        configuration = self.directory / "server/zabbix_server.conf"
        self.account.run(
            [*self.release.server, "-c", str(configuration), "-R", "config_cache_reload"], timeout=20, check=False
        )
