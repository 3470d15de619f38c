"""Applying a site file to a real Zabbix, 6.0 and 7.0: what it says is there, once, and nothing else was touched."""

from collections.abc import Callable
from typing import Any

from siteagainst import SMALL, SMALL_TEMPLATE, Bench, school

from lab.zabbix.api import Api
from provisioning.model import Act
from provisioning.roles import CISCO, LINUX
from provisioning.shipped import shipped_templates
from provisioning.subjects.backups import BACKUPS
from provisioning.subjects.itself import ITSELF
from vigie import __version__

HostOf = Callable[[str], dict[str, Any]]


def whole_school(bench: Bench) -> dict[str, Any]:
    """A school that uses everything that the site file can say to Zabbix."""
    secret = bench.secret("community", "s3cret-community")
    return school(
        name="Lycée de l'Océan",
        proxy={"name": "proxy-9990001X", "address": "127.0.0.9"},
        hosts=[
            {"name": "erp", "address": "127.0.0.11", "roles": ["openerp", "postgres"], "tags": {"rack": "3"}},
            {
                "name": "bak",
                "address": "bak.example.org",
                "port": 10060,
                "roles": ["backup"],
                "macros": {"{$A:x}": " "},
            },
            {
                "name": "r1",
                "address": "127.0.0.13",
                "roles": ["router"],
                "secret_macros": {"{$SNMP_COMMUNITY}": secret},
            },
        ],
        backup={"source": "erp", "store": "bak", "max_age": "26h", "free_min_percent": 12.5},
    )


def tags_of(row: dict[str, Any]) -> set[tuple[str, str]]:
    return {(tag["tag"], tag["value"]) for tag in row["tags"]}


def macros_of(row: dict[str, Any]) -> dict[str, str]:
    return {macro["macro"]: macro.get("value", "(secret)") for macro in row["macros"]}


def test_everything_in_the_site_file_is_in_zabbix_after_one_application(bench: Bench, host_of: HostOf) -> None:
    bench.schools = [whole_school(bench)]
    bench.templates = shipped_templates()
    bench.apply()

    erp = host_of("9990001X-erp")
    assert erp["name"] == "Lycée de l'Océan erp"
    assert {group["name"] for group in erp["groups"]} == {"Vigie/Académie d'essai/Lycée de l'Océan (9990001X)"}
    assert tags_of(erp) == {
        ("vigie", "managed"),
        ("academy", "Académie d'essai"),
        ("school", "9990001X"),
        ("role", "openerp"),
        ("role", "postgres"),
        ("rack", "3"),
    }
    assert {template["host"] for template in erp["parentTemplates"]} == {LINUX, ITSELF}
    assert erp["proxyid" if "proxyid" in erp else "proxy_hostid"] != "0"

    bak = host_of("9990001X-bak")
    (interface,) = bak["interfaces"]
    assert (interface["useip"], interface["dns"], interface["port"]) == ("0", "bak.example.org", "10060")
    assert {template["host"] for template in bak["parentTemplates"]} == {LINUX, BACKUPS, ITSELF}
    assert macros_of(bak) == {
        "{$VIGIE.SCHOOL}": "9990001X",
        "{$VIGIE.VERSION}": __version__,
        "{$VIGIE.BACKUP.FREE.MIN}": "12.5",
        "{$VIGIE.BACKUP.DAYS.MIN}": "7",
        "{$A:x}": "",
    }

    router = host_of("9990001X-r1")
    (interface,) = router["interfaces"]
    assert (interface["type"], interface["port"]) == ("2", "161")
    assert interface["details"]["community"] == "{$SNMP_COMMUNITY}"
    assert [template["host"] for template in router["parentTemplates"]] == [CISCO]
    assert macros_of(router) == {"{$VIGIE.SCHOOL}": "9990001X", "{$SNMP_COMMUNITY}": "(secret)"}


def test_a_second_application_makes_no_write_call_at_all(bench: Bench) -> None:
    bench.schools = [whole_school(bench), school(2)]
    bench.templates = shipped_templates()
    first, session = bench.apply()
    assert first.changes
    assert session.writes > 0
    second, session = bench.apply()
    assert second.changes == ()
    assert session.writes == 0


def test_a_plan_writes_nothing_and_foresees_what_the_application_does(bench: Bench, api: Api) -> None:
    bench.schools = [whole_school(bench)]
    bench.templates = shipped_templates()
    foreseen, session = bench.plan()
    assert session.writes == 0
    assert api.call("host.get", output=["hostid"], search={"host": "999"}, startSearch=True) == []
    applied, _ = bench.apply()
    assert foreseen == applied
    again, session = bench.plan()
    assert again.changes == ()
    assert session.writes == 0


def test_the_number_of_calls_does_not_grow_with_the_number_of_hosts(bench: Bench) -> None:
    counts = []
    for number in (2, 50):
        hosts = [
            {"name": f"h{n}", "address": f"127.0.1.{n}", "roles": ["openerp"], "macros": {"{$N}": str(n)}}
            for n in range(1, number + 1)
        ]
        bench.schools = [school(number, hosts=hosts)]
        bench.removal_limit = 100
        bench.academy = f"Académie {number}"
        _, first = bench.apply()
        _, second = bench.apply()
        counts.append((first.calls, second.calls))
    assert counts[0] == counts[1]


