"""A network cable between two servers of the lab: a relay of TCP connections, which can be cut and joined.

Cut, it is silent as a real one: nothing is refused, nothing is closed, packets go nowhere.

`python -m lab.cable LISTEN-ADDRESS PORT TO-ADDRESS PORT [FROM-ADDRESS]` is the relay.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab.accounts import Account
from lab.processes import Server, Supervisor
from lab.zabbix.server import listens
from vigie.errors import VigieError

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Cable:
    """A cable that may be plugged or not.

    Args:
        name: the relay's name in `status`.
        listen: address and port where one end plugs in.
        to: address and port of the server at the other end.
        source: the address that the server sees its client come from; empty for any.
    """

    name: str
    listen: tuple[str, int]
    to: tuple[str, int]
    source: str = ""

    def server(self, account: Account, python: Path) -> Server:
        """How the relay is run, by a Python that has the lab beside it: that of the lab's prefix."""
        ends = [self.listen[0], str(self.listen[1]), self.to[0], str(self.to[1])]
        return Server(
            name=self.name,
            argv=[str(python), "-I", "-m", "lab.cable", *ends, *([self.source] if self.source else [])],
            account=account,
            ready=lambda: listens(*self.listen),
            where=f"{self.listen[0]}:{self.listen[1]} to {self.to[0]}:{self.to[1]}",
        )

    def cut(self, supervisor: Supervisor) -> None:
        """Cut it: connections stay, nothing passes any more."""
        self._signal(supervisor, signal.SIGSTOP)

    def join(self, supervisor: Supervisor) -> None:
        """Join it again: what was sent meanwhile arrives, as on a real network."""
        self._signal(supervisor, signal.SIGCONT)

    def _signal(self, supervisor: Supervisor, number: signal.Signals) -> None:
        record = supervisor.record_of(self.name)
        if record is None or not record.is_alive():
            raise VigieError(f"the cable {self.name} is not plugged: start the lab first with `vigie lab up`")
        os.kill(record.pid, number)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.close()


async def _relay(listen: tuple[str, int], to: tuple[str, int], source: str) -> None:
    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        local = (source, 0) if source else None
        try:
            far_reader, far_writer = await asyncio.open_connection(*to, local_addr=local)
        except OSError:  # nobody at the other end: refused here too
            writer.close()
            return
        await asyncio.gather(_pass(reader, far_writer), _pass(far_reader, writer))

    server = await asyncio.start_server(joined, *listen)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    here, here_port, there, there_port, *rest = sys.argv[1:]
    asyncio.run(_relay((here, int(here_port)), (there, int(there_port)), rest[0] if rest else ""))
