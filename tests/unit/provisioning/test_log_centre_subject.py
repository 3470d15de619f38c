"""What the central log server gets from the site file."""

import os
import shlex
import shutil
import subprocess
import time
from datetime import date
from pathlib import Path

import pytest

from provisioning.hostfiles.places import HostFile, Places
from provisioning.subjects import Order
from provisioning.subjects.log_centre import SUBJECTS, observation_settings
from vigie import site as sites
from vigie.errors import VigieError
from vigie.observe.logs.settings import ObserveLogs, Source
from vigie.site import LogDatabase, Logs, LogSource, School

EXAMPLE = Path(__file__).parents[3] / "examples/academy.yaml"
(SUBJECT,) = SUBJECTS


@pytest.fixture
def school() -> School:
    return sites.load(EXAMPLE).school("9990001X")


def files_of(host: str) -> dict[str, HostFile]:
    site = sites.load(EXAMPLE)
    school = site.school("9990001X")
    order = Order(site, school, school.host(host), "", Places(), date(2026, 11, 21))
    return {file.name: file for file in SUBJECT.files(order)}


def with_sources(school: School, *sources: LogSource) -> School:
    assert school.logs is not None
    return school.model_copy(update={"logs": school.logs.model_copy(update={"sources": list(sources)})})


def test_the_centre_alone_bears_the_template(school: School) -> None:
    assert [host.name for host in school.hosts if SUBJECT.bears(school, host)] == ["srv-backup"]


def test_the_centre_gets_its_settings_its_schema_and_its_retention() -> None:
    files = files_of("srv-backup")
    assert {name: (str(file.destination), file.mode, file.group) for name, file in files.items()} == {
        "logs-9990001X.json": ("/etc/vigie/logs-9990001X.json", 0o640, "vigie-observe"),
        "logs-schema.sql": ("/etc/vigie/logs-schema.sql", 0o644, "root"),
        "logs_service.conf.example": ("/etc/vigie/observe/logs_service.conf", 0o640, "zabbix"),
        "vigie-logs-purge.service": ("/etc/systemd/system/vigie-logs-purge.service", 0o644, "root"),
        "vigie-logs-purge.timer": ("/etc/systemd/system/vigie-logs-purge.timer", 0o644, "root"),
    }
    assert "CALL vigie_purge('7776000 seconds')" in files["vigie-logs-purge.service"].text


@pytest.mark.parametrize(
    ("database", "line"),
    [
        ("/run/postgresql", 'local   "Syslog"  vigie_rsyslog                scram-sha-256'),
        ("127.0.0.1", 'host    "Syslog"  vigie_rsyslog  127.0.0.1/32  scram-sha-256'),
        ("10.1.0.20", 'host    "Syslog"  vigie_rsyslog  10.1.0.13/32  scram-sha-256'),
    ],
)
def test_the_schema_tells_the_line_that_lets_rsyslog_in_the_way_it_comes(database: str, line: str) -> None:
    site = sites.load(EXAMPLE)
    school = site.school("9990001X")
    assert school.logs is not None
    logs = school.logs.model_copy(update={"database": LogDatabase.model_validate({"host": database})})
    school = school.model_copy(update={"logs": logs})
    files = SUBJECT.files(Order(site, school, school.host("srv-backup"), "", Places(), date(2026, 11, 21)))
    (schema,) = (file.text for file in files if file.name == "logs-schema.sql")
    assert f"--   {line}\n" in schema


def with_logs(**changes: object) -> dict[str, str]:
    """The files of the centre's host with other values in the site file's `logs`."""
    site = sites.load(EXAMPLE)
    school = site.school("9990001X")
    assert school.logs is not None
    logs = Logs.model_validate(school.logs.model_dump() | changes)
    school = school.model_copy(update={"logs": logs})
    order = Order(site, school, school.host("srv-backup"), "", Places(), date(2026, 11, 21))
    return {file.name: file.text for file in SUBJECT.files(order)}


@pytest.mark.parametrize(
    ("database", "asked"),
    [
        ({}, "-h /var/run/postgresql -p 5432 -d Syslog"),
        ({"host": "/run/logs", "port": 5433}, "-h /run/logs -p 5433 -d Syslog"),
        ({"host": "127.0.0.1", "port": 5433}, "-h /var/run/postgresql -p 5433 -d Syslog"),
    ],
)
def test_retention_and_observation_ask_the_postgres_of_the_site_file(database: dict[str, object], asked: str) -> None:
    files = with_logs(database=database)
    assert asked in files["vigie-logs-purge.service"]
    assert f"\nport={database.get('port', 5432)}\n" in files["logs_service.conf.example"]


