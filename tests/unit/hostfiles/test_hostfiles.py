"""What `vigie provision files` writes for each host."""

import json
import re
from pathlib import Path, PurePosixPath

import pytest
from hostrendering import EXAMPLES, rendered

from provisioning.hostfiles.places import Places
from provisioning.hostfiles.render import agent_file
from vigie import site as sites
from vigie import stamps
from vigie.observe.backups.settings import ObserveBackups
from vigie.observe.itself.settings import ObserveItself
from vigie.settings import Store
from vigie.site import School, Site


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


def test_the_agents_file_follows_the_two_prefixes() -> None:
    text = agent_file(Places(PurePosixPath("/srv/etc/vigie/x"), PurePosixPath("/opt/vigie-lab/etc"))).text
    line = next(line for line in text.splitlines() if line.startswith("UserParameter="))
    assert "/srv/etc/vigie/x/bin/python" in line
    assert "/opt/vigie-lab/etc $1" in line
    assert "/etc/vigie $1" not in line
    assert agent_file(Places()).text == (Path(__file__).parents[3] / "userparameters/vigie.conf").read_text(
        encoding="utf-8"
    )


def test_the_roles_never_have_a_password_written() -> None:
    for name in ("roles.sql", "pg_service.conf.example"):
        text = rendered("lab.yaml", "srv-openerp")[name].text
        assert not re.search(r"(?i)password\s*[=']", text)
    example = rendered("lab.yaml", "srv-backup")["observe-pg_service.conf.example"].text
    assert "passfile=/var/lib/vigie-lab/etc/observe/pgpass" in example
    assert not re.search(r"(?i)^password", example, re.MULTILINE)


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
