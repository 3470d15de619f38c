"""The queue of requests: one file each, taken away by the service that carries them out."""

import os

from vigie.hints import StrPath
from vigie.observe.itself.model import RequestsSeen

# Whoever fills the folder must not fill the memory of who looks at it.
_MOST = 10_000


def requests_seen(folder: StrPath, queue_age: int, now: float) -> RequestsSeen:
    """Count the requests that wait, and judge the oldest. A folder that is not there holds none.

    Args:
        folder: `*.json` in it are requests; names that begin with a dot are being written.
        queue_age: how long a request may wait, in seconds.
        now: epoch seconds.

    Raises:
        OSError: when the folder cannot be looked at.
    """
    count, oldest = 0, now
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.endswith(".json"):
                    continue
                try:
                    written_at = entry.stat(follow_symlinks=False).st_mtime
                except FileNotFoundError:  # taken meanwhile
                    continue
                count, oldest = count + 1, min(oldest, written_at)
                if count >= _MOST:
                    break
    except FileNotFoundError:
        pass
    age = int(now - oldest) if count else -1
    return RequestsSeen(count, age, int(age > queue_age))
