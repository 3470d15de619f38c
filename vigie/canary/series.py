"""The series of canaries of a source: its identity and its last number, in one small file."""

import json
import os
import re
from contextlib import suppress

from vigie.hints import StrPath
from vigie.records import Record, plain

_NAME = "series.json"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class SeriesError(Exception):
    """The series cannot be read or written; one sentence."""


class Series(Record):
    """A series: its numbers go up by one. Another id begins again from 1, which is no gap."""

    id: str
    number: int


def read_series(folder: StrPath) -> Series | None:
    """The series; None when there is none yet, or what stands there is not one: then another series begins.

    Raises:
        SeriesError: when the file is there and cannot be read.
    """
    file = os.path.join(folder, _NAME)
    try:
        with open(file, "rb") as stream:
            document = json.loads(stream.read())
        found = Series(**document)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SeriesError(f"{file}: {error.strerror}") from error
    except (ValueError, TypeError, RecursionError):
        return None
    sound = isinstance(found.id, str) and _ID.fullmatch(found.id) and type(found.number) is int and found.number >= 0
    return found if sound else None


def write_series(folder: StrPath, series: Series) -> None:
    """Write the series, whole or not at all.

    It belongs to the owner of the folder, even when root tries a canary by hand; and what anybody put into the place of
    the new file is neither followed nor written to.

    Raises:
        SeriesError: when it cannot be written; what stood there still does.
    """
    file = os.path.join(folder, _NAME)
    partial = f"{file}.partial"
    try:
        with suppress(FileNotFoundError):
            os.unlink(partial)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644), "wb") as stream:
            if os.geteuid() == 0:
                owner = os.stat(folder)
                os.fchown(stream.fileno(), owner.st_uid, owner.st_gid)
            stream.write(json.dumps(plain(series)).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, file)
    except OSError as error:
        raise SeriesError(f"{file}: {error.strerror}") from error
