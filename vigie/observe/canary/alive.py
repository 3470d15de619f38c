"""Whether a local rsyslogd runs, by its pid file."""

import os

_NAME = "rsyslogd"


def running_since(pid_file: str) -> float | None:
    """When the rsyslogd of a pid file was started (epoch seconds), or None when it does not run.

    An id that the system gave to another program meanwhile is not taken for it. Where /proc hides the processes of
    others, that a process is there must do.
    """
    try:
        with open(pid_file, "rb") as file:
            started, pid = os.fstat(file.fileno()).st_mtime, int(file.read(20))
        if pid <= 0:  # to the system that means many processes
            return None
        os.kill(pid, 0)
    except PermissionError:
        pass  # it is there, and somebody else's
    except (OSError, ValueError, OverflowError):
        return None
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            name = file.read().strip()
    except OSError:
        name = _NAME
    return started if name == _NAME else None
