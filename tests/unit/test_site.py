"""The site file: what is right, and what is said when it is wrong."""

import json
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from typer.testing import CliRunner

from vigie import site as sites
from vigie.errors import Exit, VigieError
from vigie.site import Role, RsyncTransfer, SshTransfer

EXAMPLES = Path(__file__).parents[2] / "examples"

MINIMAL = """\
version: 1
zabbix:
  url: http://127.0.0.1/zabbix
  token_env: ZABBIX_TOKEN
academy:
  name: Essai
schools:
  - uai: 9990001X
    name: Lycée
    classes: ["TS", "2E1"]
    hosts:
      - {name: srv, address: 127.0.0.2, roles: [openerp, postgres]}
      - {name: bak, address: 127.0.0.3, roles: [backup]}
    openerp: {version: "6.0", host: srv}
    backup:
      source: srv
      store: bak
      window: {start: "00:30", end: 05:00}
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "site.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def errors_of(tmp_path: Path, text: str) -> list[str]:
    """The lines of the refusal of a wrong site file, its first line apart."""
    with pytest.raises(VigieError) as caught:
        sites.load(written(tmp_path, text))
    assert caught.value.exit_code == Exit.REFUSED
    first, *rest = caught.value.sentence.splitlines()
    assert first.startswith(str(tmp_path / "site.yaml"))
    return [line.strip() for line in rest] or [first]


def changed(old: str, new: str) -> str:
    assert old in MINIMAL
    return MINIMAL.replace(old, new)


@pytest.mark.parametrize("name", ["lab.yaml", "academy.yaml"])
def test_the_examples_are_right_for_vigie_and_for_the_schema_that_editors_use(name: str) -> None:
    site = sites.load(EXAMPLES / name)
    assert site.schools
    assert all(sites.uai_is_plausible(school.uai) for school in site.schools)
    plain = YAML(typ="safe", pure=True).load((EXAMPLES / name).read_text(encoding="utf-8"))
    document = json.loads(json.dumps(plain, default=str))
    schema = sites.json_schema()
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(document)] == []


def test_the_academy_example_shows_every_section() -> None:
    site = sites.load(EXAMPLES / "academy.yaml")
    assert len(site.schools) == 3
    assert [school.proxy is not None for school in site.schools] == [False, True, True]
    assert {role for school in site.schools for host in school.hosts for role in host.roles} == set(Role)
    first = site.schools[0].model_dump(exclude_unset=True)
    assert set(type(site.schools[0]).model_fields) - set(first) == {"proxy"}


def test_what_a_site_file_leaves_out_has_the_documented_values(tmp_path: Path) -> None:
    site = sites.load(written(tmp_path, MINIMAL))
    school = site.school(None)
    backup = school.backup
    assert backup is not None
    assert (backup.max_age, backup.verify_age, backup.jobs) == (26 * 3600, 30 * 86_400, 2)
    assert (backup.window.start, backup.window.end, backup.window.seconds) == (time(0, 30), time(5, 0), 16_200)
    assert isinstance(backup.transfer, RsyncTransfer)
    assert site.time_zone(school).key == "Europe/Paris"
    assert school.technical_name(school.host("srv")) == "9990001X-srv"
    assert school.host("srv").agent_port == 10050


def test_transfer_by_ssh_has_its_own_fields(tmp_path: Path) -> None:
    site = sites.load(written(tmp_path, MINIMAL + "      transfer: {method: ssh}\n"))
    backup = site.schools[0].backup
    assert backup is not None
    assert backup.transfer == SshTransfer(method="ssh")
    assert errors_of(tmp_path, MINIMAL + "      transfer: {method: ssh, password_file: /x}\n") == [
        "schools[0].backup.transfer.password_file: is not a field that Vigie knows; check its spelling (line 19)"
    ]


def test_every_error_is_said_at_once_with_its_path_and_line(tmp_path: Path) -> None:
    text = """\
version: 1
zabbix:
  url: ftp://127.0.0.1/
  token_env: ZABBIX_TOKEN
academy: {name: Essai, time_zone: Paris}
schools:
  - uai: 75001
    name: Lycée
    hosts:
      - {name: srv, address: 300.1.1.1, roles: [openerpp], port: 70000}
    openerp: {version: 6.0, host: nobody}
    backup: {source: srv, store: srv, max_age: soon, jobs: "2"}
    colour: blue
