"""Files for hosts: what each gets, that programs accept it, and that nothing secret or half written is in it."""

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from provisioning.commands import app
from provisioning.hostfiles import write as writing
from provisioning.hostfiles.command import school_of
from provisioning.hostfiles.nights import shortest_night, time_allowed
from provisioning.hostfiles.places import HostFile, Places
from provisioning.hostfiles.render import agent_file, files_for
from provisioning.subjects import Order
from vigie import site as sites
from vigie import stamps
from vigie.errors import VigieError
from vigie.observe.backups.settings import ObserveBackups
from vigie.observe.itself.settings import ObserveItself
from vigie.settings import Store
from vigie.site import School, Site, Window

EXAMPLES = Path(__file__).parents[2] / "examples"
PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
TODAY = date(2026, 11, 21)


def rendered(name: str, host: str, uai: str | None = None, places: Places | None = None) -> dict[str, HostFile]:
    site = sites.load(EXAMPLES / name)
    school = site.school(uai)
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    files = files_for(Order(site, school, school.host(host), text, places or Places(), TODAY))
    return {file.name: file for file in files}


def test_the_backup_server_gets_its_settings_agent_daemon_and_units() -> None:
    files = rendered("lab.yaml", "srv-backup")
    assert {name: (str(file.destination), file.mode, file.owner, file.group) for name, file in files.items()} == {
        "backups-9990001X.json": ("/etc/vigie/backups-9990001X.json", 0o640, "root", "vigie-observe"),
        "itself-9990001X.json": ("/etc/vigie/itself-9990001X.json", 0o640, "root", "vigie-observe"),
        "canary-9990001X.json": ("/etc/vigie/canary-9990001X.json", 0o640, "root", "vigie-observe"),
        "vigie-canary.conf": ("/etc/tmpfiles.d/vigie-canary.conf", 0o644, "root", "root"),
        "rsyslog-source.conf": ("/etc/rsyslog.d/30-vigie.conf", 0o644, "root", "root"),
        "rotate-rsyslog-stats": ("/etc/vigie/rotate-rsyslog-stats", 0o755, "root", "root"),
        "store-9990001X.json": ("/etc/vigie/store-9990001X.json", 0o640, "root", "vigie-observe"),
        "vigie.conf": ("/etc/zabbix/zabbix_agentd.conf.d/vigie.conf", 0o644, "root", "root"),
        "observe-pg_service.conf.example": (
            "/var/lib/vigie-lab/etc/observe/pg_service.conf",
            0o640,
            "root",
            "zabbix",
        ),
        "rsyncd.conf": ("/etc/vigie/rsyncd.conf", 0o640, "root", "vigie"),
        **{
            unit: (f"/etc/systemd/system/{unit}", 0o644, "root", "root")
            for unit in (
                "vigie-keep.service",
                "vigie-keep.timer",
                "vigie-recheck.service",
                "vigie-recheck.timer",
                "vigie-rsyncd.service",
            )
        },
    }


def test_the_source_gets_the_site_file_as_written_its_roles_the_nightly_run_and_its_passwords() -> None:
    files = rendered("lab.yaml", "srv-openerp")
    assert set(files) == {
        "site.yaml",
        "roles.sql",
        "replication-roles.sql",
        "pg_service.conf.example",
        "vigie-backup.service",
        "vigie-backup.timer",
        "itself-9990001X.json",
        "passwords-9990001X.json",
        "passwords.sql",
        "passwords-pg_service.conf.example",
        "vigie.conf",
        "canary-9990001X.json",
        "vigie-canary.conf",
        "rsyslog-source.conf",
        "rotate-rsyslog-stats",
        "contexts-role.sql",
        "grant-9990001X.json",
        "vigie-grant.service",
        "vigie-grant.timer",
    }
    assert files["site.yaml"].text == (EXAMPLES / "lab.yaml").read_text(encoding="utf-8")


def test_a_router_gets_nothing() -> None:
    assert rendered("academy.yaml", "rt-1", "9990001X") == {}


def test_a_transfer_by_ssh_needs_no_daemon_to_run_or_to_ask() -> None:
    files = rendered("academy.yaml", "srv-backup", "9990010G")
    assert "vigie-rsyncd.service" not in files
    assert "auth users" not in files["rsyncd.conf"].text
    settings = json.loads(files["backups-9990010G.json"].text)
    assert (settings["receiver_address"], settings["receiver_port"]) == ("", 0)


