"""A success leaves its time; nothing else does."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vigie import __version__, stamps

SCHOOL = "9990001X"


def leave(folder: Path, **environment: str) -> int:
    command = [sys.executable, "-I", "-m", "vigie.stamps", str(folder), SCHOOL]
    return subprocess.run(command, check=False, env={"PATH": os.defpath, **environment}, timeout=20).returncode


def test_a_success_leaves_its_time_and_its_version(tmp_path: Path) -> None:
    before = int(time.time())
    assert leave(tmp_path / "vigie-keep") == 0
    stamp = stamps.last(stamps.stamp_file(tmp_path, "vigie-keep", SCHOOL))
    assert stamp is not None
    assert before <= stamp.succeeded_at <= time.time()
    assert stamp.version == __version__


def test_whoever_observes_may_read_a_stamp_and_nobody_else_may_write_it(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        assert leave(tmp_path / "vigie-keep") == 0
    finally:
        os.umask(before)
    assert (tmp_path / "vigie-keep").stat().st_mode & 0o777 == 0o755
    (file,) = (tmp_path / "vigie-keep").iterdir()  # and nothing is left beside it
    assert file.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("result", "status", "left"),
    [("success", "0", True), ("success", "3", False), ("exit-code", "1", False), ("timeout", "TERM", False)],
)
def test_only_a_program_that_ended_with_0_leaves_a_stamp(tmp_path: Path, result: str, status: str, left: bool) -> None:
    """As systemd tells an `ExecStopPost=`; 3 is a unit's success, and nothing was done."""
    assert leave(tmp_path / "vigie-keep", SERVICE_RESULT=result, EXIT_STATUS=status) == 0
    assert (stamps.last(stamps.stamp_file(tmp_path, "vigie-keep", SCHOOL)) is not None) is left


def test_a_stamp_that_cannot_be_written_is_a_failure_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert leave(tmp_path / "file") == 1


def test_wrong_use_is_refused(tmp_path: Path) -> None:
    assert stamps.main([str(tmp_path)]) == 2
    assert stamps.main([str(tmp_path), "../../etc/passwd"]) == 2


def test_a_unit_that_never_succeeded_has_no_stamp(tmp_path: Path) -> None:
    assert stamps.last(tmp_path / "none.json") is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"succeeded_at": "x", "version": ""}', '{"succeeded_at": 1e999, "version": ""}'],
)
def test_what_is_no_stamp_is_an_error_and_never_a_success(tmp_path: Path, text: str) -> None:
    file = tmp_path / "9990001X.json"
    file.write_text(text)
    with pytest.raises(stamps.StampError, match=r"9990001X\.json: is not a stamp"):
        stamps.last(file)


def test_a_stamp_is_small_whatever_the_disk_holds(tmp_path: Path) -> None:
    file = tmp_path / "9990001X.json"
    file.write_text(json.dumps({"succeeded_at": 1, "version": "x" * 100_000}))
    with pytest.raises(stamps.StampError):
        stamps.last(file)
