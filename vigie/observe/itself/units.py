"""What systemd says of units; where it does not run (a container), there is nobody to ask."""

import os
import time
from collections.abc import Iterator

from vigie.records import Record

# As sd_booted(3) looks.
_BOOTED = "/run/systemd/system"
_BUS = "/run/dbus/system_bus_socket"
_PROPERTIES = "Names,LoadState,ActiveState,SubState,Result,FragmentPath"
# What systemd calls "activating" while it waits before it starts again what ended (since 254 there are two of them).
_CRASHED = "auto-restart"


class UnitsError(Exception):
    """systemd runs and cannot be asked; one sentence."""


class Unit(Record):
    """A unit as systemd has it: `loaded`, `active`, `failed`... in its own words; `file` is where it is written."""

    load: str
    active: str
    result: str
    sub: str = ""
    file: str = ""

    @property
    def is_active(self) -> bool:
        """Whether it runs or is being started. One that ended and waits to be started again is not."""
        return self.active in ("active", "reloading", "activating") and not self._has_ended

    @property
    def _has_ended(self) -> bool:
        return self.sub.startswith(_CRASHED)

    @property
    def why_not(self) -> str:
        """Why it is not active, in few words."""
        if self.load != "loaded":
            return f"is {self.load}"
        state = "ended, and systemd waits to start it again" if self._has_ended else f"is {self.active}"
        return state + (f" ({self.result})" if self.result not in ("", "success") else "")


def runs() -> bool:
    """Whether systemd manages this machine."""
    return os.path.isdir(_BOOTED)


def units(names: list[str], until: float) -> dict[str, Unit]:
    """Ask for units in one call.

    Args:
        names: with their suffix, like `vigie-keep.timer`.
        until: deadline, a time of `time.monotonic`.

    Returns:
        The units by each of their names: one that was asked for by an alias is found by it.

    Raises:
        UnitsError: when systemd does not answer in time, or refuses.
    """
    if not names:
        return {}
    import subprocess  # some milliseconds: not paid where there is nobody to ask

    command = ["systemctl", "show", f"--property={_PROPERTIES}", "--", *names]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=max(0.05, until - time.monotonic()),
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise UnitsError("systemd does not answer in time") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        if "connect to bus" in said and not os.path.exists(_BUS):
            # root asks systemd itself; everybody else needs the bus, which a minimal Debian has not.
            raise UnitsError("systemctl needs the system bus: install the package dbus and start dbus.socket") from None
        raise UnitsError(f"systemctl failed: {said or f'code {error.returncode}'}") from None
    except OSError as error:
        raise UnitsError(f"systemctl cannot be run: {error.strerror}") from error
    return dict(_read(done.stdout.decode(errors="replace")))


def _read(text: str) -> Iterator[tuple[str, Unit]]:
    """One block of `Name=value` lines per unit, with an empty line between them."""
    for block in text.split("\n\n"):
        values = dict(line.partition("=")[::2] for line in block.splitlines())
        known = ("LoadState", "ActiveState", "Result", "SubState", "FragmentPath")
        unit = Unit(*(values.get(name, "") for name in known))
        for name in values.get("Names", "").split():
            yield name, unit
