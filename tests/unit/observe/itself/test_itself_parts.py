"""A dead service is dead, a request that waits is seen, a certificate ends."""

import os
import socket

import pytest
from itselfbuilder import DAY, NOW, Machine

from vigie.observe.itself.document import of_itself
from vigie.observe.itself.model import CertificateState, ServiceState
from vigie.observe.itself.settings import Certificate, Service
from vigie.observe.itself.verdict import findings
from vigie.observe.levels import Level


def test_a_service_is_alive_when_its_port_answers_and_dead_when_it_no_longer_does(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        machine.services.append(Service("page", "", "", "127.0.0.1", port))
        assert machine.seen().services["page"].state == ServiceState.ALIVE
    dead = machine.seen().services["page"]
    assert (dead.state, dead.error) == (ServiceState.DEAD, f"nothing answers at 127.0.0.1:{port}: Connection refused")


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (str(os.getpid()), ServiceState.ALIVE),
        ("99999999", ServiceState.DEAD),
        ("0", ServiceState.DEAD),
        ("-1", ServiceState.DEAD),
        ("", ServiceState.DEAD),
        ("../self", ServiceState.DEAD),
        (None, ServiceState.DEAD),
    ],
)
def test_a_service_is_as_alive_as_the_process_of_its_file(
    machine: Machine, content: str | None, state: ServiceState
) -> None:
    file = machine.folder / "pid"
    if content is not None:
        file.write_text(content)
    machine.services.append(Service("daemon", "", str(file), "", 0))
    assert machine.seen().services["daemon"].state == state


def test_requests_are_counted_and_the_oldest_tells_whether_they_are_stuck(machine: Machine) -> None:
    machine.request("a.json", 30)
    machine.request("b.json", 600)
    machine.request(".c.json", 9999)  # being written
    machine.request("c.txt", 9999)  # no request
    requests = machine.seen().requests
    assert (requests.count, requests.oldest_age, requests.stuck) == (2, 600, 0)
    machine.request("d.json", 601)
    assert machine.seen().requests.stuck == 1


def test_no_folder_and_an_empty_one_hold_no_request(machine: Machine) -> None:
    assert machine.seen().requests.oldest_age == -1
    machine.requests.mkdir()
    assert machine.seen().requests.count == 0


def test_a_queue_that_somebody_floods_is_counted_within_bounds(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import vigie.observe.itself.requests

    monkeypatch.setattr(vigie.observe.itself.requests, "_MOST", 5)
    for number in range(9):
        machine.request(f"{number}.json", 1)
    assert machine.seen().requests.count == 5


def test_a_certificate_is_worth_what_openssl_says_of_its_end(machine: Machine) -> None:
    machine.certificate("long", 40 * DAY)
    machine.certificate("short", 29 * DAY)
    machine.certificate("over", -DAY)
    seen = machine.seen()
    assert {name: row.state for name, row in seen.certificates.items()} == {
        "long": CertificateState.VALID,
        "short": CertificateState.EXPIRING,
        "over": CertificateState.EXPIRED,
    }
    assert (seen.certificates["long"].expires_at, seen.certificates["long"].left) == (NOW + 40 * DAY, 40 * DAY)
    assert seen.counts.expiring == 2


@pytest.mark.parametrize(("content", "words"), [(None, "No such file"), ("", "not a cert"), ("x" * 9999, "not a cert")])
def test_a_file_without_certificate_is_never_valid(machine: Machine, content: str | None, words: str) -> None:
    file = machine.folder / "x.pem"
    if content is not None:
        file.write_text(content)
    machine.certificates.append(Certificate("x", str(file), DAY))
    row = machine.seen().certificates["x"]
    assert row.state == CertificateState.UNREADABLE
    assert words in row.error


@pytest.mark.parametrize("hangs", ["file", "openssl"])
def test_a_certificate_that_is_not_read_in_time_has_no_state_and_says_why(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, hangs: str
) -> None:
    file = machine.folder / "x.pem"
    if hangs == "file":
        os.mkfifo(file)
    else:
        file.touch()
        program = machine.folder / "bin/openssl"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\nexec sleep 20\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    machine.certificates.append(Certificate("x", str(file), DAY))
    machine.deadline = 0.5
    observation = machine.observed()
    assert of_itself(observation)["certificates"]["x"] == {
        "name": "x",
        "error": f"{file}: is not read in time",
        "late": 1,
    }
    (finding,) = findings(observation, machine.settings)
    assert (finding.level, finding.text) == (Level.WARNING, f"certificate x: {file}: is not read in time")


def test_a_certificate_that_hangs_takes_no_time_from_the_ports(machine: Machine) -> None:
    os.mkfifo(machine.folder / "x.pem")
    machine.certificates.append(Certificate("x", str(machine.folder / "x.pem"), DAY))
    machine.deadline = 0.5
    with socket.create_server(("127.0.0.1", 0)) as listening:
        machine.services.append(Service("page", "", "", "127.0.0.1", listening.getsockname()[1]))
        seen = machine.seen()
    assert (seen.certificates["x"].late, seen.services["page"].state) == (1, ServiceState.ALIVE)
