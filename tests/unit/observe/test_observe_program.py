"""What the agent runs: one JSON document, always, and nothing else."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from storebuilder import HOUR, SCHOOL, Store

PROGRAM = Path(__file__).parents[3] / "userparameters" / "vigie-backups"


@pytest.fixture
def etc(store: Store, tmp_path: Path) -> Path:
    """The folder of settings of a school in which all is well, PostgreSQL apart."""
    store.dump("SpecibikeDupont", ages=(HOUR,))
    store.write()
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / f"backups-{SCHOOL}.json").write_text(store.settings(max_age=10**9).to_json())
    return folder


def run(*arguments: str, python: str = sys.executable) -> dict[str, Any]:
    """The document that the program prints; it prints nothing else and never fails."""
    done = subprocess.run(
        [python, "-I", str(PROGRAM), *arguments], capture_output=True, timeout=20, check=False, env={"PATH": os.defpath}
    )
    assert done.returncode == 0
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1
    document = json.loads(done.stdout)
    assert isinstance(document, dict)
    return document


def test_it_prints_the_document(etc: Path) -> None:
    document = run(str(etc), SCHOOL)
    assert document["error"] == ""
    assert document["databases"]["SpecibikeDupont"]["dumps"] == 1
    assert 0 <= document["seconds"] < 5


@pytest.mark.parametrize(
    "arguments",
    [(), ("",), ("", ""), ("x", "0750001a"), ("x", "../../etc"), ("x", "0750001A\n"), ("x", "٠٧٥٠٠٠١A"), ("x",) * 3],
)
def test_bad_arguments_are_an_error_in_the_document(arguments: tuple[str, ...]) -> None:
    assert "{$VIGIE.SCHOOL}" in run(*arguments)["error"]


def test_missing_settings(tmp_path: Path) -> None:
    assert "cannot be read: No such file or directory" in run(str(tmp_path), SCHOOL)["error"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"school": 1, "surprise": 2}', "\0"])
def test_wrong_settings(etc: Path, text: str) -> None:
    (etc / f"backups-{SCHOOL}.json").write_text(text)
    assert f"backups-{SCHOOL}.json" in run(str(etc), SCHOOL)["error"]


def test_settings_of_a_wrong_type_are_no_traceback(etc: Path, store: Store) -> None:
    (etc / f"backups-{SCHOOL}.json").write_text(store.settings(deadline="soon").to_json())
    assert run(str(etc), SCHOOL)["error"]


def test_a_broken_installation_is_a_document_too(etc: Path) -> None:
    bare = shutil.which("python3", path="/usr/bin")
    assert bare is not None
    assert "No module named 'vigie'" in run(str(etc), SCHOOL, python=bare)["error"]


def test_an_observation_that_hangs_does_not_keep_the_program(etc: Path, store: Store) -> None:
    store.layout.index.unlink()
    os.mkfifo(store.layout.index)
    (etc / f"backups-{SCHOOL}.json").write_text(store.settings(deadline=0.5).to_json())
    assert "cut off after 0.5 s" in run(str(etc), SCHOOL)["error"]


def test_each_user_parameter_passes_the_school_and_nothing_else() -> None:
    lines = (PROGRAM.parent / "vigie.conf").read_text().splitlines()
    parameters = [line for line in lines if not line.startswith("#")]
    assert parameters
    for parameter in parameters:
        form = (
            r"UserParameter=vigie\.([a-z]+)\.get\[\*\],/(opt/vigie|usr)/bin/python3? -I /opt/vigie/\S+ /etc/vigie \$1"
        )
        match = re.fullmatch(form, parameter)
        assert match, parameter
        assert f"/vigie-{match[1]}" in parameter
        if match[2] == "opt/vigie":
            assert (PROGRAM.parent / f"vigie-{match[1]}").stat().st_mode & 0o111
