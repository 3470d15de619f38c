"""rsyslog's files: its own checker takes them, and they say what the site file promises."""

import re
import subprocess
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.hostfiles.places import Places
from provisioning.hostfiles.rsyslog import centre_files, conninfo, source_files
from provisioning.subjects.log_source import SUBJECTS, canary_settings
from vigie.site import LogDatabase, LogPlaces, Logs, School, Site

SOURCES = [
    {"host": "srv-1", "kind": "rsyslog"},
    {"host": "srv-1", "kind": "openerp"},
    {"host": "srv-2"},
    {"host": "pc-1", "kind": "snare"},
    {"host": "pc-1", "kind": "epilog"},
    {"host": "pc-2", "kind": "snare"},
]

TLS = {"name": "logs.vigie.example"} | {name: f"/etc/vigie/{name}.pem" for name in ("ca", "certificate", "key")}


def school(**logs: Any) -> tuple[School, Logs]:
    """A school with two Linux sources, two Windows ones and a centre."""
    addresses = {"srv-1": "10.0.0.1", "srv-2": "10.0.0.2", "centre": "10.0.0.3", "pc-1": "10.0.0.4", "pc-2": "10.0.0.5"}
    hosts = [
        {"name": name, "address": address, "roles": ["station" if name.startswith("pc") else "logs"]}
        for name, address in addresses.items()
    ]
    site = Site.model_validate(
        {
            "version": 1,
            "zabbix": {"url": "http://127.0.0.1", "token_env": "TOKEN"},
            "academy": {"name": "Académie"},
            "schools": [
                {
                    "uai": "9990001X",
                    "name": "Lycée",
                    "hosts": hosts,
                    "logs": {"centre": "centre", "sources": SOURCES} | logs,
                }
            ],
        }
    )
    made = site.schools[0]
    assert made.logs
    return made, made.logs


def source(name: str = "srv-1", **logs: Any) -> str:
    """The configuration of a source."""
    owner, its = school(**logs)
    return source_files(owner, its, owner.host(name), Places())[0].text


def centre(**logs: Any) -> str:
    """The configuration of the centre."""
    owner, its = school(**logs)
    return centre_files(owner, its, owner.host("centre"), Places())[0].text


def checked(tmp_path: Path, text: str) -> tuple[int, str]:
    """What rsyslogd says of a configuration."""
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    file = tmp_path / "rsyslog.conf"
    file.write_text(f'global(workDirectory="{work}")\nmodule(load="imuxsock" sysSock.use="off")\n{text}')
    done = subprocess.run(["rsyslogd", "-N1", "-f", file], capture_output=True, text=True, timeout=30, check=False)
    lines = [line for line in done.stderr.splitlines() if "validation run" not in line]
    return done.returncode, "\n".join(lines)


@pytest.mark.parametrize("more", [{"transport": "relp"}, {"transport": "tcp"}, {"tls": TLS}])
def test_rsyslog_finds_nothing_to_say_about_the_configurations(tmp_path: Path, more: dict[str, Any]) -> None:
    for text in (source(**more), centre(**more)):
        assert checked(tmp_path, text) == (0, "")


def test_rsyslog_does_speak_when_a_configuration_is_wrong(tmp_path: Path) -> None:
    code, said = checked(tmp_path, source().replace("queue.saveOnShutdown", "queue.saveOnShutDawn"))
    assert code != 0
    assert "saveonshutdawn" in said.lower()


def test_a_queue_survives_a_stop_on_both_sides() -> None:
    for text in (source(), centre()):
        queues = text.split("queue.filename=")[1:]
        assert queues
        for queue in queues:
            assert 'queue.saveOnShutdown="on"' in queue.split(")")[0]
    assert 'action.resumeRetryCount="-1"' in source()
    assert 'action.resumeRetryCount="-1"' in centre()


def test_a_full_queue_holds_up_whoever_writes_to_the_log_of_a_source_for_two_seconds_at_most() -> None:
    assert 'queue.timeoutEnqueue="2000"' in source()


def test_at_the_centre_only_datagrams_do_not_wait_for_room() -> None:
    waits = dict(re.findall(r'queue.filename="(\w+)".*?queue.timeoutEnqueue="(\d+)"', centre(), flags=re.DOTALL))
    assert waits.pop("vigie_datagrams") == "0"
    assert set(waits) == {"vigie_store", "vigie_received", "vigie_stream"}
    assert all(int(wait) == 7 * 86400 * 1000 for wait in waits.values())


@pytest.mark.parametrize("messages", [2000, 10_000])
def test_what_the_workers_have_in_hand_keeps_no_queue_off_the_disk(messages: int) -> None:
    text = centre(queue={"messages": messages})
    queues = text.split("queue.filename=")[1:]
    batches = [int(batch) for batch in re.findall(r'queue.dequeueBatchSize="(\d+)"', text)]
    assert len(batches) == len(queues)
    # rsyslog turns to the disk at nine tenths of its messages, not counting those of a batch.
    assert all(messages - batch > messages * 0.9 for batch in batches)


