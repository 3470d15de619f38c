"""The simulated routers and switches: causes in, consequences out, as on real ones."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.snmp import causes
from lab.snmp.causes import Causes
from lab.snmp.devices import DEVICES, GROUPS, HOLD, STRANGER, Hsrp, role, root_address
from lab.snmp.mib import Oid, objects, oid
from lab.snmp.responder import Device, answer

NOW = 1_000_000.0
HSRP, VRRP = GROUPS
ROUTERS = st.lists(st.sampled_from(["rtr-1", "rtr-2"]), unique=True)


def roles(known: Causes, now: float = NOW) -> tuple[Hsrp, Hsrp]:
    return role(HSRP, "rtr-1", known, now), role(HSRP, "rtr-2", known, now)


def ask(folder: Path, device: str, *lines: str) -> list[str]:
    out = io.StringIO()
    answer(Device(folder / "causes.json", device), [f"{line}\n" for line in lines], out)
    return out.getvalue().splitlines()


def test_when_all_is_well_the_first_router_of_each_group_is_active() -> None:
    assert roles(Causes()) == (Hsrp.ACTIVE, Hsrp.STANDBY)
    assert role(VRRP, "rtr-2", Causes(), NOW) == Hsrp.ACTIVE


def test_a_router_takes_over_once_the_other_has_been_dead_for_the_hold_time() -> None:
    dead = Causes(off={"rtr-1": NOW})
    assert role(HSRP, "rtr-2", dead, NOW + HOLD - 1) == Hsrp.STANDBY
    assert role(HSRP, "rtr-2", dead, NOW + HOLD + 1) == Hsrp.ACTIVE


@given(shut=ROUTERS, still=ROUTERS, preferred=st.sampled_from(["rtr-1", "rtr-2"]))
def test_routers_that_hear_each_other_are_never_both_active(shut: list[str], still: list[str], preferred: str) -> None:
    both = roles(Causes(shut={HSRP.key: shut}, standing_still={HSRP.key: still}, preferred={HSRP.key: preferred}))
    assert both.count(Hsrp.ACTIVE) == (0 if {*shut, *still} == {"rtr-1", "rtr-2"} else 1)


def test_routers_that_do_not_hear_each_other_are_both_active() -> None:
    assert roles(Causes(deaf=[HSRP.key])) == (Hsrp.ACTIVE, Hsrp.ACTIVE)
    assert role(VRRP, "rtr-1", Causes(deaf=[HSRP.key]), NOW) == Hsrp.STANDBY


def test_switches_agree_on_a_root_unless_they_do_not_hear_each_other() -> None:
    assert {root_address(name, Causes()) for name in ("sw-1", "sw-2")} == {DEVICES["sw-1"].bridge}
    assert {root_address(name, Causes(root="brought")) for name in ("sw-1", "sw-2")} == {STRANGER}
    assert len({root_address(name, Causes(apart=True)) for name in ("sw-1", "sw-2")}) == 2


def test_a_channel_is_up_as_long_as_one_of_its_members_is_in_it() -> None:
    status = oid("1.3.6.1.2.1.2.2.1.8.5001")
    one, both = Causes(down={"sw-1": ["Gi0/23"]}), Causes(down={"sw-1": ["Gi0/23"]}, alone={"sw-1": ["Gi0/24"]})
    assert objects("sw-1", one, NOW)[status].text == "1"
    assert objects("sw-1", both, NOW)[status].text == "2"
    assert objects("sw-1", one, NOW)[oid("1.2.840.10006.300.43.1.2.1.1.13.10123")].text == "0"


def test_changes_of_the_tree_are_a_counter_that_never_goes_back() -> None:
    flapping = Causes(changing_since=NOW)
    mended = Causes(changes=flapping.times_changed(NOW + 30))
    assert flapping.times_changed(NOW) == Causes().changes
    assert mended.times_changed(NOW + 31) == flapping.times_changed(NOW + 30) == Causes().changes + 30


@pytest.mark.parametrize("device", DEVICES)
def test_a_walk_gives_every_object_once_in_order(device: str, tmp_path: Path) -> None:
    known = Device(tmp_path / "causes.json", device)
    walked: list[Oid] = []
    found = known.following(())
    while found is not None:
        walked.append(found[0])
        found = known.following(found[0])
    assert walked == sorted(objects(device, Causes(), NOW))


def test_the_agent_is_answered_in_its_own_protocol(tmp_path: Path) -> None:
    assert ask(tmp_path, "rtr-1", "PING") == ["PONG"]
    assert ask(tmp_path, "rtr-1", "get", ".1.3.6.1.2.1.1.5.0") == [".1.3.6.1.2.1.1.5.0", "string", "rtr-1"]
    assert ask(tmp_path, "rtr-1", "getnext", ".1.3.6.1.2.1.1.4.0") == [".1.3.6.1.2.1.1.5.0", "string", "rtr-1"]
    assert ask(tmp_path, "rtr-1", "get", ".1.3.6.1.2.1.99.0") == ["NONE"]
    assert ask(tmp_path, "rtr-1", "set", ".1.3.6.1.2.1.1.5.0", "string me") == ["not-writable"]


def test_a_cause_that_is_written_is_what_a_device_answers(tmp_path: Path) -> None:
    causes.write(tmp_path / "causes.json", Causes(shut={HSRP.key: ["rtr-1"]}))
    asked = ".1.3.6.1.4.1.9.9.106.1.2.1.1.15.2.10"
    assert ask(tmp_path, "rtr-1", "get", asked) == [asked, "integer", "1"]


def test_a_file_that_holds_something_else_is_not_taken_for_causes(tmp_path: Path) -> None:
    (tmp_path / "causes.json").write_text('{"weather": "rain"}')
    with pytest.raises(ValueError, match="does not hold causes"):
        causes.read(tmp_path / "causes.json")
