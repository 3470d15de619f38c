"""The formulas that compare a station with the generations, on real servers; trapper items stand for the agents."""

import json
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from lab.waiting import wait_until
from lab.zabbix import Zabbix
from lab.zabbix.api import Api

FOLDER = Path(__file__).parents[3] / "templates" / "specibike_station_password_agent"
SCHOOL, OTHER = "9990001X", "9990002Y"
# The widest marks: 49 bits, which both releases must compare exactly.
CURRENT, NEXT, OLDER = 2**49 - 1, 2**49 - 2, [2**49 - 3, 2**49 - 4, 2**49 - 5]
NONE, NO_LINE = 1, 0
CENTRE = {"current": CURRENT, "next": NEXT, "older1": OLDER[0], "older2": OLDER[1], "older3": OLDER[2]}
CASES = [
    ((CURRENT, NO_LINE), "Current"),
    ((NO_LINE, CURRENT), "Current"),
    ((OLDER[0], CURRENT), "Current"),
    ((NEXT, NO_LINE), "Next"),
    ((OLDER[0], NEXT), "Next"),
    *(((mark, NO_LINE), "Behind") for mark in OLDER),
    ((NO_LINE, OLDER[2]), "Behind"),
    ((2**48 + 77, NO_LINE), "Unknown"),
    ((2**49 - 6, NO_LINE), "Unknown"),  # the current one of the other school
    ((NO_LINE, NO_LINE), "None"),
]


def template() -> dict[str, Any]:
    (file,) = FOLDER.glob("template_*.yaml")
    (found,) = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))["zabbix_export"]["templates"]
    assert isinstance(found, dict)
    return found


def send(zabbix: Zabbix, host: str, values: dict[str, int]) -> None:
    """Values as `zabbix_sender` sends them."""
    rows = [{"host": host, "key": key, "value": str(value)} for key, value in values.items()]
    body = json.dumps({"request": "sender data", "data": rows}).encode()
    with socket.create_connection((zabbix.address, 10051), timeout=10) as connection:
        connection.sendall(b"ZBXD\1" + struct.pack("<Q", len(body)) + body)
        answer = connection.makefile("rb").read()
    assert f"processed: {len(rows)}; failed: 0" in answer.decode(errors="replace")


@pytest.fixture
def station(zabbix: Zabbix, api: Api) -> Iterator[str]:
    """A station of the school, its centre, and the centre of another school; the station's host identifier."""
    group = api.call("hostgroup.create", name="station states")["groupids"][0]

    def host(name: str, school: str) -> str:
        made: str = api.call(
            "host.create",
            host=name,
            groups=[{"groupid": group}],
            tags=[{"tag": "school", "value": school}],
            macros=[{"macro": "{$VIGIE.SCHOOL}", "value": school}],
        )["hostids"][0]
        return made

    def trapper(host_id: str, key: str) -> None:
        api.call("item.create", hostid=host_id, name=key, key_=key, type=2, value_type=3, delay="0")

    hosts = [host("centre", SCHOOL), host("other-centre", OTHER), host("station", SCHOOL)]
    for centre in hosts[:2]:
        for name in CENTRE:
            trapper(centre, f"vigie.passwords.mark.{name}")
    for role in "ab":
        trapper(hosts[2], f"vigie.station.mark.{role}")
    for item in template()["items"]:
        if item.get("type") == "CALCULATED":
            api.call(
                "item.create",
                hostid=hosts[2],
                name=item["key"],
                key_=item["key"],
                type=15,
                value_type=3,
                delay="1s",
                params=item["params"],
            )
    everything = {f"vigie.passwords.mark.{name}": mark for name, mark in CENTRE.items()}
    _send_when_known(zabbix, "centre", everything)
    _send_when_known(zabbix, "other-centre", dict.fromkeys(everything, 2**49 - 6))
    yield hosts[2]
    api.call_raw("host.delete", hosts)
    api.call_raw("hostgroup.delete", [group])


def _send_when_known(zabbix: Zabbix, host: str, values: dict[str, int]) -> None:
    """The server reads its items now and then, and may do so while only some of them are made."""

    def is_taken() -> bool:
        try:
            send(zabbix, host, values)
        except AssertionError:
            return False
        return True

    wait_until(is_taken, what=f"the server does not know the items of {host}", deadline=60)


def test_a_station_is_what_it_holds_against_its_own_schools_generations(zabbix: Zabbix, api: Api, station: str) -> None:
    (valuemap,) = [each for each in template()["valuemaps"] if each["name"] == "Vigie station password"]
    states = {mapping["newvalue"]: mapping["value"] for mapping in valuemap["mappings"]}
    _send_when_known(zabbix, "station", {"vigie.station.mark.a": 0, "vigie.station.mark.b": 0})

    def value(key: str) -> tuple[str, str]:
        (item,) = api.call("item.get", hostids=[station], filter={"key_": key}, output=["lastvalue", "error"])
        return item["lastvalue"], item["error"]

    for (first, second), state in CASES:
        send(zabbix, "station", {"vigie.station.mark.a": first, "vigie.station.mark.b": second})
        wait_until(
            lambda: value("vigie.station.state") == (states[state], ""),  # noqa: B023 -- waited for before the next case
            what=f"({first}, {second}) is {value('vigie.station.state')} and not {state}",
            deadline=30,
        )
        for key, means in (("current", "Current"), ("behind", "Behind"), ("unknown", "Unknown")):
            expected = "1" if means == state else "0"
            wait_until(
                lambda: value(f"vigie.station.{key}")[0] == expected,  # noqa: B023
                what=f"({first}, {second}): {key} is not {expected}",
                deadline=30,
            )
