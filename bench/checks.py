"""Measures each check's whole process beside the bare interpreter, and beside the tools to pick from Debian.

    .venv/bin/python bench/checks.py [--rounds 15]

Against real servers, started here; all commands run in turns. `psycopg2 alone` imports psycopg2, connects, and asks
`SELECT 1`, as one would write it. What is promised, of the processor's time, which hardly depends on what else the
machine does: Vigie's check is faster than the tools for the same answers; a check that opens one connection takes
at most a quarter more than psycopg2 alone, with all its questions. Exit code 1 when one of them is not kept.

What was asked is twice the bare interpreter with one connection, by the clock. The last table says who keeps that,
beside two of them: the command `python3` of the PATH, which may be a version manager's, and the interpreter itself. It
was asked together with multiples of three tools (psycopg2 alone 1.3, check_postgres 3.2, check_pgsql 0.2); which of
the two they were multiples of is seen beside them.
"""

import argparse
import json
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

import openerp
from checksettings import DATABASES, SOURCES, TIMERS, dumps_of, stamps_of, write_settings
from sidebyside import Measured, Times, in_turns, run_once, show
from watchedpair import Pair, watched_pair

from lab.postgres import SUPERUSER

_SCHOOL = "0750001A"
_BARE = "bare interpreter"
_COMMAND = "python3 of the PATH"
_ALONE = "psycopg2 alone"
_ASKED = 2.0
_TOLD = {_ALONE: 1.3, "check_postgres": 3.2, "check_pgsql": 0.2}
_MOST = 1.25
_PLUGINS = Path("/usr/lib/nagios/plugins")
_START = "import sys; from vigie.observe.program import main; main({!r}, [{!r}, {!r}])"
_ONE_QUERY = """
import psycopg2
connection = psycopg2.connect(service="observe")
cursor = connection.cursor()
cursor.execute("SELECT 1")
print(cursor.fetchall())
"""


def checks(pair: Pair, contexts: Path, rivals: dict[str, tuple[str, ...]]) -> list[Measured]:
    """Vigie's checks, beside the interpreter and psycopg2 alone."""
    python = [sys.executable, "-I"]
    told = {
        "replication": (2, "both ends, pair, slots, timelines"),
        "backups": (1, f"{DATABASES} databases with their dumps, and PostgreSQL's list"),
        "logs": (1, f"{SOURCES} sources, 20,000 messages, errors, rsyslog's queues, disks"),
        "passwords": (1, "generations, roles, sessions of each station"),
        "openerp": (1 + DATABASES, f"OpenERP by XML-RPC, and {DATABASES} contexts, a connection each"),
        "itself": (0, f"{TIMERS} timers, a service's port, requests"),
        "drbd": (0, "DRBD's states"),
        "canary": (0, "a canary sent, rsyslog's queues"),
    }

    def program(subject: str) -> list[str]:
        module = f"vigie.{'' if subject == 'canary' else 'observe.'}{subject}.program"
        folder = contexts if subject == "openerp" else pair.folder
        return [*python, "-c", _START.format(module, str(folder), _SCHOOL)]

    services = {"PGSERVICEFILE": str(pair.services)}
    return [
        Measured(_BARE, [*python, "-c", "pass"], "nothing"),
        Measured(_COMMAND, ["python3", "-c", "pass"], "nothing"),
        Measured(_ALONE, [*python, "-c", _ONE_QUERY], "one query", connections=1, environment=services),
        *(
            Measured(f"vigie-{subject}", program(subject), answers, rivals.get(subject, ()), connections)
            for subject, (connections, answers) in told.items()
        ),
    ]


def debian(pair: Pair) -> dict[str, list[Measured]]:
    """The tools for the answers of a check, by its subject; one that is not installed is left out."""
    ends = [pair.primary, pair.standby]
    hosts, ports = ",".join(str(end.socket) for end in ends), ",".join(str(end.port) for end in ends)
    activity = [str(_PLUGINS / "check_pgactivity"), "-h", str(pair.primary.socket), "-p", str(pair.primary.port)]
    activity += ["-U", SUPERUSER]
    delay = ["check_postgres", "--action=hot_standby_delay", "--warning=16000000", "--critical=64000000"]
    plain = [str(_PLUGINS / "check_pgsql"), "-H", str(pair.primary.socket), "-P", str(pair.primary.port)]
    tcp = [str(_PLUGINS / "check_tcp"), "-H", pair.primary.address, "-p", str(pair.primary.port)]
    tools = {
        "replication": [
            Measured("check_postgres", [*delay, f"--host={hosts}", f"--port={ports}", "--dbuser=postgres"], "distance"),
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
        ],
        "backups": [
            Measured(f"check_file_age, {DATABASES} x", _ages(dumps_of(pair)), "age and size of each last dump")
        ],
        "itself": [
            Measured(f"check_file_age, {TIMERS} x", _ages(stamps_of(pair, _SCHOOL)), "age of each timer's stamp"),
            Measured("check_tcp", tcp, "a port"),
        ],
        "": [
            Measured(
                "check_pgsql",
                [*plain, "-l", SUPERUSER, "-d", "postgres", "-q", "SELECT 1", "-C", "1:1"],
                "one query, in C",
            )
        ],
    }
    return {subject: [tool for tool in some if shutil.which(tool.argv[0])] for subject, some in tools.items()}


