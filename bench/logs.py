"""The observation of the central log server on 10 million messages against 10 thousand, and what it costs writers.

The messages are made at the same density (10 a second, 20 sources, a canary a minute each): only the size of the table
differs. Then one client writes message by message, as the central rsyslog does, alone and beside the observation.
Takes some minutes and 6 GB below the folder given.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812

from lab.accounts import lab_account
from lab.postgres import SUPERUSER, Cluster
from lab.processes import Supervisor
from provisioning.hostfiles.rendering import text
from vigie.observe.logs.observation import observe_logs
from vigie.observe.logs.settings import ObserveLogs, Source

_SCHEMA = text("logs-schema.sql", {"by_socket": True})
_SOURCES = 20
_PER_SECOND = 10
_MOST_RATIO = 3
_MOST_WAIT = 0.25
_ROOM = 8 * 10**9
# Every 60th second each source sends a canary instead; one message in 50 is an error, one in 100 a failed login.
_ROWS = """
INSERT INTO systemevents (receivedat, devicereportedtime, facility, priority, fromhost, syslogtag, message)
SELECT at, at, CASE WHEN n % 100 = 7 THEN 10 ELSE 3 END, CASE WHEN n % 50 = 3 THEN 3 ELSE 6 END,
    'srv-' || n % {sources},
    CASE WHEN canary THEN 'vigie-canary:' ELSE 'program' || n % 17 || '[' || n % 30000 || ']:' END,
    CASE
        WHEN canary THEN format(
            ' n=%s t=%s id=0b4f6f3e-0000-4000-8000-000000000000',
            n / ({sources} * {per_second} * 3), round(extract(epoch FROM at AT TIME ZONE 'UTC'), 3)
        )
        WHEN n % 100 = 7 THEN ' Failed password for root from 192.0.2.7 port 4022 ssh2'
        ELSE ' a message of ordinary length that says what a program did for whom, number ' || n
    END
