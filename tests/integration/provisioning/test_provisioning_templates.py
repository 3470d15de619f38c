"""Templates: imported when they differ and only then, what differs is shown, and what hosts hold survives."""

from collections.abc import Callable
from typing import Any

import pytest
from siteagainst import SMALL, SMALL_TEMPLATE, Bench, school

from lab.zabbix.api import Api
from provisioning.model import Act, FieldChange, RefusedError
from provisioning.objects.dependencies import AVAILABILITY
from provisioning.shipped import shipped_templates
from provisioning.subjects import Method
from vigie.errors import VigieError
from vigie.zabbix.errors import CallRefusedError

HostOf = Callable[[str], dict[str, Any]]
_SILENT = "Backups: No data from the agent"


def test_a_template_that_is_identical_is_never_imported(bench: Bench) -> None:
    bench.ship(SMALL_TEMPLATE)
    _, session = bench.apply()
    assert session.calls["configuration.import"] == 1
    _, session = bench.apply()
    assert session.calls["configuration.import"] == 0


def test_every_shipped_template_is_identical_once_it_is_imported(bench: Bench) -> None:
    bench.templates = shipped_templates()
    bench.apply()
    assert bench.plan()[0].changes == ()


def test_a_template_is_compared_field_by_field(bench: Bench) -> None:
    bench.ship(SMALL_TEMPLATE)
    bench.apply()
    bench.ship(SMALL_TEMPLATE.replace("delay: 90s", "delay: 2m", 1).replace("name: Second", "name: Other"))
    plan, _ = bench.plan()
    (change,) = plan.changes
    assert (change.kind, change.act, change.name, change.lost) == ("template", Act.UPDATE, SMALL, 0)
    assert set(change.fields) == {
        FieldChange("items 'First': delay", ("90s",), ("2m",)),
        FieldChange("items 'Other': name", ("Second",), ("Other",)),
    }


def test_items_that_leave_a_template_count_as_removals(bench: Bench, api: Api) -> None:
    bench.ship(SMALL_TEMPLATE)
    bench.apply()
    bench.removal_limit = 0
    bench.ship(SMALL_TEMPLATE[: SMALL_TEMPLATE.index("        - uuid: 5a1fd21a2d8c4a0d9f6c1b9a6c2f7e04")])
    with pytest.raises(RefusedError, match="would remove 1 thing "):
        bench.apply()
    bench.apply(approved=1)
    (template,) = api.call("template.get", filter={"host": SMALL}, selectItems=["key_"])
    assert [item["key_"] for item in template["items"]] == ["vigie.test.first"]


def test_what_a_person_changed_in_vigies_template_is_shown_and_put_back(bench: Bench, api: Api) -> None:
    bench.ship(SMALL_TEMPLATE)
    bench.apply()
    (item,) = api.call("item.get", output=["itemid"], filter={"key_": "vigie.test.first"})
    api.call("item.update", itemid=item["itemid"], delay="7m")
    plan, _ = bench.apply()
    assert plan.changes[0].fields == (FieldChange("items 'First': delay", ("7m",), ("90s",)),)
    assert api.call("item.get", output=["delay"], itemids=[item["itemid"]])[0]["delay"] == "90s"


def test_a_strange_template_of_the_same_name_is_left_alone(bench: Bench, api: Api) -> None:
    bench.ship(SMALL_TEMPLATE)
    bench.apply()
    bench.ship(SMALL_TEMPLATE.replace("5a1fd21a2d8c4a0d9f6c1b9a6c2f7e02", "5a1fd21a2d8c4a0d9f6c1b9a6c2f7e22"))
    with pytest.raises(RefusedError, match=r"exists in Zabbix and is not Vigie's"):
        bench.plan()


def test_a_template_file_that_zabbix_refuses_is_named(bench: Bench) -> None:
    bench.ship(SMALL_TEMPLATE.replace("delay: 90s", "delay: often", 1))
    with pytest.raises(CallRefusedError, match=r"small\.yaml"):
        bench.apply()


def test_a_file_that_is_no_template_is_named(bench: Bench) -> None:
    with pytest.raises(VigieError, match=r"small\.yaml: is not a template"):
        bench.ship("zabbix_export: {}\n")


