"""A machine that carries a part of Vigie, made of real files, to be observed."""

import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import vigie.observe.itself.units
from vigie import stamps
from vigie.observe.itself.model import ItselfObservation, ItselfSeen
from vigie.observe.itself.observation import observe_itself
from vigie.observe.itself.settings import Certificate, ObserveItself, Service, Timer

SCHOOL = "9990001X"
NOW = int(time.time())
DAY = 86_400


@dataclass
class Machine:
    """Its folders, and what is declared."""

    folder: Path
    timers: list[Timer] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    deadline: float = 5.0

    def __post_init__(self) -> None:
        self.stamps.mkdir()
        os.utime(self.stamps, (NOW - 30 * DAY, NOW - 30 * DAY))

    @property
    def stamps(self) -> Path:
        return self.folder / "stamps"

    @property
    def requests(self) -> Path:
        return self.folder / "requests"

    @property
    def settings(self) -> ObserveItself:
        return ObserveItself(
            school=SCHOOL,
            stamps=str(self.stamps),
            requests=str(self.requests),
            queue_age=600,
            deadline=self.deadline,
            timers=self.timers,
            services=self.services,
            certificates=self.certificates,
        )

    def succeeded(self, timer: str, age: int) -> Path:
        """Leave a timer's stamp, that old."""
        file = Path(stamps.stamp_file(self.stamps, timer, SCHOOL))
        stamps.leave(file, NOW - age)
        os.utime(self.stamps, (NOW - 30 * DAY, NOW - 30 * DAY))
        return file

    def request(self, name: str, age: int) -> Path:
        """Write a request, that old."""
        self.requests.mkdir(exist_ok=True)
        file = self.requests / name
        file.write_text("{}")
        os.utime(file, (NOW - age, NOW - age))
        return file

    def certificate(self, name: str, ends_in: int) -> Path:
        """Have openssl make a certificate that ends so many seconds after NOW, and declare it."""
        file = self.folder / f"{name}.pem"
        ends = subprocess.run(
            ["date", "-u", "-d", f"@{NOW + ends_in}", "+%y%m%d%H%M%SZ"], capture_output=True, text=True, check=True
        ).stdout.strip()
        key, request = self.folder / "key.pem", self.folder / "request.pem"
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=lab"]
        _openssl("req", "-new", *kind, "-keyout", str(key), "-out", str(request))
        database = self.folder / "ca"
        database.mkdir(exist_ok=True)
        (database / "index").write_text("")
        (database / "conf").write_text(
            f"[ca]\ndefault_ca=a\n[a]\ndatabase={database}/index\nnew_certs_dir={database}\ndefault_md=sha256\n"
            "policy=p\nrand_serial=yes\nunique_subject=no\n[p]\ncommonName=supplied\n"
        )
        dates = ["-startdate", "200101000000Z", "-enddate", ends]
        files = ["-config", str(database / "conf"), "-keyfile", str(key), "-in", str(request), "-out", str(file)]
        _openssl("ca", "-batch", "-selfsign", "-notext", *dates, *files)
        self.certificates.append(Certificate(name, str(file), 30 * DAY))
        return file

    def observed(self) -> ItselfObservation:
        return observe_itself(self.settings, clock=lambda: NOW)

    def seen(self) -> ItselfSeen:
        observation = self.observed()
        assert observation.error == ""
        assert observation.seen is not None
        return observation.seen


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)


def systemctl(machine: Machine, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let systemd be there, as its own `systemctl show` would speak: the machine of the tests has none."""
    booted = machine.folder / "systemd"
    booted.mkdir()
    program = machine.folder / "bin/systemctl"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(vigie.observe.itself.units, "_BOOTED", str(booted))
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def shown(
    *names: str,
    load: str = "loaded",
    active: str = "active",
    sub: str = "running",
    result: str = "success",
    file: str = "",
) -> str:
    states = f"LoadState={load}\\nActiveState={active}\\nSubState={sub}"
    return f"Result={result}\\nNames={' '.join(names)}\\n{states}\\nFragmentPath={file}\\n"
