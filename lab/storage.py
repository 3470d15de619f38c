"""The backup server's disk: a small file system in memory, so that filling it harms nothing.

Mounting needs root, or a user who may use sudo. Where it is refused the disk is a plain folder, and the fault that
fills it says that it cannot be made.
"""

import os
import subprocess
from pathlib import Path

from lab.accounts import Account

SIZE = 256 << 20


def prepare(disk: Path, account: Account) -> bool:
    """Mount the disk unless it is; whether it is a file system of its own."""
    disk.mkdir(parents=True, exist_ok=True)
    if not os.path.ismount(disk):
        options = f"size={SIZE},mode=0755,uid={account.uid},gid={account.gid}"
        _as_root(["mount", "-t", "tmpfs", "-o", options, "vigie-lab", str(disk)])
    return os.path.ismount(disk)


def release(disk: Path) -> None:
    """Unmount the disk; what it held is gone."""
    if os.path.ismount(disk):
        _as_root(["umount", str(disk)])


def _as_root(argv: list[str]) -> None:
    if os.geteuid() != 0:
        argv = ["sudo", "-n", "--", *argv]
    try:
        subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    except OSError:  # no sudo here: the caller looks whether it is mounted
        return
