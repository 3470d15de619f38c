"""DRBD's problems in a real Zabbix, from documents written in the format of both releases.

There is no DRBD kernel module on test machines, so the host's agent is a real one that observes a file: what the kernel
would say is what the test writes there. Everything after that is the product's: program, agent, template, triggers.
"""

import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.accounts import lab_account
from lab.processes import Supervisor
from lab.school.agents import agent
from lab.waiting import wait_until
from lab.zabbix import Zabbix
from lab.zabbix.api import Api
from vigie.observe.drbd.settings import ObserveDrbd

ROOT = Path(__file__).parents[3]
TEMPLATE = ROOT / "templates/drbd_agent/template_drbd_agent.yaml"
DOCUMENTS = ROOT / "tests/unit/drbd/documents"
SCHOOL = "9990001X"
FAST = {"INTERVAL": "2s", "NODATA": "20s", "HEARTBEAT": "10s", "RESYNC.MAX": "8s"}
_CHECK_NOW = 6


@dataclass(frozen=True)
class MirroredHost:
    """A host in Zabbix whose agent observes what the test says of DRBD."""

    api: Api
    hostid: str
    folder: Path
    supervisor: Supervisor

    def says(self, name: str) -> None:
        """Have the kernel say what a document of its format holds: whole, as /proc does."""
        proc, status = self.folder / "proc", self.folder / "status"
        nine = name.startswith("nine-")
        for file, source in ((status, DOCUMENTS / name), (proc, self.folder / "nine" if nine else DOCUMENTS / name)):
            partial = file.with_suffix(".partial")
            shutil.copyfile(source, partial)
            partial.chmod(0o644)
            partial.rename(file)

    def problems(self) -> set[str]:
        """The open problems, without what follows their names."""
        found: list[dict[str, Any]] = self.api.call("problem.get", hostids=[self.hostid], output=["name"])
        return {problem["name"].split(" (")[0] for problem in found}

    def wait_for(self, problems: set[str], deadline: float = 90) -> None:
        """Wait until exactly these are open, and stay so over two more looks."""
        since = 0.0

        def steady() -> bool:
            nonlocal since
            if self.problems() != problems:
                since = 0.0
                return False
            since = since or time.monotonic()
            return time.monotonic() - since > 5

        wait_until(steady, what=f"expected {problems}, there are {self.problems()}", deadline=deadline, every=0.5)


@pytest.fixture(scope="module")
def mirrored(zabbix: Zabbix, block: int, scratch: Path) -> Iterator[MirroredHost]:
    """The host, its agent and the template with short times."""
    folder = scratch / f"drbd-{zabbix.release.name}"
    folder.mkdir(mode=0o755)
    (folder / "nine").write_text("version: 9.2.8 (api:2/proto:86-122)\n")
    settings = ObserveDrbd(
        SCHOOL, ["backups"], ["cat", str(folder / "status")], str(folder / "proc"), str(folder / "by-res"), 5.0
    )
    (folder / "by-res/backups").mkdir(parents=True)
    (folder / "by-res/backups/0").symlink_to("../../../drbd0")
    (folder / f"drbd-{SCHOOL}.json").write_text(settings.to_json())
    api = zabbix.api()
    supervisor = Supervisor(folder / "run", folder / "log")
    address = f"127.0.{block}.60"
    program = f"{sys.executable} -I {ROOT / 'userparameters/vigie-drbd'} {folder} $1"
    server = agent(
        name="agent-drbd",
        folder=folder / "agent",
        account=lab_account(),
        hostname="drbd",
        address=address,
        port=10050,
        server=zabbix.address,
        parameters=f"UserParameter=vigie.drbd.get[*],{program}\n",
    )
    host = MirroredHost(api, _host(api, zabbix, address), folder, supervisor)
    try:
        host.says("nine-synced.json")
        supervisor.start(server)
        _discover(host)
        yield host
    finally:
        supervisor.stop_all()
        api.call_raw("host.delete", [host.hostid])
        api.close()