"""
    errors = errors_of(tmp_path, text)
    assert [line.split(":")[0] for line in errors] == [
        "zabbix.url",
        "academy.time_zone",
        "schools[0].uai",
        "schools[0].hosts[0].address",
        "schools[0].hosts[0].port",
        "schools[0].hosts[0].roles[0]",
        "schools[0].openerp.host",
        "schools[0].openerp.version",
        "schools[0].backup.jobs",
        "schools[0].backup.max_age",
        "schools[0].backup.source",
        "schools[0].backup.store",
        "schools[0].backup.store",
        "schools[0].colour",
    ]
    lines = [int(line.rsplit("(line ", 1)[1].rstrip(")")) for line in errors]
    assert lines == [3, 5, 7, 10, 10, 10, 11, 11, 12, 12, 12, 12, 12, 13]


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("9990001X", "0750655E5", "schools[0].uai", 'put it between quotes, "0750655E5"'),
        ('"2E1"', "2E1", "schools[0].classes[1]", 'put it between quotes, "2E1"'),
        ('"2E1"', "601", "schools[0].classes[1]", 'put it between quotes, "601"'),
        ('"2E1"', "true", "schools[0].classes[1]", 'put it between quotes, "true"'),
        ('"2E1"', "2026-01-01", "schools[0].classes[1]", 'put it between quotes, "2026-01-01"'),
        ('"2E1"', "[a]", "schools[0].classes[1]", "a text is expected"),
        ('"6.0"', "6.0", "schools[0].openerp.version", 'put it between quotes, "6.0"'),
        ('"6.0"', '"six"', "schools[0].openerp.version", "must be a release"),
        ('start: "00:30"', "start: 0:30", "schools[0].backup.window.start", "is not an hour of the day"),
        ('start: "00:30"', "start: 30", "schools[0].backup.window.start", "is not an hour of the day"),
        ('start: "00:30"', 'start: "24:00"', "schools[0].backup.window.start", "is not an hour of the day"),
        ('start: "00:30"', 'start: "05:00"', "schools[0].backup.window", "would be empty"),
        ("name: Essai", "name:", "academy.name", "a text is expected"),
        ("name: Essai", 'name: "a\\nb"', "academy.name", "holds a line end"),
        ("version: 1", "version: 2", "version", "must be 1"),
        ("token_env: ZABBIX_TOKEN", "token_env: Z\n  token_file: /t", "zabbix", "one of them"),
        ("  token_env: ZABBIX_TOKEN\n", "", "zabbix", "one of them"),
        ("token_env: ZABBIX_TOKEN", "token_env: token", "zabbix.token_env", "the name of an environment variable"),
        ("http://127.0.0.1", "ftp://127.0.0.1", "zabbix.url", "must begin with http:// or https://"),
        ("9990001X", "999001", "schools[0].uai", "put it between quotes"),
        ("9990001X", "9990001x", "schools[0].uai", "must be seven digits and a capital letter"),
        ("name: srv", "name: sérveur", "schools[0].hosts[0].name", "letters without accents"),
        ("roles: [backup]", "roles: [backups]", "schools[0].hosts[1].roles[0]", "must be 'zabbix', 'openerp'"),
        ("roles: [backup]", "roles: [backup], macros: {A: x}", "schools[0].hosts[1].macros.A", "a macro's name"),
        ("roles: [backup]", 'roles: [backup], macros: {"{$A}": 5}', "schools[0].hosts[1].macros.{$A}", '"5"'),
        ("roles: [backup]", 'roles: [backup], tags: {"": x}', "schools[0].hosts[1].tags.", "too few characters"),
        (
            "roles: [backup]",
            f"roles: [backup], tags: {{{'a' * 256}: x}}",
            f"schools[0].hosts[1].tags.{'a' * 60}",
            "255",
        ),
        ("roles: [backup]", f"roles: [backup], tags: {{a: {'x' * 256}}}", "schools[0].hosts[1].tags.a", "255"),
        (
            "roles: [backup]",
            f'roles: [backup], macros: {{"{{$A}}": {"x" * 2049}}}',
            "schools[0].hosts[1].macros.{$A}",
            "2048",
        ),
        ("token_env: ZABBIX_TOKEN", "token: abc", "zabbix.token", "is not a field"),
        ("http://127.0.0.1", "http://admin:zabbix@127.0.0.1", "zabbix.url", "must not hold a name or a password"),
        ("source: srv", "source: bak", "schools[0].backup.source", "has not the role postgres or openerp"),
        ("store: bak", "store: srv", "schools[0].backup.store", "must be another machine"),
        ("store: bak", "store: bak2", "schools[0].backup.store", "no host is named 'bak2'"),
        ("roles: [backup]", "roles: []", "schools[0].hosts[1].roles", "must have at least 1"),
        ("roles: [backup]", "roles: backup", "schools[0].hosts[1].roles", "a list is expected"),
        ("roles: [backup]", "roles: [backup, switch]", "schools[0].hosts[1]", "is spoken to by SNMP"),
        ("name: bak,", "", "schools[0].hosts[1].name", "is missing"),
        ("name: bak", "name: srv", "schools[0].hosts[0].name", "is used 2 times: srv"),
        ('"TS"', '"2e 1"', "schools[0].classes[0]", "cannot be told from another one"),
        ('"TS"', '"--"', "schools[0].classes[0]", "has neither letter nor digit"),
        ("address: 127.0.0.3", "address: bad name", "schools[0].hosts[1].address", "is neither an IP address"),
        ("address: 127.0.0.3", "address: 127.0.0.3, port: true", "schools[0].hosts[1].port", "a whole number"),
        ("store: bak", "store: bak\n      max_age: 1.5h", "schools[0].backup.max_age", "is not a duration"),
        ("store: bak", "store: bak\n      max_age: 0", "schools[0].backup.max_age", "must be at least 1"),
        ("store: bak", "store: bak\n      max_age: -3h", "schools[0].backup.max_age", "is not a duration"),
        ("store: bak", "store: bak\n      directory: srv", "schools[0].backup.directory", "absolute path"),
        ("store: bak", "store: bak\n      directory: /a/../b", "schools[0].backup.directory", "without '..'"),
        ("store: bak", 'store: bak\n      directory: "/a b"', "schools[0].backup.directory", "may only hold"),
        (
            "store: bak",
            "store: bak\n      observation: {deadline: 60s}",
            "schools[0].backup.observation.deadline",
            "29",
        ),
        ("    openerp: {", "    vigie: {deadline: 60s}\n    openerp: {", "schools[0].vigie.deadline", "29"),
        ("store: bak", "store: bak\n      transfer: {port: 1}", "schools[0].backup.transfer", "'method' is missing"),
        ("store: bak", "store: bak\n      transfer: {method: ftp}", "schools[0].backup.transfer", "'rsync', 'ssh'"),
        ("openerp: {version", "openerp: {port: 1.5, version", "schools[0].openerp.port", "a whole number"),
        ("    hosts:\n", "    hosts: none\n    other:\n", "schools[0].hosts", "a list is expected"),
    ],
)
def test_a_wrong_value_gets_one_clear_sentence(tmp_path: Path, old: str, new: str, path: str, words: str) -> None:
    errors = errors_of(tmp_path, changed(old, new))
    mine = [line for line in errors if line.startswith(f"{path}: ")]
    assert any(words in line for line in mine), errors


def test_a_uai_used_twice_is_said_at_both_places(tmp_path: Path) -> None:
    second = MINIMAL[MINIMAL.index("  - uai") :]
    errors = errors_of(tmp_path, MINIMAL + second)
    assert errors == [
        "schools[0].uai: this UAI is used 2 times: 9990001X (line 8)",
        "schools[1].uai: this UAI is used 2 times: 9990001X (line 19)",
    ]


def test_hosts_of_the_network_and_of_the_logs_must_exist(tmp_path: Path) -> None:
    errors = errors_of(
        tmp_path,
        MINIMAL
        + """\
    logs: {centre: bak, sources: [{host: ghost}]}
    network:
      groups: [{protocol: hsrp, group: 1, interface: 1, active: srv, standby: ghost}]
      spanning_tree_root: ghost
      uplinks: {ghost: [Gi0/1], bak: [Gi0/1]}
