"""Measures OpenERP's check: its whole process beside the bare interpreter and Debian's plugins, and 1,000 contexts.

    .venv/bin/python bench/openerp.py [--contexts 1000] [--rounds 15]

Against the lab's stand-in and a PostgreSQL, started here. All commands run in turns. `check_http` and `check_tcp` tell
that a port answers; they know neither release, PostgreSQL nor contexts, so they are no rivals: they are the floor.
The promise: all contexts are read within the deadline that Zabbix allows at most, by never more connections than told,
and a document under 512 KB. Exit code 1 when it is not kept.
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
from dataclasses import replace
from pathlib import Path

from lab.accounts import lab_account
from lab.openerp import releases
from lab.postgres import Cluster
from lab.processes import Server, Supervisor
from lab.school import contexts as school_contexts
from lab.school import openerp_tables
from lab.zabbix.server import listens
from provisioning.hostfiles.rendering import text
from runbooks.grant_contexts import grant_contexts
from vigie.observe.openerp.settings import ObserveOpenErp
from vigie.settings import GrantContexts

_ROOT = Path(__file__).resolve().parent.parent
_SCHOOL = "0750001A"
_ROLE = "vigie_contexts"
_PASSWORD = "of the bench"  # noqa: S105 - of a cluster that lives for the bench alone
_PLUGINS = Path("/usr/lib/nagios/plugins")
_PORT = 18070
_FEW = 12
# The longest that Zabbix 6.0 waits for an external check.
_LONGEST = 30.0
_MOST_DOCUMENT = 512 * 1024
_START = "import sys; from vigie.observe.program import main; main('vigie.observe.openerp.program', [{!r}, {!r}])"


@contextmanager
def servers(block: int) -> Iterator[tuple[Cluster, Path]]:
    """PostgreSQL with a template of a context, and the stand-in over it; stopped and removed at the end."""
    root = Path(tempfile.mkdtemp(prefix="vigie-bench-"))
    root.chmod(0o755)
    account, supervisor = lab_account(), Supervisor(root / "run", root / "log")
    access = "host all all 127.0.0.0/8 scram-sha-256\n"
    cluster = Cluster("contexts", root / "p", account, f"127.0.{block}.53", 15453, access)
    try:
        cluster.create()
        supervisor.start(cluster.server())
        values: dict[str, object] = {"role": _ROLE, "limit": 40, "checkers": []}
        cluster.sql(text("contexts-role.sql", values))
        cluster.sql(f"ALTER ROLE {_ROLE} PASSWORD '{_PASSWORD}'; CREATE ROLE openerp LOGIN PASSWORD '{_PASSWORD}';")
        cluster.sql("CREATE DATABASE context_shape OWNER openerp TEMPLATE template0;")
        shape = "SET ROLE openerp;\n" + "\n".join(openerp_tables.statements())
        cluster.sql(shape, database="context_shape")
        _start_stand_in(root, cluster, supervisor)
        yield cluster, root
    finally:
        supervisor.stop_all()
        shutil.rmtree(root)


def _start_stand_in(root: Path, cluster: Cluster, supervisor: Supervisor) -> None:
    folder = root / "openerp"
    folder.mkdir()
    lab_account().own(folder)
    releases.make(folder)
    file = folder / "openerp-server.conf"
    options = {
        "db_host": cluster.address,
        "db_port": cluster.port,
        "db_user": "openerp",
        "db_password": _PASSWORD,
        "xmlrpc_interface": cluster.address,
        "xmlrpc_port": _PORT,
        "logfile": folder / "openerp-server.log",
        "pidfile": folder / "openerp-server.pid",
        "list_db": True,
    }
    file.write_text("[options]\n" + "".join(f"{name} = {value}\n" for name, value in options.items()))
    command = [sys.executable, *releases.find(folder, "6.0.4").command(Path(sys.executable))[2:]]
    supervisor.start(
        Server(
            name="openerp",
            argv=[*command, "-c", str(file)],
            account=lab_account(),
            ready=lambda: listens(cluster.address, _PORT),
            environment={"PYTHONPATH": str(_ROOT)},
        )
    )


def make_contexts(cluster: Cluster, first: int, last: int) -> float:
    """Make contexts of a few tables, grant them, and say how many seconds the grants took."""
    for number in range(first, last):
        name = school_contexts.identifier(f"SpecibikeÉlève{number:04d} d'Artagnan")
        cluster.sql(f"CREATE DATABASE {name} OWNER openerp TEMPLATE context_shape STRATEGY file_copy;")
    begun = time.perf_counter()
    done = grant_contexts(GrantContexts(_SCHOOL, str(cluster.socket), cluster.port, _ROLE))
    if done.failed:
        raise SystemExit(f"the grants failed: {done.failed}")
    return time.perf_counter() - begun


def write_settings(folder: Path, cluster: Cluster, connections: int) -> None:
    """The settings of the check, as `vigie provision files` writes them."""
    passfile, services = folder / "pgpass", folder / "pg_service.conf"
    passfile.write_text(f"*:*:*:{_ROLE}:{_PASSWORD}\n")
    passfile.chmod(0o600)
    where = f"host={cluster.address}\nport={cluster.port}\nuser={_ROLE}\ndbname=postgres\n"
    services.write_text(f"[contexts]\n{where}passfile={passfile}\n")
    settings = ObserveOpenErp(
        school=_SCHOOL,
        address=cluster.address,
        port=_PORT,
        version="6.0.4",
        classes=["TS"],
        service="contexts",
        service_file=str(services),
        connections=4,
        deadline=_LONGEST,
    )
    (folder / f"openerp-{_SCHOOL}.json").write_text(replace(settings, connections=connections).to_json())


def taken(argv: list[str]) -> tuple[float, float]:
    """Seconds of the clock and of the processor of one run."""
    begun = time.perf_counter()
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime


def side_by_side(cluster: Cluster, folder: Path, rounds: int, contexts: int) -> None:
    """Print the table of whole processes, with so many contexts."""
    where = ["-H", cluster.address, "-p", str(_PORT)]
    commands = {
        "bare interpreter": [sys.executable, "-I", "-c", "pass"],
        "vigie-openerp": [sys.executable, "-I", "-c", _START.format(str(folder), _SCHOOL)],
        "check_http": [str(_PLUGINS / "check_http"), *where, "-u", "/"],
        "check_tcp": [str(_PLUGINS / "check_tcp"), *where],
    }
    commands = {name: argv for name, argv in commands.items() if Path(argv[0]).exists()}
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, argv in commands.items():
            runs[name].append(taken(argv))
    bare = statistics.median(cpu for _, cpu in runs["bare interpreter"])
    print(f"\n{contexts} contexts, {1 + contexts} PostgreSQL connections, median of {rounds} rounds in turns\n")
    print(f"{'':18}{'clock':>10}{'processor':>12}{'x bare':>9}")
    for name, pairs in runs.items():
        clock, cpu = (statistics.median(pair[index] for pair in pairs) for index in (0, 1))
        print(f"{name:18}{clock * 1000:>7.0f} ms{cpu * 1000:>9.0f} ms{cpu / bare:>9.1f}")


def main() -> int:
    """Measure a dozen contexts side by side, then all of them by 1, 4 and 8 connections."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contexts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--block", type=int, default=30)
    options = parser.parse_args()
    kept = True
    with servers(options.block) as (cluster, folder):
        write_settings(folder, cluster, 4)
        side_by_side(cluster, folder, options.rounds, 0)
        make_contexts(cluster, 0, _FEW)
        side_by_side(cluster, folder, options.rounds, _FEW)
        granting = make_contexts(cluster, _FEW, options.contexts)
        print(f"\n{options.contexts} contexts: the timer's grants take {granting:.1f} s\n")
        for connections in (1, 4, 8):
            write_settings(folder, cluster, connections)
            argv = [sys.executable, "-I", "-c", _START.format(str(folder), _SCHOOL)]
            begun = time.perf_counter()
            done = subprocess.run(argv, capture_output=True, check=True)
            seconds, document = time.perf_counter() - begun, json.loads(done.stdout)
            counts = document["counts"]
            kept &= seconds < _LONGEST + 1 and len(done.stdout) < _MOST_DOCUMENT
            print(
                f"{connections} connections: {counts['read']} of {counts['contexts']} read in {seconds:.1f} s, "
                f"document of {len(done.stdout) / 1024:.0f} KB"
            )
    print(f"\n{'kept' if kept else 'NOT KEPT'}: within {_LONGEST:.0f} s, document under {_MOST_DOCUMENT // 1024} KB")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
