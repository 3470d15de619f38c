"""Whether a local rsyslogd runs: by its pid file, or by its name where it writes none, as on Debian from 10 on."""

import os

_NAME = "rsyslogd"
# proc(5): the 3rd field is the first one after the name, the 22nd when it was started, in clock ticks since boot.
_STARTED = 22 - 3


def running_since(pid_file: str) -> float | None:
    """When rsyslogd was started (epoch seconds), or None when it does not run.

    Args:
        pid_file: the file that holds its process id; "" to look for a process of its name.

    An id that the system gave to another program meanwhile is not taken for it. Where /proc hides the processes of
    others, that the process of a pid file is there must do.
    """
    return _by_pid_file(pid_file) if pid_file else started_by_name(_NAME)


def started_by_name(name: str) -> float | None:
    """When the oldest process of a name was started (epoch seconds), or None; those of containers do not count."""
    ticks = [_ticks(folder) for folder in os.listdir("/proc") if folder.isdigit() and _is_named(folder, name)]
    started = [when for when in ticks if when is not None]
    if not started:
        return None
    boot = next(int(line[6:]) for line in _read("/proc/stat").splitlines() if line.startswith(b"btime "))
    return boot + min(started) / os.sysconf("SC_CLK_TCK")


def _by_pid_file(pid_file: str) -> float | None:
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


def _is_named(pid: str, name: str) -> bool:
    try:
        return _read(f"/proc/{pid}/comm").strip() == name.encode()
    except OSError:  # it ended meanwhile
        return False


def _ticks(pid: str) -> int | None:
    """When a process of this machine was started; None when it is a container's, or no longer runs."""
    try:
        status, fields = _read(f"/proc/{pid}/status"), _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    except OSError:
        return None
    # A process of a container has an id in there too.
    ids = next((line.split()[1:] for line in status.splitlines() if line.startswith(b"NSpid:")), [b""])
    return int(fields[_STARTED]) if len(ids) == 1 and fields[0] != b"Z" else None


def _read(file: str) -> bytes:
    with open(file, "rb") as stream:
        return stream.read()
