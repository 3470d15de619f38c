"""The two templates of the passwords say what the code says."""

from dataclasses import fields
from typing import get_type_hints

from exports import export_in, items_of, meanings, paths_of, triggers_of

from vigie.credentials.generations import OLDER
from vigie.credentials.station import FileState, Held, Rights
from vigie.observe.passwords.model import Marks, PasswordsSeen, StationSeen

CENTRE = export_in("specibike_passwords_agent")
STATION = export_in("specibike_station_password_agent")


def test_every_path_of_the_centre_is_in_the_document() -> None:
    known = {"$.error", "$.seconds", "$.observed_at", "$.discovery", "$.declared"}
    for part, kind in get_type_hints(PasswordsSeen).items():
        for model in getattr(kind, "__args__", (kind,)):
            if part not in ("declared", "stations") and model is not type(None):
                known |= {f"$.{part}.{spec.name}" for spec in fields(model)}
    known |= {f"$.stations['{{#KEY}}'].{spec.name}" for spec in fields(StationSeen)}
    assert paths_of(CENTRE) <= known


def test_every_path_of_the_station_is_in_its_document() -> None:
    document = Held(FileState.SOUND, Rights.PRIVATE).document()
    known = {"$.error", "$.seconds", "$.observed_at"}
    known |= {f"$.{part}.{name}" for part, its in document.items() for name in its}
    assert paths_of(STATION) <= known


def test_the_states_of_the_value_maps_are_those_of_the_code() -> None:
    for name, states in (("Vigie passfile", FileState), ("Vigie passfile rights", Rights)):
        assert meanings(STATION, name) == {state.value: state.name.capitalize() for state in states}


def test_a_station_is_compared_with_every_mark_that_the_centre_publishes() -> None:
    published = {item["key"] for item in items_of(CENTRE) if item["key"].startswith("vigie.passwords.mark.")}
    assert published == {f"vigie.passwords.mark.{spec.name}" for spec in fields(Marks)}
    assert sum(".older" in key for key in published) == OLDER
    formulas = "".join(item.get("params", "") for item in items_of(STATION))
    for key in published:
        assert formulas.count(f"/*/{key}?") == 2, key  # for each of the two roles


def test_stations_of_another_school_are_never_counted_nor_compared() -> None:
    for item in [*items_of(CENTRE), *items_of(STATION)]:
        formula = item.get("params", "")
        assert formula.count("/*/") == formula.count('?[tag="school:{$VIGIE.SCHOOL}"]'), item["key"]


def test_what_the_station_counts_for_the_school_is_what_the_centre_sums() -> None:
    keys = {item["key"] for item in items_of(STATION)}
    for name in ("current", "behind", "unknown"):
        (item,) = [item for item in items_of(CENTRE) if item["key"] == f"vigie.passwords.stations.{name}"]
        assert f"/*/vigie.station.{name}?" in item["params"]
        assert f"vigie.station.{name}" in keys


def test_postgresql_out_of_reach_keeps_quiet_what_it_alone_tells() -> None:
    for trigger in triggers_of(CENTRE):
        asks = (
            "/vigie.passwords.roles." in trigger["expression"] or "/vigie.passwords.sessions." in trigger["expression"]
        )
        above = {dependency["name"] for dependency in trigger.get("dependencies", [])}
        assert ("Passwords: PostgreSQL does not answer" in above) is asks, trigger["name"]


def test_silence_is_counted_over_an_item_that_is_sparse_and_asked_for_a_period_that_zabbix_6_0_heeds() -> None:
    """`last_foreach` of 6.0 takes no notice of its period; two weeks of every value of every station would be many."""
    (silent,) = [item for item in items_of(CENTRE) if item["key"] == "vigie.passwords.stations.silent"]
    assert "max_foreach(/*/vigie.station.file.state?" in silent["params"]
    (heard,) = [item for item in items_of(STATION) if item["key"] == "vigie.station.file.state"]
    assert heard["preprocessing"][-1]["type"] == "DISCARD_UNCHANGED_HEARTBEAT"
