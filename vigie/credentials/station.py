"""Tells which PostgreSQL password this client station holds, by a keyed fingerprint; the password itself never leaves.

This one file is the whole program of a station: it is copied there as it is, and runs on Linux and on Windows with any
Python from 3.8 on, with nothing else installed. It prints one JSON document, whatever happens.

Usage: vigie-station.py FOLDER-OF-SETTINGS UAI           what Zabbix's agent asks
       vigie-station.py --look FOLDER-OF-SETTINGS UAI    what the timer of a Linux station runs, as root

libpq ignores a passfile that anybody but its owner may read, so the agent's user cannot read it on Linux: root looks at
it every few minutes and leaves a note without any secret, which the agent tells. On Windows the agent runs as the local
system, which reads it itself: there the settings name no note.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import stat
import sys
import time
from dataclasses import asdict, dataclass, fields
from enum import IntEnum
from pathlib import Path
from typing import Any

# The longest file that is read: a passfile has a few lines.
_LONGEST = 64 * 1024
_KEY_BYTES = 32
# Of 48 bits, and one above them: a number that Zabbix compares exactly, and that is never 0 (no line) nor 1 (no such
# generation).
_BITS = 48
NO_MARK = 0


class StationError(Exception):
    """This station cannot be looked at; one sentence without any secret."""


class FileState(IntEnum):
    """What became of the passfile."""

    SOUND = 0
    MISSING = 1
    EMPTY = 2


class Rights(IntEnum):
    """Who may read the passfile. Windows is not asked: libpq does not ask it either."""

    PRIVATE = 0
    OPEN = 1
    UNCHECKED = 2


@dataclass(frozen=True)
class Server:
    """A PostgreSQL as clients name it, in the words of a passfile's line; an empty `database` is any."""

    host: str
    port: int
    database: str


