"""What writes to the logs of the lab: programs of Linux machines, and the agents Snare and Epilog of Windows ones.

`python -m lab.school.chatter linux SOCKET [OPENERP-LOG]` and `... windows ADDRESS PORT FROM NAME COUNTER-FILE KIND...`
are those programs, `... flood`, `... storm` and `... datagrams` are some that went wrong. No Windows is at hand: the
lines have the format of Snare and Epilog.
"""

import select
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.processes import Server
    from lab.school.machines import Machines
    from vigie.site import Host, LogPlaces

_EVERY = 5.0
_SNARE = (
    "<14>{name} MSWinEventLog\t1\tSecurity\t{counter}\t{date}\t4624\tMicrosoft-Windows-Security-Auditing\t"
    "LYCEE\\eleve\tN/A\tSuccess Audit\t{name}\tLogon\t\tAn account was successfully logged on.\t{counter}\n"
)
_EPILOG = "<13>{name} IISWebLog\t1\t192.168.20.7 - - GET /accueil.aspx 200\n"
_OPENERP = "[{date},000][SpecibikeMartin] INFO:web-service:successful login from 'eleve'\n"


def chatter(machines: "Machines", host: "Host", places: "LogPlaces") -> "Server":
    """What writes to a Linux machine's log."""
    openerp = [str(places.openerp_log)] if places.openerp_log.is_relative_to(machines.places.root) else []
    return _server(machines, f"chatter-{host.name}", ["linux", str(places.socket), *openerp])


def flood(machines: "Machines", places: "LogPlaces", *, size: int, every: float) -> "Server":
    """What floods a Linux machine's log.

    Args:
        machines: the school's machines.
        places: where the machine has its log.
        size: bytes of a message.
        every: seconds between two of them.
    """
    return _server(machines, "flood", ["flood", str(places.socket), str(size), str(every)])


def windows_flood(machines: "Machines", host: "Host", to: tuple[str, int], *, every: float) -> "Server":
    """What floods the centre from a Windows machine: a message each so many seconds."""
    return _server(machines, "flood", ["storm", to[0], str(to[1]), str(host.address), host.name.upper(), str(every)])


def windows_datagrams(machines: "Machines", host: "Host", to: tuple[str, int], *, size: int, every: float) -> "Server":
    """What floods the centre from a Windows machine by UDP: a message of that size each so many seconds."""
    arguments = [to[0], str(to[1]), str(host.address), host.name.upper(), str(size), str(every)]
    return _server(machines, "flood", ["datagrams", *arguments])


def windows_machine(machines: "Machines", host: "Host", to: tuple[str, int], kinds: Sequence[str]) -> "Server":
    """What sends a Windows machine's log."""
    counter = machines.places.root / "logs" / f"{host.name}.counter"
    counter.touch()
    machines.account.own(counter)
    arguments = [to[0], str(to[1]), str(host.address), host.name.upper(), str(counter), *kinds]
    return _server(machines, f"windows-{host.name}", ["windows", *arguments])


def _server(machines: "Machines", name: str, arguments: list[str]) -> "Server":
    from lab.processes import Server

    python = machines.places.prefix / "bin/python"
    argv = [str(python), "-I", "-m", "lab.school.chatter", *arguments]
    return Server(name=name, argv=argv, account=machines.account, ready=lambda: True, where=f"every {_EVERY:g} s")


def _linux(path: str, openerp: str = "") -> None:
    for number in count(1):
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
            syslog.settimeout(1)
            syslog.connect(path)
            syslog.send(f"<78>{time.strftime('%b %e %H:%M:%S')} CRON[{number}]: (root) CMD (true)".encode())
        if openerp:
            with Path(openerp).open("a", encoding="utf-8") as file:
                file.write(_OPENERP.format(date=time.strftime("%Y-%m-%d %H:%M:%S")))
        time.sleep(_EVERY)


def _flood(path: str, size: str, every: str) -> None:
    text = f"<14>{{}} loop[1]: {'x' * int(size)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
        syslog.connect(path)
        while True:
            syslog.send(text.format(time.strftime("%b %e %H:%M:%S")).encode())
            time.sleep(float(every))


def _storm(address: str, port: str, source: str, name: str, every: str) -> None:
    with socket.create_connection((address, int(port)), 5, (source, 0)) as syslog:
        while True:
            syslog.sendall(_EPILOG.format(name=name).encode())
            time.sleep(float(every))


def _datagrams(address: str, port: str, source: str, name: str, size: str, every: str) -> None:
    line = _EPILOG.format(name=name).replace("accueil", "x" * int(size)).encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as syslog:
        syslog.bind((source, 0))
        while True:
            with suppress(OSError):  # nobody listens at the moment
                syslog.sendto(line, (address, int(port)))
            time.sleep(float(every))


def _windows(address: str, port: str, source: str, name: str, counter_file: str, *kinds: str) -> None:
    file = Path(counter_file)
    while True:
        with suppress(OSError), socket.create_connection((address, int(port)), 5, (source, 0)) as syslog:
            while not _has_ended(syslog):
                _send(syslog, name, file, kinds)
                time.sleep(_EVERY)
        time.sleep(1)


def _has_ended(syslog: socket.socket) -> bool:
    """Whether the other side has closed: what is sent after that is lost without an error."""
    readable, _, _ = select.select([syslog], [], [], 0)
    return bool(readable) and not syslog.recv(1, socket.MSG_PEEK)


def _send(syslog: socket.socket, name: str, file: Path, kinds: tuple[str, ...]) -> None:
    number = int(file.read_text() or 0) + 1
    if "snare" in kinds:
        date = time.strftime("%a %b %d %H:%M:%S %Y")
        syslog.sendall(_SNARE.format(name=name, counter=number, date=date).encode())
        file.write_text(str(number))
    if "epilog" in kinds:
        syslog.sendall(_EPILOG.format(name=name).encode())


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    programs: dict[str, Callable[..., None]] = {
        "linux": _linux,
        "flood": _flood,
        "storm": _storm,
        "datagrams": _datagrams,
        "windows": _windows,
    }
    programs[kind](*rest)
