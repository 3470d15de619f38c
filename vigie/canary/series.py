"""The series of canaries of a source: its identity and its last number, in one small file."""

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

_NAME = "series.json"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class SeriesError(Exception):
    """The series cannot be read or written; one sentence."""


@dataclass(frozen=True, slots=True)
class Series:
    """A series: its numbers go up by one. Another id begins again from 1, which is no gap."""

    id: str
    number: int


def read_series(folder: Path) -> Series | None:
    """The series; None when there is none yet, or what stands there is not one: then another series begins.

    Raises:
        SeriesError: when the file is there and cannot be read.
    """
    file = folder / _NAME
    try:
        document = json.loads(file.read_bytes())
        found = Series(**document)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SeriesError(f"{file}: {error.strerror}") from error
    except (ValueError, TypeError, RecursionError):
        return None
    sound = isinstance(found.id, str) and _ID.fullmatch(found.id) and type(found.number) is int and found.number >= 0
    return found if sound else None


def write_series(folder: Path, series: Series) -> None:
    """Write the series, whole or not at all.

    Raises:
        SeriesError: when it cannot be written; what stood there still does.
    """
    file, partial = folder / _NAME, folder / f"{_NAME}.partial"
    try:
        with partial.open("wb") as stream:
            stream.write(json.dumps(asdict(series)).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(file)
    except OSError as error:
        raise SeriesError(f"{file}: {error.strerror}") from error
