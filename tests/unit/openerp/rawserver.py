"""A server of raw bytes for tests: it says what it is told, and remembers what it heard and how it was left."""

import socket
import threading
import xmlrpc.client
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from recorded import recorded

HEAD = b"HTTP/1.1 200 OK\r\nServer: BaseHTTP/0.3 Python/2.7.18\r\nContent-type: text/xml\r\n"

# From the path and the method that were asked to everything that is said.
Reply = Callable[[str, str], bytes]


class RawServer:
    """Accepts, hears one request, replies, closes; in a thread of its own, on a port of its own."""

    def __init__(self, reply: Reply, *, silent: bool = False) -> None:
        self._reply = reply
        self._silent = silent
        self._over = threading.Event()
        self.heard: list[bytes] = []
        self.left: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._over.set()
        self._listener.close()

    @property
    def methods(self) -> set[str]:
        """The methods that were called."""
        return {xmlrpc.client.loads(request.partition(b"\r\n\r\n")[2])[1] or "" for request in self.heard}

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            request = b""
            while not request.endswith(b"</methodCall>"):
                piece = connection.recv(4096)
                if not piece:
                    return
                request += piece
            self.heard.append(request)
            if self._silent:
                self._over.wait(30)
                return
            path = request.split(b" ")[1].decode()
            method = xmlrpc.client.loads(request.partition(b"\r\n\r\n")[2])[1] or ""
            try:
                connection.sendall(self._reply(path, method))
                connection.shutdown(socket.SHUT_WR)
                self.left.append("FIN" if connection.recv(1) == b"" else "more")
            except OSError:  # reset, broken pipe or no longer connected: it depends on who is quicker
                self.left.append("RST")


def ok(body: bytes) -> bytes:
    """A body as OpenERP sends it."""
    return HEAD + f"Content-length: {len(body)}\r\n\r\n".encode() + body


def raw(name: str) -> bytes:
    """A raw answer of a real server."""
    return recorded(f"{name}.xml").read_bytes()


def real(release: str, *, down: bool = False) -> Reply:
    """A real server's raw answers: to its release, its PostgreSQL, its list, and to what it does not know."""
    state = "pgdown-" if down else ""
    known = {
        ("/xmlrpc/db", "server_version"): f"{release}-{state}server_version",
        ("/xmlrpc/db", "list"): f"{release}-{state}list",
        ("/xmlrpc/common", "check_connectivity"): f"{release}-{state}check_connectivity",
    }

    def reply(path: str, method: str) -> bytes:
        return ok(raw(known.get((path, method), f"{release}-unknown_method")))

    return reply


def value(given: Any) -> bytes:
    """An answer with a value."""
    return ok(xmlrpc.client.dumps((given,), methodresponse=True, allow_none=True).encode())


def fault(code: Any, text: str) -> bytes:
    """A fault."""
    return ok(xmlrpc.client.dumps(xmlrpc.client.Fault(code, text)).encode())


def later(path: str, method: str, *, reaches_postgres: bool = True) -> bytes:
    """An Odoo of later years, as its documentation tells: no `check_connectivity`, `version` beside 6.0's own path.

    Its list is hidden, and `db_exist` is not: it says whether Odoo can connect to a database.
    """
    if (path, method) == ("/xmlrpc/2/common", "version"):
        return value({"server_version": "17.0-20260101", "server_serie": "17.0", "protocol_version": 1})
    if (path, method) == ("/xmlrpc/db", "list"):
        return fault(3, "odoo.exceptions.AccessDenied: Access Denied")
    if (path, method) == ("/xmlrpc/db", "db_exist"):
        return value(reaches_postgres)
    return b"HTTP/1.0 404 NOT FOUND\r\nContent-Type: text/html\r\n\r\n<h1>Not Found</h1>"
