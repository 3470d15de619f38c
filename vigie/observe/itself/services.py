"""Whether services are alive: by their unit where systemd runs, by their process id, by their port."""

import os
import time
from collections.abc import Iterator, Mapping
from functools import partial

from vigie.observe.asking import Asked, TooLateError
from vigie.observe.itself.model import ServiceSeen, ServiceState
from vigie.observe.itself.settings import Service
from vigie.observe.itself.units import Unit


def ports_asked(services: list[Service], until: float) -> list[Asked[None] | None]:
    """Begin to ask each service's port, all at the same time; None for a service without one.

    Args:
        services: those of this machine.
        until: deadline, a time of `time.monotonic`.
    """
    return [Asked(partial(_connect, service, until)) if service.port else None for service in services]


def services_seen(
    services: list[Service], ports: list[Asked[None] | None], units: Mapping[str, Unit] | None, until: float
) -> dict[str, ServiceSeen]:
    """Judge each service in every way that was declared.

    Args:
        services: those of this machine.
        ports: what was begun for each of them.
        units: what systemd says; None where it does not run.
        until: deadline, a time of `time.monotonic`.
    """
    return {service.name: _seen(service, units, port, until) for service, port in zip(services, ports, strict=True)}


def _seen(service: Service, units: Mapping[str, Unit] | None, port: Asked[None] | None, until: float) -> ServiceSeen:
    faults = list(_faults(service, units, port, until))
    if faults:
        return ServiceSeen(service.name, ServiceState.DEAD, "; ".join(faults))
    if units is None and not service.port and not service.pid_file:
        error = f"systemd does not run here, so {service.unit} cannot be asked for: declare its port or its pid_file"
        return ServiceSeen(service.name, ServiceState.UNKNOWN, error)
    return ServiceSeen(service.name, ServiceState.ALIVE)


def _faults(
    service: Service, units: Mapping[str, Unit] | None, port: Asked[None] | None, until: float
) -> Iterator[str]:
    if service.unit and units is not None:
        unit = units.get(service.unit)
        if unit is None or not unit.is_active:
            yield f"{service.unit} {unit.why_not if unit else 'is unknown to systemd'}"
    if service.pid_file:
        yield from _without_process(service.pid_file)
    if port is not None:
        where = f"{service.address}:{service.port}"
        try:
            port.answer(until)
        except (TooLateError, TimeoutError):
            yield f"nothing answers at {where} in time"
        except OSError as error:
            yield f"nothing answers at {where}: {error.strerror or error}"


def _without_process(file: str) -> Iterator[str]:
    try:
        with open(file, "rb") as stream:
            pid = int(stream.read(32))
    except OSError as error:
        yield f"{file} cannot be read: {error.strerror}"
    except ValueError:
        yield f"{file} holds no process id"
    else:
        if pid <= 0 or not os.path.exists(f"/proc/{pid}"):
            yield f"no process has the id {pid} of {file}"


def _connect(service: Service, until: float) -> None:
    import socket  # some milliseconds: paid only where a port is declared

    left = max(0.01, until - time.monotonic())
    with socket.create_connection((service.address, service.port), timeout=left):
        pass