FROM generate_series(1, {rows}) AS n
CROSS JOIN LATERAL (SELECT now() AT TIME ZONE 'UTC' - ({rows} - n) * interval '1 second' / {per_second} AS at) AS moment
CROSS JOIN LATERAL (SELECT n % ({sources} * {per_second} * 3) < {sources} AS canary) AS kind
"""
_ONE = """
INSERT INTO systemevents (receivedat, facility, priority, fromhost, syslogtag, message)
VALUES (now() AT TIME ZONE 'UTC', 3, 6, %s, 'program[12]:', ' a message of ordinary length, written as rsyslog writes')
"""


def connect(cluster: Cluster, database: str) -> Connection:
    """The superuser's connection by the socket, each statement a transaction, as lazy to commit as rsyslog's."""
    connection = psycopg2.connect(host=str(cluster.socket), port=cluster.port, user=SUPERUSER, dbname=database)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    return connection


def fill(cluster: Cluster, database: str, rows: int) -> None:
    """Make a database with so many messages, indexed after they stand there, as a stock store that is migrated."""
    cluster.sql(f"CREATE DATABASE {database} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;")
    cluster.sql(_SCHEMA, database=database)
    for name in ("vigie_canaries", "vigie_ordinary", "vigie_received", "vigie_notable"):
        cluster.sql(f"DROP INDEX {name};", database=database)
    begun = time.monotonic()
    filling = _ROWS.format(rows=rows, sources=_SOURCES, per_second=_PER_SECOND)
    cluster.sql(filling, database=database, timeout=1200)
    filled = time.monotonic()
    cluster.sql(_SCHEMA, database=database, timeout=1200)
    indexed = time.monotonic()
    cluster.sql("VACUUM ANALYZE systemevents;", database=database, timeout=1200)
    print(f"{rows:>12,} messages made in {filled - begun:.0f} s, indexed beside writers in {indexed - filled:.0f} s")


def settings(folder: Path, service: str) -> ObserveLogs:
    """Settings of an observation of all the sources."""
    return ObserveLogs(
        school="9990001X",
        centre="srv-logs",
        sources=[Source(f"srv-{n}", "linux", [f"srv-{n}"], 3600) for n in range(_SOURCES)],
        service=service,
        service_file=str(folder / "pg_service.conf"),
        deadline=20.0,
        window=3600,
        impstats=str(folder / "impstats.json"),
        silent_after=10**6,
        store=str(folder),
        files=str(folder),
        canary_late=10**6,
        latency_max=60,
        skew_max=30,
        flood=500,
        queue_max=5000,
        free_min_percent=1.0,
    )


def observe(known: ObserveLogs) -> float:
    """Seconds of one whole observation, which must have seen everything."""
    begun = time.perf_counter()
    seen = observe_logs(known).seen
    seconds = time.perf_counter() - begun
    assert seen is not None
    assert seen.store.reachable, seen.store.error
    assert len(seen.sources) == _SOURCES
    assert all(row.canary_number for row in seen.sources.values())
    return seconds


def written(cluster: Cluster, database: str, seconds: float) -> tuple[float, float]:
    """Messages a second that one client writes one by one, and the longest that it waited for one."""
    connection = connect(cluster, database)
    count, longest = 0, 0.0
    with connection.cursor() as cursor:
        begun = last = time.perf_counter()
        while last - begun < seconds:
            cursor.execute(_ONE, (f"srv-{count % _SOURCES}",))
            now = time.perf_counter()
            count, longest, last = count + 1, max(longest, now - last), now
    connection.close()
    return count / (last - begun), longest


def beside(act: Callable[[], object], work: Callable[[], tuple[float, float]]) -> tuple[float, float]:
    """Do some work while something is done again and again beside it, every quarter of a second."""
    over = threading.Event()

    def again() -> None:
        while not over.wait(0.25):
            act()

    thread = threading.Thread(target=again)
    thread.start()
    try:
        return work()
    finally:
        over.set()
        thread.join()


def compare(cluster: Cluster, folder: Path, rows: int, rounds: int) -> bool:
    """Print the tables; whether the promises are kept."""
    sizes = {"small": 10_000, "large": rows}
    for name, size in sizes.items():
        fill(cluster, name, size)
    known = {name: settings(folder, name) for name in sizes}
    taken: dict[str, list[float]] = {name: [] for name in sizes}
    for name in sizes:
        observe(known[name])
    for _ in range(rounds):  # in turns, so that a busy moment touches both
        for name in sizes:
            taken[name].append(observe(known[name]))
    medians = {name: statistics.median(values) for name, values in taken.items()}
    print(f"\none observation of {_SOURCES} sources, median of {rounds} rounds in turns")
    for name, values in taken.items():
        figures = (
            f"{medians[name] * 1000:>7.0f} ms   best {min(values) * 1000:.0f} ms, worst {max(values) * 1000:.0f} ms"
        )
        print(f"{sizes[name]:>12,} messages {figures}")
    cluster.sql("CREATE DATABASE bare ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;")
    cluster.sql(_SCHEMA, database="bare")
    cluster.sql("DROP INDEX vigie_canaries, vigie_ordinary, vigie_received, vigie_notable;", database="bare")
    lines = {
        "stock indexes, empty table": written(cluster, "bare", 5),
        "Vigie's indexes, large table": written(cluster, "large", 5),
        "the same, observed 4 times a second": beside(
            lambda: observe(known["large"]), lambda: written(cluster, "large", 10)
        ),
    }
    print("\none client that writes message by message")
    for name, (rate, longest) in lines.items():
        print(f"  {name:38}{rate:>8.0f} a second, longest wait {longest * 1000:.1f} ms")
    ratio = medians["large"] / medians["small"]
    longest = lines["the same, observed 4 times a second"][1]
    promises = [
        (ratio <= _MOST_RATIO, f"{ratio:.2f} times the time on {rows / 10_000:,.0f} times the messages (3 allowed)"),
        (longest <= _MOST_WAIT, f"no write waited longer than {longest * 1000:.0f} ms (250 allowed)"),
    ]
    print()
    for good, sentence in promises:
        print(f"{'kept' if good else 'NOT KEPT'}: {sentence}")
    return all(good for good, _ in promises)


def main() -> int:
    """Make the tables, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    if shutil.disk_usage(options.folder).free < _ROOM:
        sys.exit(f"{options.folder}: {_ROOM // 10**9} GB must be free; choose another place with --folder")
    folder = Path(tempfile.mkdtemp(prefix="vigie-bench-", dir=options.folder))
    folder.chmod(0o755)
    supervisor = Supervisor(folder / "run", folder / "log")
    cluster = Cluster("bench-postgres", folder / "postgres", lab_account())
    try:
        cluster.create()
        supervisor.start(cluster.server())
        where = f"host={cluster.socket}\nport={cluster.port}\nuser={SUPERUSER}\n"
        services = "".join(f"[{name}]\n{where}dbname={name}\n" for name in ("small", "large"))
        (folder / "pg_service.conf").write_text(services)
        figures = '{ "name": "main Q", "origin": "core.queue", "size": 0, "discarded.full": 0, "discarded.nf": 0 }'
        (folder / "impstats.json").write_text(f"{time.time():.0f}: {figures}\n")
        return 0 if compare(cluster, folder, options.rows, options.rounds) else 1
    finally:
        supervisor.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