def test_settings_are_those_of_the_site_file(tmp_path: Path) -> None:
    files = rendered("academy.yaml", "srv-backup", "9990011H")
    for name, model in (("store-9990011H.json", Store), ("backups-9990011H.json", ObserveBackups)):
        (tmp_path / name).write_text(files[name].text, encoding="utf-8")
        model.read(tmp_path / name)
    assert Store.read(tmp_path / "store-9990011H.json") == Store(
        school="9990011H",
        root="/srv/vigie/backups",
        daily=14,
        weekly=8,
        monthly=24,
        dropped=604_800,
        time_zone="Indian/Reunion",
        recheck_seconds=20,
    )
    observed = ObserveBackups.read(tmp_path / "backups-9990011H.json")
    assert observed.classes == ["TSTMG1", "1STMG1"]
    assert (observed.receiver_address, observed.receiver_port) == ("192.168.20.13", 8730)
    assert (observed.max_age, observed.deadline) == (93_600, 2.0)


def test_vigie_itself_is_told_of_the_timers_that_its_host_was_given(tmp_path: Path) -> None:
    files = rendered("academy.yaml", "srv-backup", "9990011H")
    (tmp_path / "itself.json").write_text(files["itself-9990011H.json"].text)
    settings = ObserveItself.read(tmp_path / "itself.json")
    timers = {name.removesuffix(".timer") for name in files if name.endswith(".timer")}
    assert {timer.name for timer in settings.timers} == timers
    assert {timer.name: timer.within for timer in settings.timers} | {"vigie-keep": 93_600, "vigie-recheck": 0} == {
        timer.name: timer.within for timer in settings.timers
    }


def test_vigie_itself_is_told_of_what_is_declared_on_its_host_and_nowhere_else() -> None:
    for host, count in (("srv-zabbix", 1), ("srv-openerp", 0)):
        settings = json.loads(rendered("academy.yaml", host, "9990001X")["itself-9990001X.json"].text)
        assert (len(settings["services"]), len(settings["certificates"])) == (count, count)
    settings = json.loads(rendered("academy.yaml", "srv-zabbix", "9990001X")["itself-9990001X.json"].text)
    assert settings["services"][0]["address"] == "10.1.0.14"  # the host's own, unless another is given
    assert settings["certificates"][0]["warn"] == 21 * 86_400


def test_every_timer_leaves_its_successes_where_vigie_itself_looks() -> None:
    hosts = ("srv-backup", "srv-openerp", "srv-logs", "srv-zabbix")
    files = {name: file for host in hosts for name, file in rendered("lab.yaml", host).items()}
    for name in [name for name in files if name.endswith(".timer")]:
        unit = name.removesuffix(".timer")
        text = files[f"{unit}.service"].text
        stamp = f"/opt/vigie/bin/python -I -m vigie.stamps {stamps.ROOT}/{unit} 9990001X"
        assert f"\nExecStopPost={stamp}\nStateDirectory={Path(stamps.ROOT).name}/{unit}\n" in text


@pytest.fixture
def installed(tmp_path: Path) -> Places:
    """A prefix where programs stand: systemd's own checker wants every command to exist."""
    programs = tmp_path / "opt/vigie/bin"
    programs.mkdir(parents=True)
    for name in ("vigie", "python"):
        shutil.copy("/bin/true", programs / name)
    return Places(PurePosixPath(tmp_path / "opt/vigie"), PurePosixPath(tmp_path / "etc/vigie"))


@pytest.mark.parametrize(
    ("name", "host", "uai"),
    [
        ("lab.yaml", "srv-backup", None),
        ("lab.yaml", "srv-openerp", None),
        ("lab.yaml", "srv-logs", None),
        ("academy.yaml", "srv-backup", "9990011H"),
        ("academy.yaml", "srv-openerp", "9990011H"),
        ("academy.yaml", "srv-openerp", "9990010G"),
    ],
)
def test_systemd_finds_nothing_to_say_about_the_units(
    tmp_path: Path, installed: Places, name: str, host: str, uai: str | None
) -> None:
    units = {n: f for n, f in rendered(name, host, uai, installed).items() if n.endswith((".service", ".timer"))}
    folder = tmp_path / "units"
    folder.mkdir()
    for unit, file in units.items():
        (folder / unit).write_text(file.text)
    command = ["systemd-analyze", "verify", "--man=no", *(str(folder / unit) for unit in sorted(units))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_does_speak_when_a_unit_is_wrong(tmp_path: Path, installed: Places) -> None:
    text = rendered("lab.yaml", "srv-openerp", None, installed)["vigie-backup.service"].text
    (tmp_path / "vigie-backup.service").write_text(text.replace("ProtectHome=", "ProtectHouse="))
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "vigie-backup.service")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "Unknown key" in done.stderr


