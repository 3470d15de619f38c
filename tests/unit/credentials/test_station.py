"""The program of a station: what it says of a passfile, and what it never says."""

import ast
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.credentials import station
from vigie.credentials.station import FileState, Rights, StationSettings, mark_of, rights_of

PROGRAM = Path(station.__file__)
SCHOOL = "9990001X"
KEY = "0123456789abcdef" * 4
ROLES = ["openerp_a", "openerp_b"]
PASSWORD = "a-password-of-the-tests-1"


class Place:
    """A station of the tests: its folders, and its program run as the agent or the timer runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.passfile = folder / "pgpass"
        self.key = folder / "key"
        self.note = folder / "note.json"
        self.write(self.key, KEY + "\n")
        self.hold(f"srv:5432:*:openerp_a:{PASSWORD}\n")
        self.settle()

    def write(self, file: Path, text: str, mode: int = 0o600) -> None:
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)

    def hold(self, text: str, mode: int = 0o600) -> None:
        self.write(self.passfile, text, mode)

    def settle(self, *, note: str = "", max_age: int = 900, passfile: str = "") -> None:
        known = StationSettings(
            SCHOOL, ROLES, "srv", 5432, "", passfile or str(self.passfile), str(self.key), note, max_age
        )
        (self.folder / f"station-{SCHOOL}.json").write_text(known.to_json())

    def run(self, *options: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
        """The document that the program prints, in a process of its own; it prints nothing else and never fails."""
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM), *options, str(self.folder), SCHOOL],
            capture_output=True,
            timeout=20,
            check=False,
            env={"PATH": os.defpath} | (environment or {}),
        )
        assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 1)
        made = json.loads(done.stdout)
        assert isinstance(made, dict)
        return made


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_it_tells_the_mark_of_the_password_and_not_the_password(place: Place) -> None:
    made = place.run()
    assert made["error"] == ""
    assert made["mark"] == {"a": mark_of(bytes.fromhex(KEY), "openerp_a", PASSWORD.encode()), "b": 0}
    assert (made["file"]["state"], made["file"]["rights"]) == (FileState.SOUND, Rights.PRIVATE)
    assert PASSWORD not in json.dumps(made)


def test_a_mark_is_an_hmac_of_48_bits_that_a_double_holds_exactly() -> None:
    key, password = bytes.fromhex(KEY), b"x"
    digest = hmac.new(key, b"openerp_a\0x", hashlib.sha256).hexdigest()
    mark = mark_of(key, "openerp_a", password)
    assert mark == 2**48 + int(digest[:12], 16)
    assert int(float(mark)) == mark


def test_the_same_password_of_two_roles_has_two_marks() -> None:
    assert mark_of(b"k" * 32, "openerp_a", b"x") != mark_of(b"k" * 32, "openerp_b", b"x")


@pytest.mark.parametrize(
    ("mode", "system", "rights"),
    [
        (0o100600, "posix", Rights.PRIVATE),
        (0o100640, "posix", Rights.OPEN),
        (0o100604, "posix", Rights.OPEN),
        (0o100666, "nt", Rights.UNCHECKED),
    ],
)
def test_the_rights_are_those_that_libpq_asks_for(mode: int, system: str, rights: Rights) -> None:
    assert rights_of(mode, system) is rights


def test_a_passfile_that_others_may_read_is_said(place: Place) -> None:
    place.hold(f"srv:5432:*:openerp_a:{PASSWORD}\n", mode=0o644)
    assert place.run()["file"]["rights_text"] == "open"


def test_a_missing_passfile_is_no_broken_check(place: Place) -> None:
    place.passfile.unlink()
    made = place.run()
    assert (made["error"], made["file"]["state_text"], made["mark"]) == ("", "missing", {"a": 0, "b": 0})


def test_a_passfile_without_the_login_roles_is_empty(place: Place) -> None:
    place.hold("srv:5432:*:someone:x\n")
    assert place.run()["file"]["state_text"] == "empty"


def test_a_link_or_a_pipe_in_the_place_of_the_passfile_is_not_followed(place: Place) -> None:
    place.passfile.rename(place.folder / "elsewhere")
    place.passfile.symlink_to(place.folder / "elsewhere")
    assert "is not a plain file" in place.run()["error"]
    place.passfile.unlink()
    os.mkfifo(place.passfile)
    assert "is not a plain file" in place.run()["error"]


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [("not a key", 0o600, "is not 64 hexadecimal digits"), (KEY, 0o644, "can be read by others"), (None, 0, "No such")],
)
def test_a_key_that_is_none_is_said_without_showing_it(place: Place, text: str | None, mode: int, said: str) -> None:
    place.key.unlink()
    if text is not None:
        place.write(place.key, text, mode)
    made = place.run()
    assert said in made["error"]
    assert "mark" not in made
    assert text is None or text not in json.dumps(made)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"school": "9990001X"}', '{"unknown": 1}', "[" * 100_000])
def test_settings_that_are_wrong_are_one_sentence(place: Place, text: str) -> None:
    (place.folder / f"station-{SCHOOL}.json").write_text(text)
    assert "write it with `vigie provision files`" in place.run()["error"]


def test_the_parameter_must_be_a_uai(place: Place) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), str(place.folder), "../../etc"],
        capture_output=True,
        timeout=20,
        check=True,
    )
    assert "must be a school's UAI" in json.loads(done.stdout)["error"]


class TestTheNote:
    """On Linux root looks, and the agent tells."""

    @pytest.fixture(autouse=True)
    def _with_note(self, place: Place) -> None:
        place.settle(note=str(place.note))

    def test_the_agent_tells_what_root_saw(self, place: Place) -> None:
        seen = place.run("--look")
        place.passfile.unlink()
        assert place.run() == seen

    def test_everybody_may_read_it_and_it_holds_no_secret(self, place: Place) -> None:
        place.run("--look")
        assert place.note.stat().st_mode & 0o777 == 0o644
        assert PASSWORD not in place.note.read_text()
        assert KEY not in place.note.read_text()

    def test_an_old_note_is_not_told_as_new(self, place: Place) -> None:
        place.run("--look")
        made = json.loads(place.note.read_text()) | {"observed_at": int(time.time()) - 901}
        place.note.write_text(json.dumps(made))
        told = place.run()
        assert "was last looked at 901 s ago" in told["error"] or "was last looked at 902 s ago" in told["error"]
        assert "mark" not in told

    @pytest.mark.parametrize("text", ["", "{}", "null", "[1]", '{"observed_at": "today"}', "[" * 60_000])
    def test_a_damaged_note_is_one_sentence(self, place: Place, text: str) -> None:
        place.note.write_text(text)
        assert "is damaged" in place.run()["error"]

    @pytest.mark.parametrize("disk", ["missing", "full"])
    def test_a_note_that_cannot_be_written_is_one_sentence(self, place: Place, disk: str) -> None:
        note = place.folder / "away" / "note.json"
        if disk == "full":
            note.parent.mkdir()
            note.with_name("note.json.partial").symlink_to("/dev/full")
        place.settle(note=str(note))
        made = place.run("--look")
        assert f"the note {note} cannot be written: " in made["error"]
        assert "mark" not in made

    def test_no_note_yet_is_one_sentence(self, place: Place) -> None:
        assert "systemctl status vigie-station.timer" in place.run()["error"]


class TestWindows:
    """No Windows was run: these are its branches, run elsewhere."""

    def test_the_place_of_the_passfile_may_name_appdata(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        import ntpath

        monkeypatch.setenv("APPDATA", str(place.folder))
        monkeypatch.setattr(station.os.path, "expandvars", ntpath.expandvars)
        place.settle(passfile="%APPDATA%/pgpass")
        known = StationSettings(SCHOOL, ROLES, "srv", 5432, "", "%APPDATA%/pgpass", str(place.key), "", 0)
        held = station.look(known, system="nt")
        assert (held.state, held.rights) == (FileState.SOUND, Rights.UNCHECKED)

    def test_it_is_one_file_of_the_standard_library_that_python_3_8_understands(self) -> None:
        tree = ast.parse(PROGRAM.read_text(encoding="utf-8"), feature_version=(3, 8))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert imported <= sys.stdlib_module_names | {"__future__"}
        assert not imported & {"fcntl", "pwd", "grp", "resource"}

    def test_it_opens_nothing_as_posix_alone_does(self) -> None:
        tree = ast.parse(PROGRAM.read_text(encoding="utf-8"))
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not {name for name in names if name.startswith("O_")}
        assert "/dev/null" not in PROGRAM.read_text(encoding="utf-8")


_TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\n\r\0"), min_size=8, max_size=60)


@settings(max_examples=150, deadline=None)
@given(
    password=_TEXTS.map(lambda text: f"é~{text}"),
    before=st.text(st.sampled_from("ab:\\*#\n"), max_size=20),
    after=st.binary(max_size=40),
    mode=st.sampled_from([0o600, 0o644]),
    cut=st.sampled_from([64, 64, 64, 0, 31, 63]),
)
def test_nothing_that_is_said_ever_holds_the_password_or_the_key(
    tmp_path_factory: pytest.TempPathFactory, password: str, before: str, after: bytes, mode: int, cut: int
) -> None:
    place = Place(tmp_path_factory.mktemp("s"))
    place.passfile.write_bytes(f"{before}\nsrv:5432:*:openerp_a:{password}\n".encode() + after)
    place.passfile.chmod(mode)
    key = KEY[:cut] + "g" + KEY[cut + 1 :]
    if cut < 64:
        place.key.write_text(key)
    said = json.dumps(station.document(str(place.folder), SCHOOL), ensure_ascii=False)
    assert password not in said
    assert json.dumps(password) not in said
    assert KEY not in said
    assert key[:32] not in said
