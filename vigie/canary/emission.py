"""Emitting one canary: through the local syslog socket, as the messages of any program go."""

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vigie.canary.series import Series, SeriesError, read_series, write_series
from vigie.records import Record

TAG = "vigie-canary"
# Facility daemon, severity information.
_PRIORITY = 3 * 8 + 6
# Seconds: for the lock, then for the socket; the agent itself waits for 3.
_PATIENCE = 1.0
_PAUSE = 0.01


class Emitted(Record):
    """A canary as it was emitted.

    `sent_at` is in epoch seconds. `error` says why it was not emitted, or could not be counted; `number` is then the
    last one that was, 0 when there was none.
    """

    series: str
    number: int
    sent_at: float
    error: str = ""


def emit(path: str, folder: str, *, clock: Callable[[], float] = time.time) -> Emitted:
    """Emit the next canary of the series.

    A number is taken only once its message has left: what never left is no gap. Should the machine stop between
    sending and counting, the number is used twice, which the centre counts as a duplicate and not as a loss.

    Args:
        path: the syslog socket.
        folder: where the series and its last number are kept; a folder that only this user writes to.
        clock: the time of day, epoch seconds.
    """
    try:
        with _alone(folder):
            return _emit(path, folder, clock)
    except (OSError, SeriesError) as error:
        reason = str(error) if isinstance(error, SeriesError) else f"{folder}: {error.strerror}"
        return Emitted("", 0, 0.0, f"the canary's number cannot be kept: {reason}")


def _emit(path: str, folder: str, clock: Callable[[], float]) -> Emitted:
    last = read_series(folder) or _new_series()
    # First of all the place of the number must be writable, or each canary would be the same again.
    write_series(folder, last)
    now = round(clock(), 3)
    number = last.number + 1
    try:
        _send(path, f"n={number} t={now:.3f} id={last.id}", now)
    except TimeoutError:
        return Emitted(last.id, last.number, 0.0, f"{path} takes no message: its reader hangs")
    except OSError as error:
        return Emitted(last.id, last.number, 0.0, f"{path} takes no message: {error.strerror}")
    write_series(folder, Series(last.id, number))
    return Emitted(last.id, number, now)


def _new_series() -> Series:
    import uuid  # some milliseconds: paid once in the life of a source

    return Series(str(uuid.uuid4()), 0)


def _send(path: str, text: str, now: float) -> None:
    stamp = time.strftime("%b %e %H:%M:%S", time.localtime(now))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
        syslog.settimeout(_PATIENCE)
        syslog.connect(path)
        syslog.send(f"<{_PRIORITY}>{stamp} {TAG}: {text}".encode())


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """One emission at a time: the agent's, and that of a person who asks it by hand.

    What is locked is the folder itself: a file for it would belong to whoever came first, and keep the others out.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: str) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise SeriesError(f"{folder}: another emission has held it for more than {_PATIENCE:g} s") from None
            time.sleep(_PAUSE)
