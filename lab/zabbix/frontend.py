"""The Zabbix frontend, served by PHP's own server.

Debian's build reads /etc/zabbix/zabbix.conf.php and nothing else, so two frontends of one machine would share it:
each has a copy of the tree with that one path changed. A marker in the copy tells that whoever answers is this
frontend and no other.
"""

import secrets
import shutil
from pathlib import Path

import requests

from lab.accounts import Account
from lab.postgres import Cluster
from lab.processes import Server
from lab.zabbix.database import NAME
from lab.zabbix.release import Release
from vigie.errors import Exit, VigieError

_HARD_CODED = "'/etc/zabbix/zabbix.conf.php'"
_CONFIGURATION = """<?php
$DB['TYPE'] = 'POSTGRESQL';
$DB['SERVER'] = '{socket}';
$DB['PORT'] = '{db_port}';
$DB['DATABASE'] = '{database}';
$DB['USER'] = '{database}';
$DB['PASSWORD'] = '';
$DB['SCHEMA'] = '';
$DB['ENCRYPTION'] = false;
$DB['KEY_FILE'] = '';
$DB['CERT_FILE'] = '';
$DB['CA_FILE'] = '';
$DB['VERIFY_HOST'] = false;
$DB['CIPHER_LIST'] = '';
$DB['VAULT_URL'] = '';
$DB['VAULT_DB_PATH'] = '';
$DB['VAULT_TOKEN'] = '';
$DB['DOUBLE_IEEE754'] = true;
$ZBX_SERVER = '{address}';
$ZBX_SERVER_PORT = '{port}';
$ZBX_SERVER_NAME = 'Vigie lab';
$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
"""
_PHP = (
    *("-d", "max_execution_time=300"),
    *("-d", "memory_limit=256M"),
    *("-d", "post_max_size=16M"),
    *("-d", "max_input_time=300"),
    *("-d", "date.timezone=Europe/Paris"),
    *("-d", "display_errors=0"),
)


# Its texts want a locale that a small machine does not have; it is made for this frontend alone.
_LOCALES = ("en_US", "fr_FR")
# Links to a font out of the tree, without which graphs have no text.
_FONTS = ("fonts/DejaVuSans.ttf", "assets/fonts/DejaVuSans.ttf")


class Frontend:
    """A frontend in its directory.

    Args:
        directory: its copy of the tree, its configuration and its sessions.
        address: where it listens.
        port: its port.
    """

    def __init__(self, directory: Path, address: str, port: int) -> None:
        self._tree = directory / "tree"
        self._configuration = directory / "zabbix.conf.php"
        self._sessions = directory / "sessions"
        self._marker = directory / "marker"
        self._locales = directory / "locale"
        self._address = address
        self._port = port

    @property
    def url(self) -> str:
        return f"http://{self._address}:{self._port}"

    def install(
        self, release: Release, cluster: Cluster, account: Account, *, server_address: str, server_port: int
    ) -> None:
        """Copy the tree, change the one path, write the configuration. Nothing is copied twice.

        Raises:
            VigieError: when the release no longer has the path where it is expected.
        """
        if not (self._tree / "index.php").exists():
            partial = self._tree.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(
                release.frontend, partial, ignore=shutil.ignore_patterns("local"), ignore_dangling_symlinks=True
            )
            for font in _FONTS:
                shutil.copyfile(release.frontend / font, partial / font)
            self._point_at_own_configuration(partial)
            marker = secrets.token_hex(16)
            (partial / "vigie-lab-marker.txt").write_text(marker)
            self._marker.write_text(marker)
            partial.rename(self._tree)
        self._make_locales(account)
        self._sessions.mkdir(exist_ok=True)
        self._sessions.chmod(0o700)
        self._configuration.write_text(
            _CONFIGURATION.format(
                socket=cluster.socket,
                db_port=cluster.port,
                database=NAME,
                address=server_address,
                port=server_port,
            )
        )
        self._configuration.chmod(0o640)
        account.own(self._configuration, self._sessions)

    def _make_locales(self, account: Account) -> None:
        self._locales.mkdir(exist_ok=True)
        account.own(self._locales)
        for name in _LOCALES:
            made = self._locales / f"{name}.utf8"
            if not made.exists():
                account.run(["localedef", "--no-archive", "-i", name, "-f", "UTF-8", str(made)], timeout=60)

    def _point_at_own_configuration(self, tree: Path) -> None:
        file = tree / "include/classes/core/CConfigFile.php"
        text = file.read_text()
        if text.count(_HARD_CODED) != 1:
            raise VigieError(f"{file} does not hold {_HARD_CODED}: this frontend cannot be given its own configuration")
        file.write_text(text.replace(_HARD_CODED, f"'{self._configuration}'"))

    def server(self, name: str, account: Account) -> Server:
        """How it is run: PHP's server, with four workers, which it leaves behind when it ends."""
        listen = f"{self._address}:{self._port}"
        settings = (*_PHP, "-d", f"session.save_path={self._sessions}")
        return Server(
            name=name,
            argv=["php", *settings, "-S", listen, "-t", str(self._tree)],
            account=account,
            ready=self.answers,
            environment={"PHP_CLI_SERVER_WORKERS": "4", "LOCPATH": str(self._locales)},
            whole_group=True,
            where=self.url,
        )

    def answers(self) -> bool:
        """Whether this very frontend answers.

        Raises:
            VigieError: when somebody else does.
        """
        try:
            response = requests.get(f"{self.url}/vigie-lab-marker.txt", timeout=3)
        except requests.RequestException:
            return False
        if response.text != self._marker.read_text():
            raise VigieError(f"{self.url} is not this lab's frontend: something else listens there", Exit.FAILED)
        return True
