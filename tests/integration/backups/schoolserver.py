"""A school with a real PostgreSQL, a real rsync daemon and both stores, as `vigie provision files` describes them."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from lab.accounts import POSTGRES_BIN, clean_environment, current
from lab.postgres import Cluster
from lab.processes import Server, Supervisor
from lab.school import roles
from lab.school.contexts import identifier
from lab.waiting import wait_until
from provisioning.hostfiles.places import HostFile, Places
from provisioning.hostfiles.render import files_for
from provisioning.subjects import Order
from vigie import site as sites
from vigie.backups.catalogue import Layout, read_index, read_last_run
from vigie.backups.manifests import Manifest, RunManifest, RunPhase
from vigie.backups.store import initialise
from vigie.backups.verify import hashed

UAI = "9990001X"
PORT = 18730
RSYNCD = "rsyncd"
VIGIE = Path(sys.executable).with_name("vigie")
TEMPLATE = "context_template"
# Small, with all that a dump may hold: rows, an empty table, a sequence, a large object, a name to quote.
_TEMPLATE_SQL = """
CREATE TABLE res_partner (id serial PRIMARY KEY, name text, note text);
INSERT INTO res_partner (name, note) SELECT 'COPY ' || n, repeat(md5(n::text), 20) FROM generate_series(1, 400) n;
CREATE TABLE empty (id integer);
CREATE TABLE "Odd ""table"" FROM stdin;" (line text);
INSERT INTO "Odd ""table"" FROM stdin;" VALUES (E'COPY x (y) FROM stdin;'), (E'\\\\.'), (E'a\\nb');
SELECT lo_from_bytea(60001, 'attachment');
"""
# psql runs each line that the query gives.
_ROWS = r"""
SELECT format('SELECT count(*) FROM %I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public' \gexec
"""
Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class SchoolServer:
    """The two machines. `base` holds the site file, `etc`, the sender's store `source` and the far one `store`."""

    base: Path
    cluster: Cluster
    supervisor: Supervisor
    backup_address: str

    @property
    def source(self) -> Layout:
        return Layout(self.base / "source")

    @property
    def store(self) -> Layout:
        return Layout(self.base / "store")

    @property
    def site_file(self) -> Path:
        return self.base / "site.yaml"

    @property
    def store_file(self) -> Path:
        return self.base / "etc" / f"store-{UAI}.json"

    def site_text(self, *, directory: Path | None = None, transfer: str = "", more: str = "") -> str:
        """The site file; `directory` is the sender's store, `more` other lines of `backup`."""
        transfer = transfer or f"{{method: rsync, port: {PORT}, password_file: {self.base}/etc/rsync.password}}"
        return f"""\
version: 1
zabbix: {{url: "http://127.0.0.1/", token_file: {self.base}/none}}
academy: {{name: Test}}
schools:
  - uai: {UAI}
    name: Test
    classes: [TS]
    hosts:
      - {{name: source, address: {self.cluster.address}, roles: [postgres]}}
      - {{name: store, address: {self.backup_address}, roles: [backup]}}
    backup:
      source: source
      store: store
      service_file: {self.base}/etc/pg_service.conf
      directory: {directory or self.source.root}
      store_directory: {self.store.root}
      retention: {{daily: 3, weekly: 0, monthly: 0, dropped: 5d}}
      transfer: {transfer}
{more}"""

    def host_files(self, host: str, text: str) -> dict[str, HostFile]:
        """What `vigie provision files` gives a host for this site file."""
        file = self.base / "rendered.yaml"
        file.write_text(text)
        site = sites.load(file)
        school = site.schools[0]
        places = Places(PurePosixPath(self.base / "prefix"), PurePosixPath(self.base / "etc"))
        files = files_for(Order(site, school, school.host(host), text, places, date(2026, 11, 21)))
        return {each.name: each for each in files}

    def install(self) -> None:
        """Write the files of both machines, and start PostgreSQL and the rsync daemon."""
        for folder in ("etc", "prefix/bin"):
            (self.base / folder).mkdir(parents=True)
        (self.base / "prefix/bin/vigie").symlink_to(VIGIE)
        text = self.site_text()
        self.site_file.write_text(text)
        files = self.host_files("store", text)
        self.store_file.write_text(files[self.store_file.name].text)
        (self.base / "etc/rsyncd.conf").write_text(self.as_this_user() + files["rsyncd.conf"].text)
        secret(self.base / "etc/rsync.password", "the password of this test")
        secret(self.base / "etc/rsyncd.secrets", "vigie:the password of this test")
        self.cluster.create()
        self.supervisor.start(self.cluster.server())
        access = roles.Access("vigie_backup", "vigie-backup", self.base / "etc/pg_service.conf", current())
        roles.make(self.cluster, self.host_files("source", text)["roles.sql"].text, [access])
        self.cluster.sql(f"CREATE DATABASE {TEMPLATE}")
        self.cluster.sql(_TEMPLATE_SQL, database=TEMPLATE)
        self.start_rsyncd()

    @staticmethod
    def as_this_user() -> str:
        """As root, the daemon would become nobody; in production it runs as the user vigie."""
        return f"uid = {os.getuid()}\ngid = {os.getgid()}\n" if os.geteuid() == 0 else ""

    def start_rsyncd(self) -> None:
        self.supervisor.start(
            Server(
                name=RSYNCD,
                argv=["rsync", "--daemon", "--no-detach", f"--config={self.base}/etc/rsyncd.conf"],
                account=current(),
                ready=lambda: listens(self.backup_address, PORT),
                deadline=20,
            )
        )

    def stop_rsyncd(self) -> None:
        self.supervisor.stop(RSYNCD)

    def empty_stores(self) -> None:
        for layout in (self.source, self.store):
            shutil.rmtree(layout.root, ignore_errors=True)
        initialise(self.store.root, UAI)

    # Databases.

    def make(self, *names: str, template: str = TEMPLATE, by: str = "postgres") -> None:
        for name in names:
            self.cluster.sql(
                f"CREATE DATABASE {identifier(name)} TEMPLATE {template} STRATEGY FILE_COPY;", database=by, timeout=60
            )

    def drop(self, *names: str, by: str = "postgres") -> None:
        for name in names:
            self.cluster.sql(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE);", database=by)

    @contextmanager
    def held_up(self, database: str) -> Iterator[None]:
        """A database whose dump waits, a minute at most, for a session that has locked a table."""
        with self._psql(database) as session:
            assert session.stdin is not None
            assert session.stdout is not None
            session.stdin.write("BEGIN;\nLOCK TABLE res_partner IN ACCESS EXCLUSIVE MODE;\n\\echo held\n")
            session.stdin.flush()
            assert session.stdout.readline() == "held\n"
            try:
                yield
            finally:
                session.stdin.close()
                session.wait(timeout=20)

    def _psql(self, database: str) -> subprocess.Popen[str]:
        where = ["-h", str(self.cluster.socket), "-U", "postgres", "-d", database]
        command = [str(POSTGRES_BIN / "psql"), "-XqAt", *where]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=clean_environment(),
            cwd="/",
            **self.cluster.account.popen_arguments(),  # type: ignore[call-overload, no-any-return]
        )

    def rows(self, database: str) -> tuple[int, int]:
        """How many rows and how many tables a database has."""
        counts = [int(count) for count in self.cluster.sql(_ROWS, database=database).split()]
        return sum(counts), len(counts)

    def restored(self, dump: Path) -> tuple[int, int]:
        """Rows and tables after a dump was restored into a database of its own, without any error."""
        self.drop("scratch")
        self.cluster.sql("CREATE DATABASE scratch TEMPLATE template0")
        where = ["-h", str(self.cluster.socket), "-U", "postgres"]
        command = [str(POSTGRES_BIN / "pg_restore"), "--exit-on-error", *where]
        with dump.open("rb") as stream:
            done = subprocess.run(
                [*command, "-d", "scratch"],
                stdin=stream,
                capture_output=True,
                timeout=60,
                check=False,
                env=clean_environment(),
                cwd="/",
                **self.cluster.account.popen_arguments(),  # type: ignore[call-overload]
            )
        assert done.returncode == 0, done.stderr
        return self.rows("scratch")

    # The product.

    def vigie(self, *arguments: str, code: int | None = None) -> Done:
        """Run `vigie` to its end."""
        return self.ended(self.started(*arguments), code=code)

    def back_up(self, *, code: int | None = None, site: Path | None = None) -> Done:
        return self.vigie("backup", "run", str(site or self.site_file), code=code)

    def started(self, *arguments: str, program: list[str] | None = None) -> subprocess.Popen[str]:
        """Start `vigie`, alone in its group."""
        return subprocess.Popen(
            [*(program or [str(VIGIE)]), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=clean_environment() | {"COLUMNS": "250"},
            start_new_session=True,
        )

    @staticmethod
    def ended(process: subprocess.Popen[str], *, code: int | None = None) -> Done:
        try:
            out, err = process.communicate(timeout=150)
        except BaseException:
            process.kill()
            process.communicate()
            raise
        assert "Traceback" not in err, err
        if code is not None:
            assert process.returncode == code, (process.returncode, out, err)
        return Done(process.args, process.returncode, out, err)

    # What it left.

    def last_run(self, layout: Layout) -> RunManifest:
        run = read_last_run(layout.runs)
        assert run is not None
        return run

    def last_word(self) -> RunManifest:
        """How the last run ended, once the backup server has taken the news (it does so after the transfer)."""

        def said() -> bool:
            run = read_last_run(self.store.runs)
            return run is not None and run.run == self.last_run(self.source).run and run.phase != RunPhase.RUNNING

        wait_until(said, what="the backup server does not know how the run ended", deadline=30)
        return self.last_run(self.store)

    def events(self, layout: Layout | None = None) -> list[dict[str, object]]:
        """The events of the last run's journal, as far as they are written."""
        journals = sorted(file for file in (layout or self.source).journal.iterdir() if file.name[:1].isdigit())
        if not journals:
            return []
        return [json.loads(line) for line in journals[-1].read_text().splitlines() if line.endswith("}")]

    def wait_for_event(self, name: str, process: subprocess.Popen[str], layout: Layout | None = None) -> None:
        def happened() -> bool:
            assert process.poll() is None, "the run ended before"
            with suppress(FileNotFoundError):
                return any(event["event"] == name for event in self.events(layout))
            return False

        wait_until(happened, what=f"no event {name!r}", deadline=60, every=0.005)


def whole_dumps(layout: Layout) -> dict[str, Manifest]:
    """The dumps that a reader sees, by `key/stamp`; each must be what its manifest says."""
    seen = {}
    for folder in layout.dumps.glob("*/*"):
        if folder.name.startswith("."):
            continue
        manifest = Manifest.from_json((folder / "manifest.json").read_bytes())
        contents = hashed(folder / "dump")
        assert (contents.size, contents.sha256) == (manifest.size, manifest.sha256), folder
        seen[f"{manifest.key}/{manifest.stamp}"] = manifest
    return seen


def by_name(layout: Layout) -> dict[str, list[Manifest]]:
    """The same, by the database's name; what the index says must be what there is."""
    dumps: dict[str, list[Manifest]] = {}
    whole = whole_dumps(layout)
    for manifest in whole.values():
        dumps.setdefault(manifest.name, []).append(manifest)
    index = read_index(layout.index)
    assert {f"{key}/{entry.stamp}" for key, held in index.databases.items() for entry in held.dumps} == set(whole)
    return dumps


def listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


def secret(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text + "\n")


def as_root(*command: str) -> Done:
    """Run a command as root: directly, or through sudo."""
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n", "--"]
    return subprocess.run([*prefix, *command], capture_output=True, text=True, timeout=30, check=False, cwd="/")
