"""Whole processes measured side by side, in turns, so that a busy moment touches all of them."""

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Measured:
    """A command of the table.

    Args:
        name: its line.
        argv: the command.
        answers: what it tells, for the reader.
        rivals: the lines of the tools that together give the same answers.
        connections: how many PostgreSQL connections it opens.
        environment: variables beside the caller's.
    """

    name: str
    argv: list[str]
    answers: str
    rivals: tuple[str, ...] = ()
    connections: int = 0
    environment: dict[str, str] = field(default_factory=dict)


@dataclass
class Times:
    """What the rounds of one command took, in seconds: by the clock, and of the processor (user and system)."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The clock's."""
        return statistics.median(self.clock)

    @property
    def work(self) -> float:
        """The processor's median: it hardly depends on what else the machine does."""
        return statistics.median(self.processor)


def run_once(measured: Measured) -> tuple[float, float, bytes]:
    """Seconds by the clock, seconds of the processor with that of its children, and what was printed."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        measured.argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"LC_ALL": "C.UTF-8"} | measured.environment,
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, printed


def in_turns(commands: Sequence[Measured], rounds: int) -> dict[str, Times]:
    """Run each command so many times, one after the other; by name."""
    times = {measured.name: Times() for measured in commands}
    for _ in range(rounds):
        for measured in commands:
            clock, processor, _ = run_once(measured)
            times[measured.name].clock.append(clock)
            times[measured.name].processor.append(processor)
    return times


def show(commands: Sequence[Measured], times: dict[str, Times], bare: str) -> None:
    """Print the table; `bare` is the line that the others are multiples of."""
    floor = times[bare]
    print(f"{'':36}{'median':>8}{'best':>8}{'x bare':>8}{'processor':>11}{'x bare':>8}  answers")
    for measured in commands:
        its = times[measured.name]
        print(
            f"{measured.name:36}{its.median * 1000:>8.0f}{min(its.clock) * 1000:>8.0f}{its.median / floor.median:>8.1f}"
            f"{its.work * 1000:>11.0f}{its.work / floor.work:>8.1f}  {measured.answers}"
        )
