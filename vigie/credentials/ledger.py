"""Writing the ledger of password generations and the key of their fingerprints: what a rotation and a person do."""

import fcntl
import os
import secrets
import tempfile
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
    """Make a school's key for fingerprints: 32 random bytes, mode 0600, whole or not at all.

    Raises:
        VigieError: when there is one already: replacing it would make strangers of all the stations.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except FileNotFoundError:
        raise VigieError(f"{file}: its folder {file.parent} does not exist") from None
    made = Path(name)
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(32) + "\n")
            stream.flush()
            os.fsync(descriptor)
        file.hardlink_to(made)  # refuses to replace, and a crash leaves no half of a key
    except FileExistsError:
        if file.is_file() and not file.stat().st_size:
            raise VigieError(f"{file}: is empty, and no key: remove it, then do this again") from None
        raise VigieError(f"{file}: there is a key already; the stations' fingerprints were made with it") from None
    finally:
        made.unlink()


def note_generation(
    file: Path,
    school: str,
    role: str,
    mark: Callable[[str], int],
    *,
    pending: bool = False,
    clock: Callable[[], float] = time.time,
) -> Generation:
    """Add a generation to the ledger, which is replaced at once; a crash leaves the old one.

    Args:
        file: the ledger; its folder exists. Made when it is not there.
        school: the UAI.
        role: the login role that has the new password.
        mark: the new password's mark under a role, as `marks_in_passfile` gives it.
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
            number = ledger.pending.number
            raise VigieError(f"generation {number} is still being handed out: confirm or abandon it first")
        for known in ledger.generations:
            if known.mark == mark(known.role):  # of whichever role it was
                raise VigieError(f"this password is that of generation {known.number}: a rotation makes a new one")
        made = Generation(len(ledger.generations) + 1, role, mark(role), now, 0 if pending else now)
        _replace(file, replace(ledger, generations=(*ledger.generations, made)))
    return made


def confirm_generation(file: Path, school: str, *, clock: Callable[[], float] = time.time) -> Generation:
    """Make the generation that was handed out the current one.

    Raises:
        VigieError: when none is being handed out, or the ledger cannot be read.
    """
    with _held(file):
        ledger = _ledger(file, school)
        made = replace(_pending(file, ledger), since=int(clock()))
        _replace(file, replace(ledger, generations=(*ledger.generations[:-1], made)))
    return made


def abandon_generation(file: Path, school: str) -> Generation:
    """Give up the generation that is being handed out: the one before it stays the current one.

    Its entry goes, so that the same password may be handed out again, should it be found.

    Raises:
        VigieError: when none is being handed out, or the ledger cannot be read.
    """
    with _held(file):
        ledger = _ledger(file, school)
        pending = _pending(file, ledger)
        _replace(file, replace(ledger, generations=ledger.generations[:-1]))
    return pending


def marks_in_passfile(passfile: Path, key_file: Path, server: Server, role: str) -> Callable[[str], int]:
    """The password that libpq finds in a passfile for a role of that server, as its mark under any role.

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

    def marked(under: str) -> int:  # a function: what `partial` holds is shown in its repr
        return mark_of(key, under, passwords[role])

    return marked


def _ledger(file: Path, school: str) -> Ledger:
    if not file.exists():
        return Ledger(school)
    try:
        return read_ledger(file, school)
    except LedgerError as error:
        raise VigieError(str(error)) from None


def _pending(file: Path, ledger: Ledger) -> Generation:
    if ledger.pending is None:
        raise VigieError(f"{file}: no generation is being handed out")
    return ledger.pending


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
    whole = file.with_name(f".{file.name}.partial")
    with whole.open("w", encoding="utf-8") as stream:
        stream.write(ledger.to_json())
        stream.flush()
        os.fsync(stream.fileno())
    whole.chmod(0o640)
    whole.rename(file)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