def _ages(files: list[Path]) -> list[str]:
    """One run of the plugin for each file, by a shell: it looks at one file at a time."""
    plugin = _PLUGINS / "check_file_age"
    if not plugin.exists():
        return [str(plugin)]
    asked = "for file; do " + f'{plugin} -w 93600 -c 180000 -f "$file"; done'
    return ["/bin/sh", "-c", asked, "sh", *map(str, files)]


def must_answer(measured: Measured) -> None:
    """A command that fails quickly would win: each must give its answer first.

    Raises:
        SystemExit: when it does not.
    """
    _, _, printed = run_once(measured)
    if measured.name.startswith("vigie-"):
        document = json.loads(printed)
        good = document["error"] == "" and document.get("pair", {}).get("state", 0) == 0
        good = good and document.get("postgres", {"state": 0}).get("reachable", 1) == 1
        good = good and document.get("store", {}).get("reachable", 1) == 1
        good = good and document.get("server", {}).get("state", 0) == 0
        good = good and document.get("canary", {}).get("emitted", 1) == 1
    elif measured.name.startswith("check_"):
        good = b"OK" in printed and b"CRITICAL" not in printed
    else:
        good = True
    if not good:
        raise SystemExit(f"{measured.name} does not answer: {printed[:600].decode(errors='replace')}")


def main() -> int:
    """Start the servers, measure in turns, print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--block", type=int, default=30)
    options = parser.parse_args()
    with ExitStack() as servers:
        pair = servers.enter_context(watched_pair(options.block, _SCHOOL))
        cluster, contexts = servers.enter_context(openerp.servers(options.block))
        openerp.make_contexts(cluster, 0, DATABASES)
        openerp.write_settings(contexts, cluster, 4)
        write_settings(pair, _SCHOOL)
        tools = debian(pair)
        rivals = {subject: tuple(tool.name for tool in some) for subject, some in tools.items()}
        commands = checks(pair, contexts, rivals) + [tool for some in tools.values() for tool in some]
        for measured in commands:
            must_answer(measured)
        times = in_turns(commands, options.rounds)
    print(f"PostgreSQL 15, {options.rounds} rounds in turns; milliseconds\n")
    show(commands, times, _BARE)
    return report(commands, times)


def report(commands: list[Measured], times: dict[str, Times]) -> int:
    """Say which promises are kept, then who keeps what was asked for; 1 when a promise is not kept."""
    promises = []
    alone = times[_ALONE].work
    for measured in commands:
        ours = times[measured.name].work
        if measured.rivals:
            theirs = sum(times[name].work for name in measured.rivals)
            sentence = f"{measured.name} {ours * 1000:.0f} ms, {' + '.join(measured.rivals)} {theirs * 1000:.0f} ms"
            promises.append((ours < theirs, sentence))
        if measured.connections == 1 and measured.name != _ALONE:
            sentence = f"{measured.name} {ours / alone:.2f} x {_ALONE}, at most {_MOST:g} x"
            promises.append((ours <= _MOST * alone, sentence))
    print()
    for kept, sentence in promises:
        print(f"{'kept' if kept else 'NOT KEPT'}: {sentence}")
    compare(commands, times)
    return 0 if all(kept for kept, _ in promises) else 1


def compare(commands: list[Measured], times: dict[str, Times]) -> None:
    """Beside what was asked: multiples of both bare interpreters, by the clock."""
    print(f"\nasked: at most {_ASKED:g} x the bare interpreter with one connection")
    print(f"{'':24}{f'x {_COMMAND}':>24}{'x the interpreter':>22}{'told':>8}")
    for measured in commands:
        if measured.name not in _TOLD and not (measured.name.startswith("vigie-") and measured.connections == 1):
            continue
        cells = []
        for bare in (_COMMAND, _BARE):
            ratio = times[measured.name].median / times[bare].median
            asked = measured.name.startswith("vigie-")
            cells.append(f"{ratio:.1f}" + ((", kept" if ratio <= _ASKED else ", not kept") if asked else ""))
        told = f"{_TOLD[measured.name]:g}" if measured.name in _TOLD else ""
        print(f"{measured.name:24}{cells[0]:>24}{cells[1]:>22}{told:>8}")


if __name__ == "__main__":
    sys.exit(main())
