"""The lab's stand-in behaves as the real servers did, over a real PostgreSQL, and the observation sees through it."""

import os
import signal
import socket
import struct
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from contextserver import Contexts

from lab.accounts import lab_account
from lab.openerp import releases
from lab.processes import Server, Supervisor
from lab.waiting import wait_until
from lab.zabbix.server import listens
from vigie.observe.openerp.model import ContextSeen, OpenErpSeen
from vigie.observe.openerp.observation import observe_openerp
from vigie.observe.openerp.states import Connected, ContextState, PostgresState, ReleaseState, ServerState

REAL = "SpecibikeDupont"
PORT = 18069
ROOT = Path(__file__).parents[3]


class StandIn:
    """The stand-in of a release over the contexts' PostgreSQL."""

    def __init__(self, contexts: Contexts, folder: Path, release: str) -> None:
        self.address, self.log = contexts.cluster.address, folder / "openerp-server.log"
        self._supervisor = Supervisor(folder / "run", folder / "log")
        self._folder = folder
        releases.make(folder)
        self.file = folder / "openerp-server.conf"
        options = {
            "db_host": contexts.cluster.address,
            "db_port": contexts.cluster.port,
            "db_user": "openerp",
            "db_password": "of OpenERP",
            "xmlrpc_interface": self.address,
            "xmlrpc_port": PORT,
            "logfile": self.log,
            "pidfile": folder / "openerp-server.pid",
            "list_db": True,
        }
        self.file.write_text("[options]\n" + "".join(f"{name} = {value}\n" for name, value in options.items()))
        self.argv = [*releases.find(folder, release).command(Path(sys.executable)), "-c", str(self.file)]
        # Isolated as in the lab, where it is installed: here it stands in the checkout.
        self.argv.remove("-I")

    def start(self, *options: str) -> None:
        self._supervisor.start(
            Server(
                name="openerp",
                argv=[*self.argv, *options],
                account=lab_account(),
                ready=lambda: listens(self.address, PORT),
                environment={"PYTHONPATH": str(ROOT)},
            )
        )

    def stop(self) -> None:
        self._supervisor.stop("openerp", patience=40)

    def upgrade(self, *options: str) -> subprocess.CompletedProcess[str]:
        """`-u all --stop-after-init`, to its end."""
        argv = [*self.argv, "-u", "all", "--stop-after-init", *options]
        return lab_account().run(argv, timeout=60, environment={"PYTHONPATH": str(ROOT)}, check=False)

    def ask(self, service: str, method: str, *parameters: str) -> object:
        """What a client of OpenERP asks, by a connection that is closed."""
        with xmlrpc.client.ServerProxy(f"http://{self.address}:{PORT}/xmlrpc/{service}") as proxy:
            return getattr(proxy, method)(*parameters)


@pytest.fixture(scope="module", autouse=True)
def real(contexts: Contexts) -> None:
    """One context of the real OpenERP, whose role is let in."""
    hba = contexts.cluster.data / "pg_hba.conf"
    hba.write_text("host all openerp 127.0.0.0/8 scram-sha-256\n" + hba.read_text())
    contexts.cluster.sql("ALTER ROLE openerp PASSWORD 'of OpenERP'; SELECT pg_reload_conf();")
    contexts.restore(REAL)
    contexts.grant()


@pytest.fixture(params=["6.0.4"])
def server(contexts: Contexts, scratch: Path, request: pytest.FixtureRequest) -> Iterator[StandIn]:
    """A stand-in that is ready to be started, and is stopped at the end."""
    folder = scratch / f"standin-{request.node.name[:40]}"
    folder.mkdir()
    account = lab_account()
    account.own(folder)
    made = StandIn(contexts, folder, request.param)
    yield made
    made.stop()


def seen(contexts: Contexts, **changes: object) -> OpenErpSeen:
    return observe_openerp(contexts.settings(port=PORT, version="6.0.4", **changes)).seen


def context(contexts: Contexts) -> ContextSeen:
    return seen(contexts).contexts[REAL]


def test_a_sound_server_is_seen_to_be_sound(contexts: Contexts, server: StandIn) -> None:
    server.start()
    found = seen(contexts)
    assert (found.server.state, found.server.release) == (ServerState.ANSWERS, "6.0.4")
    assert (found.server.drift, found.server.connected) == (ReleaseState.AS_DECLARED, Connected.YES)
    assert found.postgres.state == PostgresState.ANSWERS


@pytest.mark.parametrize("server", ["6.0.3"], indirect=True)
def test_the_release_is_the_one_of_the_directory(contexts: Contexts, server: StandIn) -> None:
    server.start()
    found = seen(contexts)
    assert (found.server.release, found.server.drift) == ("6.0.3", ReleaseState.DIFFERENT)


