"""What the measured checks look at: a primary with its standby, a store of logs, a ledger of passwords, an rsyslog."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lab.accounts import Account, lab_account
from lab.postgres import Cluster
from lab.processes import Supervisor
from lab.school.rsyslog import Rsyslog
from lab.streaming import ACCESS, Standby
from lab.waiting import wait_until
from provisioning.hostfiles.places import Places
from provisioning.hostfiles.render import files_for
from provisioning.hostfiles.rendering import text
from provisioning.subjects import Order
from vigie import site as sites
from vigie.credentials.ledger import note_generation
from vigie.site import LogPlaces

LOGS = "Syslog"
_SCHOOL_FILE = Path(__file__).resolve().parent.parent / "examples/lab.yaml"
_PASSWORD = "of the bench"  # noqa: S105 - of a cluster that lives for the bench alone
_ROLES = ("vigie_observe", "vigie_replication")
_OPEN = "host all vigie_observe 127.0.0.0/8 scram-sha-256\n"
_MESSAGES = """
INSERT INTO systemevents (receivedat, facility, priority, fromhost, syslogtag, message)
SELECT now() AT TIME ZONE 'UTC' - n * interval '1 s', 3, CASE WHEN n % 50 = 0 THEN 3 ELSE 6 END, 'srv-' || n % 4,
    'program' || n % 17 || '[12]:', ' a message of ordinary length that says what a program did for whom, number ' || n
FROM generate_series(1, 20000) AS n
"""
_FIGURES = """
module(load="impstats" interval="1" format="json" resetCounters="off" ruleset="figures")
template(name="figures" type="string" string="%timegenerated:::date-unixtimestamp%: %msg:::drop-last-lf%\\n")
ruleset(name="figures" queue.type="Direct") { action(type="omfile" template="figures" file="FILE") }
"""


@dataclass(frozen=True)
class Pair:
    """The servers of the bench, and the folder of settings and secrets."""

    primary: Cluster
    standby: Cluster
    rsyslog: LogPlaces
    folder: Path

    @property
    def services(self) -> Path:
        """The file of connection services: `primary` and `standby` for the replication, `observe` and `logs`."""
        return self.folder / "pg_service.conf"

    @property
    def ledger(self) -> Path:
        """The generations of a password."""
        return self.folder / "ledger.json"


@contextmanager
def watched_pair(block: int, school: str) -> Iterator[Pair]:
    """Everything, running; stopped and removed at the end."""
    root = Path(tempfile.mkdtemp(prefix="vigie-bench-"))
    root.chmod(0o755)
    supervisor, account = Supervisor(root / "run", root / "log"), lab_account()
    primary = Cluster("primary", root / "p", account, f"127.0.{block}.51", 15451, ACCESS + _OPEN)
    cluster = Cluster("standby", root / "s", account, f"127.0.{block}.52", 15452)
    standby = Standby(primary, cluster, (primary.address, primary.port))
    places = LogPlaces(
        socket=root / "log/dev-log",
        impstats=root / "log/impstats.json",
        pid_file=root / "log/rsyslogd.pid",
        state=root / "canary",
    )
    pair = Pair(primary, cluster, places, root)
    try:
        primary.create()
        supervisor.start(primary.server())
        standby.prepare_primary()
        _fill(primary)
        standby.start(supervisor)
        wait_until(standby.is_streaming, what="the standby does not stream", deadline=30)
        note_generation(pair.ledger, school, "openerp_a", lambda _role: 4_000_000_000)
        _write_services(pair)
        _start_rsyslog(pair, supervisor, account)
        yield pair
    finally:
        supervisor.stop_all()
        shutil.rmtree(root)


def _fill(primary: Cluster) -> None:
    """Roles, functions and messages, as a school's servers have them."""
    site = sites.load(_SCHOOL_FILE)
    known = site.schools[0]
    order = Order(site, known, known.host("srv-openerp"), site_text="", places=Places(), today=date(2026, 11, 21))
    files = {file.name: file.text for file in files_for(order)}
    for name in ("roles.sql", "passwords.sql"):
        primary.sql(files[name])
    primary.sql(text("replication-roles.sql", {"checkers": ["127.0.0.0/8"]}))
    primary.sql(f"CREATE DATABASE \"{LOGS}\" ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;")
    primary.sql(text("logs-schema.sql", {"by_socket": True}), database=LOGS)
    primary.sql(_MESSAGES, database=LOGS)
    primary.sql("VACUUM ANALYZE systemevents;", database=LOGS)
    for role in _ROLES:
        primary.sql(f"ALTER ROLE {role} PASSWORD '{_PASSWORD}';")


def _write_services(pair: Pair) -> None:
    passfile = pair.folder / "pgpass"
    passfile.write_text("".join(f"*:*:*:{role}:{_PASSWORD}\n" for role in _ROLES))
    passfile.chmod(0o600)
    ends = [
        ("primary", pair.primary, "vigie_replication", "postgres"),
        ("standby", pair.standby, "vigie_replication", "postgres"),
        ("observe", pair.primary, "vigie_observe", "postgres"),
        ("logs", pair.primary, "vigie_observe", LOGS),
    ]
    pair.services.write_text(
        "".join(
            f"[{name}]\nhost={end.address}\nport={end.port}\nuser={user}\ndbname={database}\npassfile={passfile}\n"
            for name, end, user, database in ends
        )
    )


def _start_rsyslog(pair: Pair, supervisor: Supervisor, account: Account) -> None:
    fragment = _FIGURES.replace("FILE", str(pair.rsyslog.impstats))
    rsyslog = Rsyslog("rsyslog", pair.folder / "rsyslog", pair.rsyslog, account, fragment)
    rsyslog.write()
    pair.rsyslog.state.mkdir()
    supervisor.start(rsyslog.server())
    wait_until(pair.rsyslog.impstats.exists, what="rsyslog writes no figures", deadline=30)
