"""The rendered rsyncd.conf, with the real rsync: what a sender can do with it, and what nobody can."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

import pytest

from lab.accounts import clean_environment, lab_account
from provisioning.hostfiles.places import Places
from provisioning.hostfiles.render import files_for
from provisioning.subjects import Order
from vigie import site as sites
from vigie.backups.catalogue import Layout
from vigie.backups.process import ToolError, Tools
from vigie.backups.transfer import RsyncDaemon
from vigie.site import RsyncTransfer

PORT, UAI = 18730, "9990001X"
EXAMPLE = Path(__file__).parents[2] / "examples" / "lab.yaml"


def until(true: Callable[[], bool], what: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        time.sleep(0.02)


def answers(address: str) -> bool:
    try:
        with socket.create_connection((address, PORT), timeout=1) as link:
            return link.recv(8) == b"@RSYNCD:"
    except OSError:
        return False


@dataclass(frozen=True)
class Daemon:
    """The store that the daemon serves, and the sender's side of it."""

    address: str
    root: Path
    sender: Path
    password_file: Path
    received: Path

    @property
    def incoming(self) -> Path:
        return self.root / "incoming"

    def has_received(self) -> bool:
        """Whether the receiver has begun, and said with what."""
        return self.received.exists() and self.received.read_text().endswith("\n")

    def far(self, user: str = "vigie", password_file: Path | None = None) -> RsyncDaemon:
        settings = RsyncTransfer(
            method="rsync", port=PORT, user=user, password_file=password_file or self.password_file
        )
        return RsyncDaemon(self.address, UAI, settings, Tools(), clean_environment())

    def rsync(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        by_ssh = any(argument.startswith("--rsh=") for argument in arguments)
        access = [] if by_ssh else ["--contimeout=5", f"--password-file={self.password_file}"]
        command = ["rsync", "--timeout=10", *access, *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=30, check=False, env=clean_environment(), cwd=self.sender
        )

    def module(self, what: str, path: str = "") -> str:
        return f"rsync://vigie@{self.address}:{PORT}/{what}-{UAI}/{path}"


@pytest.fixture(scope="module")
def started(block: int) -> Iterator[Daemon]:
    account = lab_account()
    address = f"127.0.{block}.42"
    base = Path(tempfile.mkdtemp(prefix="vigie-rsyncd-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        base.chmod(0o755)
        root, etc, prefix, sender = base / "store", base / "etc", base / "prefix", base / "sender"
        for folder in (root, root / "incoming", root / "receipts", etc, prefix / "bin", sender / "receipts"):
            folder.mkdir(parents=True, exist_ok=True)
        etc.chmod(0o755)
        account.own(root, root / "incoming", root / "receipts", etc)
        received = root / "received"
        program = prefix / "bin" / "vigie"
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$* $RSYNC_EXIT_STATUS" >>{received}\n')
        program.chmod(0o755)

        text = EXAMPLE.read_text().replace("127.0.10.12", address).replace("127.0.10.11", f"127.0.{block}.41")
        text = text.replace("port: 8730", f"port: {PORT}").replace("/var/lib/vigie-lab/store", str(root))
        site_file = base / "site.yaml"
        site_file.write_text(text)
        site = sites.load(site_file)
        school = site.schools[0]
        places = Places(PurePosixPath(prefix), PurePosixPath(etc))
        files = files_for(Order(site, school, school.host("srv-backup"), text, places, date(2026, 11, 21)))
        conf = next(file.text for file in files if file.name == "rsyncd.conf")
        (etc / "rsyncd.conf").write_text(conf)
        secrets = etc / "rsyncd.secrets"
        secrets.write_text("vigie:a long secret of this test\nintruder:another\n")
        secrets.chmod(0o600)
        account.own(secrets)
        password = base / "password"
        password.write_text("a long secret of this test\n")
        password.chmod(0o600)

        process = subprocess.Popen(
            ["rsync", "--daemon", "--no-detach", f"--config={etc}/rsyncd.conf", f"--log-file={root}/log"],
            env=clean_environment(),
            cwd="/",
            **account.popen_arguments(),
        )
        until(lambda: answers(address), "the daemon's greeting")
        yield Daemon(address, root, sender, password, received)
    finally:
        if process is not None:
            process.terminate()
            process.wait(timeout=10)
        shutil.rmtree(base)


@pytest.fixture
def daemon(started: Daemon) -> Daemon:
    """The running daemon, its folders emptied."""
    for folder in (started.incoming, started.root / "receipts", started.sender, started.sender / "receipts"):
        folder.mkdir(exist_ok=True)
        for entry in folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    (started.sender / "receipts").mkdir(exist_ok=True)
    started.received.unlink(missing_ok=True)
    return started


def give(daemon: Daemon, name: str, content: bytes) -> None:
    file = daemon.sender / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def test_the_sender_of_a_run_is_served_and_the_receiver_started_once_per_push(daemon: Daemon) -> None:
    give(daemon, "dumps/SpecibikeTS/20261121T003000Z/dump", b"PGDMP" * 1000)
    give(daemon, "runs/20261121T003000Z-0a1b.json", b"{}")
    daemon.far().send(
        Layout(daemon.sender),
        ["runs/20261121T003000Z-0a1b.json", "dumps/SpecibikeTS/20261121T003000Z/dump"],
        timeout=20,
    )
    arrived = daemon.incoming / "dumps/SpecibikeTS/20261121T003000Z/dump"
    assert arrived.read_bytes() == b"PGDMP" * 1000
    assert arrived.stat().st_mode & 0o777 == 0o600
    assert arrived.parent.stat().st_mode & 0o777 == 0o700
    assert (daemon.incoming / "runs/20261121T003000Z-0a1b.json").exists()
    until(daemon.has_received, "the receiver's start")
    assert daemon.received.read_text() == f"backup receive {daemon.root.parent}/etc/store-{UAI}.json 0\n"


def test_receipts_are_read_back_and_a_missing_one_is_no_error(daemon: Daemon) -> None:
    layout = Layout(daemon.sender)
    assert daemon.far().receipt(layout, "20261121T003000Z-0a1b").accepted == frozenset()
    (daemon.root / "receipts/20261121T003000Z-0a1b.json").write_text(
        '{"format": 1, "accepted": ["k/20261121T003000Z"], "refused": {}}'
    )
    receipt = daemon.far().receipt(layout, "20261121T003000Z-0a1b")
    assert receipt.accepted == frozenset({"k/20261121T003000Z"})


@pytest.mark.parametrize(
    ("listing", "refusal"), [([], "write only"), (["--list-only"], "configured to refuse --list-only")]
)
def test_what_came_in_is_neither_read_back_nor_listed(daemon: Daemon, listing: list[str], refusal: str) -> None:
    (daemon.incoming / "dump").write_bytes(b"secret")
    (daemon.incoming / "dump").chmod(0o644)
    done = daemon.rsync(*listing, daemon.module("incoming", "dump"), "back")
    assert done.returncode != 0
    assert refusal in done.stderr
    assert "secret" not in done.stdout
    assert not (daemon.sender / "back").exists()


@pytest.mark.parametrize(
    "option",
    [
        "--delete",
        "--delete-after",
        "--delete-excluded",
        "--remove-source-files",
        "--inplace",
        "--append",
        "--append-verify",
        "--write-devices",
        "--links",
        "--devices",
        "--perms",
        "--owner",
        "--backup",
        "--link-dest=/",
        "--copy-dest=/etc",
        "--temp-dir=/",
        "--partial",
        "--compress",
        "--ignore-existing",
        "--existing",
        "--max-delete=9",
        "--force",
    ],
)
def test_no_option_is_served_but_those_of_the_sender(daemon: Daemon, option: str) -> None:
    (daemon.incoming / "kept").write_bytes(b"kept")
    (daemon.incoming / "kept").chmod(0o666)
    give(daemon, "file", b"x")
    done = daemon.rsync("--times", "--dirs", option, "file", "./", daemon.module("incoming"))
    assert done.returncode != 0, option
    assert "configured to refuse" in done.stderr
    assert (daemon.incoming / "kept").read_bytes() == b"kept"
    assert not (daemon.incoming / "file").exists()


def test_the_same_command_without_such_an_option_is_served(daemon: Daemon) -> None:
    give(daemon, "file", b"x")
    assert daemon.rsync("--times", "--dirs", "file", "./", daemon.module("incoming")).stderr == ""
    assert (daemon.incoming / "file").read_bytes() == b"x"


def test_recursion_is_refused_too_since_the_sender_names_its_files(daemon: Daemon) -> None:
    give(daemon, "new/file", b"x")
    done = daemon.rsync("--recursive", f"{daemon.sender}/new/", daemon.module("incoming"))
    assert "configured to refuse --recursive" in done.stderr


def test_a_wrong_password_is_refused(daemon: Daemon, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("guess\n")
    wrong.chmod(0o600)
    give(daemon, "runs/a.json", b"{}")
    with pytest.raises(ToolError, match="auth failed"):
        daemon.far(password_file=wrong).send(Layout(daemon.sender), ["runs/a.json"], timeout=20)
    assert not (daemon.incoming / "runs").exists()


def test_a_user_of_the_secrets_file_that_the_module_does_not_name_is_refused(daemon: Daemon, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("another\n")
    other.chmod(0o600)
    give(daemon, "runs/a.json", b"{}")
    with pytest.raises(ToolError, match="auth failed"):
        daemon.far("intruder", other).send(Layout(daemon.sender), ["runs/a.json"], timeout=20)


def test_receipts_are_not_written_by_a_sender(daemon: Daemon) -> None:
    give(daemon, "forged.json", b"{}")
    done = daemon.rsync("forged.json", daemon.module("receipts"))
    assert done.returncode != 0
    assert "read only" in done.stderr
    assert not (daemon.root / "receipts/forged.json").exists()


def test_a_path_that_climbs_stays_in_the_module(daemon: Daemon) -> None:
    give(daemon, "climber", b"x")
    daemon.rsync("climber", daemon.module("incoming", "../../climbed"))
    assert not (daemon.root / "climbed").exists()
    assert not (daemon.root.parent / "climbed").exists()


@pytest.fixture
def by_ssh(daemon: Daemon) -> list[str]:
    """rsync's words for a transfer by ssh, where sshd forces the command that the rendered file asks for."""
    base = daemon.root.parent
    file = base / "ssh.yaml"
    transfer = re.compile(r"^      transfer:\n(?:        .*\n)+", re.MULTILINE)
    text, replaced = transfer.subn("      transfer: {method: ssh}\n", (base / "site.yaml").read_text())
    assert replaced == 1
    file.write_text(text)
    site = sites.load(file)
    school = site.schools[0]
    places = Places(PurePosixPath(base / "prefix"), PurePosixPath(base / "etc-ssh"))
    files = files_for(Order(site, school, school.host("srv-backup"), "", places, date(2026, 11, 21)))
    assert "vigie-rsyncd.service" not in [file.name for file in files]
    conf = next(file.text for file in files if file.name == "rsyncd.conf")
    (base / "etc-ssh").mkdir(exist_ok=True)
    (base / "etc-ssh/rsyncd.conf").write_text(conf)
    forced = re.search(r'command="([^"]*)"', conf)
    assert forced is not None
    account = lab_account()
    become = f"setpriv --reuid={account.uid} --regid={account.gid} --clear-groups " if os.geteuid() == 0 else ""
    ssh = base / "ssh"
    ssh.write_text(f"#!/bin/sh\nexec {become}{forced[1]}\n")
    ssh.chmod(0o755)
    return [f"--rsh={ssh}"]


def test_by_ssh_the_same_modules_are_served_by_the_forced_command(daemon: Daemon, by_ssh: list[str]) -> None:
    give(daemon, "dumps/k/20261121T003000Z/dump", b"PGDMP")
    there, back = f"vigie@{daemon.address}::incoming-{UAI}/", f"vigie@{daemon.address}::receipts-{UAI}/"
    done = daemon.rsync("--times", "--relative", "dumps/k/20261121T003000Z/dump", there, by_ssh[0])
    assert (done.returncode, done.stderr) == (0, "")
    assert (daemon.incoming / "dumps/k/20261121T003000Z/dump").read_bytes() == b"PGDMP"
    until(daemon.has_received, "the receiver's start")
    assert daemon.received.read_text().endswith(f"etc-ssh/store-{UAI}.json 0\n")
    (daemon.root / "receipts/run.json").write_text("{}")
    assert daemon.rsync("--times", f"{back}run.json", "receipts/", by_ssh[0]).returncode == 0
    assert (daemon.sender / "receipts/run.json").exists()


def test_by_ssh_nothing_is_removed_or_read_back_either(daemon: Daemon, by_ssh: list[str]) -> None:
    (daemon.incoming / "kept").write_bytes(b"kept")
    give(daemon, "file", b"x")
    there = f"vigie@{daemon.address}::incoming-{UAI}/"
    assert "configured to refuse" in daemon.rsync("--dirs", "--delete", "./", there, by_ssh[0]).stderr
    assert "write only" in daemon.rsync(f"{there}kept", "back", by_ssh[0]).stderr
    assert (daemon.incoming / "kept").exists()


def test_modules_are_not_listed(daemon: Daemon) -> None:
    done = daemon.rsync(f"rsync://{daemon.address}:{PORT}/")
    assert done.stdout.strip() == ""
