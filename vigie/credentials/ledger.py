"""Writing the ledger of password generations and the key of their fingerprints: what a rotation and a person do."""

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from vigie.credentials.generations import Generation, Ledger, LedgerError, read_ledger
from vigie.credentials.station import Server, StationError, mark_of, passwords_of, read_key
from vigie.errors import VigieError

_LONGEST = 64 * 1024


def make_key(file: Path) -> None:
    """Make a school's key for fingerprints: 32 random bytes, mode 0600.

    Raises:
        VigieError: when there is one already: replacing it would make strangers of all the stations.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise VigieError(f"{file}: there is a key already; the stations' fingerprints were made with it") from None
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_hex(32) + "\n")
        stream.flush()
        os.fsync(descriptor)


def note_generation(
    file: Path,
    school: str,
    role: str,
    mark: int,
    *,
    pending: bool = False,
    clock: Callable[[], float] = time.time,
) -> Generation:
    """Add a generation to the ledger, which is replaced at once; a crash leaves the old one.

    Args:
        file: the ledger; its folder exists. Made when it is not there.
        school: the UAI.
        role: the login role that has the new password.
        mark: of `mark_of`.
        pending: whether it is only being handed out; `confirm_generation` makes it current.
        clock: the time of day, epoch seconds.

    Raises:
        VigieError: when a generation is still being handed out, when this password was used before, or when the ledger
            cannot be read.
    """
    now = int(clock())
    with _held(file):
        ledger = _ledger(file, school)
        if ledger.pending:
            raise VigieError(f"generation {ledger.pending.number} is still being handed out: confirm it first")
        for known in ledger.generations:
            if known.mark == mark:
                raise VigieError(f"this password is that of generation {known.number}: a rotation makes a new one")
        made = Generation(len(ledger.generations) + 1, role, mark, now, 0 if pending else now)
        _replace(file, replace(ledger, generations=(*ledger.generations, made)))
    return made


def confirm_generation(file: Path, school: str, *, clock: Callable[[], float] = time.time) -> Generation:
    """Make the generation that was handed out the current one.

    Raises:
        VigieError: when none is being handed out, or the ledger cannot be read.
    """
    with _held(file):
        ledger = _ledger(file, school)
        if ledger.pending is None:
            raise VigieError(f"{file}: no generation is being handed out")
        made = replace(ledger.pending, since=int(clock()))
        _replace(file, replace(ledger, generations=(*ledger.generations[:-1], made)))
    return made


def mark_in_passfile(passfile: Path, key_file: Path, server: Server, role: str) -> int:
    """The mark of the password that libpq finds in a passfile for a role of that server.

    Raises:
        VigieError: when the passfile or the key cannot be read, or no line is the role's; never with what they hold.
    """
    try:
        with passfile.open("rb") as stream:
            passwords = passwords_of(stream.read(_LONGEST), server, [role])
        key = read_key(key_file)
    except OSError as error:
        raise VigieError(f"{passfile}: cannot be read: {error.strerror}") from None
    except StationError as error:
        raise VigieError(str(error)) from None
    if role not in passwords:
        where = f"{server.host}:{server.port}{f', database {server.database}' if server.database else ''}"
        raise VigieError(f"{passfile}: holds no password for the role {role} at {where}")
    return mark_of(key, role, passwords[role])


def _ledger(file: Path, school: str) -> Ledger:
    if not file.exists():
        return Ledger(school)
    try:
        return read_ledger(file, school)
    except LedgerError as error:
        raise VigieError(str(error)) from None


@contextmanager
def _held(file: Path) -> Iterator[None]:
    """One writer at a time."""
    descriptor = os.open(file.with_name(f".{file.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(file: Path, ledger: Ledger) -> None:
    """Write whole, on the disk, or not at all; the monitoring group reads it, as the folder hands it down."""
    partial = file.with_name(f".{file.name}.partial")
    with partial.open("w", encoding="utf-8") as stream:
        stream.write(ledger.to_json())
        stream.flush()
        os.fsync(stream.fileno())
    partial.chmod(0o640)
    partial.rename(file)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