@dataclass(frozen=True)
class StationSettings:
    """What the program must know: `station-<UAI>.json`.

    Args:
        school: the UAI.
        roles: the two login roles of the rotation.
        host, port, database: PostgreSQL as the clients of this station name it: a `Server`.
        passfile: where the station keeps the password; `%APPDATA%` and `$HOME` are replaced.
        key_file: the school's key for fingerprints, 64 hexadecimal digits.
        note: where root leaves what it saw; empty where the agent may look itself.
        note_max_age: how old a note may be, in seconds.
    """

    school: str
    roles: list[str]
    host: str
    port: int
    database: str
    passfile: str
    key_file: str
    note: str
    note_max_age: int

    def to_json(self) -> str:
        """The settings as their file holds them."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Held:
    """What the passfile holds for the two login roles: the marks of its passwords, 0 where it has no line."""

    state: FileState
    rights: Rights
    mark_a: int = NO_MARK
    mark_b: int = NO_MARK

    def document(self) -> dict[str, Any]:
        """The parts of the document after `error`."""
        return {
            "file": {
                "state": int(self.state),
                "state_text": self.state.name.lower(),
                "rights": int(self.rights),
                "rights_text": self.rights.name.lower(),
            },
            "mark": {"a": self.mark_a, "b": self.mark_b},
        }


def mark_of(key: bytes, role: str, password: bytes) -> int:
    """The keyed fingerprint of a role's password, as a number: the first 48 bits of an HMAC-SHA-256, plus 2**48.

    Who has neither key nor password learns nothing from it. Who stole the key can test guesses, which is why passwords
    are random and long, not chosen.
    """
    digest = hmac.new(key, role.encode() + b"\0" + password, hashlib.sha256).digest()
    return (1 << _BITS) + (int.from_bytes(digest, "big") >> (8 * hashlib.sha256().digest_size - _BITS))


def read_key(file: Path) -> bytes:
    """The school's key for fingerprints.

    Raises:
        StationError: when it cannot be read, is open to others, or is not a key.
    """
    try:
        if rights_of(file.stat().st_mode, os.name) is Rights.OPEN:
            raise StationError(f"the key {file} can be read by others: chmod 0600 it, and make a new one if it leaked")
        text = _read(file).strip()
    except OSError as error:
        raise StationError(f"the key {file} cannot be read: {error.strerror}") from None
    if len(text) != 2 * _KEY_BYTES or not re.fullmatch(rb"[0-9a-f]+", text):
        raise StationError(f"the key {file} is not {2 * _KEY_BYTES} hexadecimal digits: copy it again")
    return bytes.fromhex(text.decode())


def rights_of(mode: int, system: str) -> Rights:
    """Whether anybody but the owner may read a file.

    Args:
        mode: of `stat`.
        system: as `os.name` calls it.
    """
    if system != "posix":
        return Rights.UNCHECKED
    return Rights.OPEN if mode & (stat.S_IRWXG | stat.S_IRWXO) else Rights.PRIVATE


def passwords_of(content: bytes, server: Server, roles: list[str]) -> dict[str, bytes]:
    """The password that libpq finds in a passfile for each role: that of the first line whose four fields match.

    Source: libpq, which tests/unit/credentials/test_passfile.py compares it with. A line is
    `host:port:database:user:password`, a field `*` is anything, `\\` is before `:` and `\\`, a comment begins with `#`
    in the first column. The password ends at the next `:`; an empty one is none, and no later line counts.
    """
    lines = [line.rstrip(b"\r") for line in content.split(b"\n") if not line.startswith(b"#")]
    found = {}
    for role in roles:
        fields = (server.host, str(server.port), server.database, role)
        line = re.compile(b"".join(map(_field, fields)) + rb"((?:\\.|[^:])*)", re.DOTALL)
        first = next(filter(None, map(line.match, lines)), None)
        if first and first[1]:
            found[role] = re.sub(rb"\\(.)", rb"\1", first[1], flags=re.DOTALL)
    return found


def look(settings: StationSettings, *, system: str = os.name) -> Held:
    """Look at the passfile.

    Raises:
        StationError: when it is there and cannot be read, or the key cannot.
    """
    key = read_key(Path(settings.key_file))
    file = Path(os.path.expandvars(settings.passfile))
    try:
        # A link could lead root anywhere, and a pipe would keep it waiting.
        status = file.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise StationError(f"the passfile {file} is not a plain file")
        content = _read(file)
    except (FileNotFoundError, NotADirectoryError):
        return Held(FileState.MISSING, Rights.UNCHECKED)
    except OSError as error:
        raise StationError(f"the passfile {file} cannot be read: {error.strerror}") from None
    passwords = passwords_of(content, Server(settings.host, settings.port, settings.database), settings.roles)
    first, second = (mark_of(key, role, passwords[role]) if role in passwords else NO_MARK for role in settings.roles)
    state = FileState.SOUND if passwords else FileState.EMPTY
    return Held(state, rights_of(status.st_mode, system), first, second)


def document(folder: str, school: str, *, leave_note: bool = False) -> dict[str, Any]:
    """The document of this station: what is seen now, or what root's last note says.

    Args:
        folder: where the settings are.
        school: the UAI.
        leave_note: whether this is root, who looks and writes the note.
    """
    begun = time.time()
    note = ""
    try:
        settings = _settings(Path(folder), school)
        note = settings.note
        if note and not leave_note:
            return _told(Path(note), settings.note_max_age, begun)
        made = _document(begun, "", look(settings).document())
    except StationError as error:
        made = _document(begun, str(error), {})
    except Exception as error:  # its text could hold what was read
        made = _document(begun, f"the check itself failed: {type(error).__name__}", {})
    if note:
        try:
            _write_note(Path(note), made)
        except OSError as error:
            made = _document(begun, f"the note {note} cannot be written: {error.strerror}", {})
    return made


def main(arguments: list[str]) -> None:
    """Print the document of this station."""
    leave_note = arguments[:1] == ["--look"]
    rest = arguments[leave_note:]
    if len(rest) != 2 or not re.fullmatch(r"[0-9]{7}[A-Z]", rest[1], re.ASCII):
        sentence = "the item's parameter must be a school's UAI, seven digits and a capital: set {$VIGIE.SCHOOL}"
        made = _document(time.time(), sentence, {})
    else:
        made = document(rest[0], rest[1], leave_note=leave_note)
    sys.stdout.buffer.write(json.dumps(made).encode() + b"\n")
    sys.stdout.buffer.flush()


def _field(wanted: str) -> bytes:
    """A field that matches, as a regular expression: libpq takes an escape before any character."""
    characters = (rb"\\?" + re.escape(bytes([byte])) for byte in wanted.encode())
    return rb"(?:\*|" + b"".join(characters) + rb"):" if wanted else rb"(?:\\.|[^\\:])*:"


def _read(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_LONGEST)


def _settings(folder: Path, school: str) -> StationSettings:
    file = folder / f"station-{school}.json"
    advice = "write it with `vigie provision files`"
    try:
        found = json.loads(_read(file))
        settings = StationSettings(**found)
    except OSError as error:
        raise StationError(f"{file}: cannot be read: {error.strerror}; {advice}") from None
    except (ValueError, TypeError, RecursionError):
        raise StationError(f"{file}: is not a settings file; {advice}") from None
    kinds = {"roles": list, "port": int, "note_max_age": int}
    wrong = [spec.name for spec in fields(settings) if type(found[spec.name]) is not kinds.get(spec.name, str)]
    if wrong or len(settings.roles) != 2 or not all(type(role) is str for role in settings.roles):
        raise StationError(f"{file}: the field {(wrong or ['roles'])[0]!r} is not as expected; {advice}")
    return settings


def _document(begun: float, error: str, parts: dict[str, Any]) -> dict[str, Any]:
    return {"observed_at": int(begun), "seconds": round(time.time() - begun, 3), "error": error[:500], **parts}


def _told(note: Path, max_age: int, now: float) -> dict[str, Any]:
    """The note, unless it is too old to be worth anything."""
    advice = "on this station: systemctl status vigie-station.timer"
    try:
        found = json.loads(_read(note))
        age = int(now - found["observed_at"])
    except OSError as error:
        return _document(now, f"the note {note} cannot be read: {error.strerror}; {advice}", {})
    except (ValueError, TypeError, KeyError, RecursionError):
        return _document(now, f"the note {note} is damaged; {advice}", {})
    if not -60 <= age <= max_age:
        return _document(now, f"the passfile was last looked at {age} s ago, more than {max_age} s; {advice}", {})
    return dict(found)


def _write_note(note: Path, made: dict[str, Any]) -> None:
    """Replace the note at once, so that the agent never reads half of it; it holds no secret."""
    partial = note.with_name(f"{note.name}.partial")
    partial.write_text(json.dumps(made) + "\n", encoding="utf-8")
    partial.chmod(0o644)
    os.replace(partial, note)  # noqa: PTH105 -- over an existing file on Windows too, by every release of Python


if __name__ == "__main__":
    main(sys.argv[1:])
