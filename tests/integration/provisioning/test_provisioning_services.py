"""The service tree in a real Zabbix, 6.0 and 7.0: academy, schools, a line per subject; a person's services stay."""

from typing import Any

from siteagainst import Bench, school

from lab.zabbix.api import Api
from provisioning.model import Act
from provisioning.shipped import shipped_templates
from vigie import __version__

BACKED_UP: dict[str, Any] = {"backup": {"source": "erp", "store": "bak"}}


def edges(api: Api) -> list[tuple[str, str]]:
    """Every service's name with its parents' names."""
    rows = api.call("service.get", output=["name"], selectParents=["name"])
    return sorted((row["name"], ", ".join(sorted(parent["name"] for parent in row["parents"]))) for row in rows)


def tree(api: Api) -> dict[str, str]:
    """The same by name, where names are unique."""
    return dict(edges(api))


def service(api: Api, name: str) -> dict[str, Any]:
    (row,) = api.call(
        "service.get",
        filter={"name": name},
        output="extend",
        selectTags="extend",
        selectProblemTags="extend",
        selectParents=["serviceid"],
    )
    return dict(row)


def test_a_school_has_a_line_for_each_subject_that_it_has(bench: Bench, api: Api) -> None:
    bench.schools = [school(1, **BACKED_UP), school(2)]
    bench.apply()
    assert edges(api) == [
        ("Académie d'essai", ""),
        ("Lycée 1 (9990001X)", "Académie d'essai"),
        ("Lycée 2 (9990002X)", "Académie d'essai"),
        ("Sauvegardes", "Lycée 1 (9990001X)"),
        ("Vigie", "Lycée 1 (9990001X)"),
        ("Vigie", "Lycée 2 (9990002X)"),
    ]
    line = service(api, "Sauvegardes")
    assert line["algorithm"] == "2"  # the most critical
    assert {(tag["tag"], tag["operator"], tag["value"]) for tag in line["problem_tags"]} == {
        ("school", "0", "9990001X"),
        ("target", "0", "backup"),
    }


def test_the_second_application_writes_nothing_and_reads_the_tree_in_one_call(bench: Bench) -> None:
    bench.schools = [school(number, **BACKED_UP) for number in range(1, 4)]
    bench.apply()
    plan, session = bench.apply()
    assert (plan.changes, session.writes, session.calls["service.get"]) == ((), 0, 1)


def test_the_tree_is_made_in_three_calls_however_many_schools(bench: Bench) -> None:
    bench.schools = [school(number, **BACKED_UP) for number in range(1, 6)]
    _, session = bench.apply()
    assert session.calls["service.create"] == 3


def test_what_was_changed_by_hand_is_shown_and_put_back(bench: Bench, api: Api) -> None:
    bench.schools = [school(1, **BACKED_UP)]
    bench.apply()
    line, root = service(api, "Sauvegardes"), service(api, "Académie d'essai")
    api.call(
        "service.update",
        serviceid=line["serviceid"],
        name="Backups",
        parents=[{"serviceid": root["serviceid"]}],
        problem_tags=[{"tag": "target", "operator": 2, "value": "back"}],
    )
    plan, _ = bench.plan()
    (change,) = plan.changes
    assert (change.kind, change.act) == ("service", Act.UPDATE)
    assert {field.name for field in change.fields} == {"shown as", "parent", "problem tags"}
    bench.apply()
    again = service(api, "Sauvegardes")
    assert (again["problem_tags"], again["parents"]) == (line["problem_tags"], line["parents"])
    assert bench.plan()[0].changes == ()


def test_a_service_of_a_person_with_the_same_name_is_left_alone(bench: Bench, api: Api) -> None:
    theirs = api.call("service.create", name="Sauvegardes", algorithm=0, sortorder=7)["serviceids"][0]
    bench.schools = [school(1, **BACKED_UP)]
    bench.apply()
    bench.schools = [school(2)]
    bench.apply(approved=bench.plan()[0].lost)
    (row,) = api.call("service.get", serviceids=[theirs], output=["name", "algorithm", "sortorder"])
    assert (row["name"], row["algorithm"], row["sortorder"]) == ("Sauvegardes", "0", "7")


