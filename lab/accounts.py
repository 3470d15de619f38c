"""Who the lab's servers run as.

As root, they run as two system users of the lab, made when they are absent, so that "the monitoring user cannot read
dumps" is real. As an ordinary
user, everything runs as that user: nobody else can be become without more rights.
"""

import grp
import os
import pwd
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vigie.errors import Exit, VigieError

LAB_USER = "vigie-lab"
OBSERVER_USER = "vigie-lab-observe"
# PostgreSQL's programs: Debian 12's, or those of another release to try Vigie against.
POSTGRES_BIN = Path(os.environ.get("VIGIE_LAB_POSTGRES", "/usr/lib/postgresql/15/bin"))
_PATH = f"{POSTGRES_BIN}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Account:
    """A user that programs run as; `groups` are the groups it has besides its own."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...] = ()

    @property
    def is_current(self) -> bool:
        return self.uid == os.geteuid()

    def own(self, *paths: Path, group: int | None = None) -> None:
        """Give files or folders to this account (as root; an ordinary user owns them already)."""
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, self.uid, self.gid if group is None else group, follow_symlinks=False)

    def popen_arguments(self) -> dict[str, int | list[int]]:
        """What subprocess needs to become this account, with the umask of the service units."""
        arguments: dict[str, int | list[int]] = {"umask": 0o027}
        if os.geteuid() == 0 and not self.is_current:
            arguments |= {"user": self.uid, "group": self.gid, "extra_groups": list(self.groups)}
        return arguments

    def run(
        self,
        argv: list[str],
        *,
        timeout: float,
        text: str | None = None,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this account, with a clean environment.

        Args:
            argv: the program and its arguments; never a secret.
            timeout: seconds after which it is killed.
            text: what it reads on its input.
            environment: variables beside those of `clean_environment`.
            cwd: where it runs, `/` by default.
            check: whether a code other than 0 is an error.

        Raises:
            VigieError: when it fails or takes too long; the sentence carries its last line of error.
        """
        try:
            done = subprocess.run(
                argv,
                input=text if text is not None else "",
                capture_output=True,
                encoding="utf-8",
                errors="surrogateescape",
                timeout=timeout,
                env=clean_environment() | dict(environment or {}),
                cwd=cwd or Path("/"),
                check=False,
                **self.popen_arguments(),  # type: ignore[call-overload]
            )
        except subprocess.TimeoutExpired:
            raise VigieError(f"{argv[0]} took longer than {timeout:.0f} s", Exit.FAILED) from None
        except OSError as error:
            raise VigieError(f"{argv[0]} cannot be run: {error.strerror}", Exit.FAILED) from error
        if check and done.returncode != 0:
            lines = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()
            raise VigieError(f"{argv[0]} failed (code {done.returncode}): {lines[-1]}", Exit.FAILED)
        result: subprocess.CompletedProcess[str] = done
        return result


def clean_environment() -> dict[str, str]:
    """The environment of everything the lab starts: nothing of the caller's, so no secret of theirs."""
    return {"PATH": _PATH, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def current() -> Account:
    """Whoever runs the lab."""
    entry = pwd.getpwuid(os.geteuid())
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, tuple(os.getgroups()))


def lab_account() -> Account:
    """The account of the lab's servers; it is a member of the monitoring group, to which it shows the catalogue."""
    if os.geteuid() != 0:
        return current()
    account = _system_account(LAB_USER)
    return Account(account.name, account.uid, account.gid, (observer_group(),))


def observer_account(group: int) -> Account:
    """The account of the agents: a member of the store's group and of nothing else."""
    if os.geteuid() != 0:
        return current()
    account = _system_account(OBSERVER_USER)
    return Account(account.name, account.uid, account.gid, (group,))


def observer_group() -> int:
    """The group that may read the catalogue: the agents' own as root, the user's own otherwise."""
    if os.geteuid() != 0:
        return os.getegid()
    _system_account(OBSERVER_USER)
    return grp.getgrnam(OBSERVER_USER).gr_gid


def _system_account(name: str) -> Account:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        arguments = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run(
            ["useradd", *arguments, "--shell", "/usr/sbin/nologin", name], check=False, timeout=30, capture_output=True
        )
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            raise VigieError(f"the user {name} cannot be made; make it with `useradd --system {name}`") from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
