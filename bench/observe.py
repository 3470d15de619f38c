"""Measures the observation of 1,000 databases with 30 dumps each beside `find` over the same tree, in the same run.

    .venv/bin/python bench/observe.py [--databases 1000] [--dumps 30] [--rounds 7]

The promise: at most twice the time of `find DIR -type f -printf '%p %s %T@\\n'` plus the interpreter's start, under
64 MB resident, and a document under 512 KB. Exit code 1 when one of them is not kept.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from vigie.backups.catalogue import DumpEntry, Holdings, Index, Layout
from vigie.naming import key_of
from vigie.observe.backups.settings import ObserveBackups

_PROGRAM = Path(__file__).resolve().parent.parent / "userparameters" / "vigie-backups"
_SCHOOL = "0750001A"
_DAY = 86_400
_MOST_RATIO = 2.0
_MOST_MEMORY = 64_000_000
_MOST_DOCUMENT = 512 * 1024


def make_store(root: Path, databases: int, dumps: int) -> None:
    """A store of the shape that the engine writes: sparse dumps, a manifest beside each, one index."""
    now = int(time.time())
    layout = Layout(root)
    layout.runs.mkdir(parents=True)
    index = Index(_SCHOOL, written_at=now, rechecked_at=now)
    for number in range(databases):
        name = f"SpecibikeÉlève{number:05d} d'Artagnan"
        held = Holdings(name)
        for age in reversed(range(dumps)):
            made = now - 3600 - age * _DAY
            stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(made))
            folder = layout.dump_folder(key_of(name), stamp)
            folder.mkdir(parents=True)
            size = 4_000_000 + number * 100 + age
            with (folder / "dump").open("wb") as dump:
                dump.truncate(size)
            (folder / "manifest.json").write_text('{"format": 1}')
            held.dumps.append(DumpEntry(stamp, size, made + 30, made + 60, 0))
        index.databases[key_of(name)] = held
    layout.index.write_text(index.to_json())


def write_settings(folder: Path, root: Path) -> None:
    """Settings whose servers refuse at once: what they cost (psycopg2, two connections) is in the measure."""
    settings = ObserveBackups(
        school=_SCHOOL,
        store=str(root),
        classes=["TS", "1ES", "TSTMG1"],
        service="bench",
        service_file=str(folder / "pg_service.conf"),
        max_age=26 * 3600,
        verify_age=30 * _DAY,
        silent_after=900,
        deadline=10.0,
        receiver_address="127.0.30.250",
        receiver_port=1,
        free_min_percent=10.0,
        days_left_min=7,
    )
    (folder / "pg_service.conf").write_text("[bench]\nhost=127.0.30.250\nport=1\nuser=nobody\ndbname=postgres\n")
    (folder / f"backups-{_SCHOOL}.json").write_text(settings.to_json())


def timed(command: list[str]) -> tuple[float, int]:
    """Seconds and peak resident bytes of one run of a command (counting the fork: never below this program's)."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed")
    return seconds, usage.ru_maxrss * 1024


def main() -> int:
    """Make the tree, measure in turns, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--databases", type=int, default=1000)
    parser.add_argument("--dumps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as scratch:
        folder = Path(scratch)
        root = folder / "store"
        make_store(root, options.databases, options.dumps)
        write_settings(folder, root)
        commands = {
            "find": ["find", str(root), "-type", "f", "-printf", "%p %s %T@\n"],
            "interpreter": [sys.executable, "-I", "-c", "pass"],
            "vigie-backups": [sys.executable, "-I", str(_PROGRAM), str(folder), _SCHOOL],
        }
        document = subprocess.run(commands["vigie-backups"], capture_output=True, check=True).stdout
        read = json.loads(document)
        assert not read["error"], read["error"]
        assert read["counts"]["fresh"] == options.databases, read["counts"]
        taken: dict[str, list[float]] = {name: [] for name in commands}
        memory: dict[str, int] = {}
        for _ in range(options.rounds):  # in turns, so that a busy moment touches all of them
            for name, command in commands.items():
                seconds, memory[name] = timed(command)
                taken[name].append(seconds)
    medians = {name: statistics.median(values) for name, values in taken.items()}
    print(f"{options.databases} databases, {options.dumps} dumps each, median of {options.rounds} rounds in turns\n")
    print(f"{'':16}{'median':>10}{'best':>10}{'worst':>10}{'resident':>12}")
    for name, values in taken.items():
        print(
            f"{name:16}{medians[name] * 1000:>7.0f} ms{min(values) * 1000:>7.0f} ms{max(values) * 1000:>7.0f} ms"
            f"{memory[name] / 1e6:>9.1f} MB"
        )
    allowed = _MOST_RATIO * medians["find"] + medians["interpreter"]
    ours, resident = medians["vigie-backups"], memory["vigie-backups"]
    promises = [
        (ours <= allowed, f"time {ours * 1000:.0f} ms of {allowed * 1000:.0f} ms (2 x find + interpreter)"),
        (resident < _MOST_MEMORY, f"memory {resident / 1e6:.1f} MB of {_MOST_MEMORY / 1e6:.0f} MB"),
        (len(document) < _MOST_DOCUMENT, f"document {len(document) / 1024:.0f} KB of {_MOST_DOCUMENT // 1024} KB"),
    ]
    print()
    for good, sentence in promises:
        print(f"{'kept' if good else 'NOT KEPT'}: {sentence}")
    return 0 if all(good for good, _ in promises) else 1


if __name__ == "__main__":
    sys.exit(main())
