"""The observation of a host's DRBD: /proc/drbd where it tells everything (8.4), `drbdsetup` otherwise (9)."""

import os
import time
from collections.abc import Callable

from vigie.hints import TYPE_CHECKING
from vigie.naming import key_of
from vigie.observe import texts
from vigie.observe.drbd import eight, nine
from vigie.observe.drbd.judge import judged
from vigie.observe.drbd.model import Counts, DrbdObservation, DrbdSeen, Resource
from vigie.observe.drbd.nine import FormatError
from vigie.observe.drbd.settings import ObserveDrbd

if TYPE_CHECKING:
    from subprocess import Popen

_EIGHT = "8."
# Share of the deadline for DRBD; what is left is for ending a command that does not answer.
_FOR_DRBD = 0.85
_MOST = 4 << 20  # bytes; a resource takes less than 2 KiB


class DrbdError(Exception):
    """DRBD cannot be asked; one sentence."""


def observe_drbd(settings: ObserveDrbd, *, clock: Callable[[], float] = time.time) -> DrbdObservation:
    """Observe the DRBD resources of this host.

    Args:
        settings: the declared resources, and how DRBD is asked.
        clock: the time of day, epoch seconds.

    Returns:
        What was seen; when the kernel module is not there or does not answer, `error` says so and that is all.
    """
    begun = time.monotonic()
    try:
        seen = _seen(settings)
    except (DrbdError, FormatError) as error:
        return DrbdObservation(int(clock()), _since(begun), error=texts.sentence(str(error)))
    return DrbdObservation(int(clock()), _since(begun), seen=seen)


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)


def _seen(settings: ObserveDrbd) -> DrbdSeen:
    try:
        with open(settings.proc, encoding="utf-8", errors="replace") as file:
            proc = file.read()
    except FileNotFoundError:
        raise DrbdError("the DRBD kernel module is not loaded") from None
    except OSError as error:
        raise DrbdError(f"{settings.proc} cannot be read: {error.strerror}") from error
    release = eight.release(proc)
    if release.startswith(_EIGHT):
        found = eight.resources(proc, _numbers(settings.by_resource))
    else:
        found = nine.resources(_asked(settings))
    return DrbdSeen(release, _counts(settings, found), {key_of(each.name): judged(each) for each in found})


def _counts(settings: ObserveDrbd, found: list[Resource]) -> Counts:
    there = {resource.name for resource in found}
    missing = sorted(set(settings.resources) - there)
    return Counts(len(settings.resources), len(found), len(missing), texts.some_of(missing))


def _numbers(folder: str) -> dict[int, str]:
    """The resource of each device's number, from udev's links `by-res/NAME/VOLUME -> ../../../drbd0`."""
    numbers = {}
    # A resource with one volume may be a link itself.
    for link in (*_entries(folder), *(deeper for entry in _entries(folder) for deeper in _entries(entry))):
        if os.path.islink(link):
            device = os.path.basename(os.readlink(link)).removeprefix("drbd")
            if device.isdecimal():
                numbers[int(device)] = os.path.relpath(link, folder).partition(os.sep)[0]
    return numbers


def _entries(folder: str) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder)]
    except OSError:  # no folder, or a link to a device
        return []


def _asked(settings: ObserveDrbd) -> str:
    import subprocess  # some milliseconds: not paid where 8.4 tells everything

    program = settings.command[0] if settings.command else "drbdsetup"
    nothing, pipe = subprocess.DEVNULL, subprocess.PIPE
    try:
        asked = subprocess.Popen(settings.command, stdin=nothing, stdout=pipe, stderr=pipe)
    except (OSError, IndexError) as error:
        raise DrbdError(f"{program} cannot be run: {getattr(error, 'strerror', None) or error}") from error
    try:
        said, complaint = asked.communicate(timeout=settings.deadline * _FOR_DRBD)
    except subprocess.TimeoutExpired:
        _give_up(asked, settings.deadline * (1 - _FOR_DRBD))
        raise DrbdError(f"cut off after {settings.deadline:g} s: DRBD does not answer") from None
    if asked.returncode:
        words = complaint.decode("utf-8", "replace").strip() or f"code {asked.returncode}"
        raise DrbdError(f"{' '.join(settings.command)} failed: {words.splitlines()[-1]}")
    return said[:_MOST].decode("utf-8", "replace")


def _give_up(asked: "Popen[bytes]", seconds: float) -> None:
    """End a command that does not answer: sudo passes SIGTERM on to root's command, which SIGKILL would leave behind.

    One that cannot be ended at all (the kernel holds it) is not waited for.
    """
    from contextlib import suppress
    from subprocess import TimeoutExpired

    for pipe in (asked.stdout, asked.stderr):
        if pipe is not None:
            pipe.close()
    for end in (asked.terminate, asked.kill):
        with suppress(TimeoutExpired, OSError):
            end()
            asked.wait(seconds / 2)
            return
