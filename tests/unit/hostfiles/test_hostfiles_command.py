"""`vigie provision files`: what it writes, says and refuses."""

import os
from pathlib import Path, PurePosixPath

import pytest
from hostrendering import EXAMPLES, rendered
from typer.testing import CliRunner

from provisioning.commands import app
from provisioning.hostfiles import write as writing
from provisioning.hostfiles.command import school_of
from provisioning.hostfiles.places import HostFile
from vigie import site as sites
from vigie.errors import VigieError


def _run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["files", *arguments])
    if isinstance(done.exception, VigieError):
        return int(done.exception.exit_code), done.exception.sentence
    return done.exit_code, done.output


def test_the_command_writes_the_files_with_their_modes_and_says_how_they_are_installed(tmp_path: Path) -> None:
    code, told = _run(str(EXAMPLES / "lab.yaml"), "--host", "srv-backup", "--to", str(tmp_path / "out"))
    assert code == 0
    written = {entry.name: entry.stat().st_mode & 0o777 for entry in (tmp_path / "out").iterdir()}
    assert written == {name: file.mode for name, file in rendered("lab.yaml", "srv-backup").items()}
    for name in written:
        assert f" {tmp_path}/out/{name} " in told
    assert f"install -D -m 0640 -o root -g vigie {tmp_path}/out/rsyncd.conf /etc/vigie/rsyncd.conf" in told


def test_a_host_that_needs_nothing_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    code, told = _run(
        str(EXAMPLES / "academy.yaml"), "--host", "rt-1", "--school", "9990001X", "--to", str(tmp_path / "out")
    )
    assert (code, told) == (0, "rt-1 of school 9990001X needs no file: nothing is written.\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "srv-backup"], "several schools have a host srv-backup"),
        (["--host", "ghost"], "no host ghost in the site file; it has srv-openerp (9990001X)"),
        (["--host", "srv-standby", "--school", "9990010G"], "no host srv-standby in school 9990010G"),
        (["--host", "rt-1", "--school", "0000000A"], "no school 0000000A"),
        (["--host", "sw-core", "--prefix", "rel"], "--prefix 'rel' must be an absolute path"),
    ],
)
def test_a_host_that_is_not_clear_is_refused_with_one_sentence(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    code, told = _run(str(EXAMPLES / "academy.yaml"), *arguments, "--to", str(tmp_path / "out"))
    assert code == 2
    assert words in told
    assert not (tmp_path / "out").exists()


def test_a_host_of_one_school_needs_no_school_to_be_named() -> None:
    site = sites.load(EXAMPLES / "academy.yaml")
    assert school_of(site, "srv-standby", None).uai == "9990001X"


def _two(tmp_path: Path) -> list[HostFile]:
    return [
        HostFile("one", "new one\n", PurePosixPath("/one"), 0o640),
        HostFile("two", "new two\n", PurePosixPath("/two"), 0o644, group="no-such-group-here"),
    ]


def test_when_one_file_cannot_be_written_none_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").write_text("old")
    synced: list[int] = []

    def full(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VigieError, match="No space left on device"):
        writing.write(_two(tmp_path), tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["one"]
    assert (tmp_path / "one").read_text() == "old"


def test_files_are_written_whole_and_leave_nothing_beside_them(tmp_path: Path) -> None:
    writing.write(_two(tmp_path), tmp_path)
    writing.write(_two(tmp_path), tmp_path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["one", "two"]
    assert (tmp_path / "two").stat().st_mode & 0o777 == 0o644


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(VigieError, match="the files cannot be written"):
        writing.write(_two(tmp_path), tmp_path / "out")
