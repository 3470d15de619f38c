"""One HTTP exchange with a server that may be anything: one deadline for all of it, one bound on what it may say.

`http.client` costs ten times the start of `socket`, and bounds neither the whole exchange nor the answer.
"""

import socket
import time

from vigie.observe.openerp.states import ServerState

_MOST = 1 << 20
_PIECE = 1 << 16


class ExchangeError(Exception):
    """No answer, or one that is not HTTP 200.

    Args:
        state: what that says of the server.
        sentence: why, for people.
    """

    def __init__(self, state: ServerState, sentence: str) -> None:
        super().__init__(sentence)
        self.state = state


def post(address: str, port: int, path: str, body: bytes, until: float) -> bytes:
    """Post an XML document; the body of the answer.

    HTTP/1.0 and no keep-alive: an idle connection holds one of the server's threads and delays its shutdown. The
    answer is read to its end before the connection is closed: what is closed unread is reset, and that is an error with
    a traceback in OpenERP's log.

    Args:
        address: IP address or name.
        port: TCP port.
        path: where to post.
        body: the document.
        until: deadline of everything, a time of `time.monotonic`.

    Raises:
        ExchangeError: with what stands at that address instead.
    """
    where = f"{address}:{port}"
    request = (
        f"POST {path} HTTP/1.0\r\nHost: {where}\r\nConnection: close\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    try:
        with socket.create_connection((address, port), timeout=_left(until)) as connection:
            connection.settimeout(_left(until))
            connection.sendall(request.encode("ascii") + body)
            return _body_of(_answer(connection, where, until), where)
    except TimeoutError as error:
        raise ExchangeError(ServerState.SILENT, f"no answer from {where} in time") from error
    except ConnectionRefusedError as error:
        raise ExchangeError(ServerState.REFUSED, f"nothing listens at {where}") from error
    except ConnectionError as error:
        raise ExchangeError(ServerState.GARBAGE, f"{where} broke the connection off") from error
    except OSError as error:
        raise ExchangeError(ServerState.UNREACHABLE, f"no way to {where}: {error.strerror or error}") from error


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _answer(connection: socket.socket, where: str, until: float) -> bytes:
    """Everything the server says, until it closes or has said as much as it announced."""
    received = b""
    end = _MOST
    while len(received) < end:
        connection.settimeout(_left(until))
        piece = connection.recv(_PIECE)
        if not piece:
            break
        received += piece
        if not received.startswith(b"HTTP/"[: len(received)]):
            raise ExchangeError(ServerState.GARBAGE, f"what answers at {where} does not speak HTTP")
        if end == _MOST and b"\r\n\r\n" in received:
            end = _announced(received, where)
    if len(received) >= _MOST:
        raise ExchangeError(ServerState.GARBAGE, f"the answer of {where} is longer than {_MOST >> 20} MiB")
    return received


def _announced(received: bytes, where: str) -> int:
    """The length of head and body together; the bound itself when the head does not tell."""
    head, _, _ = received.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            digits = value.strip()
            if not digits.isdigit() or len(digits) > 9:
                raise ExchangeError(ServerState.GARBAGE, f"{where} announces an answer of no length")
            return min(_MOST, len(head) + 4 + int(digits))
    return _MOST


def _body_of(received: bytes, where: str) -> bytes:
    head, end, body = received.partition(b"\r\n\r\n")
    status = head.split(b"\r\n", 1)[0].split(b" ")
    if not end or len(status) < 2 or not status[1].isdigit():
        raise ExchangeError(ServerState.GARBAGE, f"the answer of {where} ends before it begins")
    if status[1] != b"200":
        code = status[1].decode("ascii")[:3]
        raise ExchangeError(ServerState.NOT_OPENERP, f"{where} answers HTTP {code}: that is no OpenERP")
    if len(received) < _announced(received, where) != _MOST:
        raise ExchangeError(ServerState.GARBAGE, f"the answer of {where} is cut short")
    return body