def test_a_message_is_a_transaction_of_its_own() -> None:
    assert 'queue.dequeueBatchSize="1"' in centre()


def test_a_stop_of_a_source_lets_what_waits_leave_and_a_batch_that_it_breaks_off_is_one_message() -> None:
    assert 'queue.timeoutShutdown="10000" queue.timeoutActionCompletion="1000" queue.dequeueBatchSize="1"' in source()


def test_a_source_goes_by_its_name_in_the_site_file() -> None:
    assert "%timereported:::date-rfc3339% srv-1 %syslogtag" in source()


def tunnel(name: str, **logs: Any) -> list[str]:
    """The lines of a host's stunnel."""
    owner, its = school(tls=TLS, **logs)
    files = centre_files if name == its.centre else source_files
    (found,) = [file for file in files(owner, its, owner.host(name), Places()) if "stunnel" in str(file.destination)]
    assert str(found.destination) == "/etc/stunnel/vigie-logs.conf"
    return found.text.splitlines()


def test_under_tls_relp_leaves_and_enters_a_machine_by_its_own_stunnel_alone() -> None:
    assert 'target="127.0.0.1" port="2514"' in source(tls=TLS)
    assert 'type="imrelp" address="127.0.0.1" port="2514"' in centre(tls=TLS)
    assert "accept = 127.0.0.1:2514" in tunnel("srv-1")
    assert "connect = 10.0.0.3:2514" in tunnel("srv-1")
    assert "accept = 10.0.0.3:2514" in tunnel("centre")
    assert "connect = 127.0.0.1:2514" in tunnel("centre")


def test_both_ends_of_the_tunnel_prove_themselves_and_the_centre_by_its_name() -> None:
    for name in ("srv-1", "centre"):
        assert {"verifyChain = yes", f"CAfile = {TLS['ca']}", f"key = {TLS['key']}"} <= set(tunnel(name))
    assert "checkHost = logs.vigie.example" in tunnel("srv-1")


def test_without_tls_there_is_no_tunnel() -> None:
    owner, its = school()
    assert not [file for file in source_files(owner, its, owner.host("srv-1"), Places()) if "stunnel" in file.name]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"transport": "tcp", "tls": TLS}, "tls needs transport relp"),
        ({"tls": TLS | {"name": "10.0.0.3"}}, "name"),
        ({"tls": TLS | {"name": "::1"}}, "name"),
    ],
)
def test_what_tls_cannot_keep_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        school(**more)


def test_tcp_counts_its_octets_so_that_a_line_end_in_a_message_is_not_the_end_of_it() -> None:
    assert 'TCP_Framing="octet-counted"' in source(transport="tcp")


def test_openerp_is_read_only_where_it_is() -> None:
    assert "openerp" in source("srv-1")
    assert "openerp" not in source("srv-2")


def test_windows_is_listened_to_only_where_there_is_some() -> None:
    assert "vigie_windows" in centre()
    without = centre(sources=SOURCES[:3])
    assert "vigie_windows" not in without
    assert "imudp" not in without


def test_the_database_has_no_password_in_the_configuration() -> None:
    text = centre()
    assert "passfile=/etc/vigie/rsyslog.pgpass" in text
    assert "pwd=" not in text
    assert "password" not in conninfo(LogDatabase())


@pytest.mark.parametrize("host", ["/var/run/postgresql", "10.0.0.3", "base.vigie.example"])
def test_rsyslog_takes_no_blank_in_a_connection_string(host: str) -> None:
    text = conninfo(LogDatabase.model_validate({"host": host}))
    assert text.split() == [text]
    assert f"host={host}&" in text


def test_figures_are_bounded() -> None:
    owner, logs = school()
    _, rotate = source_files(owner, logs, owner.host("srv-1"), Places(etc=PurePosixPath("/opt/etc")))
    assert rotate.mode == 0o755
    assert "exec mv -f /var/log/vigie/impstats.json /var/log/vigie/impstats.json.1" in rotate.text
    assert f'rotation.sizeLimitCommand="{rotate.destination}"' in source().replace("/etc/vigie/", "/opt/etc/")


def test_linux_sources_bear_the_template_and_windows_ones_do_not() -> None:
    owner, _ = school()
    (subject,) = SUBJECTS
    assert [host.name for host in owner.hosts if subject.bears(owner, host)] == ["srv-1", "srv-2"]


def test_the_centre_as_a_source_reads_the_figures_of_its_own_rsyslog() -> None:
    owner, logs = school(sources=[{"host": "centre"}], observation={"impstats": "/x/centre.json"})
    settings = canary_settings(owner, owner.host("centre"), LogPlaces())
    assert settings.impstats == "/x/centre.json"
    assert settings.silent_after == 6 * logs.figures