def test_timers_follow_the_window_in_the_time_zone_of_the_school() -> None:
    nightly = rendered("academy.yaml", "srv-openerp", "9990011H")["vigie-backup.timer"].text
    assert "OnCalendar=*-*-* 00:30:00 Indian/Reunion" in nightly
    assert "Persistent=true" in nightly
    keep = rendered("academy.yaml", "srv-backup", "9990010G")["vigie-keep.timer"].text
    assert "OnCalendar=*-*-* 04:00:00 Europe/Paris" in keep
    for text in (nightly, keep):
        when = re.search(r"OnCalendar=(.*)", text)
        assert when
        subprocess.run(["systemd-analyze", "calendar", when[1]], check=True, timeout=30, capture_output=True)


def test_the_nightly_run_is_hardened_and_ends_before_its_window() -> None:
    text = rendered("lab.yaml", "srv-openerp")["vigie-backup.service"].text
    for line in (
        "User=vigie",
        "NoNewPrivileges=true",
        "ProtectSystem=strict",
        "ReadWritePaths=/var/lib/vigie-lab/backups",
        "PrivateTmp=true",
        "CapabilityBoundingSet=",
        "UMask=0027",
        "IOSchedulingClass=idle",
        # 00:30 to 05:00 is 3 h 30 min in the night of spring, five minutes less.
        f"TimeoutStartSec={12_600 - 300}",
        "ExecStart=/opt/vigie/bin/vigie backup run /etc/vigie/site.yaml --school 9990001X",
    ):
        assert line in text.splitlines()


@pytest.mark.parametrize(
    ("start", "end", "zone", "seconds"),
    [
        (time(0, 30), time(5), PARIS, 12_600),
        (time(0, 30), time(5), REUNION, 16_200),
        (time(22), time(4), PARIS, 18_000),
        (time(4), time(6), PARIS, 7_200),
        (time(23), time(0), PARIS, 3_600),
    ],
)
def test_the_shortest_night_is_that_of_spring(start: time, end: time, zone: ZoneInfo, seconds: int) -> None:
    assert shortest_night(Window(start=start, end=end), zone, TODAY) == seconds


