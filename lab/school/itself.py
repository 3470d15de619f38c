"""Vigie's own parts: the stamps of its timers, the queue of requests, and a page with a certificate that it leans on.

No systemd runs the lab: the retention of the dumps is run once, and leaves its stamp in the same way. The other timers,
whose machines have no night behind them yet, begin with a stamp.
"""

import time
from pathlib import Path
from typing import ClassVar

from lab.processes import Server
from lab.school.machines import Machines
from lab.zabbix.server import listens
from vigie import stamps
from vigie.errors import VigieError
from vigie.observe.itself.settings import ObserveItself
from vigie.site import WatchedService

PAGE = "page"
TIMER = "vigie-keep"
_DAYS = 365


class Part:
    """Vigie itself."""

    title: ClassVar[str] = "Vigie's own parts"

    def start(self, machines: Machines) -> None:
        """Make the folders, the certificate and the first success of the retention; start the page."""
        declared = machines.school.vigie
        for folder in (declared.stamps, declared.requests):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
            machines.account.own(folder)
        if not certificate(machines).exists():
            make_certificate(machines, days=_DAYS)
        if not Path(stamps.stamp_file(declared.stamps, TIMER, machines.school.uai)).exists():
            succeed(machines)
        for file in machines.settings_files(f"itself-{machines.school.uai}.json"):
            _begin(machines, ObserveItself.read(file))
        start_page(machines)


def certificate(machines: Machines) -> Path:
    """Where the page's certificate is."""
    for declared in machines.school.vigie.certificates:
        if declared.name == PAGE:
            return declared.file
    raise VigieError(f"the lab's site file must declare the certificate {PAGE}")


def make_certificate(machines: Machines, *, days: int) -> None:
    """Make the page's certificate anew, for so many days; its key keeps to itself."""
    file = certificate(machines)
    kind = [
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=page.vigie.example",
    ]
    partial, key = file.with_suffix(".partial"), file.with_suffix(".key")
    partial.touch()
    key.touch(mode=0o600)
    machines.account.own(partial, key)
    command = ["openssl", "req", *kind, "-days", str(days), "-keyout", str(key), "-out", str(partial)]
    machines.account.run(command, timeout=30)
    partial.chmod(0o644)
    partial.rename(file)


def start_page(machines: Machines) -> None:
    """Start the page: openssl's own server, with the certificate."""
    page = _page(machines)
    address, port = page.address or machines.school.host(page.host).address, page.port
    if port is None:
        raise VigieError("the lab's page must have a port in the site file")
    file = certificate(machines)
    files = ["-cert", str(file), "-key", str(file.with_suffix(".key"))]
    machines.supervisor.start(
        Server(
            name=PAGE,
            argv=["openssl", "s_server", "-quiet", "-www", "-accept", f"{address}:{port}", *files],
            account=machines.account,
            ready=lambda: listens(address, port),
            where=f"{address}:{port}",
        )
    )


def succeed(machines: Machines) -> None:
    """What the timer of the retention does: run it, and leave the stamp of its success."""
    machines.keep()
    python, folder = machines.vigie.with_name("python"), machines.school.vigie.stamps / TIMER
    machines.account.run(
        [str(python), "-I", "-m", "vigie.stamps", str(folder), machines.school.uai],
        timeout=20,
    )


def _begin(machines: Machines, settings: ObserveItself) -> None:
    for timer in settings.timers:
        file = Path(stamps.stamp_file(settings.stamps, timer.name, settings.school))
        if timer.within and not file.exists():
            stamps.leave(file, time.time())
            machines.account.own(file.parent, file)


def _page(machines: Machines) -> WatchedService:
    for service in machines.school.vigie.services:
        if service.name == PAGE:
            return service
    raise VigieError(f"the lab's site file must declare the service {PAGE}")