def test_what_people_hung_into_the_tree_stays(bench: Bench, api: Api) -> None:
    bench.schools = [school(1, **BACKED_UP)]
    bench.apply()
    line, top = service(api, "Sauvegardes"), service(api, "Lycée 1 (9990001X)")
    api.call("service.create", name="NAS", algorithm=0, sortorder=0, parents=[{"serviceid": top["serviceid"]}])
    above = api.call("service.create", name="Région", algorithm=2, sortorder=0)["serviceids"][0]
    parents = [*line["parents"], {"serviceid": above}]
    api.call(
        "service.update",
        serviceid=line["serviceid"],
        parents=parents,
        tags=[*_tags(line), {"tag": "sla", "value": "1"}],
    )
    assert bench.plan()[0].changes == ()
    bench.schools = [school(1, name="Lycée renommé", **BACKED_UP)]
    bench.apply()
    assert tree(api)["NAS"] == "Lycée renommé (9990001X)"
    assert tree(api)["Sauvegardes"] == "Lycée renommé (9990001X), Région"
    assert {"tag": "sla", "value": "1"} in _tags(service(api, "Sauvegardes"))


def test_a_school_that_leaves_takes_its_services_along_and_they_are_counted(bench: Bench, api: Api) -> None:
    bench.schools = [school(1), school(2, **BACKED_UP)]
    bench.apply()
    bench.schools = [school(1)]
    plan, _ = bench.plan()
    gone = [change for change in plan.changes if change.kind == "service"]
    assert [change.act for change in gone] == [Act.REMOVE] * 3
    assert plan.lost == sum(change.lost for change in plan.changes) >= 3
    bench.apply(approved=plan.lost)
    assert "Sauvegardes" not in tree(api)


def test_two_academies_on_one_zabbix_have_a_tree_each(bench: Bench, api: Api) -> None:
    bench.schools = [school(1)]
    bench.apply()
    bench.academy = "Académie voisine"
    bench.schools = [school(2)]
    bench.apply()
    assert {"Académie d'essai", "Académie voisine"} <= set(tree(api))
    bench.academy = "Académie d'essai"
    bench.schools = [school(1)]
    assert bench.plan()[0].changes == ()


def test_each_host_is_told_the_version_and_the_machine_of_zabbix_the_end_of_the_token(bench: Bench, api: Api) -> None:
    hosts = [*school()["hosts"], {"name": "zbx", "address": "127.0.0.13", "roles": ["zabbix"]}]
    bench.schools = [school(1, hosts=hosts)]
    bench.templates = shipped_templates()
    bench.apply()
    (token,) = api.call("token.get", token=bench.zabbix.token, output=["tokenid"])
    try:
        assert _macro(api, "zbx", "{$VIGIE.TOKEN.EXPIRES}") == "0"
        assert {_macro(api, host, "{$VIGIE.VERSION}") for host in ("erp", "bak", "zbx")} == {__version__}
        api.call("token.update", tokenid=token["tokenid"], expires_at=2_000_000_000)
        bench.apply()
        assert _macro(api, "zbx", "{$VIGIE.TOKEN.EXPIRES}") == "2000000000"
        assert "host macro" not in {change.kind for change in bench.plan()[0].changes}
    finally:
        api.call("token.update", tokenid=token["tokenid"], expires_at=0)


def _macro(api: Api, host: str, macro: str) -> str:
    (row,) = api.call("host.get", filter={"host": f"9990001X-{host}"}, output=["hostid"], selectMacros="extend")
    return {each["macro"]: str(each["value"]) for each in row["macros"]}.get(macro, "")


def _tags(row: dict[str, Any]) -> list[dict[str, str]]:
    return [{"tag": tag["tag"], "value": tag["value"]} for tag in row["tags"]]
