"""The lab's cable: it carries, falls silent when it is cut, and delivers late what was sent meanwhile."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.accounts import current
from lab.cable import Cable
from lab.processes import Supervisor


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path / "run", tmp_path / "log")
    yield made
    made.stop_all()


def test_a_cut_cable_is_silent_and_a_joined_one_delivers(supervisor: Supervisor, block: int) -> None:
    with socket.create_server((f"127.0.{block}.90", 0)) as far:
        far.settimeout(10)
        with socket.create_server((f"127.0.{block}.91", 0)) as free:
            listen = (f"127.0.{block}.91", free.getsockname()[1])
        cable = Cable("cable", listen, far.getsockname()[:2], source=f"127.0.{block}.92")
        supervisor.start(cable.server(current(), Path(sys.executable)))
        # The first to come asked whether the cable is plugged, and has gone.
        with socket.create_connection(listen, timeout=10) as near:
            near.sendall(b"before")
            while True:
                served, (address, _) = far.accept()
                served.settimeout(10)
                if served.recv(6) == b"before":
                    break
                served.close()
            with served:
                assert address == f"127.0.{block}.92"
                cable.cut(supervisor)
                near.sendall(b"meanwhile")
                served.settimeout(0.5)
                with pytest.raises(TimeoutError):
                    served.recv(9)
                cable.join(supervisor)
                served.settimeout(10)
                assert served.recv(9) == b"meanwhile"


def test_a_cable_to_nobody_closes(supervisor: Supervisor, block: int) -> None:
    with socket.create_server((f"127.0.{block}.93", 0)) as free:
        nobody = free.getsockname()[:2]
    with socket.create_server((f"127.0.{block}.94", 0)) as free:
        listen = free.getsockname()[:2]
    supervisor.start(Cable("cable", listen, nobody).server(current(), Path(sys.executable)))
    with socket.create_connection(listen, timeout=10) as near:
        assert near.recv(1) == b""
