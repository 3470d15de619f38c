"""Measures each check's whole process beside the bare interpreter, and beside the tool that one would pick from Debian.

    .venv/bin/python bench/checks.py [--rounds 15]

Against a real primary and a real standby, started here. All commands run in turns, so that a busy moment touches all of
them. The promise: Vigie's check is faster than the tool for the same answers, and takes at most twice the bare
interpreter where it opens one connection. Exit code 1 when one of them is not kept. Processor time (user and system)
stands beside the clock's, because it hardly depends on what else the machine does.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from observe import make_store

from lab.accounts import lab_account
from lab.postgres import SUPERUSER, Cluster
from lab.processes import Supervisor
from lab.streaming import ACCESS, Standby
from lab.waiting import wait_until
from provisioning.hostfiles.rendering import text
from vigie.observe.backups.settings import ObserveBackups
from vigie.observe.drbd.settings import ObserveDrbd
from vigie.observe.replication.settings import ObserveReplication

_ROOT = Path(__file__).resolve().parent.parent
_SCHOOL = "0750001A"
_PASSWORD = "of the bench"  # noqa: S105 - of a cluster that lives for the bench alone
_BARE = "bare interpreter"
_MOST_RATIO = 2.0
_PLUGINS = Path("/usr/lib/nagios/plugins")
_ONE_CONNECTION = """
from vigie.observe.postgres import connected
with connected({service!r}, {file!r}, 5.0) as connection, connection.cursor() as cursor:
    cursor.execute("SELECT 1")
    print(cursor.fetchall())
"""


@dataclass(frozen=True)
class Measured:
    """A command of the table.

    Args:
        name: its line.
        argv: the command.
        answers: what it tells, for the reader.
        rivals: the lines of the tools that together give the same answers.
        connections: how many PostgreSQL connections it opens.
        environment: variables beside the caller's.
    """

    name: str
    argv: list[str]
    answers: str
    rivals: tuple[str, ...] = ()
    connections: int = 0
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """The real pair of the bench, and the folder of the settings."""

    primary: Cluster
    standby: Cluster
    folder: Path


@contextmanager
def real_pair(block: int) -> Iterator[Pair]:
    """A primary and its standby, streaming; stopped and removed at the end."""
    root = Path(tempfile.mkdtemp(prefix="vigie-bench-"))
    root.chmod(0o755)
    supervisor = Supervisor(root / "run", root / "log")
    account = lab_account()
    primary = Cluster("primary", root / "p", account, f"127.0.{block}.51", 15451, ACCESS)
    cluster = Cluster("standby", root / "s", account, f"127.0.{block}.52", 15452)
    standby = Standby(primary, cluster, (primary.address, primary.port))
    try:
        primary.create()
        supervisor.start(primary.server())
        standby.prepare_primary()
        primary.sql(text("replication-roles.sql", {"checkers": ["127.0.0.0/8"]}))
        primary.sql(f"ALTER ROLE vigie_replication PASSWORD '{_PASSWORD}';")
        standby.start(supervisor)
        wait_until(standby.is_streaming, what="the standby does not stream", deadline=30)
        write_settings(root, primary, cluster)
        yield Pair(primary, cluster, root)
    finally:
        supervisor.stop_all()
        shutil.rmtree(root)


def write_settings(folder: Path, primary: Cluster, standby: Cluster) -> None:
    """The settings of the checks, and a DRBD that answers from a file."""
    passfile, services = folder / "pgpass", folder / "pg_service.conf"
    passfile.write_text(f"*:*:*:vigie_replication:{_PASSWORD}\n")
    passfile.chmod(0o600)
    end = "[{0}]\nhost={1}\nport={2}\nuser=vigie_replication\ndbname=postgres\npassfile={3}\n"
    services.write_text(
        end.format("primary", primary.address, primary.port, passfile)
        + end.format("standby", standby.address, standby.port, passfile)
    )
    replication = ObserveReplication(
        school=_SCHOOL,
        primary="primary",
        standby="standby",
        standby_address=standby.address,
        primary_service="primary",
        standby_service="standby",
        service_file=str(services),
        application_name="",
        slot="standby",
        max_bytes=16 << 20,
        max_seconds=300,
        max_silence=60,
        slot_max_bytes=1 << 30,
        deadline=10.0,
    )
    (folder / f"replication-{_SCHOOL}.json").write_text(replication.to_json())
    store = folder / "store"
    make_store(store, databases=12, dumps=10)
    backups = ObserveBackups(
        school=_SCHOOL,
        store=str(store),
        classes=["TS", "1ES", "TSTMG1"],
        service="primary",
        service_file=str(services),
        max_age=26 * 3600,
        verify_age=30 * 86_400,
        silent_after=900,
        deadline=10.0,
        receiver_address="",
        receiver_port=0,
        free_min_percent=10.0,
        days_left_min=7,
    )
    (folder / f"backups-{_SCHOOL}.json").write_text(backups.to_json())
    proc = folder / "proc-drbd"
    proc.write_text(
        "version: 8.4.11 (api:1/proto:86-101)\n 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n"
        "    ns:0 nr:0 dw:0 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0\n"
    )
    drbd = ObserveDrbd(_SCHOOL, ["drbd0"], [], str(proc), str(folder / "by-res"), 5.0)
    (folder / f"drbd-{_SCHOOL}.json").write_text(drbd.to_json())


def registry(pair: Pair) -> list[Measured]:
    """Everything that is measured; a tool that is not installed is left out."""
    python = [sys.executable, "-I"]
    start = "import sys; from vigie.observe.program import main; main({!r}, [{!r}, {!r}])"
    one = _ONE_CONNECTION.format(service="primary", file=str(pair.folder / "pg_service.conf"))
    ends = [("primary", pair.primary), ("standby", pair.standby)]
    hosts = ",".join(str(end.socket) for _, end in ends)
    ports = ",".join(str(end.port) for _, end in ends)
    activity = [str(_PLUGINS / "check_pgactivity"), "-h", str(pair.primary.socket), "-p", str(pair.primary.port)]
    activity += ["-U", SUPERUSER]
    plain = [str(_PLUGINS / "check_pgsql"), "-H", str(pair.primary.socket), "-P", str(pair.primary.port)]
    plain += ["-l", SUPERUSER, "-d", "postgres"]

    def program(module: str) -> list[str]:
        return [*python, "-c", start.format(f"vigie.observe.{module}.program", str(pair.folder), _SCHOOL)]

    rivals = [
        Measured(
            "check_postgres",
            [
                "check_postgres",
                "--action=hot_standby_delay",
                "--warning=16000000",
                "--critical=64000000",
                f"--host={hosts}",
                f"--port={ports}",
                "--dbuser=postgres",
            ],
            "distance of both ends",
        ),
        Measured(
            "check_pgactivity streaming_delta",
            [*activity, "-s", "streaming_delta", "-w", "16MB", "-c", "64MB"],
            "distances of pg_stat_replication",
        ),
        Measured(
            "check_pgactivity replication_slots",
            [*activity, "-s", "replication_slots", "-w", "wal=64", "-c", "wal=640"],
            "WAL held back by slots",
        ),
        Measured(
            "check_pgsql",
            [*plain, "-q", "SELECT 1", "-C", "1:1"],
            "one query, in C",
        ),
    ]
    there = [rival for rival in rivals if shutil.which(rival.argv[0])]
    same = tuple(rival.name for rival in there if rival.name != "check_pgsql")
    return [
        Measured(_BARE, [*python, "-c", "pass"], "nothing"),
        Measured("one connection of Vigie's", [*python, "-c", one], "one query", ("check_pgsql",), 1),
        Measured("vigie-replication", program("replication"), "both ends, pair, slots, timelines", same, 2),
        Measured("vigie-backups", program("backups"), "12 databases with their dumps, and PostgreSQL's list"),
        Measured("vigie-drbd", program("drbd"), "DRBD's states, no connection"),
        *there,
    ]


def run_once(measured: Measured) -> tuple[float, float, bytes]:
    """Seconds by the clock, seconds of processor, and what was printed."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        measured.argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"LC_ALL": "C.UTF-8"} | measured.environment,
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, printed


