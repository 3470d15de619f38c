"""HTTP as Vigie wants it under pyzabbix: always a deadline, no redirection followed, nothing added from ~/.netrc."""

import time
from pathlib import Path
from typing import Any

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, NameResolutionError, ReadTimeoutError

from vigie.zabbix.errors import UnreachableError

_SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_LARGEST_ANSWER = 512 * 1024 * 1024
_CHUNK = 1024 * 1024
_ADVICE = {
    401: "the web server asks for a password of its own before Zabbix",
    403: "the web server forbids it",
    404: "there is no Zabbix frontend there; check zabbix.url, which often ends with /zabbix",
    412: "the web server or a proxy changes the request's headers",
    413: "the web server limits the size of requests; raise client_max_body_size or LimitRequestBody",
    500: "the frontend failed, often for want of PHP memory; see the web server's error log",
    502: "the web server cannot reach PHP; see its error log",
    503: "the frontend is not available now",
    504: "PHP took too long; raise max_execution_time and the web server's timeout",
}


class _Unchanged(AuthBase):
    """An authentication that adds nothing: without one, requests would replace the token by a ~/.netrc entry."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class Transport(requests.Session):
    """A requests session whose every call ends before its deadline, even when the answer trickles in.

    Args:
        url: what people call this Zabbix in error sentences.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.auth = _Unchanged()
        if _SYSTEM_CERTIFICATES.is_file():  # the academy's own authority is there, and not in certifi
            self.verify = str(_SYSTEM_CERTIFICATES)

    def post(self, url: str | bytes, data: Any = None, json: Any = None, **kwargs: Any) -> requests.Response:
        """Send a request and read its whole answer.

        Raises:
            UnreachableError: with one sentence per cause.
        """
        seconds = float(kwargs.get("timeout") or 30)
        kwargs |= {"timeout": seconds, "stream": True, "allow_redirects": False}
        ends_at = time.monotonic() + seconds
        try:
            with super().post(url, data, json, **kwargs) as response:
                _whole(response, ends_at)
        except requests.Timeout:
            raise UnreachableError(f"{self.url}: no answer within {seconds:g} s; is the frontend overloaded?") from None
        except requests.RequestException as error:
            raise UnreachableError(f"{self.url}: {_cause(error)}") from None
        if response.is_redirect:
            place = response.headers.get("location", "").removesuffix("/api_jsonrpc.php")
            raise UnreachableError(f"{self.url}: the web server redirects to {place}; write that address in zabbix.url")
        if not response.ok:
            advice = _ADVICE.get(response.status_code, "see the web server's error log")
            raise UnreachableError(f"{self.url}: HTTP error {response.status_code}: {advice}")
        return response


def _whole(response: requests.Response, ends_at: float) -> None:
    """Read an answer to its end: requests' own timeout starts again at every packet."""
    parts, size = [], 0
    try:
        while part := _next_part(response, ends_at):
            parts.append(part)
            size += len(part)
            if size > _LARGEST_ANSWER:
                raise requests.exceptions.ContentDecodingError("the answer is too large")
    except ReadTimeoutError:
        raise requests.Timeout from None
    except HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from None
    response._content = b"".join(parts)


def _next_part(response: requests.Response, ends_at: float) -> bytes:
    """What is there of an answer, nothing at its end. `iter_content` would wait until its chunk is full."""
    left = ends_at - time.monotonic()
    if left <= 0:
        raise requests.Timeout
    connection = getattr(response.raw.connection, "sock", None)
    if connection is not None:
        connection.settimeout(left)
    part: bytes = response.raw.read1(_CHUNK, decode_content=True)
    return part


def _cause(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" not in str(error):
            return "no TLS connection can be made there; is it http:// instead of https://, or another port?"
        return (
            "its certificate is not trusted here; install the academy's authority with update-ca-certificates, "
            "and use the name that the certificate bears"
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return "the HTTP proxy of the environment (https_proxy) cannot be used; set no_proxy for this address"
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return "the answer was cut off; start again"
    if isinstance(error, requests.ConnectionError):
        return _connection_cause(error)
    return "is not an address that can be called; check zabbix.url"


def _connection_cause(error: BaseException) -> str:
    seen: BaseException | None = error
    for _ in range(8):
        if isinstance(seen, NameResolutionError):
            return "the name of this server is unknown here; check zabbix.url and the name server"
        if isinstance(seen, ConnectionRefusedError):
            return "connection refused; is the web server running, and is the port right?"
        if isinstance(seen, ConnectionResetError | BrokenPipeError):
            break
        if isinstance(seen, OSError) and seen.strerror and not isinstance(seen, requests.RequestException):
            return f"cannot be reached: {seen.strerror}"
        if seen is None:
            break
        inner = getattr(seen, "reason", None) or (seen.args[-1] if seen.args else None)
        seen = inner if isinstance(inner, BaseException) else seen.__cause__ or seen.__context__
    return "the connection was lost before the answer; start again"
