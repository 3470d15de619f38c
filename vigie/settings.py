"""Small settings files, one JSON document each, that programs started often read instead of the site file.

`vigie provision files` writes them from the site file for each host. Only the standard library.
"""

import json

from vigie.hints import Any, Self, StrPath, TypeVar
from vigie.records import Record, kinds, plain, required


class SettingsError(Exception):
    """A settings file cannot be read or is wrong; the sentence names the file and what to do."""


class Settings(Record):
    """What every settings file has: reading and writing."""

    school: str

    @classmethod
    def read(cls, file: StrPath) -> Self:
        """Read a settings file.

        Raises:
            SettingsError: when it is missing, cannot be read, or its fields are not those expected.
        """
        advice = "write it with `vigie provision files`"
        try:
            with open(file, "rb") as stream:
                document = json.loads(stream.read(), parse_constant=_not_a_number)
        except OSError as error:
            raise SettingsError(f"{file}: cannot be read: {error.strerror}; {advice}") from error
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"{file}: is not JSON; {advice}") from error
        try:
            return _made(cls, document)
        except ValueError as error:
            raise SettingsError(f"{file}: {error}; {advice}") from error

    def to_json(self) -> str:
        return json.dumps(plain(self), default=plain, indent=1, ensure_ascii=False) + "\n"


_KINDS: dict[Any, str] = {str: "a text", int: "a whole number", float: "a number", list[str]: "a list of texts"}
Made = TypeVar("Made", bound=Record)


def _made(kind: type[Made], document: object) -> Made:
    """A record from its JSON object; a field may be a list of rows, which are records too.

    Raises:
        ValueError: when the fields are not those expected.
    """
    if not isinstance(document, dict):
        raise ValueError("is not a settings file")
    known = kinds(kind)
    for name in document:
        if name not in known:
            raise ValueError(f"unknown field {name!r}")
    values = {name: _value(document[name], known[name], name) for name in known if name in document}
    for name in required(kind):
        if name not in values:
            raise ValueError(f"the field {name!r} is missing")
    return kind(**values)


def _value(value: object, kind: Any, name: str) -> object:
    if kind not in _KINDS:
        (row,) = kind.__args__
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ValueError(f"the field {name!r} must be a list of objects")
        return [_made(row, item) for item in value]
    if not _is_of(value, kind):
        raise ValueError(f"the field {name!r} must be {_KINDS[kind]}")
    return value


def _is_of(value: object, kind: Any) -> bool:
    if kind == list[str]:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind


def _not_a_number(text: str) -> object:
    raise ValueError(f"{text} is not JSON")


class Store(Settings):
    """What the receiver, the retention and the re-check on the backup server must know: `store-<UAI>.json`.

    `dropped` (seconds) is how long the dumps of databases that no longer exist are kept; `recheck_seconds` bounds one
    cycle of the rolling re-check.
    """

    root: str
    daily: int
    weekly: int
    monthly: int
    dropped: int
    time_zone: str
    recheck_seconds: int


class GrantContexts(Settings):
    """What `vigie contexts grant` on PostgreSQL's machine must know: `grant-<UAI>.json`.

    `socket` is the folder of PostgreSQL's socket, where its superuser is known by the user that runs the command;
    `role` is the one that the observation reads the contexts with.
    """

    socket: str
    port: int
    role: str
