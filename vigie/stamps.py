"""When a timer's program last succeeded: one small file, written by the timer's unit, read by the observation.

A unit runs `python -I -m vigie.stamps FOLDER UAI` as its `ExecStopPost=`: systemd then says how the program itself
ended, and only 0 counts ("somebody else is at it" is no failure of the unit, and no success either). Each unit has a
folder of its own below `ROOT`, so that the users who run timers cannot write each other's. Only the standard library:
a timer may run every minute.
"""

import json
import os
import sys
import time

from vigie import __version__
from vigie.hints import StrPath
from vigie.records import Record, plain

ROOT = "/var/lib/vigie-stamps"
_LARGEST = 4096


class StampError(Exception):
    """A stamp cannot be read, or is not one; one sentence."""


class Stamp(Record):
    """A success: when (epoch seconds), and the version of Vigie that it was."""

    succeeded_at: int
    version: str


def stamp_file(root: StrPath, unit: str, school: str) -> str:
    """Where the stamp of a unit is."""
    return os.path.join(root, unit, f"{school}.json")


def leave(file: StrPath, now: float) -> None:
    """Write a stamp, whole or not at all; its folder is made when it is missing.

    Raises:
        OSError: when it cannot be written.
    """
    folder, name = os.path.split(file)
    if not os.path.isdir(folder):
        os.makedirs(folder)
        os.chmod(folder, 0o755)  # noqa: S103 -- whatever the umask: as the units make it
    partial = os.path.join(folder, f".{name}.{os.getpid()}")
    text = json.dumps(plain(Stamp(int(now), __version__))) + "\n"
    try:
        with open(partial, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fchmod(stream.fileno(), 0o644)  # it says when and nothing else: whoever observes may read it
            os.fsync(stream.fileno())
        os.replace(partial, file)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)


def last(file: StrPath) -> Stamp | None:
    """The last success of a unit; None when it never succeeded.

    Raises:
        StampError: when the file cannot be read, or is not a stamp.
    """
    try:
        with open(file, "rb") as stream:
            content = stream.read(_LARGEST)
        document = json.loads(content)
        succeeded_at, version = document["succeeded_at"], document["version"]
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StampError(f"{file}: the stamp cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StampError(f"{file}: is not a stamp; remove it, and start its unit once") from error
    if type(succeeded_at) is not int or not isinstance(version, str):
        raise StampError(f"{file}: is not a stamp; remove it, and start its unit once")
    return Stamp(succeeded_at, version)


def main(arguments: list[str]) -> int:
    """Leave a stamp: the unit's folder and the school's UAI are the arguments. 0 done, 1 not written, 2 wrong use.

    Nothing is done where systemd says, as it does to an `ExecStopPost=`, that the program ended with something else
    than 0.
    """
    if len(arguments) != 2 or not arguments[1].isalnum():
        sys.stderr.write("vigie: usage: python -m vigie.stamps FOLDER UAI\n")
        return 2
    file = os.path.join(arguments[0], f"{arguments[1]}.json")
    if "SERVICE_RESULT" in os.environ and os.environ.get("EXIT_STATUS") != "0":
        return 0
    try:
        leave(file, time.time())
    except OSError as error:
        sys.stderr.write(f"vigie: {file}: the stamp cannot be written: {error.strerror}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
