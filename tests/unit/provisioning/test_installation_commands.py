"""The commands that `vigie provision files` prints: they leave modes and owners as the programs want them."""

import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath

import pytest

from provisioning.hostfiles.command import installation
from provisioning.hostfiles.places import HostFile, Places
from provisioning.hostfiles.render import files_for
from provisioning.subjects import Order
from vigie import site as sites

EXAMPLES = Path(__file__).parents[3] / "examples"


def rendered(host: str, name: str, example: str = "academy.yaml") -> HostFile:
    site = sites.load(EXAMPLES / example)
    school = site.schools[0]
    files = files_for(Order(site, school, school.host(host), "", Places(), date(2026, 11, 21)))
    (file,) = (file for file in files if file.name == name)
    return file


def test_a_completed_file_is_never_replaced_by_its_example() -> None:
    file = rendered("srv-openerp", "pg_service.conf.example", "lab.yaml")
    command = installation(file, Path("/out dir"), Places().etc)
    assert command.startswith("[ -e /var/lib/vigie-lab/etc/pg_service.conf ] || install ")
    assert "'/out dir/pg_service.conf.example'" in command


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("srv-backup", "observe-pg_service.conf.example"),
        ("srv-backup", "logs_service.conf.example"),
        ("srv-zabbix", "contexts-pg_service.conf.example"),
        ("srv-zabbix", "replication-pg_service.conf.example"),
    ],
)
def test_the_folder_that_a_password_will_stand_in_is_for_its_reader_alone(host: str, name: str) -> None:
    file = rendered(host, name)
    folder = file.destination.parent
    assert folder.parent == Places().etc
    command = installation(file, Path("/out"), Places().etc)
    assert f"|| {{ install -d -m 0750 -o root -g zabbix {folder} && install -D " in command


def test_vigies_own_folder_and_those_of_others_keep_their_modes() -> None:
    file = rendered("srv-openerp", "pg_service.conf.example")
    assert file.destination.parent == Places().etc
    assert "install -d" not in installation(file, Path("/out"), Places().etc)
    elsewhere = replace(file, destination=PurePosixPath("/etc/pg_service.conf"))
    assert "install -d" not in installation(elsewhere, Path("/out"), Places().etc)


def test_rights_for_sudo_are_installed_once_sudo_reads_them() -> None:
    file = rendered("srv-backup", "vigie-drbd.sudoers")
    command = installation(file, Path("/out"), Places().etc)
    assert command.startswith("visudo -c -q -f /out/vigie-drbd.sudoers && install ")


def test_sudo_reads_the_rights_of_drbd(tmp_path: Path) -> None:
    file = tmp_path / "vigie-drbd.sudoers"
    file.write_text(rendered("srv-backup", file.name).text)
    file.chmod(0o440)
    done = subprocess.run(
        ["/usr/sbin/visudo", "-c", "-f", file], check=False, capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_folder_of_a_stations_note_need_not_be_there_at_its_first_look() -> None:
    unit = rendered("poste-01", "vigie-station.service", "lab.yaml").text
    assert "\nReadWritePaths=-/var/lib/vigie-station\n" in unit


def test_the_agent_enters_the_folder_of_rsyslogs_figures_whichever_of_the_two_made_it() -> None:
    configuration = rendered("srv-backup", "rsyslog-centre.conf").text
    folders = [word for word in configuration.split() if word.startswith("dirCreateMode=")]
    assert len(folders) == 2
    assert set(folders) == {'dirCreateMode="0755"'}