def must_answer(measured: Measured) -> None:
    """A command that fails quickly would win: each must give its answer first.

    Raises:
        SystemExit: when it does not.
    """
    _, _, printed = run_once(measured)
    if measured.name.startswith("vigie-"):
        document = json.loads(printed)
        good = document["error"] == "" and document.get("pair", {}).get("state", 0) == 0
        good = good and document.get("postgres", {}).get("reachable", 1) == 1
    elif measured.name.startswith("check_"):
        good = b"OK" in printed
    else:
        good = True
    if not good:
        raise SystemExit(f"{measured.name} does not answer: {printed[:300].decode(errors='replace')}")


def main() -> int:
    """Start the pair, measure in turns, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--block", type=int, default=30)
    options = parser.parse_args()
    wall: dict[str, list[float]] = {}
    processor: dict[str, list[float]] = {}
    with real_pair(options.block) as pair:
        commands = registry(pair)
        for measured in commands:
            must_answer(measured)
        for _ in range(options.rounds):
            for measured in commands:
                clock, cpu, _ = run_once(measured)
                wall.setdefault(measured.name, []).append(clock)
                processor.setdefault(measured.name, []).append(cpu)
    print(f"PostgreSQL 15, a primary and a standby, {options.rounds} rounds in turns; milliseconds\n")
    print(f"{'':36}{'median':>8}{'best':>8}{'x bare':>8}{'processor':>11}{'x bare':>8}  answers")
    clock = {name: statistics.median(values) for name, values in wall.items()}
    cpu = {name: statistics.median(values) for name, values in processor.items()}
    for measured in commands:
        name = measured.name
        print(
            f"{name:36}{clock[name] * 1000:>8.0f}{min(wall[name]) * 1000:>8.0f}{clock[name] / clock[_BARE]:>8.1f}"
            f"{cpu[name] * 1000:>11.0f}{cpu[name] / cpu[_BARE]:>8.1f}  {measured.answers}"
        )
    return report(commands, clock)


def report(commands: list[Measured], clock: dict[str, float]) -> int:
    """Say which promises are kept; 1 when one is not."""
    print()
    all_kept = True
    for measured in commands:
        ours = clock[measured.name]
        if measured.name.startswith("vigie-") and measured.rivals:
            theirs = sum(clock[name] for name in measured.rivals)
            kept = ours < theirs
            all_kept &= kept
            rivals = " + ".join(measured.rivals)
            print(f"{_said(kept)}: {measured.name} {ours * 1000:.0f} ms, {rivals} {theirs * 1000:.0f} ms")
        if measured.connections == 1:
            kept = ours <= _MOST_RATIO * clock[_BARE]
            all_kept &= kept
            print(f"{_said(kept)}: {measured.name} {ours / clock[_BARE]:.1f} x bare, at most {_MOST_RATIO:g} x")
    return 0 if all_kept else 1


def _said(kept: bool) -> str:
    return "kept" if kept else "NOT KEPT"


if __name__ == "__main__":
    sys.exit(main())
