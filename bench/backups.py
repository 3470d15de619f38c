"""A whole backup run beside what people would use instead, on the same databases, in the same minutes.

    .venv/bin/python bench/backups.py [--contexts 200] [--rounds 3]

The yardstick is `xargs -P2 pg_dump -Fc` alone: no hash, no verification, no manifest, nothing brought elsewhere.
Vigie's run does all of that, its rsync daemon and receiver working on the same two processors. Fails (exit 1) when
Vigie takes more than 1.3 times the yardstick, or is not faster than Debian's autopostgresqlbackup.
"""

import argparse
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lab.accounts import lab_account
from lab.postgres import Cluster
from lab.processes import Supervisor
from lab.school.shape import statements

_JOBS = 2
_MOST = 1.3
_UAI = "9990001X"
_VIGIE = Path(sys.executable).with_name("vigie")
_ROLES = """
CREATE ROLE vigie_backup LOGIN BYPASSRLS PASSWORD :'password';
GRANT pg_read_all_data TO vigie_backup;
ALTER ROLE vigie_backup SET lo_compat_privileges = on;
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one measurement works."""

    base: Path
    address: str
    names: list[str]

    @property
    def environment(self) -> dict[str, str]:
        """The same server and role for every tool."""
        return {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "PGHOST": self.address,
            "PGUSER": "vigie_backup",
            "PGPASSFILE": str(self.base / "pgpass"),
        }

    def folder(self, name: str) -> Path:
        """An empty folder."""
        folder = self.base / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--contexts", type=int, default=200)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--block", type=int, default=62, help="servers listen on 127.0.BLOCK.x")
    asked = arguments.parse_args()
    with _place(asked.contexts, asked.block) as place:
        contenders: dict[str, Callable[[Place], float]] = {
            "xargs -P2 pg_dump -Fc": _xargs,
            "vigie backup run": _vigie,
            "autopostgresqlbackup": _autopostgresqlbackup,
        }
        times: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(asked.rounds):
            for name, contender in contenders.items():
                times[name].append(contender(place))
    return _verdict(times, asked.contexts)


def _verdict(times: dict[str, list[float]], contexts: int) -> int:
    medians = {name: statistics.median(figures) for name, figures in times.items()}
    yardstick, vigie, debian = medians.values()
    table = Table("tool", "seconds (median)", "ratio", "each round", title=f"{contexts} databases, {_JOBS} jobs")
    for name, median in medians.items():
        rounds = " ".join(f"{each:.1f}" for each in times[name])
        table.add_row(name, f"{median:.1f}", f"{median / yardstick:.2f}", rounds)
    Console(width=110).print(table)
    good = vigie <= _MOST * yardstick and vigie < debian
    print(f"vigie / xargs pg_dump: {vigie / yardstick:.2f} (at most {_MOST})")
    print(f"vigie / autopostgresqlbackup: {vigie / debian:.2f} (below 1)")
    return 0 if good else 1


def _timed(command: list[str], environment: dict[str, str], *, text: bytes = b"") -> float:
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, input=text, capture_output=True, timeout=1800, check=False)
    taken = time.perf_counter() - started
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return taken


def _xargs(place: Place) -> float:
    target = place.folder("xargs")
    text = b"".join(name.encode() + b"\0" for name in place.names)
    command = ["xargs", "-0", f"-P{_JOBS}", "-I{}", "pg_dump", "-Fc", "-f", f"{target}/{{}}.dump", "{}"]
    taken = _timed(command, place.environment, text=text)
    assert len(list(target.iterdir())) == len(place.names)
    return taken


def _vigie(place: Place) -> float:
    for name in ("source", "store"):
        shutil.rmtree(place.base / name, ignore_errors=True)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    _timed([str(_VIGIE), "backup", "init", str(place.base / "store.json")], environment)
    taken = _timed([str(_VIGIE), "backup", "run", str(place.base / "site.yaml")], environment)
    assert len(list((place.base / "store" / "dumps").iterdir())) == len(place.names) + 2
    return taken