""",
    )
    assert errors == [
        "schools[0].logs.centre: host 'bak' has not the role logs (line 19)",
        "schools[0].logs.sources[0].host: no host is named 'ghost' in this school (line 19)",
        "schools[0].network.groups[0].active: host 'srv' has not the role router or switch (line 21)",
        "schools[0].network.groups[0].standby: no host is named 'ghost' in this school (line 21)",
        "schools[0].network.spanning_tree_root: no host is named 'ghost' in this school (line 22)",
        "schools[0].network.uplinks.bak: host 'bak' has not the role switch or router (line 23)",
        "schools[0].network.uplinks.ghost: no host is named 'ghost' in this school (line 23)",
    ]


def test_a_name_in_the_logs_belongs_to_one_host(tmp_path: Path) -> None:
    """Or a dead station would be heard through the other."""
    errors = errors_of(
        tmp_path,
        MINIMAL
        + """\
    logs:
      centre: srv
      sources:
        - {host: srv, names: [srv, SRV-1]}
        - {host: srv, kind: openerp, names: [SRV-1]}
        - {host: bak, names: [PC-B12, srv]}
        - {host: pc, names: [PC-B12]}
""",
    )
    assert [error for error in errors if ".names" in error] == [
        "schools[0].logs.sources[2].names[0]: the messages of 'PC-B12' are those of pc already: "
        "a name is one host's (line 24)",
        "schools[0].logs.sources[2].names[1]: the messages of 'srv' are those of srv already: "
        "a name is one host's (line 24)",
        "schools[0].logs.sources[3].names[0]: the messages of 'PC-B12' are those of bak already: "
        "a name is one host's (line 25)",
    ]


@pytest.mark.parametrize(
    ("figures", "silent_after", "refused"), [("20s", "60s", False), ("21s", "60s", True), ("5m", "15m", False)]
)
def test_figures_come_often_enough_not_to_be_taken_for_a_stop(
    tmp_path: Path, figures: str, silent_after: str, refused: bool
) -> None:
    logs = f"    logs: {{centre: srv, figures: {figures}, observation: {{silent_after: {silent_after}}}}}\n"
    said = "observation.silent_after must be at least three times figures, 63 s: by 60 s"
    assert any(said in error for error in errors_of(tmp_path, MINIMAL + logs)) == refused


def test_a_macro_is_either_shown_or_secret(tmp_path: Path) -> None:
    text = changed("roles: [backup]", 'roles: [backup], macros: {"{$A}": x}, secret_macros: {"{$A}": /s}')
    assert "{$A} is written in macros and in secret_macros" in errors_of(tmp_path, text)[0]


@pytest.mark.parametrize(
    ("addition", "words"),
    [
        ("hours: [{days: [mon], start: '18:00', end: '08:00'}]", "start 18:00 must come before end 08:00"),
        ("hours: [{days: [lundi], start: '08:00', end: '18:00'}]", "'mon'"),
        ("excluded: [{name: x, start: 2026-12-31, end: 2026-12-01}]", "start 2026-12-31 comes after end 2026-12-01"),
        ("excluded: [{name: x, start: soon, end: 2026-12-01}]", "date"),
        ("objective: 101", "must be at most 100"),
        ("rto: {restore: never}", "is not a duration"),
    ],
)
def test_a_contract_that_cannot_be_kept_is_refused(tmp_path: Path, addition: str, words: str) -> None:
    assert words in errors_of(tmp_path, MINIMAL + f"    contract: {{{addition}}}\n")[0]


def test_dates_and_hours_are_read_as_they_are_written(tmp_path: Path) -> None:
    addition = "    contract: {excluded: [{name: x, start: 2026-12-01, end: 2026-12-31}], rto: {restore: 4h}}\n"
    contract = sites.load(written(tmp_path, MINIMAL + addition)).schools[0].contract
    assert contract.excluded[0].start == date(2026, 12, 1)
    assert contract.rto == {"restore": 14_400}


@pytest.mark.parametrize("text", ["", "- a\n", "text\n", "42\n", "# only a comment\n"])
def test_a_file_that_is_no_mapping_is_no_site_file(tmp_path: Path, text: str) -> None:
    assert "is not a site file" in errors_of(tmp_path, text)[0]


def test_a_secret_written_in_the_wrong_place_is_not_repeated(tmp_path: Path) -> None:
    errors = errors_of(tmp_path, changed("token_env: ZABBIX_TOKEN", "password: s3cr3t\n  token_env: z3cr3t"))
    assert errors
    assert not any("s3cr3t" in line or "z3cr3t" in line for line in errors)


def test_schools_are_named_by_their_uai(tmp_path: Path) -> None:
    site = sites.load(EXAMPLES / "academy.yaml")
    assert site.school("9990010G").name == "Lycée Émile-Borel"
    with pytest.raises(VigieError, match="name one with --school"):
        site.school(None)
    with pytest.raises(VigieError, match="no school 0000000A in the site file; it has 9990001X"):
        site.school("0000000A")
    with pytest.raises(VigieError, match="no host ghost in school 9990001X"):
        site.schools[0].host("ghost")


@pytest.mark.parametrize(("uai", "plausible"), [("9990001X", True), ("9990001A", False), ("9990010G", True)])
def test_a_letter_that_does_not_match_is_only_implausible(uai: str, plausible: bool) -> None:
    assert sites.uai_is_plausible(uai) is plausible


def _command(*arguments: str) -> Any:
    from vigie.cli import site_app

    return CliRunner().invoke(site_app, list(arguments))


def test_the_command_says_what_the_file_holds_and_warns_of_an_implausible_uai(tmp_path: Path) -> None:
    done = _command("check", str(written(tmp_path, MINIMAL.replace("9990001X", "9990001A"))))
    assert done.exit_code == 0
    assert "9990001A Lycée: 2 hosts, 2 classes" in done.stdout
    assert "the letter of 9990001A does not match its number" in done.stdout


def test_the_command_prints_the_schema() -> None:
    schema = json.loads(_command("schema").stdout)
    assert schema["title"] == "Vigie site file"
