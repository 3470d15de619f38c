"""OpenERP and what its check needs: the server (a stand-in, or a real one), the role of the check and its grants."""

import secrets
import signal
from pathlib import Path
from typing import ClassVar

from lab.openerp import releases
from lab.processes import Server
from lab.school import contexts, roles
from lab.school.machines import Machines
from lab.zabbix.login import write_secret
from lab.zabbix.server import listens
from vigie.errors import VigieError
from vigie.site import OpenErp as Declared

OPENERP = "openerp"
GRANT = "grant"
GRANT_EVERY = 15
ROLE = "vigie_contexts"
# The contexts that pupils work in now: OpenERP has loaded them, and runs their scheduled actions.
SERVED = ("SpecibikeTSTMG1", "SpecibikeTSTMG2")
_DELAY = "VIGIE_LAB_OPENERP_DELAY"
# What the timer does: grant, then a pause. Constant; the program and its settings are arguments.
_LOOP = 'while :; do "$0" contexts grant "$1"; sleep "$2"; done'
_CONFIGURATION = """[options]
db_host = {host}
db_port = {port}
db_user = {user}
db_password = {password}
db_name = {served}
xmlrpc_interface = {address}
xmlrpc_port = {listen}
netrpc = False
logfile = {log}
pidfile = {folder}/openerp-server.pid
list_db = True
"""


class OpenErp:
    """The part of the school that a pupil sees."""

    title: ClassVar[str] = "OpenERP (a stand-in), and the right to read its contexts"

    def start(self, machines: Machines) -> None:
        """Make the role, its grants and the configuration; start the timer and the server."""
        _make_role(machines)
        _write_configuration(machines)
        releases.make(machines.places.openerp)
        start_grants(machines)
        start_server(machines)


def start_server(machines: Machines, *, release: str = "", delay: float = 0.0) -> None:
    """Start OpenERP from a release directory.

    Args:
        machines: the school's.
        release: of the stand-in; the declared one unless it is told.
        delay: seconds before each answer, which only the stand-in knows.

    Raises:
        VigieError: when the lab runs a real OpenERP and something else is asked of it, or it does not start.
    """
    declared = declaration(machines)
    directory = releases.find(machines.places.openerp, release or declared.version)
    if not directory.is_stand_in and (release or delay):
        raise VigieError("the lab runs a real OpenERP: only the stand-in can be another release, or slow")
    address = str(machines.school.host(declared.host).address)
    machines.supervisor.start(
        Server(
            name=OPENERP,
            argv=[*directory.command(machines.vigie.with_name("python")), "-c", str(_configuration(machines))],
            account=machines.account,
            ready=lambda: listens(address, declared.port),
            environment={_DELAY: str(delay)},
            stop_signal=signal.SIGTERM,
            where=f"{address}:{declared.port}",
        )
    )


def upgrade_command(machines: Machines, context: str) -> list[str]:
    """What an administrator runs to upgrade a context: the server of the declared release, on one database."""
    directory = releases.find(machines.places.openerp, declaration(machines).version)
    python = machines.vigie.with_name("python")
    options = ["-c", str(_configuration(machines)), "-d", context, "-u", "all", "--stop-after-init"]
    return [*directory.command(python), *options]


def start_grants(machines: Machines) -> None:
    """Start what the timer does on a school's machine, after a first time."""
    settings = machines.places.etc / f"grant-{machines.school.uai}.json"
    machines.run_vigie("contexts", "grant", str(settings))
    machines.supervisor.start(
        Server(
            name=GRANT,
            argv=["sh", "-c", _LOOP, str(machines.vigie), str(settings), str(GRANT_EVERY)],
            account=machines.account,
            ready=lambda: True,
            whole_group=True,
            where=f"every {GRANT_EVERY} s",
        )
    )


def declaration(machines: Machines) -> Declared:
    """The OpenERP that the lab's school declares.

    Raises:
        VigieError: when its site file has none.
    """
    if machines.school.openerp is None:
        raise VigieError("the lab's school has no `openerp` in its site file")
    return machines.school.openerp


def _configuration(machines: Machines) -> Path:
    return machines.places.openerp / "openerp-server.conf"


def _make_role(machines: Machines) -> None:
    declared = declaration(machines)
    observation = declared.observation
    text = (machines.places.hosts / declared.postgres_host / "contexts-role.sql").read_text()
    # The Zabbix server runs the check, as the lab's user.
    access = roles.Access(ROLE, observation.service, observation.service_file, machines.account)
    roles.make(machines.cluster, text, [access])


def _write_configuration(machines: Machines) -> None:
    """OpenERP's own file, with the password of its role, once."""
    file, cluster = _configuration(machines), machines.cluster
    if file.exists():
        return
    folder = file.parent
    folder.mkdir(parents=True, exist_ok=True)
    machines.account.own(folder)
    password = secrets.token_urlsafe(24)
    cluster.sql(f"ALTER ROLE {contexts.OWNER} PASSWORD '{password}';")
    declared = declaration(machines)
    text = _CONFIGURATION.format(
        host=cluster.address,
        port=cluster.port,
        user=contexts.OWNER,
        password=password,
        served=",".join(SERVED),
        address=machines.school.host(declared.host).address,
        listen=declared.port,
        log=machines.places.openerp_log,
        folder=folder,
    )
    write_secret(file, text)
    machines.account.own(file)
