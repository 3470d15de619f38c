"""Hosts in a real Zabbix whose agents observe what a test says of DRBD, in the format of either of its releases.

There is no DRBD kernel module on test machines: what the kernel would say is what the test writes into files.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from lab.accounts import lab_account
from lab.processes import Supervisor
from lab.school.agents import agent
from lab.zabbix import Zabbix
from lab.zabbix.api import Api
from vigie.observe.drbd.settings import ObserveDrbd

ROOT = Path(__file__).parents[3]
DOCUMENTS = ROOT / "tests/unit/drbd/documents"
SCHOOL = "9990001X"
TEMPLATE = "DRBD by Zabbix agent"
_FAST = {"INTERVAL": "2s", "NODATA": "20s", "HEARTBEAT": "10s", "RESYNC.MAX": "8s"}
_NINE = "version: 9.2.8 (api:2/proto:86-122)\n"


class MirroredHost:
    """One host, its agent and the template with short times.

    Args:
        name: its name in Zabbix; documents of DRBD 8.4 when it begins with "eight", otherwise of 9.
        address: where its agent listens.
        resources: what it mirrors.
        folder: where everything of it is written.
    """

    def __init__(self, name: str, address: str, resources: list[str], folder: Path) -> None:
        self.name, self.resources, self.folder = name, resources, folder / name
        self.address = address
        self._eight = name.startswith("eight")
        self.proc = self.folder / "proc"
        self._status = self.folder / "status"
        self.supervisor = Supervisor(self.folder / "run", self.folder / "log")

    def says(self, states: dict[str, str]) -> None:
        """Have the kernel say what documents hold, one for each resource; the others are in sync."""
        documents = {name: states.get(name, "synced") for name in self.resources}
        if self._eight:
            devices = [self._device(number, state) for number, state in enumerate(documents.values())]
            self._replace(self.proc, "".join(["version: 8.4.11 (api:1/proto:86-101)\n", *devices]))
        else:
            self._replace(self._status, json.dumps([self._resource(*each) for each in documents.items()]))
            self._replace(self.proc, _NINE)

    def says_nothing_is_up(self) -> None:
        """As `drbdsetup status --json` with the module loaded and no resource up."""
        self._replace(self._status, "[]\n")

    def start(self, zabbix: Zabbix) -> None:
        """Write its settings and start its agent."""
        links = self.folder / "by-res"
        for number, name in enumerate(self.resources):
            (links / name).mkdir(parents=True)
            (links / name / "0").symlink_to(f"../../../drbd{number}")
        self.says({})
        command = ["cat", str(self._status)]
        settings = ObserveDrbd(SCHOOL, self.resources, command, str(self.proc), str(links), 5.0)
        (self.folder / f"drbd-{SCHOOL}.json").write_text(settings.to_json())
        self.start_agent(zabbix)

    def start_agent(self, zabbix: Zabbix) -> None:
        """Start its agent."""
        program = f"{sys.executable} -I {ROOT / 'userparameters/vigie-drbd'} {self.folder} $1"
        server = agent(
            name="agent",
            program=zabbix.release.agent,
            folder=self.folder / "agent",
            account=lab_account(),
            hostname=self.name,
            address=self.address,
            port=10050,
            server=zabbix.address,
            parameters=f"UserParameter=vigie.drbd.get[*],{program}\n",
        )
        self.supervisor.start(server)

    @staticmethod
    def _resource(name: str, state: str) -> Any:
        (resource,) = json.loads((DOCUMENTS / f"nine-{state}.json").read_text())
        return resource | {"name": name}

    @staticmethod
    def _device(number: int, state: str) -> str:
        lines = (DOCUMENTS / f"eight-{state}.txt").read_text().splitlines(keepends=True)
        return "".join(lines[2:]).replace(" 0: ", f"{number:2}: ", 1)

    @staticmethod
    def _replace(file: Path, text: str) -> None:
        """Whole, as /proc does."""
        partial = file.with_suffix(".partial")
        partial.write_text(text)
        partial.chmod(0o644)
        partial.rename(file)


def import_template(api: Api, zabbix: Zabbix) -> None:
    """Import the template, as by hand."""
    groups = "groups" if zabbix.release.name == "6.0" else "template_groups"
    kinds = ("items", "triggers", "graphs", "discoveryRules", "templates", groups, "valueMaps", "templateDashboards")
    rules: dict[str, dict[str, bool]] = {kind: {"createMissing": True, "updateExisting": True} for kind in kinds}
    text = (ROOT / "templates/drbd_agent/template_drbd_agent.yaml").read_text(encoding="utf-8")
    api.call("configuration.import", format="yaml", source=text, rules=rules)


def create(api: Api, hosts: list[MirroredHost]) -> dict[str, str]:
    """Create the hosts in Zabbix, with the template linked; their identifiers and names."""
    (template,) = api.call("template.get", filter={"host": TEMPLATE}, output=["templateid"])
    (group,) = api.call("hostgroup.create", name=f"drbd {time.time_ns()}")["groupids"]
    macros = [{"macro": f"{{$VIGIE.DRBD.{name}}}", "value": value} for name, value in _FAST.items()]
    macros.append({"macro": "{$VIGIE.SCHOOL}", "value": SCHOOL})
    made = [
        {
            "host": host.name,
            "groups": [{"groupid": group}],
            "interfaces": [{"type": 1, "main": 1, "useip": 1, "ip": host.address, "dns": "", "port": "10050"}],
            "templates": [template],
            "macros": macros,
        }
        for host in hosts
    ]
    identifiers = api.call_raw("host.create", made)["hostids"]
    return dict(zip(map(str, identifiers), [host.name for host in hosts], strict=True))
