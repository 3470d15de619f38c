"""Sending to the backup server by rsync, and reading back what it accepted.

The far end publishes nothing by itself: its receiver compares each dump with its manifest and writes a receipt. What
has no
receipt was not delivered, whatever rsync's exit code said.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable

from vigie.backups.catalogue import Layout
from vigie.backups.manifests import Receipt
from vigie.backups.process import ToolError, Tools
from vigie.site import RsyncTransfer, SshTransfer

_SILENCE = 60
_CONNECT = 10
_POLL_FIRST, _POLL_MOST = 0.1, 2.0


class Far(ABC):
    """The backup server as the sender sees it."""

    def __init__(self, address: str, school: str, tools: Tools, environment: dict[str, str]) -> None:
        self._address = f"[{address}]" if ":" in address else address
        self._school = school
        self.tools = tools
        self.environment = environment

    @abstractmethod
    def place(self, what: str) -> str:
        """Where rsync finds `incoming` or `receipts` of the school's store."""

    @abstractmethod
    def options(self) -> list[str]:
        """How rsync reaches it."""

    def send(self, layout: Layout, files: Iterable[str], *, timeout: float) -> None:
        """Send files, named from the store's root, into the far `incoming`.

        Raises:
            ToolError: when rsync fails.
        """
        listed = b"".join(name.encode() + b"\0" for name in files)
        command = [
            "rsync", "--times", "--from0", "--files-from=-", "--chmod=D0700,F0600", "--no-motd", "--whole-file",
            f"--timeout={_SILENCE}", *self.options(), f"{layout.root}/", self.place("incoming"),
        ]  # fmt: skip
        self.tools.run(command, stdin=listed, env=self.environment, timeout=timeout)

    def receipt(self, layout: Layout, run: str) -> Receipt:
        """The receipt of a run as it stands now; an empty one when there is none yet.

        Raises:
            ToolError: when rsync fails otherwise than by not finding it.
        """
        file = layout.receipts / f"{run}.json"
        command = [
            "rsync", "--times", "--no-motd", f"--timeout={_SILENCE}", "--ignore-missing-args", *self.options(),
            self.place("receipts") + f"{run}.json", f"{layout.receipts}/",
        ]  # fmt: skip
        self.tools.run(command, env=self.environment, timeout=_SILENCE * 2)
        try:
            return Receipt.from_json(file.read_bytes())
        except FileNotFoundError:
            return Receipt()
        except ValueError as error:
            raise ToolError(f"the receipt of the backup server {error}") from error

    def confirm(self, layout: Layout, run: str, sent: set[str], *, timeout: float) -> Receipt:
        """Wait until the far end has said yes or no to all that was sent; what it did not answer is in neither list.

        Raises:
            ToolError: when it cannot be asked.
        """
        deadline = time.monotonic() + timeout
        pause = _POLL_FIRST
        while True:
            receipt = self.receipt(layout, run)
            if sent <= receipt.accepted | receipt.refused.keys() or time.monotonic() + pause > deadline:
                return receipt
            if self.tools.cancelled.wait(pause):
                return receipt
            pause = min(pause * 2, _POLL_MOST)


class RsyncDaemon(Far):
    """An rsync daemon: one module to write to, one to read receipts from."""

    def __init__(
        self, address: str, school: str, settings: RsyncTransfer, tools: Tools, environment: dict[str, str]
    ) -> None:
        super().__init__(address, school, tools, environment)
        self._settings = settings

    def place(self, what: str) -> str:
        settings = self._settings
        return f"rsync://{settings.user}@{self._address}:{settings.port}/{what}-{self._school}/"

    def options(self) -> list[str]:
        return [f"--password-file={self._settings.password_file}", f"--contimeout={_CONNECT}"]


class RsyncOverSsh(Far):
    """The same rsync modules through ssh: `authorized_keys` forces the daemon, nothing else, on the sender's key."""

    def __init__(
        self, address: str, school: str, settings: SshTransfer, tools: Tools, environment: dict[str, str]
    ) -> None:
        super().__init__(address, school, tools, environment)
        self._settings = settings

    def place(self, what: str) -> str:
        return f"{self._address}::{what}-{self._school}/"

    def options(self) -> list[str]:
        settings = self._settings
        # rsync cuts this text at blanks itself; paths in the site file hold none, it checks that.
        ssh = [
            "ssh", "-l", settings.user, "-p", str(settings.port), "-i", str(settings.identity_file),
            "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes",
            "-o", f"UserKnownHostsFile={settings.known_hosts_file}", "-o", f"ConnectTimeout={_CONNECT}",
            "-o", "ServerAliveInterval=15",
        ]  # fmt: skip
        return ["--rsh=" + " ".join(ssh)]
