"""What the passwords bring to each host: settings, the stations' one file, and nothing of Vigie where there is none."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from provisioning.hostfiles.places import HostFile, Places
from provisioning.hostfiles.render import files_for
from provisioning.roles import templates_for
from provisioning.subjects import Order
from provisioning.subjects.passwords import PASSWORDS, STATION, observation_settings
from vigie import site as sites
from vigie.credentials import station
from vigie.credentials.server import server_of
from vigie.errors import VigieError

EXAMPLES = Path(__file__).parents[3] / "examples"
UAI = "9990001X"


def rendered(example: str, host: str) -> dict[str, HostFile]:
    site = sites.load(EXAMPLES / example)
    school = site.school(UAI)
    order = Order(site, school, school.host(host), "", Places(), date(2026, 11, 21))
    return {file.name: file for file in files_for(order)}


def test_each_template_is_borne_where_its_part_stands() -> None:
    school = sites.load(EXAMPLES / "lab.yaml").school(UAI)
    bearers = {host.name: templates_for(school, host) & {PASSWORDS, STATION} for host in school.hosts}
    assert {name for name, its in bearers.items() if PASSWORDS in its} == {"srv-openerp"}
    assert {name for name, its in bearers.items() if STATION in its} == {"poste-01", "poste-02"}


def test_a_linux_station_gets_one_program_its_settings_and_a_timer_of_root() -> None:
    files = rendered("lab.yaml", "poste-01")
    assert set(files) == {
        f"station-{UAI}.json",
        "vigie-station.py",
        "vigie-station.service",
        "vigie-station.timer",
        "vigie.conf",
    }
    assert "User=" not in files["vigie-station.service"].text
    assert files["vigie-station.py"].text == Path(station.__file__).read_text(encoding="utf-8")
    assert str(files["vigie-station.py"].destination) in files["vigie.conf"].text


def test_a_windows_station_gets_three_files_and_looks_without_a_note() -> None:
    files = rendered("academy.yaml", "pc-b12-01")
    assert set(files) == {f"station-{UAI}.json", "vigie-station.py", "vigie.windows.conf"}
    assert all(str(file.destination).startswith("C:\\ProgramData\\vigie\\") for file in files.values())
    settings = json.loads(files[f"station-{UAI}.json"].text)
    assert settings["note"] == ""
    assert settings["key_file"] == "C:\\ProgramData\\vigie\\fingerprint.key"
    assert settings["passfile"].endswith("\\postgresql\\pgpass.conf")


def test_the_settings_that_are_rendered_are_those_that_the_station_reads(tmp_path: Path) -> None:
    (tmp_path / f"station-{UAI}.json").write_text(rendered("lab.yaml", "poste-01")[f"station-{UAI}.json"].text)
    made = station.document(str(tmp_path), UAI)
    assert "the note /var/lib/vigie-station/note.json" in made["error"]


def test_a_station_is_told_the_server_as_its_clients_name_it(tmp_path: Path) -> None:
    told = json.loads(rendered("lab.yaml", "poste-01")[f"station-{UAI}.json"].text)
    assert (told["host"], told["port"], told["database"]) == ("127.0.10.11", 5432, "")
    text = (EXAMPLES / "academy.yaml").read_text(encoding="utf-8")
    named = "stations: {server: pg.lycee.example, port: 5433, database: SpecibikeEssai, windows_passfile"
    (tmp_path / "site.yaml").write_text(text.replace("stations: {windows_passfile", named), encoding="utf-8")
    school = sites.load(tmp_path / "site.yaml").school(UAI)
    assert server_of(school) == station.Server("pg.lycee.example", 5433, "SpecibikeEssai")


def test_the_server_is_told_the_stations_and_their_addresses() -> None:
    settings = json.loads(rendered("lab.yaml", "srv-openerp")[f"passwords-{UAI}.json"].text)
    assert settings["stations"] == ["poste-01", "poste-02"]
    assert settings["addresses"] == ["127.0.10.41", "127.0.10.42"]
    assert settings["names"] == ["", ""]


@pytest.mark.parametrize(
    ("declared", "address", "name"),
    [
        ("10.1.5.21", "10.1.5.21", ""),
        ("2001:DB8:0:0::0042", "2001:db8::42", ""),
        ("::ffff:10.1.5.21", "10.1.5.21", ""),
        ("pc-b12-01.lycee.example", "", "pc-b12-01.lycee.example"),
    ],
)
def test_a_stations_address_is_told_as_postgresql_writes_it_and_a_name_as_a_name(
    tmp_path: Path, declared: str, address: str, name: str
) -> None:
    text = (EXAMPLES / "academy.yaml").read_text(encoding="utf-8")
    at = sites.load(EXAMPLES / "academy.yaml").school(UAI).host("pc-b12-01").address
    (tmp_path / "site.yaml").write_text(text.replace(f"address: {at}\n", f"address: '{declared}'\n"), encoding="utf-8")
    told = observation_settings(sites.load(tmp_path / "site.yaml").school(UAI))
    place = told.stations.index("pc-b12-01")
    assert (told.addresses[place], told.names[place]) == (address, name)


def test_the_windows_files_are_copied_by_commands_of_windows(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            Path(sys.executable).with_name("vigie"),
            *(
                "provision",
                "files",
                str(EXAMPLES / "academy.yaml"),
                "--host",
                "pc-b12-01",
                "--to",
                str(tmp_path / "to"),
            ),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert 'copy /Y "vigie-station.py" "C:\\ProgramData\\vigie\\vigie-station.py"' in done.stdout.splitlines()
    assert "install -D" not in done.stdout


@pytest.mark.parametrize(
    "change",
    [
        ("roles: [openerp_a, openerp_b]", "roles: [openerp_a, openerp_a]"),
        ("roles: [openerp_a, openerp_b]", "roles: [openerp, openerp_b]"),
        ("roles: [openerp_a, openerp_b]", "roles: [openerp_a]"),
        ("roles: [openerp_a, openerp_b]", "roles: [openerp_a, 'x; DROP TABLE y']"),
        ("max_age: 180d", "max_age: 0"),
    ],
)
def test_a_rotation_that_cannot_be_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    text = (EXAMPLES / "academy.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "site.yaml").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(VigieError, match="passwords"):
        sites.load(tmp_path / "site.yaml")
