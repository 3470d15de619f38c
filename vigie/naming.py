"""The naming convention of contexts, and safe ways to carry names that pupils chose.

A context is a database named `SpecibikeNomEtudiant`, `SpecibikeNomClasse` or `SpecibikeNomClasseNomGroupe`. Only the
school's class list tells them apart. What starts with Specibike and fits none of them is *unrecognised*: backed up and
reported like the others.

Decisions:
- a database belongs to the service when its name starts with `specibike` in any case, so that a slip of the keyboard
  loses nothing; only the exact prefix `Specibike` can be recognised;
- what follows the prefix must be made of letters (accents allowed), digits, spaces, `-`, `_`, `.` or `'`, and begin
  with a letter or a digit;
- class names are compared without accents, case, spaces and punctuation (`T STMG-1` is `TSTMG1`), `œ` is `oe`; the
  longest class that fits wins;
- a group's name begins where a reader sees a new word: after a separator, or with a capital. Inside a run of capitals,
  only the last one, followed by a small letter, begins a word. So with a class `TS`, `SpecibikeTSVelo` is its group
  `Velo` and `SpecibikeTSarah` a student; `SpecibikeTSTMG7` and `SpecibikeTS2` look like classes that the list lacks,
  and are unrecognised rather than taken for groups `TMG7` and `2` (a separator says otherwise: `SpecibikeTS-2`);
- a student's name begins with a letter and holds no digit.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache

from vigie.records import Record

PREFIX = "Specibike"
_SAFE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
_DIGESTED = re.compile(r".*-x[0-9a-f]{12}")
_UNSAFE_RUN = re.compile(r"[^A-Za-z0-9_]+")
_PUNCTUATION = frozenset(" -_.'’")
_LIGATURES = {ord("œ"): "oe", ord("æ"): "ae"}


class Kind(IntEnum):
    """What a context is for; the numbers are those of the template's value map."""

    UNRECOGNISED = 0
    STUDENT = 1
    CLASS = 2
    GROUP = 3
    SERVER = 4


class Context(Record):
    """A context told apart: `owner` is the student's, class's or group's name as written in the database's name."""

    name: str
    kind: Kind
    class_name: str = ""
    owner: str = ""


def is_context(database: str) -> bool:
    """Whether a database belongs to the service, whatever its kind."""
    return database[: len(PREFIX)].lower() == PREFIX.lower()


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """The text without accents, case, spaces and punctuation: what names are compared with."""
    # Decomposed before too: some characters show capitals only then.
    lowered = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if c.isalnum())


class Classifier:
    """Tells contexts apart with one school's class list."""

    def __init__(self, classes: Iterable[str]) -> None:
        by_fold = {folded(name): name for name in classes}
        by_fold.pop("", None)
        self._by_fold = by_fold
        self._lengths = sorted({len(fold) for fold in by_fold}, reverse=True)

    def __call__(self, database: str) -> Context:
        """The context that a database's name describes; its kind is UNRECOGNISED when none fits."""
        rest = unicodedata.normalize("NFC", database[len(PREFIX) :])
        if not database.startswith(PREFIX) or not _is_well_formed(rest):
            return Context(database, Kind.UNRECOGNISED)
        fold = folded(rest)
        for length in self._lengths:
            class_name = self._by_fold.get(fold[:length])
            if class_name is None:
                continue
            if len(fold) == length:
                return Context(database, Kind.CLASS, class_name, class_name)
            written_class, group = _split_after_letters(rest, length)
            if _is_boundary(written_class, group):
                return Context(database, Kind.GROUP, class_name, group.lstrip("".join(_PUNCTUATION)))
        if rest[0].isalpha() and not any(c.isdigit() for c in rest):
            return Context(database, Kind.STUDENT, owner=rest)
        return Context(database, Kind.UNRECOGNISED)


def _is_well_formed(rest: str) -> bool:
    return (
        bool(folded(rest))
        and rest[0].isalnum()
        and all(c.isalnum() or c in _PUNCTUATION or unicodedata.category(c) == "Mn" for c in rest)
    )


def _split_after_letters(text: str, count: int) -> tuple[str, str]:
    """A text cut after its first `count` folded characters and their accents; ("", text) where it cannot be."""
    seen = 0
    for position, character in enumerate(text):
        if seen >= count and unicodedata.category(character) != "Mn":
            return (text[:position], text[position:]) if seen == count else ("", text)
        seen += len(folded(character))
    return "", text


def _is_boundary(before: str, after: str) -> bool:
    """Whether a new word begins between two parts of a name, as separators and capitals show it."""
    if not before or not folded(after):
        return False
    if after[0] in _PUNCTUATION:
        return True
    return after[0].isupper() and (not before[-1].isupper() or after[1:2].islower())


def key_of(database: str) -> str:
    """A safe identifier for a database: letters, digits, `_` and `-`, at most 63 of them, one per name.

    A name that is safe already is its own key. Any other gets its readable part and `-x` with 12 digits of its SHA-256;
    a safe name that already looks like that is treated as any other, so two names never share a key.
    """
    if _SAFE.fullmatch(database) and not _DIGESTED.fullmatch(database):
        return database
    digest = _sha256(database.encode("utf-8", "surrogatepass"))[:12]
    plain = unicodedata.normalize("NFKD", database).encode("ascii", "ignore").decode()
    readable = _UNSAFE_RUN.sub("_", plain).strip("_")[:40]
    if not readable[:1].isalpha():
        readable = "db" + readable[:38]
    return f"{readable}-x{digest}"


def _sha256(text: bytes) -> str:
    """The digest without hashlib where Python lets it: loading OpenSSL for it would take 3 ms of every check."""
    try:
        from _sha256 import sha256  # type: ignore[import-not-found]  # `random` does the same
    except ImportError:  # it has other names in other releases
        from hashlib import sha256
    return str(sha256(text).hexdigest())


def shown(name: str) -> str:
    """A printable form on one line, different for each name, for tables, items and problems.

    Control, format and private characters, line separators and characters outside the basic plane are escaped as
    `\\x0a`, `\\u202e` or `\\U0001f6b2`, a byte that was not UTF-8 as `\\xff`; braces, dollars and backslashes too, so
    that no Zabbix macro (`{$M}`, `{#M}`, `{HOST.IP}`, and `$1` in the name of a trigger) can be written by a name.
    """
    return "".join(_shown_character(c) for c in name)


@lru_cache(maxsize=4096)
def _shown_character(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8, as `surrogateescape` carries it
        return f"\\x{code - 0xDC00:02x}"
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    if character in "{}$\\" or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"
    return character
