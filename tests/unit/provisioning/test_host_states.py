"""Hosts as the site file wants them, and as Zabbix shows them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.objects.host_groups import desired_groups, school_group
from provisioning.objects.host_state import (
    AGENT,
    SNMP,
    HostState,
    Interface,
    Tag,
    desired_host,
    found_host,
    visible_names,
)
from provisioning.roles import CISCO, EVERY, LINUX, WINDOWS
from provisioning.shipped import shipped_templates
from provisioning.subjects import SUBJECTS
from provisioning.subjects.backups import BACKUPS
from vigie.errors import VigieError
from vigie.site import Site
from vigie.zabbix.releases import Release


def site(*hosts: dict[str, Any], schools: int = 1, name: str = "Lycée", **school: Any) -> Site:
    return Site.model_validate(
        {
            "version": 1,
            "zabbix": {"url": "http://127.0.0.1", "token_env": "TOKEN"},
            "academy": {"name": "Académie"},
            "schools": [
                {"uai": f"999000{number}X", "name": name, "hosts": list(hosts), **school} for number in range(schools)
            ],
        }
    )


def host(name: str = "srv", **fields: Any) -> dict[str, Any]:
    return {"name": name, "address": "127.0.0.2", "roles": ["backup"], **fields}


def wanted(whole: Site, number: int = 0, known: frozenset[str] = EVERY) -> HostState:
    school = whole.schools[0]
    return desired_host(whole, school, school.hosts[number], "shown", known)


@pytest.mark.parametrize(
    ("fields", "template"),
    [
        ({"roles": ["openerp", "postgres"]}, LINUX),
        ({"roles": ["router"]}, CISCO),
        ({"roles": ["station"]}, WINDOWS),
        ({"roles": ["station"], "system": "linux"}, LINUX),
        ({"roles": ["station", "logs"]}, LINUX),
        ({"roles": ["directory"], "system": "windows"}, WINDOWS),
    ],
)
def test_every_host_has_zabbixs_own_template_for_what_it_is(fields: dict[str, Any], template: str) -> None:
    assert wanted(site(host(**fields))).templates & {LINUX, CISCO, WINDOWS} == {template}


def test_the_backup_template_goes_to_the_store_and_nowhere_else() -> None:
    whole = site(host("erp", roles=["openerp"]), host("bak"), backup={"source": "erp", "store": "bak"})
    assert BACKUPS not in wanted(whole, 0).templates
    assert {LINUX, BACKUPS} <= wanted(whole, 1).templates


def test_a_template_that_this_zabbix_does_not_have_is_not_linked() -> None:
    assert wanted(site(host()), known=frozenset({BACKUPS})).templates == frozenset()


def test_routers_and_switches_are_spoken_to_by_snmp() -> None:
    state = wanted(site(host("r1", roles=["router"])))
    assert state.interface == Interface(SNMP, "127.0.0.2", "161")
    assert state.templates == {CISCO}
    assert state.interface.creation()["details"]["community"] == "{$SNMP_COMMUNITY}"


def test_a_host_name_is_no_ip_address() -> None:
    fields = Interface(AGENT, "bak.example.org", "10050").fields()
    assert fields == {"useip": 0, "ip": "", "dns": "bak.example.org", "port": "10050"}


def test_a_tag_that_vigie_keeps_for_itself_is_refused() -> None:
    with pytest.raises(VigieError, match="the tag 'school' is Vigie's own"):
        wanted(site(host(tags={"school": "other"})))


def test_hosts_of_schools_with_the_same_name_have_different_visible_names() -> None:
    names = visible_names(site(host(), schools=2))
    assert sorted(names.values()) == ["Lycée srv (9990000X)", "Lycée srv (9990001X)"]


@given(st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=80), st.integers(1, 63))
def test_names_always_fit_in_zabbix(name: str, length: int) -> None:
    if not name.strip():
        return
    try:
        whole = site(host("h" * length), schools=2, name=name)
    except ValueError:  # a name that the site file refuses
        return
    assert all(len(shown) <= 128 for shown in visible_names(whole).values())
    for school in whole.schools:
        group = school_group(whole, school)
        assert len(group) <= 255
        assert group.count("/") == 2
        assert school.uai in group


def test_a_school_that_changes_its_name_keeps_its_group() -> None:
    before, after = (desired_groups(site(host(), name=name)) for name in ("Lycée A", "Lycée B"))
    assert list(before) == list(after)
    assert before != after


def found(row_changes: dict[str, Any], state: HostState) -> HostState:
    row = {
        "name": "shown",
        "description": state.description,
        "hostgroups": [{"groupid": "5", "name": next(iter(state.groups))}],
        "parentTemplates": [{"templateid": "1", "host": name} for name in state.templates],
        "interfaces": [{"type": "1", "main": "1", "useip": "1", "ip": "127.0.0.2", "dns": "", "port": "10050"}],
        "tags": [tag._asdict() for tag in state.tags],
        "monitored_by": "0",
        "proxyid": "0",
    } | row_changes
    return found_host(row, state, Release((7, 0)), {}, {"5": next(iter(state.groups))})


def test_a_host_that_is_as_wanted_compares_equal() -> None:
    state = wanted(site(host()))
    assert found({}, state) == state


def test_what_people_added_to_a_host_is_not_vigies_to_change() -> None:
    state = wanted(site(host()))
    added = found(
        {
            "hostgroups": [{"groupid": "5", "name": "renamed"}, {"groupid": "9", "name": "Linux servers"}],
            "parentTemplates": [
                *({"templateid": "1", "host": name} for name in state.templates),
                {"templateid": "2", "host": "Their own"},
            ],
            "tags": [*(tag._asdict() for tag in state.tags), {"tag": "rack", "value": "3"}],
        },
        state,
    )
    assert added == state


def test_a_tag_that_left_the_site_file_is_known_to_have_been_vigies() -> None:
    before, after = wanted(site(host(tags={"rack": "3"}))), wanted(site(host()))
    seen = found({"description": before.description, "tags": [tag._asdict() for tag in before.tags]}, after)
    assert Tag("rack", "3") in seen.tags
    assert seen != after


def test_the_triggers_that_depend_on_other_templates_are_in_the_templates_as_shipped() -> None:
    sources = {template.name: template.source for template in shipped_templates()}
    for subject in SUBJECTS:
        for name in (*subject.silent, *(quiet.trigger for quiet in subject.quiet)):
            assert f"name: '{name}'" in sources[subject.template]
        for quiet in subject.quiet:
            assert f"name: '{quiet.by_trigger}'" in sources[quiet.by_template]


def test_each_shipped_template_belongs_to_a_subject_and_says_its_target() -> None:
    sources = {template.name: template.source for template in shipped_templates()}
    assert set(sources) == {subject.template for subject in SUBJECTS}
    for subject in SUBJECTS:
        assert f"- tag: target\n          value: {subject.target}\n" in sources[subject.template].replace("'", "")
