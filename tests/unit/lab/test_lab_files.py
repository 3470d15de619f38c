"""What the lab writes, without any server."""

import stat
from pathlib import Path

import pytest

from lab import site
from lab.faults import FAULTS, Bench, fault
from lab.places import Places
from lab.school import contexts, shape
from lab.whole import Identity, Lab, find, identity
from lab.zabbix.login import write_secret
from vigie.errors import VigieError
from vigie.naming import Classifier, Kind


def test_two_labs_share_no_address_and_no_directory(tmp_path: Path) -> None:
    texts = []
    for block in (71, 72):
        places = Places(tmp_path / f"lab{block}", block)
        places.root.mkdir()
        site.write(places)
        texts.append(places.site.read_text())
        assert f"127.0.{block}." in texts[-1]
        assert str(places.root) in texts[-1]
    assert "127.0.71." not in texts[1]
    assert "/var/lib/vigie-lab" not in texts[0]


def test_the_labs_site_file_is_a_valid_one(tmp_path: Path) -> None:
    places = Places(tmp_path)
    site.write(places)
    _, school = site.read(places)
    assert school.backup is not None
    assert school.backup.store_directory == places.store


def test_the_contexts_are_of_every_kind(tmp_path: Path) -> None:
    places = Places(tmp_path)
    site.write(places)
    classify = Classifier(site.read(places)[1].classes)
    assert {classify(name).kind for name in contexts.CONTEXTS} == {Kind.STUDENT, Kind.CLASS, Kind.GROUP}


def test_the_shape_has_the_number_of_tables_of_a_real_database() -> None:
    names = [name for name, _ in shape.tables()]
    assert 75 <= len(names) <= 95
    assert len(set(names)) == len(names)


def test_the_shape_is_the_same_each_time() -> None:
    assert list(shape.statements()) == list(shape.statements())


def test_a_directory_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(VigieError, match="is not a lab"):
        Lab(Places(tmp_path)).up(lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_a_lab_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(VigieError, match="there is no lab"):
        find(tmp_path)


def test_a_lab_is_found_again_with_its_block_and_release(tmp_path: Path) -> None:
    (tmp_path / "lab.json").write_text('{"block": 33, "release": "7.0"}')
    assert identity(tmp_path) == Identity(33, "7.0")
    assert find(tmp_path).places.block == 33


def test_a_second_command_on_the_same_lab_is_refused(tmp_path: Path) -> None:
    lab = Lab(Places(tmp_path))
    with lab.held(), pytest.raises(VigieError) as caught, Lab(Places(tmp_path)).held():
        pass
    assert caught.value.exit_code == 3


def test_a_secret_is_never_readable_by_others(tmp_path: Path) -> None:
    write_secret(tmp_path / "secret", "x")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_each_fault_has_its_own_name_and_says_what_breaks() -> None:
    assert len({known.name for known in FAULTS}) == len(FAULTS)
    for known in FAULTS:
        assert known.sentence
        assert known.expected
        assert fault(known.name) is known


def test_an_unknown_fault_is_refused_with_advice() -> None:
    with pytest.raises(VigieError, match="vigie lab faults"):
        fault("earthquake")


def test_what_is_not_broken_cannot_be_mended(tmp_path: Path) -> None:
    bench = Bench(Lab(Places(tmp_path)), tmp_path / "faults")  # type: ignore[arg-type]
    with pytest.raises(VigieError, match="is not broken"):
        bench.mend(FAULTS[0])


@pytest.mark.parametrize("name", ['a"b', 'a""b', "plain", 'x"; DROP DATABASE y; --'])
def test_an_identifier_holds_any_name(name: str) -> None:
    quoted = contexts.identifier(name)
    assert quoted[1:-1].replace('""', "\0").count('"') == 0
    assert quoted[1:-1].replace('""', '"') == name