class Days:
    """A folder of plain files, and the command of the unit that removes the old ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "files"
        unit = with_logs(store={"files": self.folder, "retention": 30 * 86_400})["vigie-logs-purge.service"]
        (line,) = [line for line in unit.splitlines() if line.startswith("ExecStart=!")]
        self.command = shlex.split(line.removeprefix("ExecStart=!").replace("$$", "$"))

    def add(self, name: str, age: int) -> Path:
        """A file of that age, in days."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("a message\n")
        os.utime(file, (time.time() - age * 86_400 - 60,) * 2)
        return file

    def purge(self) -> None:
        done = subprocess.run(self.command, capture_output=True, text=True, timeout=30, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")

    def left(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")}


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path)


def test_day_files_older_than_the_retention_are_removed_and_the_folder_of_a_gone_source_with_its_last(
    days: Days,
) -> None:
    for name, age in (("srv/2026-10-01.log", 52), ("srv/2026-10-22.log", 30), ("srv/2026-10-24.log", 29)):
        days.add(name, age)
    for name in ("gone/2026-08-01.log", "gone/2026-08-02.log"):
        days.add(name, 100)
    days.purge()
    assert days.left() == {"srv", "srv/2026-10-24.log"}


def test_nothing_but_day_files_is_removed_and_no_link_is_followed(days: Days, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere/2026-01-01.log"
    elsewhere.parent.mkdir()
    for name in ("impstats.json", "2026-01-01.log", "srv/notes.log", "srv/deep/2026-01-01.log", "srv/-rf"):
        days.add(name, 400)
    (days.folder / "lost+found").mkdir()
    (days.folder / "link").symlink_to(elsewhere.parent)
    shutil.copy2(days.folder / "impstats.json", elsewhere)
    (days.folder / "srv/2026-02-02.log").symlink_to(elsewhere)
    before = days.left()
    days.purge()
    assert days.left() == before
    assert elsewhere.exists()


def test_a_folder_of_plain_files_that_is_a_link_to_another_disk_is_purged_too(days: Days, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    days.folder.symlink_to(tmp_path / "disk")
    days.add("a b'c;$(x)/2026-01-01.log", 400)
    days.purge()
    assert days.left() == set()


def test_the_retention_may_write_to_the_plain_files_and_nowhere_else() -> None:
    unit = with_logs(store={"files": "/srv/plain"})["vigie-logs-purge.service"]
    for line in ("ProtectSystem=strict", "ReadWritePaths=-/run/postgresql -/srv/plain", "CapabilityBoundingSet="):
        assert f"\n{line}\n" in unit


def test_another_host_gets_nothing() -> None:
    assert files_of("srv-openerp") == {}


def test_settings_are_read_back_as_they_were_written(tmp_path: Path, school: School) -> None:
    file = tmp_path / "logs-9990001X.json"
    file.write_text(files_of("srv-backup")[file.name].text, encoding="utf-8")
    assert ObserveLogs.read(file) == observation_settings(school)


def test_a_host_that_sends_two_logs_is_one_source_with_the_shorter_silence(school: School) -> None:
    both = with_sources(
        school,
        LogSource(host="srv-openerp", kind="rsyslog", max_silence=3600),
        LogSource(host="srv-openerp", kind="openerp", max_silence=600),
    )
    assert observation_settings(both).sources == [Source("srv-openerp", "linux", ["srv-openerp"], 600)]


@pytest.mark.parametrize(("kind", "system"), [("rsyslog", "linux"), ("openerp", "linux"), ("snare", "windows")])
def test_only_what_rsyslog_sends_has_canaries(school: School, kind: str, system: str) -> None:
    one = with_sources(school, LogSource.model_validate({"host": "pc-b12-01", "kind": kind, "names": ["PC-B12-01"]}))
    assert observation_settings(one).sources == [Source("pc-b12-01", system, ["pc-b12-01", "PC-B12-01"], 86_400)]


def test_the_template_is_told_what_the_site_file_promises(school: School) -> None:
    macros = SUBJECT.macros(school, school.host("srv-backup"))
    assert {name: value for name, (value, _) in macros.items()} == {
        "{$VIGIE.LOGS.FREE.MIN}": "10",
        "{$VIGIE.LOGS.QUEUE.MAX}": "5000",
        "{$VIGIE.LOGS.FLOOD}": "500",
        "{$VIGIE.LOGS.LATENCY.MAX}": "60s",
        "{$VIGIE.LOGS.SKEW.MAX}": "30s",
    }


def test_a_school_without_logs_is_one_sentence() -> None:
    with pytest.raises(VigieError, match="has no `logs`"):
        observation_settings(sites.load(EXAMPLE).school("9990010G"))
