"""A source, a cable, a centre and its PostgreSQL, with the configuration that `vigie provision files` writes."""

import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from lab.accounts import lab_account
from lab.cable import Cable
from lab.postgres import Cluster
from lab.processes import Server, Supervisor
from lab.school.rsyslog import Rsyslog
from lab.waiting import wait_until
from lab.zabbix.login import write_secret
from lab.zabbix.server import listens
from provisioning.hostfiles.places import HostFile, Places
from provisioning.hostfiles.rendering import text
from provisioning.hostfiles.rsyslog import STUNNEL, centre_files, source_files
from vigie.observe.logs.impstats import Figures, ImpstatsError, read_figures
from vigie.site import Host, LogPlaces, Site

ON_THE_WIRE = 128
PASSWORD = "only-for-this-test"
PYTHON = Path(__file__).parents[3] / ".venv/bin/python"


@contextmanager
def running(pipeline: "Pipeline") -> Iterator["Pipeline"]:
    """Everything runs and the store is empty."""
    try:
        pipeline.start()
        yield pipeline
    finally:
        pipeline.stop()


class Pipeline:
    """The pipeline of a school with one Linux source, one Windows source and a centre.

    Args:
        folder: where everything is; a short path, because sockets stand in it.
        block: its addresses are 127.0.BLOCK.x.
        logs: fields of the site file's `logs` beside those of the tests.
    """

    def __init__(self, folder: Path, block: int, **logs: Any) -> None:
        self.folder = folder
        self.account = lab_account()
        self.address = f"127.0.{block}.215"
        self.source_address = f"127.0.{block}.211"
        self.station_address = f"127.0.{block}.241"
        # What 127.0.0.1 is to a machine of its own.
        self.inner = {"source": f"127.0.{block}.212", "centre": f"127.0.{block}.216"}
        self.files = folder / "files"
        self.supervisor = Supervisor(folder / "run", folder / "log")
        self.cluster = Cluster(
            "postgres",
            folder / "pg",
            self.account,
            self.address,
            5499,
            'host "Syslog" vigie_rsyslog all scram-sha-256\n',
        )
        site = Site.model_validate(self._site(logs))
        self.school = site.schools[0]
        assert self.school.logs
        self.logs = self.school.logs
        source, centre = self.school.host("source"), self.school.host("centre")
        self.cable = Cable(
            "cable", (self.source_address, 2515), (self.address, self.logs.port), source=self.source_address
        )
        etc = {host.name: Places(etc=PurePosixPath(folder / host.name)) for host in (source, centre)}
        behind = self._rendered(source, source_files(self.school, self.logs, source, etc[source.name]))
        self.source = Rsyslog("rsyslog-source", folder / "source", self.places(source), self.account, behind)
        front = self._rendered(centre, centre_files(self.school, self.logs, centre, etc[centre.name]))
        self.centre = Rsyslog("rsyslog-centre", folder / "centre", self.places(centre), self.account, front)

    def places(self, host: Host) -> LogPlaces:
        """Where a machine's rsyslog has its files."""
        return LogPlaces.model_validate(self._places(host.name))

    def start(self) -> None:
        """Start everything, with empty tables."""
        self.account.own(self.folder)
        self.files.mkdir(exist_ok=True)
        self.account.own(self.files)
        self.cluster.create()
        self.supervisor.start(self.cluster.server())
        self.cluster.sql("CREATE DATABASE \"Syslog\" ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;")
        self.sql(text("logs-schema.sql", {"by_socket": True}))
        self.sql(f"ALTER ROLE vigie_rsyslog PASSWORD '{PASSWORD}';")
        passfile = Path(self.logs.database.password_file)
        write_secret(passfile, f"{self.address}:5499:Syslog:vigie_rsyslog:{PASSWORD}")
        self.account.own(passfile)
        self.start_centre()
        self.supervisor.start(self.cable.server(self.account, PYTHON))
        self.start_source()

    def start_source(self) -> None:
        self._start_tunnel("source")
        self.source.write()
        self.supervisor.start(self.source.server())

    def start_centre(self) -> None:
        self._start_tunnel("centre")
        self.centre.write()
        self.supervisor.start(self.centre.server())

    def stop_source(self) -> None:
        self.supervisor.stop("rsyslog-source")
        self.supervisor.stop("tunnel-source")

    def stop_centre(self) -> None:
        self.supervisor.stop("rsyslog-centre")
        self.supervisor.stop("tunnel-centre")

    def stop(self) -> None:
        """Stop everything."""
        self.supervisor.stop_all()

    def sql(self, statement: str) -> str:
        """Run SQL in the centre's database, as its superuser."""
        return self.cluster.sql(statement, database="Syslog")

    def log(self, *messages: str, tag: str = "app", priority: int = 13) -> None:
        """Write messages into the source's log, as any program does."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
            syslog.connect(str(self.source.places.socket))
            for message in messages:
                syslog.send(f"<{priority}>Nov 21 22:00:00 {tag}: {message}".encode())

    def send_numbers(self, first: int, last: int) -> None:
        """Write the messages `number FIRST` to `number LAST` into the source's log."""
        self.log(*(f"number {number}" for number in range(first, last + 1)))

    def send_windows(self, *lines: bytes) -> None:
        """Send raw lines to the centre as a Windows machine does."""
        address = (self.address, self.logs.windows_port)
        with socket.create_connection(address, 5, source_address=(self.station_address, 0)) as syslog:
            syslog.sendall(b"".join(line + b"\n" for line in lines))

    def rows(self, columns: str, condition: str = "true") -> list[list[str]]:
        """Rows of the store, oldest first, columns as text."""
        found = self.sql(f"SELECT {columns} FROM systemevents WHERE {condition} ORDER BY id")
        return [line.split("|") for line in found.splitlines()]

    def count(self, condition: str = "true") -> int:
        return int(self.sql(f"SELECT count(*) FROM systemevents WHERE {condition}"))

    def wait_for(self, number: int, condition: str = "true", deadline: float = 60) -> None:
        """Wait until so many rows are stored."""
        wait_until(
            lambda: self.count(condition) >= number,
            what=f"{number} rows are not stored where {condition}",
            deadline=deadline,
        )

    def numbers(self) -> list[int]:
        """The numbers of the stored messages `number N`, as often as they are there."""
        return [
            int(row[0]) for row in self.rows("substring(message FROM 'number ([0-9]+)')", "message ~ '^ ?number [0-9]'")
        ]

    def wait_for_numbers(self, last: int) -> None:
        """Wait until every number from 1 is stored.

        RELP sends again what was on the wire when a connection broke: that may be there twice.
        """
        wait_until(
            lambda: set(self.numbers()) == set(range(1, last + 1)), what=f"{last} messages did not arrive", deadline=60
        )
        assert len(self.numbers()) - last <= ON_THE_WIRE

    def figures(self, rsyslog: Rsyslog) -> Figures:
        """The figures of a rsyslog that has written some."""
        try:
            return read_figures(str(rsyslog.places.impstats))
        except ImpstatsError:
            return Figures(0.0)

    def certificates(self, name: str) -> Path:
        """A machine's folder of certificates."""
        return self.folder / f"{name}-tls"

    def _rendered(self, host: Host, files: Sequence[HostFile]) -> str:
        """rsyslog's configuration, fit for machines that share a disk and an address of their own; what stands beside
        it is put in its place."""
        configuration, *others = (replace(file, text=self._plugged(host, file.text)) for file in files)
        for file in others:
            destination = self.tunnel(host.name) if file.destination.parent == STUNNEL else Path(file.destination)
            destination.parent.mkdir(parents=True, exist_ok=True)
            destination.write_text(file.text)
            destination.chmod(file.mode)
        return configuration.text

    def _plugged(self, host: Host, text: str) -> str:
        """A file of a machine: the centre is at the other end of the cable, certificates are the machine's own."""
        port = self.logs.port
        if host.name == "source":
            text = text.replace(f'"{self.address}" port="{port}"', f'"{self.source_address}" port="2515"')
            text = text.replace(f"connect = {self.address}:{port}", f"connect = {self.source_address}:2515")
        text = text.replace("127.0.0.1", self.inner[host.name])
        # It is nobody in particular from its start, and there is no system's log to write to.
        text = re.sub("^set[ug]id = .*\n", "", text, flags=re.MULTILINE).replace("= quiet", "= yes\nsyslog = no")
        return text.replace(f"{self.folder}/tls/", f"{self.certificates(host.name)}/")

    def tunnel(self, name: str) -> Path:
        """The configuration of a machine's stunnel."""
        return self.folder / name / "stunnel-logs.conf"

    def _start_tunnel(self, name: str) -> None:
        """Start a machine's stunnel, if it has one."""
        file = self.tunnel(name)
        if not file.exists():
            return
        address = (self.inner[name] if name == "source" else self.address, self.logs.port)
        ready = partial(listens, *address)
        self.supervisor.start(Server(f"tunnel-{name}", ["/usr/bin/stunnel4", str(file)], self.account, ready))

    def _places(self, name: str) -> dict[str, str]:
        folder = self.folder / name
        files = {"socket": "log", "impstats": "figures/impstats.json", "pid_file": "pid", "state": "canary"}
        return {field: str(folder / file) for field, file in files.items()} | {
            "openerp_log": str(folder / "openerp.log")
        }

    def _site(self, logs: dict[str, Any]) -> dict[str, Any]:
        source = {"host": "source", "places": self._places("source")}
        hosts = [("source", self.source_address), ("centre", self.address), ("poste", self.station_address)]
        return {
            "version": 1,
            "zabbix": {"url": "http://127.0.0.1", "token_env": "TOKEN"},
            "academy": {"name": "Académie"},
            "schools": [
                {
                    "uai": "9990001X",
                    "name": "Lycée",
                    "hosts": [{"name": name, "address": address, "roles": ["logs"]} for name, address in hosts],
                    "logs": {
                        "centre": "centre",
                        "windows_port": 5514,
                        "figures": 1,
                        "queue": {"messages": 2000, "megabytes": 10, "retry": 1},
                        "database": {
                            "host": self.address,
                            "port": 5499,
                            "password_file": str(self.folder / "pgpass"),
                        },
                        "store": {"files": str(self.files)},
                        "observation": {"impstats": self._places("centre")["impstats"]},
                        "sources": [source, source | {"kind": "openerp"}, {"host": "poste", "kind": "snare"}],
                    }
                    | logs,
                }
            ],
        }
