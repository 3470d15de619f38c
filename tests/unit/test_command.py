"""The `vigie` command as a person meets it: sentences and exit codes, never a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def vigie(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("vigie")
    return subprocess.run([str(program), *arguments], capture_output=True, text=True, timeout=60, check=False, cwd=cwd)


def test_a_right_site_file_is_exit_code_0() -> None:
    done = vigie("site", "check", "examples/lab.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "9990001X Lycée de la Vigie: 11 hosts, 5 classes\n"


def test_a_wrong_one_is_exit_code_2_and_every_error_on_the_error_stream(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("version: 2\nzabbix: {}\nschools: []\n")
    done = vigie("site", "check", "site.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    first, *errors = done.stderr.splitlines()
    assert first == f"vigie: site.yaml: {len(errors)} errors"
    assert "  academy: is missing (line 1)" in errors
    assert "  zabbix.url: is missing (line 2)" in errors
    assert "  schools: must have at least 1 element (line 3)" in errors


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: [", b"- 1", b""])
def test_a_file_that_is_no_site_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "site.yaml").write_bytes(content)
    done = vigie("site", "check", "site.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("vigie: site.yaml: ")


@pytest.mark.parametrize(
    "command",
    [
        ("site", "check", "none.yaml"),
        ("provision", "files", "none.yaml", "--host", "x", "--to", "out"),
        ("provision", "plan", "none.yaml"),
        ("provision", "apply", "none.yaml"),
        ("backup", "run", "none.yaml"),
    ],
)
def test_every_command_that_reads_a_site_file_says_that_it_is_missing(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = vigie(*command, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "vigie: none.yaml: cannot be read: No such file or directory\n")
    assert list(tmp_path.iterdir()) == []


def test_help_names_the_groups_of_every_room() -> None:
    told = vigie("--help").stdout
    for group in ("site", "backup", "check", "provision", "lab"):
        assert group in told
