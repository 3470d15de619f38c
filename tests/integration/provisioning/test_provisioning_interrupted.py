"""A connection that is lost half way, at any write: the next application finds what is missing, and completes it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from siteagainst import SMALL_TEMPLATE, Bench, clean, school

from lab.zabbix.api import Api
from vigie.zabbix.errors import UnreachableError
from vigie.zabbix.session import is_read


class Link:
    """A relay to a Zabbix that breaks at the n-th write call, before it arrives or before its answer comes back."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.writes_left = -1
        self.delivers = False
        self.url = ""

    def breaks_at(self, write: int, *, delivers: bool) -> None:
        """Break at that write (from 1); deliver it first or not. 0 never breaks."""
        self.writes_left, self.delivers = write or -1, delivers


@contextmanager
def relay(target: str) -> Iterator[Link]:
    link = Link(target)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server wants
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not is_read(json.loads(body)["method"]):
                link.writes_left -= 1
                if link.writes_left == 0:
                    if link.delivers:
                        self.forward(body)
                    self.close_connection = True
                    return
            answer = self.forward(body)
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def forward(self, body: bytes) -> requests.Response:
            kept = {name: self.headers[name] for name in ("Content-Type", "Authorization") if name in self.headers}
            return requests.post(f"{link.target}/api_jsonrpc.php", data=body, headers=kept, timeout=60)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        link.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield link
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def link(bench: Bench) -> Iterator[Link]:
    with relay(bench.zabbix.url) as made:
        bench.url = made.url
        yield made


def small_site(bench: Bench) -> None:
    """One object of each kind, with few items: this is about calls, not about templates."""
    bench.ship(SMALL_TEMPLATE)
    secret = bench.secret("password", "one")
    router = {"name": "r1", "address": "127.0.0.13", "roles": ["router"], "secret_macros": {"{$PASSWORD}": secret}}
    bench.schools = [
        school(proxy={"name": "proxy-a", "address": "127.0.0.9"}),
        school(2, hosts=[router]),
    ]


@pytest.mark.parametrize("delivers", [False, True], ids=["before-it-arrives", "before-its-answer"])
def test_a_connection_lost_at_any_write_is_made_good_by_the_next_application(
    bench: Bench, api: Api, link: Link, delivers: bool
) -> None:
    small_site(bench)
    _, whole = bench.apply()
    assert whole.writes >= 5
    for write in range(1, whole.writes + 1):
        clean(api)
        link.breaks_at(write, delivers=delivers)
        with pytest.raises(UnreachableError, match="connection was lost"):
            bench.apply()
        link.breaks_at(0, delivers=False)
        bench.apply()
        after, session = bench.plan()
        assert after.changes == (), f"lost at write {write}"
        assert session.writes == 0


def test_removals_lost_half_way_are_completed_too(bench: Bench, api: Api, link: Link) -> None:
    small_site(bench)
    bench.schools[0]["hosts"][0]["macros"] = {"{$GONE}": "1"}
    bench.apply()
    bench.removal_limit = 20
    remaining = [school(3)]
    bench.schools, before = remaining, bench.schools
    _, whole = bench.apply()
    for write in range(1, whole.writes + 1):
        clean(api)
        bench.schools = before
        bench.apply()
        bench.schools = remaining
        link.breaks_at(write, delivers=True)
        with pytest.raises(UnreachableError):
            bench.apply()
        link.breaks_at(0, delivers=False)
        bench.apply()
        assert bench.plan()[0].changes == (), f"lost at write {write}"
