"""The files of the replication: who gets what, and nothing that a pupil or a mistake could use."""

import json
from datetime import date
from pathlib import Path

import pytest

from provisioning.hostfiles.checkers import checked_from
from provisioning.hostfiles.places import HostFile, Places
from provisioning.hostfiles.render import files_for
from provisioning.subjects import Order
from vigie import site as sites
from vigie.errors import VigieError
from vigie.observe.replication.settings import ObserveReplication

EXAMPLES = Path(__file__).parents[2] / "examples"


def rendered(name: str, host: str, uai: str) -> dict[str, HostFile]:
    site = sites.load(EXAMPLES / name)
    school = site.school(uai)
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    files = files_for(Order(site, school, school.host(host), text, Places(), date(2026, 11, 21)))
    return {file.name: file for file in files if "replication" in file.name}


def test_the_machine_of_zabbix_gets_the_check_its_settings_and_an_example_of_its_services() -> None:
    files = rendered("lab.yaml", "srv-zabbix", "9990001X")
    assert {name: (file.mode, file.group) for name, file in files.items()} == {
        "replication-9990001X.json": (0o640, "vigie-observe"),
        "replication-pg_service.conf.example": (0o640, "zabbix"),
        "vigie-replication": (0o750, "vigie-observe"),
    }
    assert str(files["vigie-replication"].destination) == "/etc/zabbix/externalscripts/vigie-replication"


def test_the_settings_are_those_of_the_site_file(tmp_path: Path) -> None:
    name = "replication-9990001X.json"
    (tmp_path / name).write_text(rendered("academy.yaml", "srv-zabbix", "9990001X")[name].text, encoding="utf-8")
    settings = ObserveReplication.read(tmp_path / name)
    assert (settings.primary, settings.standby, settings.standby_address) == ("srv-openerp", "srv-standby", "10.1.0.12")
    assert (settings.slot, settings.application_name) == ("srv_standby", "")
    assert (settings.max_bytes, settings.slot_max_bytes, settings.deadline) == (64 << 20, 4 << 30, 2.0)


def test_the_primary_gets_the_role_and_lets_in_the_machine_that_checks() -> None:
    (file,) = rendered("academy.yaml", "srv-openerp", "9990001X").values()
    assert file.name == "replication-roles.sql"
    assert "host    postgres  vigie_replication  10.1.0.14/32" in file.text
    assert "pg_read_server_files TO" not in file.text
    assert " SUPERUSER" not in file.text


def test_the_standby_needs_no_file_of_its_own() -> None:
    assert rendered("lab.yaml", "srv-standby", "9990001X") == {}


def test_no_file_holds_a_password() -> None:
    for host in ("srv-zabbix", "srv-openerp"):
        for file in rendered("lab.yaml", host, "9990001X").values():
            assert "password=" not in file.text


def test_a_school_behind_a_proxy_is_not_checked_by_the_server_of_another() -> None:
    site = sites.load(EXAMPLES / "academy.yaml")
    first = site.school("9990001X")
    assert checked_from(site, first, first.host("srv-zabbix")) == [first]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("slot: srv_standby", "slot: Srv-Standby"), "a replication slot's name"),
        (("standby: srv-standby\n", "standby: srv-backup\n"), "has not the role standby"),
        (("primary: srv-openerp\n", "primary: srv-gone\n"), "no host is named 'srv-gone'"),
        (("resources: [backups]", 'resources: ["a b"]'), "a resource's name"),
        (("max_mib: 64", "max_mib: 0"), "max_mib"),
        (
            (
                "primary: srv-openerp\n        standby: srv-standby\n",
                "primary: srv-standby\n        standby: srv-standby\n",
            ),
            "the standby must be another machine than the primary",
        ),
        (("host: srv-directory, resources: [backups]", "host: srv-backup, resources: [mail]"), "named 2 times"),
    ],
)
def test_a_wrong_pair_is_refused_with_its_line(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    text = (EXAMPLES / "academy.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    file = tmp_path / "site.yaml"
    file.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(VigieError) as caught:
        sites.load(file)
    assert sentence in caught.value.sentence
    assert "(line " in caught.value.sentence


@pytest.mark.parametrize(
    ("told_by", "refused"),
    [("", True), ("slot: srv_standby", False), ("application_name: srv-standby", False)],
)
def test_a_standby_with_a_host_name_for_an_address_must_be_told_by_its_slot_or_its_name(
    tmp_path: Path, told_by: str, refused: bool
) -> None:
    """PostgreSQL shows where a standby comes from by its IP address: a host name would never be found there."""
    text = (EXAMPLES / "academy.yaml").read_text(encoding="utf-8")
    for old, new in (("10.1.0.12", "srv-standby.lycee.example"), ("slot: srv_standby", told_by)):
        assert old in text
        text = text.replace(old, new, 1)
    file = tmp_path / "site.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        sites.load(file)
        sentence = ""
    except VigieError as error:
        sentence = error.sentence
    assert ("give `slot` or `application_name`" in sentence) == refused
    assert refused or not sentence


def test_a_host_with_drbd_may_run_one_command_with_its_arguments_and_no_other() -> None:
    site = sites.load(EXAMPLES / "academy.yaml")
    school = site.school("9990001X")
    order = Order(site, school, school.host("srv-directory"), "", Places(), date(2026, 11, 21))
    files = {file.name: file for file in files_for(order)}
    rights = files["vigie-drbd.sudoers"]
    lines = [line for line in rights.text.splitlines() if line and not line.startswith(("#", "Defaults!"))]
    assert lines == ["zabbix ALL=(root) NOPASSWD: /usr/sbin/drbdsetup status --json"]
    assert (str(rights.destination), rights.mode) == ("/etc/sudoers.d/vigie-drbd", 0o440)
    settings = json.loads(files["drbd-9990001X.json"].text)
    assert settings["command"] == ["sudo", "-n", "/usr/sbin/drbdsetup", "status", "--json"]
    assert settings["resources"] == ["backups"]
