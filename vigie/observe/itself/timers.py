"""What the timers' stamps are worth. A timer that runs and whose program fails has no success: it is late too."""

import os
from collections.abc import Mapping

from vigie.hints import StrPath
from vigie.observe.itself.model import TimerSeen, TimerState
from vigie.observe.itself.settings import Timer
from vigie.observe.itself.units import Unit
from vigie.stamps import Stamp, last, stamp_file

# Clocks may be set back a little; beyond this a success "of tomorrow" proves nothing.
_CLOCK_TOLERANCE = 600


def unit_names(timers: list[Timer]) -> list[str]:
    """The units to ask for: each timer, and the service that it starts."""
    return [f"{timer.name}.{kind}" for timer in timers for kind in ("timer", "service")]


def timers_seen(
    timers: list[Timer], root: StrPath, school: str, units: Mapping[str, Unit], now: float
) -> dict[str, TimerSeen]:
    """Judge each timer by the stamp of its last success, and by systemd where it was asked.

    Args:
        timers: those of this machine.
        root: folder of the stamps.
        school: UAI.
        units: what systemd says; empty where it does not run.
        now: epoch seconds.

    Raises:
        StampError: when a stamp cannot be read.
        OSError: when the folder cannot be looked at.
    """
    since = _changed_at(root)
    return {
        timer.name: _judged(timer, last(stamp_file(root, timer.name, school)), since, units, now) for timer in timers
    }


def _changed_at(path: StrPath) -> float:
    try:
        return os.stat(path).st_mtime
    except FileNotFoundError:
        return 0.0


def _judged(timer: Timer, stamp: Stamp | None, since: float, units: Mapping[str, Unit], now: float) -> TimerSeen:
    at = stamp.succeeded_at if stamp else 0
    age = max(0, int(now) - at) if stamp else -1
    clockwork, program = units.get(f"{timer.name}.timer"), units.get(f"{timer.name}.service")
    if stamp is None and clockwork is not None and clockwork.file:
        # systemd makes the folder of the stamps when the first of their programs runs, which may be a night away.
        since = max(since, _changed_at(clockwork.file))
    state, error = _state(timer, stamp, since, now)
    if program is not None and program.active == "failed":
        error = f"the last run of {timer.name}.service failed ({program.result})"
    if clockwork is not None and not clockwork.is_active:
        state, error = TimerState.STOPPED, f"{timer.name}.timer {clockwork.why_not}"
    return TimerSeen(timer.name, state, at, age, timer.within, error)


def _state(timer: Timer, stamp: Stamp | None, since: float, now: float) -> tuple[TimerState, str]:
    if not timer.within:
        return TimerState.ELSEWHERE, ""
    if stamp is None:
        # A timer that is new gets its time too; the folder changes when the first stamp of a unit comes into it.
        return (TimerState.WAITING if now - since <= timer.within else TimerState.NEVER), ""
    if stamp.succeeded_at > now + _CLOCK_TOLERANCE:
        return TimerState.LATE, "its last success is dated in the future: look at the clock"
    return (TimerState.ON_TIME if now - stamp.succeeded_at <= timer.within else TimerState.LATE), ""
