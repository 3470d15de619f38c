"""The whole lab: a Zabbix, and a school with its PostgreSQL, its agents and its backup server."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from lab import history, install, site, storage
from lab.accounts import Account, lab_account, observer_account, observer_group
from lab.openerp import releases
from lab.places import DEFAULT_BLOCK, ZABBIX_HOST, Places
from lab.processes import Record, Supervisor
from lab.school.machines import Machines
from lab.school.parts import PARTS
from lab.zabbix import Zabbix
from lab.zabbix.release import RELEASES, release
from vigie.errors import Exit, VigieError

_IDENTITY = "lab.json"
Watch = Callable[[str], None]


@dataclass(frozen=True)
class Lab:
    """A lab that may be running or not.

    Args:
        places: where it is.
        release_name: the release of its Zabbix.
        openerp: the directory of a real OpenERP 6.0 that it runs from now on, instead of a stand-in.
    """

    places: Places
    release_name: str = RELEASES[0]
    openerp: Path | None = None

    @cached_property
    def account(self) -> Account:
        return lab_account()

    @cached_property
    def supervisor(self) -> Supervisor:
        return Supervisor(self.places.records, self.places.logs)

    @cached_property
    def zabbix(self) -> Zabbix:
        return Zabbix(
            directory=self.places.zabbix,
            release=release(self.release_name),
            address=self.places.address(ZABBIX_HOST),
            account=self.account,
            supervisor=self.supervisor,
        )

    @cached_property
    def machines(self) -> Machines:
        """The school's machines; the lab's site file must have been written."""
        group = observer_group()
        return Machines(
            places=self.places,
            school=site.read(self.places)[1],
            account=self.account,
            observer=observer_account(group),
            group=group,
            supervisor=self.supervisor,
            agent=release(self.release_name).agent,
        )

    def up(self, watch: Watch) -> None:
        """Make what is not there, start what does not run. Twice is harmless.

        Args:
            watch: told each step as it begins.

        Raises:
            VigieError: when a step fails; what was started is left running, and `up` goes on from there.
        """
        self._claim()
        if self.openerp is not None:
            releases.point_at(self.places.openerp, self.openerp)
        site.write(self.places)
        watch("Zabbix (PostgreSQL, server, frontend), and Vigie in a prefix of its own")
        # One waits for PostgreSQL, the other for pip: together they take the time of one.
        with ThreadPoolExecutor(max_workers=2) as pool:
            zabbix = pool.submit(self.zabbix.start)
            installed = pool.submit(install.install, site.checkout(), self.places.prefix)
            installed.result()
            zabbix.result()
        self.places.token.unlink(missing_ok=True)
        self.places.token.symlink_to(self.zabbix.token_file)
        watch("files of the school's machines")
        self.machines.write_files()
        watch("the school's PostgreSQL, its roles and its contexts")
        self.machines.start_postgres()
        watch("the backup server's disk and store")
        self.machines.prepare_backup_server()
        history.take(self.machines, watch)
        for part in PARTS:
            watch(part.title)
            part.start(self.machines)
        watch("rsync daemon, re-check and Zabbix agents")
        self.machines.start_rsyncd()
        self.machines.start_recheck()
        for host in self.machines.agents():
            self.machines.start_agent(host)

    def down(self) -> list[str]:
        """Stop everything; the names of what ran. The data stays, and so does the disk of the backup server."""
        return self.supervisor.stop_all()

    def remove(self) -> None:
        """Stop everything and remove the lab's directory."""
        self.down()
        for disk in (self.places.disk, self.places.root / "logs/disk"):
            storage.release(disk)
        shutil.rmtree(self.places.root)

    def status(self) -> list[Record]:
        """What was started here, oldest first."""
        return self.supervisor.records()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lab against another command.

        Raises:
            VigieError: exit code 3, when another one holds it.
        """
        self.places.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.places.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise VigieError(f"{self.places.root}: another command is at work on this lab", Exit.BUSY) from None
            yield
        finally:
            os.close(descriptor)

    def _claim(self) -> None:
        root = self.places.root
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o755)
        known = identity(root)
        if known is None:
            if any(path.name != "lock" for path in root.iterdir()):
                raise VigieError(f"{root} is not empty and is not a lab: choose another directory with --dir")
            identity_file = root / _IDENTITY
            identity_file.write_text(json.dumps(asdict(Identity(self.places.block, self.release_name))) + "\n")
        elif known != Identity(self.places.block, self.release_name):
            raise VigieError(
                f"the lab in {root} has the block {known.block} and Zabbix {known.release}: "
                "remove it first with `vigie lab remove`, or choose another directory with --dir"
            )


@dataclass(frozen=True, slots=True)
class Identity:
    """What a lab was made with, kept in its directory."""

    block: int = DEFAULT_BLOCK
    release: str = RELEASES[0]


def identity(root: Path) -> Identity | None:
    """What the lab in a directory was made with; None when there is no lab there."""
    try:
        return Identity(**json.loads((root / _IDENTITY).read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise VigieError(f"{root / _IDENTITY} cannot be read: {error}; remove the directory by hand") from error


def find(root: Path) -> Lab:
    """The lab of a directory.

    Raises:
        VigieError: when there is none.
    """
    known = identity(root)
    if known is None:
        raise VigieError(f"there is no lab in {root}: make one with `vigie lab up`")
    return Lab(Places(root, known.block), known.release)
