"""A link to PostgreSQL that goes dead for its first connection as soon as another one is opened."""

import socket
import threading
from types import TracebackType
from typing import Self


class HeldLink:
    """A relay of TCP connections; what its first client says after the second has come is never delivered.

    Args:
        listen: address where it listens, on a port of its own.
        to: address and port of the server.
    """

    def __init__(self, listen: str, to: tuple[str, int]) -> None:
        self._to = to
        self._listener = socket.create_server((listen, 0))
        self.port: int = self._listener.getsockname()[1]
        self.clients = 0
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._listener.close()
        for end in self._open:
            end.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.clients += 1
            server = socket.create_connection(self._to)
            self._open += (client, server)
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, target, self.clients == 1), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, is_first: bool) -> None:
        piece = b"-"
        while piece:
            try:
                piece = source.recv(1 << 16)
                if not (is_first and self.clients > 1):
                    target.sendall(piece)
                if not piece:
                    target.shutdown(socket.SHUT_WR)
            except OSError:
                return