def test_each_field_that_a_person_changed_is_shown_and_put_back(bench: Bench, api: Api, host_of: HostOf) -> None:
    bench.apply()
    row = host_of("9990001X-erp")
    api.call("host.update", hostid=row["hostid"], name="changed", tags=[t for t in row["tags"] if t["tag"] != "role"])
    api.call("hostinterface.update", interfaceid=row["interfaces"][0]["interfaceid"], ip="127.0.0.99")
    (macro,) = [macro for macro in row["macros"] if macro["macro"] == "{$VIGIE.SCHOOL}"]
    api.call("usermacro.update", hostmacroid=macro["hostmacroid"], value="other")

    plan, _ = bench.plan()
    assert [(c.kind, c.act, c.name) for c in plan.changes] == [
        ("host", Act.UPDATE, "9990001X-erp"),
        ("host macro", Act.UPDATE, "9990001X-erp {$VIGIE.SCHOOL}"),
    ]
    assert {(f.name, f.removed, f.added) for c in plan.changes for f in c.fields} == {
        ("visible name", ("changed",), ("Lycée 1 erp",)),
        ("tags", (), ("role: openerp", "role: postgres")),
        ("interface", ("agent 127.0.0.99:10050",), ("agent 127.0.0.11:10050",)),
        ("value", ("other",), ("9990001X",)),
    }
    bench.apply()
    assert host_of("9990001X-erp") == row
    assert bench.plan()[0].changes == ()


def test_what_people_added_to_a_host_stays(bench: Bench, api: Api, host_of: HostOf) -> None:
    bench.ship(SMALL_TEMPLATE)
    bench.apply()
    row = host_of("9990001X-erp")
    (linux_servers,) = api.call("hostgroup.get", filter={"name": "Linux servers"}, output=["groupid"])
    (theirs,) = api.call("template.get", filter={"host": SMALL}, output=["templateid"])
    api.call("host.massadd", hosts=[{"hostid": row["hostid"]}], groups=[linux_servers], templates=[theirs])
    api.call("usermacro.create", hostid=row["hostid"], macro="{$THEIRS}", value="1")
    api.call("host.update", hostid=row["hostid"], tags=[*row["tags"], {"tag": "theirs", "value": "1"}], status=1)
    assert bench.plan()[0].changes == ()

    bench.schools[0]["hosts"][0]["tags"] = {"rack": "4"}
    bench.schools[0]["name"] = "Autre nom"
    bench.apply()
    row = host_of("9990001X-erp")
    assert {"Linux servers", "Vigie/Académie d'essai/Autre nom (9990001X)"} == {g["name"] for g in row["groups"]}
    assert {SMALL, LINUX} == {template["host"] for template in row["parentTemplates"]}
    assert {("theirs", "1"), ("rack", "4")} <= tags_of(row)
    assert macros_of(row)["{$THEIRS}"] == "1"
    assert row["status"] == "1"


def test_tags_and_macros_that_leave_the_site_file_leave_zabbix(bench: Bench, host_of: HostOf) -> None:
    bench.schools[0]["hosts"][0] |= {"tags": {"rack": "3", "room": "B 2"}, "macros": {"{$ONE}": "1", "{$TWO}": "2"}}
    bench.apply()
    bench.schools[0]["hosts"][0] |= {"tags": {"room": "B 2"}, "macros": {"{$TWO}": "2"}}
    bench.apply()
    row = host_of("9990001X-erp")
    assert {tag for tag, _ in tags_of(row)} == {"vigie", "academy", "school", "role", "room"}
    assert set(macros_of(row)) == {"{$VIGIE.SCHOOL}", "{$VIGIE.VERSION}", "{$TWO}"}
    assert bench.plan()[0].changes == ()


def test_a_school_that_changes_its_name_keeps_its_group(bench: Bench, api: Api) -> None:
    bench.apply()
    search = {"search": {"name": "Vigie/"}, "startSearch": True, "output": ["groupid", "name"], "sortfield": "name"}
    before = api.call("hostgroup.get", **search)
    bench.schools[0]["name"] = "Autre nom"
    plan, _ = bench.apply()
    after = api.call("hostgroup.get", **search)
    assert [group["groupid"] for group in after] == [group["groupid"] for group in before]
    assert after[1]["name"] == "Vigie/Académie d'essai/Autre nom (9990001X)"
    # The hosts change their visible names, not their groups.
    assert {f.name for c in plan.changes for f in c.fields} == {"name", "visible name", "shown as"}


def test_a_host_moves_to_a_proxy_and_back(bench: Bench, api: Api, host_of: HostOf) -> None:
    field = "proxyid" if bench.connect().release.version >= (7, 0) else "proxy_hostid"
    bench.apply()
    assert host_of("9990001X-erp")[field] == "0"
    bench.schools[0]["proxy"] = {"name": "proxy-a", "address": "127.0.0.9"}
    bench.apply()
    (proxy,) = api.call("proxy.get", output=["proxyid"])
    assert host_of("9990001X-erp")[field] == proxy["proxyid"]
    assert bench.plan()[0].changes == ()
    del bench.schools[0]["proxy"]
    bench.apply()
    assert host_of("9990001X-erp")[field] == "0"
    assert api.call("proxy.get", output=["proxyid"]) == []


def test_schools_that_swap_names_settle_in_one_application(bench: Bench, host_of: HostOf) -> None:
    bench.schools = [school(1), school(2)]
    bench.apply()
    bench.schools = [school(1, name="Lycée 2"), school(2, name="Lycée 1")]
    bench.apply()
    assert host_of("9990001X-erp")["name"] == "Lycée 2 erp"
    assert bench.plan()[0].changes == ()


def test_a_uai_that_is_corrected_gives_its_visible_names_to_the_new_hosts(bench: Bench, host_of: HostOf) -> None:
    bench.apply()
    bench.schools = [school(2, name="Lycée 1")]
    bench.apply()
    assert host_of("9990002X-erp")["name"] == "Lycée 1 erp"
    assert bench.plan()[0].changes == ()
