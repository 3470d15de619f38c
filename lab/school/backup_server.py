"""The backup server: its store, its rsync daemon, and the re-check that a timer runs in production."""

import secrets
import signal
from pathlib import Path

from lab.accounts import Account
from lab.processes import Server
from lab.zabbix.login import write_secret
from lab.zabbix.server import listens

RSYNCD = "rsyncd"
RECHECK = "recheck"
RECHECK_EVERY = 10
# What the timer does: one cycle, then a pause. Constant; the program and its settings are arguments.
_LOOP = 'while :; do "$0" backup recheck "$1"; sleep "$2"; done'


def make_store(store: Path, account: Account, group: int) -> None:
    """Make the store's folder as the installation does: its group is handed down to everything made inside."""
    store.mkdir(parents=True, exist_ok=True)
    account.own(store, group=group)
    store.chmod(0o2750)


def make_secrets(password_file: Path, secrets_file: Path, user: str, account: Account) -> None:
    """Make the password of the transfer, on the sender's side and on the daemon's."""
    if password_file.exists() and secrets_file.exists():
        return
    password = secrets.token_urlsafe(24)
    write_secret(password_file, password)
    write_secret(secrets_file, f"{user}:{password}")
    account.own(password_file, secrets_file)


def rsync_daemon(configuration: Path, account: Account, address: str, port: int) -> Server:
    """How the rsync daemon is run."""
    return Server(
        name=RSYNCD,
        argv=["rsync", "--daemon", "--no-detach", f"--config={configuration}"],
        account=account,
        ready=lambda: listens(address, port),
        where=f"{address}:{port}",
    )


def recheck_loop(vigie: Path, settings: Path, account: Account) -> Server:
    """How the rolling re-check is run again and again."""
    return Server(
        name=RECHECK,
        argv=["sh", "-c", _LOOP, str(vigie), str(settings), str(RECHECK_EVERY)],
        account=account,
        ready=lambda: True,
        stop_signal=signal.SIGTERM,
        whole_group=True,
        where=f"every {RECHECK_EVERY} s",
    )
