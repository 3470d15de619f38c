"""Who may read what: the monitoring user reads the catalogue through its group, and never a dump."""

import os
import shutil
import stat
from pathlib import Path

import pytest
from schoolserver import Done, SchoolServer, as_root, whole_dumps

NOBODY = 65534
OBSERVERS = 64747  # a group of its own; nobody is in it but the reader below


@pytest.fixture
def delivered(school: SchoolServer) -> SchoolServer:
    """A delivered run, in a store made as the installation makes it: its group is handed down."""
    for layout in (school.source, school.store):
        shutil.rmtree(layout.root, ignore_errors=True)
        layout.root.mkdir()
        done = as_root("chown", f"{os.getuid()}:{OBSERVERS}", str(layout.root))
        assert done.returncode == 0, done.stderr
        done = as_root("chmod", "2750", str(layout.root))
        assert done.returncode == 0, done.stderr
    school.vigie("backup", "init", str(school.store_file), code=0)
    school.back_up(code=0)
    school.last_word()
    return school


def reads(file: Path, *, group: int) -> Done:
    """Read a file as a user who has nothing but a group."""
    who = [f"--reuid={NOBODY}", f"--regid={NOBODY}", f"--groups={group}"]
    return as_root("setpriv", *who, "--", "cat", "--", str(file))


def test_the_monitoring_user_reads_what_describes_and_never_a_dump(delivered: SchoolServer) -> None:
    dumps = 0
    for layout in (delivered.source, delivered.store):
        readable = [layout.index, *layout.runs.iterdir(), *layout.journal.iterdir(), *layout.receipts.iterdir()]
        readable += layout.dumps.glob("*/*/manifest.json")
        assert len(readable) > len(whole_dumps(layout)) + 1
        for file in readable:
            done = reads(file, group=OBSERVERS)
            assert (done.returncode, bool(done.stdout)) == (0, True), f"{file}: {done.stderr}"
            assert stat.S_IMODE(file.stat().st_mode) & 0o027 == 0, file
        for file in layout.dumps.glob("*/*/dump"):
            dumps += 1
            assert "Permission denied" in reads(file, group=OBSERVERS).stderr
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "Permission denied" in reads(layout.incoming / "dumps", group=OBSERVERS).stderr
    assert dumps >= 20


def test_somebody_outside_the_group_reads_nothing(delivered: SchoolServer) -> None:
    for layout in (delivered.source, delivered.store):
        dump = next(layout.dumps.glob("*/*/dump"))
        for file in (layout.index, dump, dump.with_name("manifest.json"), next(layout.runs.iterdir())):
            assert "Permission denied" in reads(file, group=NOBODY).stderr
