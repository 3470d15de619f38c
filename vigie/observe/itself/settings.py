"""What the observation of Vigie itself must know of one machine."""

from vigie.records import Record
from vigie.settings import Settings


class Timer(Record):
    """One of Vigie's timers: its unit's name without `.timer`, and the greatest age of its last success (seconds).

    `within` is 0 when another observation judges what the timer brings about: its age is shown and never a problem.
    """

    name: str
    within: int


class Service(Record):
    """A program that must be alive: by its unit, its process id file, its port, or several of them (all must hold).

    What is empty, or a port 0, is not asked.
    """

    name: str
    unit: str
    pid_file: str
    address: str
    port: int


class Certificate(Record):
    """A certificate in a file (PEM; the first one counts), and how long before its end it is a problem (seconds)."""

    name: str
    file: str
    warn: int


class ObserveItself(Settings):
    """What the observation of Vigie itself must know: `itself-<UAI>.json`, read by the monitoring user.

    Args:
        stamps: folder of the stamps that the timers' units leave.
        requests: folder of the requests that wait; empty where none are written.
        queue_age: how long a request may wait (seconds).
        deadline: seconds the whole observation may take.
        timers: those of this machine.
        services: those of this machine.
        certificates: those of this machine.
    """

    stamps: str
    requests: str
    queue_age: int
    deadline: float
    timers: list[Timer]
    services: list[Service]
    certificates: list[Certificate]
