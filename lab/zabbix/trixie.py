"""A root of Debian 13 with its Zabbix 7.0, for a machine that runs Debian 12.

Made once (under a minute), kept outside the checkout.

`python -m lab.zabbix.trixie` makes it; it needs root, or a user who may use sudo.
"""

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from vigie.errors import Exit, VigieError

_ROOT = Path("/var/cache/vigie-lab/trixie-zabbix-7.0-agent")
_PACKAGES = ("zabbix-server-pgsql", "zabbix-frontend-php", "php-pgsql", "zabbix-agent")


def root() -> Path:
    """The root, made when it is not there.

    Raises:
        VigieError: when it cannot be made; the sentence names the log.
    """
    if not _ROOT.exists():
        make()
    return _ROOT


def make() -> None:
    """Make the root under another name, then give it its own: it is there whole, or not at all."""
    partial = _ROOT.with_suffix(f".partial-{os.getpid()}")
    with tempfile.NamedTemporaryFile(prefix="vigie-trixie-", suffix=".log", delete=False) as log:
        try:
            _as_root(["mkdir", "-p", str(_ROOT.parent)], log)
            _as_root(["debootstrap", "--variant=minbase", "trixie", str(partial), _mirror()], log)
            _install(partial, log)
            _as_root(["mv", "-T", "--", str(partial), str(_ROOT)], log)
        except (OSError, subprocess.SubprocessError) as error:
            _as_root(["rm", "-rf", "--", str(partial)], log)
            if _ROOT.exists():  # another one was quicker
                return
            raise VigieError(
                f"the Debian 13 root for Zabbix 7.0 cannot be made ({error}); the log is {log.name}", Exit.FAILED
            ) from error
    Path(log.name).unlink()


def _mirror() -> str:
    """Where this machine takes Debian from: its own sources say it."""
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    command = ["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    for line in said.splitlines():
        name, _, address = line.partition(" ")
        if name == codename:
            return address
    raise OSError(f"apt knows no archive of Debian {codename}: run apt-get update")


def _install(partial: Path, log: "tempfile._TemporaryFileWrapper[bytes]") -> None:
    # Nothing may start inside: the packages are only wanted for their programs.
    # 101 is the one answer that forbids it: with another, the server is started from inside.
    policy = partial / "usr/sbin/policy-rc.d"
    with tempfile.NamedTemporaryFile("w", suffix=".policy-rc.d") as script:
        script.write("#!/bin/sh\nexit 101\n")
        script.flush()
        _as_root(["install", "-m", "0755", script.name, str(policy)], log)
    inside = ["chroot", str(partial), "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "apt-get"]
    _as_root([*inside, "install", "-y", "--no-install-recommends", *_PACKAGES], log)
    _as_root([*inside, "clean"], log)


def _as_root(argv: list[str], log: "tempfile._TemporaryFileWrapper[bytes]") -> None:
    if os.geteuid() != 0:
        argv = ["sudo", "-n", "--", *argv]
    subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=900, check=True)


if __name__ == "__main__":
    try:
        root()
    except VigieError as failure:
        sys.exit(failure.sentence)
