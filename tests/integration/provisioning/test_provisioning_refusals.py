"""What provisioning refuses: removing too much, taking what is not its own, working with too few rights."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from siteagainst import SMALL_TEMPLATE, Bench, school
from typer.testing import CliRunner

from lab.zabbix.api import Api
from provisioning.application import plan
from provisioning.commands import app
from provisioning.model import Act, RefusedError
from provisioning.shipped import shipped_templates
from vigie.errors import Exit, VigieError
from vigie.site import Zabbix as ZabbixSettings
from vigie.zabbix.access import connect
from vigie.zabbix.errors import RightsMissingError, TokenRefusedError

USER, ADMIN = "1", "2"


def hosts_of(api: Api) -> list[str]:
    return sorted(
        row["host"] for row in api.call("host.get", output=["host"], search={"host": "999"}, startSearch=True)
    )


def test_a_school_that_leaves_the_site_file_leaves_zabbix_with_its_group(bench: Bench, api: Api) -> None:
    bench.schools = [school(1), school(2)]
    bench.apply()
    bench.schools = [school(1)]
    plan, _ = bench.apply()
    assert {(c.kind, c.name) for c in plan.changes if c.act is Act.REMOVE} == {
        ("host group", "Vigie/Académie d'essai/Lycée 2 (9990002X)"),
        ("host", "9990002X-erp"),
        ("host", "9990002X-bak"),
        ("service", "Académie d'essai/9990002X (Lycée 2 (9990002X))"),
        ("service", "Académie d'essai/9990002X/vigie (Vigie)"),
    }
    assert plan.lost == 5
    assert hosts_of(api) == ["9990001X-bak", "9990001X-erp"]
    assert bench.plan()[0].changes == ()


def test_removing_more_than_the_limit_stops_before_anything_is_touched(bench: Bench, api: Api) -> None:
    bench.schools = [school(1), school(2)]
    bench.apply()
    bench.schools = [school(1, name="Autre nom")]
    bench.removal_limit = 2
    with pytest.raises(
        RefusedError, match=r"remove 5 things .* zabbix\.removal_limit \(2\).*--approve-removals 5"
    ) as caught:
        bench.apply()
    assert caught.value.exit_code is Exit.REFUSED
    assert len(hosts_of(api)) == 4
    (group,) = api.call("hostgroup.get", output=["name"], search={"name": "(9990001X)"})
    assert "Autre nom" not in group["name"]


def test_an_approval_is_for_the_number_that_was_shown(bench: Bench, api: Api) -> None:
    bench.schools = [school(1), school(2)]
    bench.apply()
    bench.schools = [school(1)]
    bench.removal_limit = 0
    for wrong in (4, 6):
        with pytest.raises(RefusedError, match=f"and {wrong} were approved"):
            bench.apply(approved=wrong)
    bench.apply(approved=5)
    assert hosts_of(api) == ["9990001X-bak", "9990001X-erp"]


def test_a_template_that_leaves_a_host_counts_as_a_removal(bench: Bench) -> None:
    bench.apply()
    bench.schools[0]["hosts"][0]["roles"] = ["router"]
    plan, _ = bench.plan()
    assert plan.lost == 2  # the macro that tells that template Vigie's version goes too
    bench.apply()
    assert bench.plan()[0].changes == ()


def test_hosts_of_another_site_file_are_left_alone(bench: Bench, api: Api) -> None:
    bench.apply()
    bench.academy = "Autre académie"
    bench.schools = [school(2)]
    plan, _ = bench.apply()
    assert plan.lost == 0
    assert len(hosts_of(api)) == 4


def test_a_host_of_another_site_file_is_not_taken_over(bench: Bench) -> None:
    bench.apply()
    bench.academy = "Autre académie"
    with pytest.raises(RefusedError, match=r"was not made by Vigie for this academy"):
        bench.apply()


def test_a_strange_host_of_the_same_name_is_refused_until_a_person_hands_it_over(bench: Bench, api: Api) -> None:
    (group,) = api.call("hostgroup.get", filter={"name": "Linux servers"}, output=["groupid"])
    (hostid,) = api.call("host.create", host="9990001X-erp", groups=[group])["hostids"]
    with pytest.raises(RefusedError, match=r"the host '9990001X-erp' exists .* vigie: managed and academy: Académie"):
        bench.apply()
    assert hosts_of(api) == ["9990001X-erp"]

    tags = [{"tag": "vigie", "value": "managed"}, {"tag": "academy", "value": bench.academy}]
    api.call("host.update", hostid=hostid, tags=tags)
    bench.apply()
    assert [row["hostid"] for row in api.call("host.get", filter={"host": "9990001X-erp"})] == [hostid]
    assert bench.plan()[0].changes == ()


def test_a_visible_name_that_is_taken_is_refused(bench: Bench, api: Api) -> None:
    (group,) = api.call("hostgroup.get", filter={"name": "Linux servers"}, output=["groupid"])
    api.call("host.create", host="999-other", name="Lycée 1 erp", groups=[group])
    with pytest.raises(RefusedError, match="the visible name 'Lycée 1 erp' is taken in Zabbix by the host '999-other'"):
        bench.apply()


def test_a_strange_group_of_the_same_name_is_refused(bench: Bench, api: Api) -> None:
    api.call("hostgroup.create", name="Vigie/Académie d'essai")
    with pytest.raises(RefusedError, match='the host group "Vigie/Académie d\'essai" exists'):
        bench.apply()


def test_a_group_that_a_person_made_beside_vigies_is_never_removed(bench: Bench, api: Api) -> None:
    api.call("hostgroup.create", name="Vigie/Académie d'essai/Mine")
    bench.apply()
    bench.schools = [school(2)]
    bench.apply()
    assert api.call("hostgroup.get", filter={"name": "Vigie/Académie d'essai/Mine"}, countOutput=True) == "1"


def test_a_proxy_that_a_person_made_is_used_as_it_is(bench: Bench, api: Api) -> None:
    names = bench.connect().release.new_proxy("proxy-a", "127.0.0.1", "made by hand")
    api.call_raw("proxy.create", [names])
    bench.schools[0]["proxy"] = {"name": "proxy-a", "address": "127.0.0.9"}
    plan, _ = bench.apply()
    assert "proxy" not in {change.kind for change in plan.changes}
    del bench.schools[0]["proxy"]
    bench.apply()
    assert api.call("proxy.get", countOutput=True) == "1"


def test_a_secret_that_cannot_be_read_stops_before_anything_is_touched(bench: Bench, api: Api, tmp_path: Path) -> None:
    bench.schools[0]["hosts"][0]["secret_macros"] = {"{$PASSWORD}": str(tmp_path / "absent")}
    with pytest.raises(VigieError, match="absent: this secret cannot be read"):
        bench.apply()
    assert hosts_of(api) == []


@pytest.fixture(params=[USER, ADMIN])
def weak_token(request: pytest.FixtureRequest, api: Api, tmp_path: Path) -> Iterator[Path]:
    """The token file of a user who is not a Super admin."""
    (group,) = api.call("usergroup.get", filter={"name": "Guests"}, output=["usrgrpid"])
    account = {"username": f"weak-{request.param}", "passwd": "Nine9-times-Nine", "roleid": request.param}
    (userid,) = api.call("user.create", usrgrps=[group], **account)["userids"]
    (tokenid,) = api.call("token.create", name="weak", userid=userid)["tokenids"]
    ((generated),) = api.call_raw("token.generate", [tokenid])
    file = tmp_path / "weak"
    file.write_text(generated["token"])
    file.chmod(0o600)
    yield file
    api.call_raw("user.delete", [userid])


def settings(bench: Bench, token_file: Path) -> ZabbixSettings:
    return ZabbixSettings.model_validate({"url": bench.url, "token_file": str(token_file)})


def test_a_user_who_is_not_a_super_admin_is_told_so(bench: Bench, weak_token: Path) -> None:
    with pytest.raises(RightsMissingError, match="is not a Super admin"):
        connect(settings(bench, weak_token))


def test_a_wrong_token_is_told_so(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "wrong"
    file.write_text("0" * 64)
    file.chmod(0o600)
    with pytest.raises(TokenRefusedError, match="the API token is not accepted"):
        connect(settings(bench, file))


def test_a_disabled_token_is_told_so(bench: Bench, api: Api, tmp_path: Path) -> None:
    (userid,) = (row["userid"] for row in api.call("user.get", filter={"username": "Admin"}, output=["userid"]))
    (tokenid,) = api.call("token.create", name="disabled", userid=userid, status=1)["tokenids"]
    file = tmp_path / "disabled"
    file.write_text(api.call_raw("token.generate", [tokenid])[0]["token"])
    file.chmod(0o600)
    try:
        with pytest.raises(TokenRefusedError, match="the API token is not accepted"):
            connect(settings(bench, file))
    finally:
        api.call_raw("token.delete", [tokenid])


def test_an_agentless_zabbix_without_official_templates_is_still_provisioned(bench: Bench) -> None:
    """The templates of Zabbix may have been deleted or renamed: hosts are made without them, and the plan says so."""
    session = bench.connect()
    original = session.get

    def without_official(thing: str, **params: object) -> list[dict[str, object]]:
        return [] if thing == "template" else original(thing, **params)

    session.get = without_official  # type: ignore[method-assign]
    found = plan(session, bench.site, ())
    assert any("'Linux by Zabbix agent' is not there" in note for note in found.notes)


def written(bench: Bench, tmp_path: Path) -> str:
    file = tmp_path / "site.yaml"
    file.write_text(
        f"version: 1\nzabbix: {{url: '{bench.url}', token_file: {bench.zabbix.token_file}}}\n"
        "academy: {name: Académie d'essai}\nschools:\n- uai: 9990001X\n  name: Lycée\n  hosts:\n"
        "  - {name: erp, address: 127.0.0.1, roles: [openerp]}\n"
    )
    return str(file)


def test_the_commands_answer_by_their_exit_codes(bench: Bench, tmp_path: Path) -> None:
    site, run = written(bench, tmp_path), CliRunner().invoke
    before = run(app, ["plan", site])
    assert before.exit_code == 2
    assert "+ 9990001X-erp" in before.output
    assert run(app, ["apply", site]).exit_code == 0
    after = run(app, ["plan", site])
    assert after.exit_code == 0
    assert "nothing to change" in after.output


METHOD = re.compile(r"\b[a-z]+\.(?:get|create|update|delete|import|importcompare)\b")


@pytest.fixture
def documented_token(api: Api, tmp_path: Path) -> Iterator[Path]:
    """The token of a user whose role allows the methods that docs/provisioning.md lists, no other, and its services."""
    text = (Path(__file__).parents[3] / "docs/provisioning.md").read_text()
    methods = sorted(set(METHOD.findall(text.split("API methods:")[1].split("The token")[0])))
    if api.call_version().startswith("6.0"):
        methods = [method for method in methods if not method.startswith("templategroup.")]
    rules = {"api.access": 1, "api.mode": 1, "api": methods, "services.read.mode": 1, "services.write.mode": 1}
    (roleid,) = api.call("role.create", name="vigie", type=3, rules=rules)["roleids"]
    (group,) = api.call("usergroup.get", filter={"name": "Guests"}, output=["usrgrpid"])
    account = {"username": "vigie", "passwd": "Nine9-times-Nine", "roleid": roleid}
    (userid,) = api.call("user.create", usrgrps=[group], **account)["userids"]
    (tokenid,) = api.call("token.create", name="vigie", userid=userid)["tokenids"]
    file = tmp_path / "documented"
    file.write_text(api.call_raw("token.generate", [tokenid])[0]["token"])
    file.chmod(0o600)
    yield file
    api.call_raw("user.delete", [userid])
    api.call_raw("role.delete", [roleid])


def test_the_documented_api_methods_are_enough(bench: Bench, documented_token: Path) -> None:
    bench.token_file = documented_token
    bench.ship(SMALL_TEMPLATE)
    secret = bench.secret("password", "one")
    bench.schools = [
        school(1, proxy={"name": "proxy-a", "address": "127.0.0.9"}, backup={"source": "erp", "store": "bak"}),
        school(2),
    ]
    bench.schools[0]["hosts"][0] |= {"macros": {"{$A}": "1"}, "secret_macros": {"{$PASSWORD}": secret}}
    bench.templates += shipped_templates()
    bench.apply()
    bench.secret("password", "two")
    bench.schools = [school(1, name="Autre nom")]
    bench.schools[0]["hosts"][0] |= {"address": "127.0.0.77", "secret_macros": {"{$PASSWORD}": secret}}
    bench.removal_limit = 20
    bench.apply()
    bench.schools[0]["hosts"][0]["roles"] = ["router"]
    bench.apply()
    assert bench.plan()[0].changes == ()


def test_a_method_that_the_role_does_not_allow_is_named(bench: Bench, api: Api, documented_token: Path) -> None:
    bench.token_file = documented_token
    (role,) = api.call("role.get", filter={"name": "vigie"}, output=["roleid"])
    api.call("role.update", roleid=role["roleid"], rules={"api.mode": 1, "api": ["role.get", "hostgroup.get"]})
    with pytest.raises(RightsMissingError, match="too few rights for"):
        bench.plan()
