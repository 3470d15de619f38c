"""XML-RPC over HTTP as OpenERP 6.0 serves it: connections kept, faults as HTTP 200 with a text for a code."""

import time
import traceback
import xmlrpc.client
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from lab.openerp import log
from lab.openerp.configuration import Configuration
from lab.openerp.services import Services

_LONGEST_REQUEST = 1 << 20


class Server(ThreadingHTTPServer):
    """The HTTP server; when it ends it waits for its threads, and an idle connection holds one of them.

    Args:
        configuration: where it listens, and how slow it is.
    """

    daemon_threads = False
    block_on_close = True
    allow_reuse_address = True

    def __init__(self, configuration: Configuration) -> None:
        self.services = Services(configuration)
        self.delay = configuration.delay
        super().__init__((configuration.xmlrpc_interface, configuration.xmlrpc_port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that was reset is an error with its traceback."""
        log.error("web-services", f"Exception happened during processing of request from {client_address}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "BaseHTTP/0.3"
    sys_version = "Python/2.7.18"
    timeout = 20
    server: Server
    stand_in: ClassVar[str] = "X-Vigie-Lab"

    def do_GET(self) -> None:
        known = self.path.startswith("/xmlrpc/")
        self.send_error(HTTPStatus.NOT_IMPLEMENTED if known else HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        service = self.path.removeprefix("/xmlrpc/")
        if service == self.path or service not in self.server.services:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LONGEST_REQUEST:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self._answer(service, self.rfile.read(length))
        time.sleep(self.server.delay)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-type", "text/xml")
        self.send_header("Content-length", str(len(body)))
        self.send_header(self.stand_in, "stand-in, not OpenERP")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """OpenERP logs no request at INFO."""

    def _answer(self, service: str, request: bytes) -> bytes:
        try:
            parameters, method = xmlrpc.client.loads(request)
        except Exception as error:  # whatever was sent: OpenERP answers the integer 1
            return _written(xmlrpc.client.Fault(1, f"{type(error)}:{error}"))
        try:
            answer = self.server.services.call(service, method or "", parameters)
        except PermissionError as error:
            return _written(_fault(str(error), "\n"))
        except Exception as error:  # as OpenERP does: the text of any exception is the code of the fault
            return _written(_fault(str(error), traceback.format_exc()))
        return _written((answer,))


def _fault(code: str, text: str) -> xmlrpc.client.Fault:
    fault = xmlrpc.client.Fault(0, text)
    fault.faultCode = code  # type: ignore[assignment] # a text, where the protocol wants an integer
    return fault


def _written(answer: Any) -> bytes:
    response = None if isinstance(answer, xmlrpc.client.Fault) else True
    return xmlrpc.client.dumps(answer, methodresponse=response, allow_none=True).encode()