def test_secrets_of_hosts_survive_an_import_and_every_application(bench: Bench, api: Api, host_of: HostOf) -> None:
    bench.ship(SMALL_TEMPLATE)
    bench.schools[0]["hosts"][0]["secret_macros"] = {"{$PASSWORD}": bench.secret("password", "first")}
    bench.apply()
    assert secret_in_database(bench) == "first"
    (theirs,) = api.call("template.get", filter={"host": SMALL}, output=["templateid"])
    api.call("host.massadd", hosts=[{"hostid": host_of("9990001X-erp")["hostid"]}], templates=[theirs])

    bench.ship(SMALL_TEMPLATE.replace("delay: 90s", "delay: 2m"))
    plan, _ = bench.apply()
    assert [change.kind for change in plan.changes] == ["template"]
    assert secret_in_database(bench) == "first"
    _, session = bench.apply()
    assert session.writes == 0

    bench.secret("password", "second")
    plan, _ = bench.apply()
    assert [change.name for change in plan.changes] == ["9990001X-erp {$PASSWORD}"]
    assert secret_in_database(bench) == "second"
    assert "first" not in repr(plan)
    assert "second" not in repr(plan)


def test_a_secret_whose_fingerprint_is_gone_is_written_again(bench: Bench, api: Api, host_of: HostOf) -> None:
    bench.schools[0]["hosts"][0]["secret_macros"] = {"{$PASSWORD}": bench.secret("password", "right")}
    bench.apply()
    (macro,) = [m for m in host_of("9990001X-erp")["macros"] if m["macro"] == "{$PASSWORD}"]
    api.call("usermacro.update", hostmacroid=macro["hostmacroid"], value="wrong", description="")
    bench.apply()
    assert secret_in_database(bench) == "right"


def test_a_text_that_becomes_a_secret_is_not_shown(bench: Bench, api: Api, host_of: HostOf) -> None:
    bench.apply()
    api.call("usermacro.create", hostid=host_of("9990001X-erp")["hostid"], macro="{$PASSWORD}", value="typed by hand")
    bench.schools[0]["hosts"][0]["secret_macros"] = {"{$PASSWORD}": bench.secret("password", "right")}
    plan, _ = bench.apply()
    assert "typed by hand" not in repr(plan)
    assert secret_in_database(bench) == "right"
    assert bench.plan()[0].changes == ()


def secret_in_database(bench: Bench) -> str:
    """A secret macro's value, which the API never gives: read from Zabbix's own database."""
    return bench.zabbix.cluster.sql(
        "SELECT value FROM hostmacro WHERE macro = '{$PASSWORD}'", database="zabbix"
    ).strip()


def test_a_silent_agent_is_one_problem_because_one_trigger_depends_on_the_other(
    bench: Bench, api: Api, host_of: HostOf
) -> None:
    bench.templates = shipped_templates()
    bench.schools = [school(backup={"source": "erp", "store": "bak"})]
    bench.apply()
    assert depends_on_agent(api, host_of)
    _, session = bench.apply()
    assert session.writes == 0


def test_an_import_of_the_template_leaves_the_dependencies_of_its_hosts(
    bench: Bench, api: Api, host_of: HostOf
) -> None:
    bench.templates = shipped_templates()
    bench.schools = [school(backup={"source": "erp", "store": "bak"})]
    bench.apply()
    (trigger,) = api.call("trigger.get", filter={"description": _SILENT}, templated=True)
    api.call("trigger.update", triggerid=trigger["triggerid"], comments="changed by a person")
    plan, _ = bench.apply()
    assert [change.kind for change in plan.changes] == ["template"]
    assert depends_on_agent(api, host_of)
    assert bench.plan()[0].changes == ()


def test_dependencies_that_people_added_stay(bench: Bench, api: Api, host_of: HostOf) -> None:
    bench.templates = shipped_templates()
    bench.schools = [school(backup={"source": "erp", "store": "bak"})]
    bench.apply()
    hostid = host_of("9990001X-bak")["hostid"]
    (trigger,) = api.call("trigger.get", hostids=[hostid], filter={"description": _SILENT})
    other = next(
        t
        for t in api.call("trigger.get", hostids=[hostid], output=["description"], selectItems=["key_"])
        if [item["key_"] for item in t["items"]] == ["system.uptime"]
    )
    api.call("trigger.update", triggerid=trigger["triggerid"], dependencies=[{"triggerid": other["triggerid"]}])
    bench.apply()
    assert depends_on_agent(api, host_of)
    (trigger,) = api.call("trigger.get", triggerids=[trigger["triggerid"]], selectDependencies=["triggerid"])
    assert len(trigger["dependencies"]) == 2


def depends_on_agent(api: Api, host_of: HostOf) -> bool:
    hostid = host_of("9990001X-bak")["hostid"]
    (trigger,) = api.call(
        "trigger.get", hostids=[hostid], filter={"description": _SILENT}, selectDependencies=["triggerid"]
    )
    (item,) = api.call(
        "item.get", hostids=[hostid], filter={"key_": AVAILABILITY[Method.AGENT]}, selectTriggers=["triggerid"]
    )
    upper = {other["triggerid"] for other in trigger["dependencies"]}
    return bool(upper & {agent["triggerid"] for agent in item["triggers"]})