def _host(api: Api, zabbix: Zabbix, address: str) -> str:
    groups = "groups" if zabbix.release.name == "6.0" else "template_groups"
    kinds = ("items", "triggers", "graphs", "discoveryRules", "templates", groups, "valueMaps", "templateDashboards")
    rules: dict[str, dict[str, bool]] = {kind: {"createMissing": True, "updateExisting": True} for kind in kinds}
    api.call("configuration.import", format="yaml", source=TEMPLATE.read_text(), rules=rules)
    (template,) = api.call("template.get", filter={"host": "DRBD by Zabbix agent"}, output=["templateid"])
    (group,) = api.call("hostgroup.create", name=f"drbd {time.time_ns()}")["groupids"]
    interface = {"type": 1, "main": 1, "useip": 1, "ip": address, "dns": "", "port": "10050"}
    macros = [{"macro": f"{{$VIGIE.DRBD.{name}}}", "value": value} for name, value in FAST.items()]
    (hostid,) = api.call(
        "host.create",
        host="drbd",
        groups=[{"groupid": group}],
        interfaces=[interface],
        templates=[template],
        macros=[*macros, {"macro": "{$VIGIE.SCHOOL}", "value": SCHOOL}],
    )["hostids"]
    return str(hostid)


def _discover(host: MirroredHost) -> None:
    def discovered() -> bool:
        rows = host.api.call("item.get", hostids=[host.hostid], search={"key_": "resource.state"}, output=["lastclock"])
        return bool(rows) and rows[0]["lastclock"] != "0"

    wait_until(discovered, what="the resource is not discovered", deadline=120, every=1)


STATES = {
    "nine-standalone.json": "DRBD: Split brain of [backups]",
    "eight-standalone.txt": "DRBD: Split brain of [backups]",
    "nine-two-primaries.json": "DRBD: Two primaries of [backups]",
    "nine-no-quorum.json": "DRBD: Lost quorum of [backups]",
    "eight-diskless.txt": "DRBD: Degraded disk of [backups]",
    "nine-connecting.json": "DRBD: Disconnected peer of [backups]",
    "eight-connecting.txt": "DRBD: Disconnected peer of [backups]",
    "nine-resync-target.json": "DRBD: Long resynchronisation of [backups]",
    "nine-verified-differs.json": "DRBD: Differing blocks in [backups]",
}


@pytest.mark.parametrize("name", STATES)
def test_what_the_kernel_says_raises_its_problem_alone_and_its_mending_closes_it(
    mirrored: MirroredHost, name: str
) -> None:
    mirrored.says("nine-synced.json")
    mirrored.wait_for(set())
    mirrored.says(name)
    mirrored.wait_for({STATES[name]})
    mirrored.says("nine-synced.json")
    mirrored.wait_for(set())


def test_a_check_that_cannot_see_is_one_problem_and_no_verdict_on_the_disks(mirrored: MirroredHost) -> None:
    (mirrored.folder / "proc").unlink()
    try:
        mirrored.wait_for({"DRBD: Check is broken"})
    finally:
        mirrored.says("nine-synced.json")
    mirrored.wait_for(set())


def test_a_resource_that_is_not_up_is_missing(mirrored: MirroredHost) -> None:
    (mirrored.folder / "status").write_text("[]\n")
    try:
        mirrored.wait_for({"DRBD: Declared resource is missing"})
    finally:
        mirrored.says("nine-synced.json")
    mirrored.wait_for(set())


def test_an_agent_that_is_silent_is_one_problem(mirrored: MirroredHost) -> None:
    record = mirrored.folder / f"drbd-{SCHOOL}.json"
    away = record.with_suffix(".away")
    program = mirrored.folder / "agent/zabbix_agentd.d/vigie.conf"
    assert program.exists()
    mirrored.supervisor.stop("agent-drbd")
    record.rename(away)
    try:
        mirrored.wait_for({"DRBD: No data from the agent"})
    finally:
        away.rename(record)
