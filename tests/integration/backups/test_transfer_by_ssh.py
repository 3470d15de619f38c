"""The transfer by ssh, with a real sshd: the key may do what the rendered rsyncd.conf serves, and nothing else."""

import getpass
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from schoolserver import UAI, SchoolServer, as_root, by_name, listens, whole_dumps

from lab.accounts import clean_environment, current
from lab.processes import Server
from vigie.backups.catalogue import SERVER_KEYS

PORT = 18722
SSHD = "sshd"


@dataclass(frozen=True)
class Ssh:
    """A backup server behind ssh, and the sender's key, known hosts and site file."""

    school: SchoolServer
    folder: Path

    @property
    def site(self) -> Path:
        return self.folder / "site.yaml"

    def rsync(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """rsync with the sender's key, asking for what a thief of the key would."""
        known = f"-o UserKnownHostsFile={self.folder}/known_hosts"
        ssh = f"ssh -p {PORT} -i {self.folder}/key -o BatchMode=yes -o IdentitiesOnly=yes {known}"
        return subprocess.run(
            ["rsync", "--timeout=10", f"--rsh={ssh}", *arguments],
            capture_output=True, text=True, timeout=30, check=False, env=clean_environment(),
        )  # fmt: skip

    @property
    def there(self) -> str:
        return f"{getpass.getuser()}@{self.school.backup_address}"


@pytest.fixture
def ssh(school: SchoolServer) -> Iterator[Ssh]:
    folder = school.base / "ssh"
    folder.mkdir()
    for name in ("key", "host_key"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(folder / name)],
            check=True, timeout=30,
        )  # fmt: skip
    address = school.backup_address
    host_key = (folder / "host_key.pub").read_text().split(" ")
    (folder / "known_hosts").write_text(f"[{address}]:{PORT} {host_key[0]} {host_key[1]}\n")
    transfer = (
        f"{{method: ssh, port: {PORT}, user: {getpass.getuser()}, identity_file: {folder}/key, "
        f"known_hosts_file: {folder}/known_hosts}}"
    )
    text = school.site_text(transfer=transfer)
    result = Ssh(school, folder)
    result.site.write_text(text)
    conf = school.host_files("store", text)["rsyncd.conf"].text
    asked = re.search(r'restrict,command="([^"]*)" ssh-ed25519', conf)
    assert asked is not None, "rsyncd.conf says what authorized_keys must hold"
    # The daemon's file of the rsync transfer stands in etc: this one has its own name.
    (folder / "rsyncd.conf").write_text(school.as_this_user() + conf)
    command = asked[1].replace(f"{school.base}/etc/rsyncd.conf", f"{folder}/rsyncd.conf")
    assert command != asked[1]
    (folder / "authorized_keys").write_text(f'restrict,command="{command}" {(folder / "key.pub").read_text()}')
    (folder / "sshd_config").write_text(
        f"ListenAddress {address}\nPort {PORT}\nHostKey {folder}/host_key\nPidFile none\nUsePAM no\nStrictModes no\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        "PermitRootLogin forced-commands-only\nLogLevel VERBOSE\n"
    )
    if os.geteuid() == 0:
        assert as_root("mkdir", "-p", "/run/sshd").returncode == 0  # where sshd puts its unprivileged half
    school.supervisor.start(
        Server(
            name=SSHD,
            argv=["/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "sshd_config")],
            account=current(),
            ready=lambda: listens(address, PORT),
            deadline=20,
        )
    )
    yield result
    school.supervisor.stop(SSHD)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def test_a_run_is_delivered_by_ssh(ssh: Ssh, contexts: list[str]) -> None:
    school = ssh.school
    school.stop_rsyncd()
    try:
        school.back_up(code=0, site=ssh.site)
        school.last_word()
    finally:
        school.start_rsyncd()
    assert set(by_name(school.store)) == set(contexts) | set(SERVER_KEYS.values())
    assert whole_dumps(school.store) == whole_dumps(school.source)


def test_a_host_whose_key_is_not_known_gets_nothing(ssh: Ssh) -> None:
    known = ssh.folder / "known_hosts"
    other = (ssh.folder / "key.pub").read_text().split(" ")[1]
    known.write_text(re.sub(r"ssh-ed25519 .*", f"ssh-ed25519 {other}", known.read_text()))
    done = ssh.rsync(str(ssh.site), f"{ssh.there}::incoming-{UAI}/stolen")
    assert "Host key verification failed" in done.stderr
    assert not (ssh.school.store.incoming / "stolen").exists()


def test_the_senders_key_opens_no_shell_and_no_other_place(ssh: Ssh) -> None:
    school = ssh.school
    (school.store.incoming / "kept").write_text("kept")
    target = ssh.folder / "stolen"
    for asked in (f"{ssh.there}:{school.store.root}/catalogue.json", f"{ssh.there}::incoming-{UAI}/kept"):
        assert ssh.rsync(asked, str(target)).returncode != 0
        assert not target.exists()
    assert ssh.rsync("-r", "--delete", f"{ssh.folder}/", f"{ssh.there}::incoming-{UAI}/").returncode != 0
    assert (school.store.incoming / "kept").read_text() == "kept"
