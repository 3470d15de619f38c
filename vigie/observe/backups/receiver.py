"""Whether the rsync daemon of the backup server answers: it greets first, so nothing needs to be asked of it."""

import time

_GREETING = b"@RSYNCD:"


class ReceiverError(Exception):
    """The daemon does not answer, or something else does; one sentence."""


def hear_greeting(address: str, port: int, until: float) -> None:
    """Wait for the daemon's greeting.

    Args:
        address: IP address or name.
        port: TCP port.
        until: deadline, a time of `time.monotonic`.

    Raises:
        ReceiverError: when no daemon greets before the deadline.
    """
    import socket  # some milliseconds: not paid where ssh carries the dumps

    where = f"{address}:{port}"
    heard = b""
    try:
        with socket.create_connection((address, port), timeout=_left(until)) as connection:
            while len(heard) < len(_GREETING):
                connection.settimeout(_left(until))
                received = connection.recv(64)
                if not received:
                    break
                heard += received
    except TimeoutError as error:
        raise ReceiverError(f"nothing greets at {where} in time") from error
    except OSError as error:
        raise ReceiverError(f"no rsync daemon at {where}: {error.strerror or error}") from error
    if not heard.startswith(_GREETING):
        raise ReceiverError(f"what answers at {where} is not an rsync daemon")


def _left(until: float) -> float:
    return max(0.01, until - time.monotonic())