def _autopostgresqlbackup(place: Place) -> float:
    target = place.folder("autopostgresqlbackup")
    settings = place.base / "autopostgresqlbackup.conf"
    names = " ".join(place.names)
    settings.write_text(
        f"SU_USERNAME=\nUSERNAME=vigie_backup\nDBHOST={place.address}\nDBNAMES='{names}'\nMDBNAMES='{names}'\n"
        f"GLOBALS_OBJECTS=\nBACKUPDIR={target}\nMAILCONTENT=quiet\nMAILADDR=root\nDBEXCLUDE=\nCREATE_DATABASE=no\n"
        "SEPDIR=yes\nDOWEEKLY=0\nCOMP=gzip\nCOMMCOMP=0\nLATEST=no\nOPT=\nEXT=sql\nPERM=600\nENCRYPTION=no\n"
    )
    # The program reads its settings from one fixed place: a copy reads ours.
    program = place.base / "autopostgresqlbackup.sh"
    text = Path("/usr/sbin/autopostgresqlbackup").read_text()
    program.write_text(text.replace("/etc/default/autopostgresqlbackup", str(settings)))
    taken = _timed(["bash", str(program)], place.environment)
    made = len([file for file in target.rglob("*.gz") if file.stat().st_size > 1000])
    assert made >= len(place.names), f"autopostgresqlbackup made {made} dumps"
    return taken


@contextmanager
def _place(contexts: int, block: int) -> Iterator[Place]:
    base = Path(tempfile.mkdtemp(prefix="vigie-bench-"))
    base.chmod(0o755)
    supervisor = Supervisor(base / "run", base / "log")
    address, backup = f"127.0.{block}.1", f"127.0.{block}.2"
    names = [f"SpecibikeEleve{number:04d}" for number in range(contexts)]
    try:
        access = "host all vigie_backup samehost scram-sha-256\n"
        cluster = Cluster("postgres", base / "pg", lab_account(), address=address, access=access)
        cluster.create()
        supervisor.start(cluster.server())
        password = secrets.token_urlsafe(16)
        _secret(base / "pgpass", f"*:*:*:vigie_backup:{password}")
        cluster.sql(f"\\set password '{password}'\n{_ROLES}")
        cluster.sql("CREATE DATABASE bench_shape")
        cluster.sql("\n".join(statements()), database="bench_shape")
        copies = (f'CREATE DATABASE "{name}" TEMPLATE bench_shape STRATEGY FILE_COPY;\n' for name in names)
        cluster.sql("".join(copies), timeout=900)
        _write_files(base, address, backup)
        with _rsync_daemon(base, backup):
            yield Place(base, address, names)
    finally:
        supervisor.stop_all()
        shutil.rmtree(base)


def _write_files(base: Path, address: str, backup: str) -> None:
    transfer = secrets.token_urlsafe(16)
    _secret(base / "rsync.password", transfer)
    _secret(base / "rsyncd.secrets", f"vigie:{transfer}")
    (base / "pg_service.conf").write_text(
        f"[vigie-backup]\nhost={address}\ndbname=postgres\nuser=vigie_backup\npassfile={base}/pgpass\n"
    )
    (base / "store.json").write_text(
        f'{{"school":"{_UAI}","root":"{base}/store","daily":7,"weekly":5,"monthly":12,"dropped":7776000,'
        '"time_zone":"Europe/Paris","recheck_seconds":20}'
    )
    (base / "site.yaml").write_text(f"""\
version: 1
zabbix: {{url: "http://127.0.0.1/", token_file: {base}/none}}
academy: {{name: Bench}}
schools:
  - uai: {_UAI}
    name: Bench
    hosts:
      - {{name: source, address: {address}, roles: [postgres]}}
      - {{name: store, address: {backup}, roles: [backup]}}
    backup:
      source: source
      store: store
      service_file: {base}/pg_service.conf
      directory: {base}/source
      store_directory: {base}/store
      jobs: {_JOBS}
      transfer: {{method: rsync, port: 8730, user: vigie, password_file: {base}/rsync.password}}
""")
    module = f"auth users = vigie\nsecrets file = {base}/rsyncd.secrets\nuid = {os.getuid()}\ngid = {os.getgid()}\n"
    (base / "rsyncd.conf").write_text(
        f"use chroot = no\naddress = {backup}\nport = 8730\nlog file = {base}/rsyncd.log\n"
        f"[incoming-{_UAI}]\npath = {base}/store/incoming\nread only = no\n{module}"
        f"post-xfer exec = {_VIGIE} backup receive {base}/store.json\n"
        f"[receipts-{_UAI}]\npath = {base}/store/receipts\n{module}"
    )


@contextmanager
def _rsync_daemon(base: Path, address: str) -> Iterator[None]:
    daemon = subprocess.Popen(["rsync", "--daemon", "--no-detach", f"--config={base}/rsyncd.conf"])
    try:
        deadline = time.monotonic() + 10
        while not _listens(address):
            if time.monotonic() > deadline:
                raise SystemExit("the rsync daemon does not listen")
            time.sleep(0.05)
        yield
    finally:
        daemon.terminate()
        daemon.wait(timeout=30)


def _listens(address: str) -> bool:
    try:
        socket.create_connection((address, 8730), timeout=1).close()
    except OSError:
        return False
    return True


def _secret(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