minutes = st.integers(0, 24 * 60 - 1).map(lambda count: time(count // 60, count % 60))


@given(minutes, minutes, st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Cayenne", "Pacific/Noumea"]))
def test_a_run_started_with_the_window_is_always_stopped_before_its_end(start: time, end: time, zone_name: str) -> None:
    if start == end:
        return
    zone, window = ZoneInfo(zone_name), Window(start=start, end=end)
    allowed = time_allowed(window, zone, TODAY)
    assert allowed > 0
    for number in range(0, 400, 1):
        night = TODAY + timedelta(days=number)
        begun = datetime.combine(night, start, zone).astimezone(UTC)
        over = datetime.combine(night + timedelta(days=end < start), end, zone).astimezone(UTC)
        if over - begun >= timedelta(minutes=1):  # the hour that spring skips is no window
            assert begun + timedelta(seconds=allowed) <= over


def test_the_agents_file_follows_the_two_prefixes() -> None:
    text = agent_file(Places(PurePosixPath("/srv/etc/vigie/x"), PurePosixPath("/opt/vigie-lab/etc"))).text
    line = next(line for line in text.splitlines() if line.startswith("UserParameter="))
    assert "/srv/etc/vigie/x/bin/python" in line
    assert "/opt/vigie-lab/etc $1" in line
    assert "/etc/vigie $1" not in line
    assert agent_file(Places()).text == (Path(__file__).parents[2] / "userparameters/vigie.conf").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("path", ["opt", "/opt/a b", "/opt/%n", "/opt/../etc", "/opt/$HOME", "/", "", "/opt/\n"])
def test_a_prefix_that_would_mean_something_to_systemd_is_refused(path: str) -> None:
    with pytest.raises(VigieError, match="must be an absolute path"):
        Places(PurePosixPath(path), PurePosixPath("/etc/vigie"))


def test_the_roles_never_have_a_password_written() -> None:
    for name in ("roles.sql", "pg_service.conf.example"):
        text = rendered("lab.yaml", "srv-openerp")[name].text
        assert not re.search(r"(?i)password\s*[=']", text)
    example = rendered("lab.yaml", "srv-backup")["observe-pg_service.conf.example"].text
    assert "passfile=/var/lib/vigie-lab/etc/observe/pgpass" in example
    assert not re.search(r"(?i)^password", example, re.MULTILINE)


def _run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["files", *arguments])
    if isinstance(done.exception, VigieError):
        return int(done.exception.exit_code), done.exception.sentence
    return done.exit_code, done.output


def test_the_command_writes_the_files_with_their_modes_and_says_how_they_are_installed(tmp_path: Path) -> None:
    code, told = _run(str(EXAMPLES / "lab.yaml"), "--host", "srv-backup", "--to", str(tmp_path / "out"))
    assert code == 0
    written = {entry.name: entry.stat().st_mode & 0o777 for entry in (tmp_path / "out").iterdir()}
    assert written == {name: file.mode for name, file in rendered("lab.yaml", "srv-backup").items()}
    for name in written:
        assert f" {tmp_path}/out/{name} " in told
    assert f"install -D -m 0640 -o root -g vigie {tmp_path}/out/rsyncd.conf /etc/vigie/rsyncd.conf" in told


def test_a_host_that_needs_nothing_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    code, told = _run(
        str(EXAMPLES / "academy.yaml"), "--host", "rt-1", "--school", "9990001X", "--to", str(tmp_path / "out")
    )
    assert (code, told) == (0, "rt-1 of school 9990001X needs no file: nothing is written.\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "srv-backup"], "several schools have a host srv-backup"),
        (["--host", "ghost"], "no host ghost in the site file; it has srv-openerp (9990001X)"),
        (["--host", "srv-standby", "--school", "9990010G"], "no host srv-standby in school 9990010G"),
        (["--host", "rt-1", "--school", "0000000A"], "no school 0000000A"),
        (["--host", "sw-core", "--prefix", "rel"], "--prefix 'rel' must be an absolute path"),
    ],
)
def test_a_host_that_is_not_clear_is_refused_with_one_sentence(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    code, told = _run(str(EXAMPLES / "academy.yaml"), *arguments, "--to", str(tmp_path / "out"))
    assert code == 2
    assert words in told
    assert not (tmp_path / "out").exists()


def test_a_host_of_one_school_needs_no_school_to_be_named() -> None:
    site = sites.load(EXAMPLES / "academy.yaml")
    assert school_of(site, "srv-standby", None).uai == "9990001X"


def _two(tmp_path: Path) -> list[HostFile]:
    return [
        HostFile("one", "new one\n", PurePosixPath("/one"), 0o640),
        HostFile("two", "new two\n", PurePosixPath("/two"), 0o644, group="no-such-group-here"),
    ]


def test_when_one_file_cannot_be_written_none_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").write_text("old")
    synced: list[int] = []

    def full(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VigieError, match="No space left on device"):
        writing.write(_two(tmp_path), tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["one"]
    assert (tmp_path / "one").read_text() == "old"


def test_files_are_written_whole_and_leave_nothing_beside_them(tmp_path: Path) -> None:
    writing.write(_two(tmp_path), tmp_path)
    writing.write(_two(tmp_path), tmp_path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["one", "two"]
    assert (tmp_path / "two").stat().st_mode & 0o777 == 0o644


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(VigieError, match="the files cannot be written"):
        writing.write(_two(tmp_path), tmp_path / "out")


@pytest.mark.parametrize("name", ["lab.yaml", "academy.yaml"])
def test_every_host_of_the_examples_is_rendered_without_a_hole(name: str) -> None:
    site: Site = sites.load(EXAMPLES / name)
    schools: list[School] = list(site.schools)
    for school in schools:
        for host in school.hosts:
            for file in rendered(name, host.name, school.uai).values():
                if file.name.endswith(".py"):  # copied as it is
                    continue
                assert "{{" not in file.text
                assert "{%" not in file.text
                assert "None" not in file.text
                assert file.text.endswith("\n")
