"""Measures each check's whole process beside the bare interpreter, and beside the tools to pick from Debian.

    .venv/bin/python bench/checks.py [--rounds 15]

Against real servers, started here; all commands run in turns. `psycopg2 alone` imports psycopg2, connects, and asks
`SELECT 1`, as one would write it. Promised, and exit code 1 when one of them is not kept:

- Vigie's check takes less of the processor's time, which hardly depends on what else the machine does, than the tools
  for the same answers.
- A check that opens one connection takes at most 1.25 times the processor's time of psycopg2 alone, with all its
  questions, and at most 1.54 times its time by the clock.

The 1.54 are what was asked, at most twice the bare interpreter, in its own scale: there psycopg2 alone is 1.3 times the
bare interpreter, check_postgres 3.2 and check_pgsql 0.2. The last table shows which interpreter gives these multiples:
the command `python3` of the PATH, which may be a version manager's, or the interpreter itself.
"""

import argparse
import json
import shutil
import subprocess
import sys
import sysconfig
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
_BY_COMMAND = "{} by python3"
_ASKED = 2.0
_TOLD = {_ALONE: 1.3, "check_postgres": 3.2, "check_pgsql": 0.2}
_IN_ITS_SCALE = _ASKED / _TOLD[_ALONE]
_MOST = 1.25
_PLUGINS = Path("/usr/lib/nagios/plugins")
_PATHS = f"import sys; sys.path[:0] = [{str(Path(__file__).parents[1])!r}, {sysconfig.get_path('platlib')!r}]\n"
_START = "from vigie.observe.program import main; main({!r}, [{!r}, {!r}])"
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
    alone = Measured(_ALONE, [*python, "-c", _ONE_QUERY], "one query", connections=1, environment=services)
    ours = [
        Measured(f"vigie-{subject}", program(subject), answers, rivals.get(subject, ()), connections)
        for subject, (connections, answers) in told.items()
    ]
    bare = [
        Measured(_BARE, [*python, "-c", "pass"], "nothing"),
        Measured(_COMMAND, ["python3", "-c", "pass"], "nothing"),
    ]
    return [*bare, alone, *ours, *(by_command(each) for each in (alone, *ours) if each.connections == 1)]


def by_command(measured: Measured) -> Measured:
    """The same program, started as `python3`: one that is of another version cannot load psycopg2.

    Raises:
        SystemExit: when it is.
    """
    asked = "import sys; print(sys.version_info[:2])"
    version = subprocess.run(["python3", "-I", "-c", asked], capture_output=True, text=True, check=True).stdout.strip()
    if version != str(sys.version_info[:2]):
        raise SystemExit(f"python3 of the PATH is {version}, this one {sys.version_info[:2]}: put the same one there")
    argv = ["python3", "-I", "-c", _PATHS + measured.argv[-1]]
    name = _BY_COMMAND.format(measured.name)
    return Measured(name, argv, measured.answers, connections=1, environment=measured.environment)


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
    """Say which promises are kept, then what was asked beside both interpreters; 1 when a promise is not kept."""
    promises = []
    for measured in commands:
        its = times[measured.name]
        if measured.rivals:
            theirs = sum(times[name].work for name in measured.rivals)
            sentence = f"{measured.name} {its.work * 1000:.0f} ms, {' + '.join(measured.rivals)} {theirs * 1000:.0f} ms"
            promises.append((its.work < theirs, sentence))
    alone, by_python3 = times[_ALONE], times[_BY_COMMAND.format(_ALONE)]
    for name in _of_one_connection(times):
        its, started = times[name], times[_BY_COMMAND.format(name)]
        promises += [
            _at_most(_MOST, its.work / alone.work, f"{name}, processor"),
            _at_most(_IN_ITS_SCALE, its.median / alone.median, f"{name}, clock"),
            _at_most(_IN_ITS_SCALE, started.median / by_python3.median, f"{_BY_COMMAND.format(name)}, clock"),
        ]
    print()
    for kept, sentence in promises:
        print(f"{'kept' if kept else 'NOT KEPT'}: {sentence}")
    compare(times)
    return 0 if all(kept for kept, _ in promises) else 1


def _at_most(limit: float, ratio: float, what: str) -> tuple[bool, str]:
    return ratio <= limit, f"{what}: {ratio:.2f} x {_ALONE}, at most {limit:.2f} x"


def _of_one_connection(times: dict[str, Times]) -> list[str]:
    """The checks that were started both ways."""
    return [name for name in times if name != _ALONE and _BY_COMMAND.format(name) in times]


def compare(times: dict[str, Times]) -> None:
    """Beside what was asked: multiples of both bare interpreters, each with what it started, by the clock."""
    print(f"\nasked: at most {_ASKED:g} x the bare interpreter with one connection, where the last column is so")
    print(f"{'':24}{'x the interpreter':>24}{f'x {_COMMAND}':>24}{'told':>8}")
    rivals = [name for name in _TOLD if name in times and name != _ALONE]
    for name in (_ALONE, *_of_one_connection(times), *rivals):
        cells = []
        for bare, started in ((_BARE, name), (_COMMAND, _BY_COMMAND.format(name))):
            ratio = times[started if started in times else name].median / times[bare].median
            verdict = (", kept" if ratio <= _ASKED else ", not kept") if name not in _TOLD else ""
            cells.append(f"{ratio:.1f}{verdict}")
        told = f"{_TOLD[name]:g}" if name in _TOLD else ""
        print(f"{name:24}{cells[0]:>24}{cells[1]:>24}{told:>8}")


if __name__ == "__main__":
    sys.exit(main())