def test_an_observation_leaves_no_trace_in_the_log(contexts: Contexts, server: StandIn) -> None:
    """Connections closed in good order, and no login: OpenERP has nothing to say of them."""
    server.start()
    # It listens a moment before it says so.
    wait_until(lambda: "waiting for connections..." in server.log.read_text(), what="it says nothing", deadline=10)
    before = server.log.read_text()
    for _ in range(5):
        seen(contexts)
    assert server.log.read_text() == before


def test_a_connection_that_is_reset_is_an_error_in_the_log(server: StandIn) -> None:
    server.start()
    with closing(socket.create_connection((server.address, PORT))) as connection:
        connection.send(b"POST /xmlrpc/db HTTP/1.1\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_until(lambda: "] ERROR:web-services:" in server.log.read_text(), what="nothing is logged", deadline=10)
    assert "Traceback (most recent call last):" in server.log.read_text()


def test_an_observation_does_not_delay_a_shutdown(contexts: Contexts, server: StandIn) -> None:
    server.start()
    seen(contexts)
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 5


def test_faults_are_http_200_with_a_text_for_a_code(server: StandIn) -> None:
    server.start("--no-database-list")
    asked = (
        (("db", "list"), "AccessDenied"),
        (("db", "version"), "Method not found: version"),
        (("db", "drop", "wrong", "x"), "AccessDenied: Invalid super administrator password."),
    )
    for question, code in asked:
        with pytest.raises(xmlrpc.client.Fault) as met:
            server.ask(*question)
        assert met.value.faultCode == code
    with pytest.raises(xmlrpc.client.ProtocolError) as unknown:
        server.ask("nothing", "version")
    assert unknown.value.errcode == 404


def test_the_list_may_be_hidden_and_nothing_is_wrong(contexts: Contexts, server: StandIn) -> None:
    server.start("--no-database-list")
    found = seen(contexts)
    assert (found.server.connected, found.postgres.state) == (Connected.YES, PostgresState.ANSWERS)


def test_an_upgrade_brings_a_real_context_of_6_0_3_to_6_0_4(contexts: Contexts, server: StandIn) -> None:
    before = context(contexts)
    assert before.state == ContextState.NOT_UPGRADED
    done = server.upgrade("-d", REAL)
    assert done.returncode == 0, done.stderr
    after = context(contexts)
    assert after.state == ContextState.UPGRADED
    assert after.upgraded_at > before.upgraded_at


def test_an_upgrade_killed_half_way_leaves_modules_waiting(contexts: Contexts, server: StandIn) -> None:
    account = lab_account()
    arguments = account.popen_arguments()
    process = subprocess.Popen(
        [*server.argv, "-d", REAL, "-u", "all", "--stop-after-init"],
        env={"PYTHONPATH": str(ROOT), "PATH": os.defpath},
        cwd="/",
        **arguments,  # type: ignore[call-overload]
    )
    waiting = "SELECT count(*) FROM ir_module_module WHERE state LIKE 'to %'"
    try:
        wait_until(
            lambda: contexts.cluster.sql(waiting, database=REAL) != "0", what="the upgrade does not begin", deadline=20
        )
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert context(contexts).state == ContextState.INTERRUPTED
    assert server.upgrade("-d", REAL).returncode == 0
    assert context(contexts).state == ContextState.UPGRADED


def test_an_upgrade_of_what_is_no_context_fails(server: StandIn) -> None:
    assert server.upgrade("-d", "SpecibikeNobody").returncode == 1


def test_postgresql_down_is_told_by_openerp_and_by_nobody_else(contexts: Contexts, server: StandIn) -> None:
    server.start()
    cluster = contexts.cluster
    contexts.supervisor.stop(cluster.name)
    try:
        assert server.ask("db", "server_version") == "6.0.4"
        with pytest.raises(xmlrpc.client.Fault):
            server.ask("db", "list")
        found = seen(contexts)
    finally:
        contexts.supervisor.start(cluster.server())
    assert (found.server.state, found.server.connected) == (ServerState.ANSWERS, Connected.NO)
    assert found.postgres.state == PostgresState.SILENT
    assert found.counts is None
    assert "Connection to the database failed" in server.log.read_text()
    assert seen(contexts).postgres.state == PostgresState.ANSWERS


def test_openerp_shut_out_of_postgresql_is_told_apart_from_postgresql_down(contexts: Contexts, server: StandIn) -> None:
    server.start()
    contexts.cluster.sql("ALTER ROLE openerp NOLOGIN")
    try:
        found = seen(contexts)
    finally:
        contexts.cluster.sql("ALTER ROLE openerp LOGIN")
    assert found.postgres.state == PostgresState.LOST
    assert found.counts is not None
