"""What provisioning costs beside the bare bulk API calls that make and read the same objects.

    .venv/bin/python bench/provisioning_cost.py [--release 6.0] [--hosts 10 100 600]

Starts a Zabbix of its own on the loopback, and measures both in the same run, hosts linked to "Linux by Zabbix agent".
Fails when an application that changes nothing makes a write call, or when the number of reads grows with the hosts.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from lab.accounts import lab_account
from lab.processes import Supervisor
from lab.zabbix import RELEASES, Zabbix
from lab.zabbix.api import Api
from lab.zabbix.release import release
from provisioning.application import Plan, apply
from provisioning.batches import HOSTS, SMALL
from provisioning.roles import LINUX
from vigie.site import Site
from vigie.zabbix.access import connect

HOSTS_PER_SCHOOL = 10
MACROS_PER_HOST = 3  # the school's UAI, and two of the site file


class Silent:
    """Watches an application and says nothing."""

    def starts(self, plan: Plan) -> None:
        pass

    def done(self, title: str, count: int) -> None:
        pass


@dataclass(frozen=True)
class Row:
    """One line of the table: seconds and calls."""

    hosts: int
    what: str
    bare: float
    bare_calls: int
    ours: float
    reads: int
    writes: int


def site_of(zabbix: Zabbix, count: int) -> Site:
    """A site of so many hosts, ten a school."""
    schools: list[dict[str, Any]] = []
    for start in range(0, count, HOSTS_PER_SCHOOL):
        hosts = [
            {
                "name": f"srv-{number}",
                "address": f"10.{start // 250}.{start % 250}.{number + 1}",
                "roles": ["openerp"],
                "macros": {"{$ONE}": str(number), "{$TWO}": "2"},
            }
            for number in range(min(HOSTS_PER_SCHOOL, count - start))
        ]
        schools.append({"uai": f"99{start:05d}X", "name": f"Lycée {start}", "hosts": hosts})
    return Site.model_validate(
        {
            "version": 1,
            "zabbix": {"url": zabbix.url, "token_file": str(zabbix.token_file), "timeout": 120},
            "academy": {"name": f"Académie {count}"},
            "schools": schools,
        }
    )


def bare_creation(api: Api, count: int) -> int:
    """Make as many hosts, groups and macros with the fewest calls that PHP's memory allows; how many calls."""
    (template,) = api.call("template.get", filter={"host": LINUX}, output=["templateid"])
    names = [{"name": f"Bare/{start}"} for start in range(0, count, HOSTS_PER_SCHOOL)]
    groups = api.call_raw("hostgroup.create", names)["groupids"]
    ids, calls = [], 2
    for start in range(0, count, HOSTS):
        rows = [
            {
                "host": f"bare-{number}",
                "groups": [{"groupid": groups[number // HOSTS_PER_SCHOOL]}],
                "templates": [template],
                "tags": [{"tag": "bare", "value": "1"}, {"tag": "role", "value": "openerp"}],
                "interfaces": [
                    {"type": 1, "main": 1, "useip": 1, "ip": "10.0.0.1", "dns": "", "port": "10050"},
                ],
            }
            for number in range(start, min(start + HOSTS, count))
        ]
        ids += api.call_raw("host.create", rows)["hostids"]
        calls += 1
    macros = [
        {"hostid": host, "macro": f"{{$M{number}}}", "value": "1"} for host in ids for number in range(MACROS_PER_HOST)
    ]
    for start in range(0, len(macros), SMALL):
        api.call_raw("usermacro.create", macros[start : start + SMALL])
        calls += 1
    return calls


def bare_reading(api: Api) -> int:
    """Read those objects in bulk; how many calls."""
    tag = [{"tag": "bare", "value": "1", "operator": 1}]
    rows = api.call(
        "host.get",
        output=["hostid", "host", "name", "description"],
        selectInterfaces="extend",
        selectParentTemplates=["host"],
        selectTags=["tag", "value"],
        tags=tag,
    )
    api.call("usermacro.get", output="extend", hostids=[row["hostid"] for row in rows])
    api.call("hostgroup.get", output=["name"], search={"name": "Bare/"}, startSearch=True)
    return 3


def timed(action: Callable[[], int]) -> tuple[float, int]:
    started = time.perf_counter()
    calls = action()
    return time.perf_counter() - started, calls


def ours(site: Site) -> tuple[float, int, int]:
    """One application: seconds, reads and writes, the connection included."""
    started = time.perf_counter()
    session = connect(site.zabbix)
    apply(session, site, (), Silent())
    return time.perf_counter() - started, session.reads, session.writes


def remove(api: Api) -> None:
    """Leave the Zabbix as it was, so that every size starts from the same."""
    for tags in ([{"tag": "vigie", "value": "managed", "operator": 1}], [{"tag": "bare", "value": "1", "operator": 1}]):
        ids = [row["hostid"] for row in api.call("host.get", output=["hostid"], tags=tags)]
        for start in range(0, len(ids), HOSTS):
            api.call_raw("host.delete", ids[start : start + HOSTS])
    for prefix in ("Vigie/", "Bare/"):
        groups = api.call("hostgroup.get", output=["groupid"], search={"name": prefix}, startSearch=True)
        if groups:
            api.call_raw("hostgroup.delete", [row["groupid"] for row in groups])


def measured(zabbix: Zabbix, api: Api, count: int) -> list[Row]:
    """The rows for one number of hosts."""
    site = site_of(zabbix, count)
    first = timed(lambda: bare_creation(api, count))
    ours_first = ours(site)
    again = timed(lambda: bare_reading(api))
    ours_again = ours(site)
    remove(api)
    return [Row(count, "first", *first, *ours_first), Row(count, "second", *again, *ours_again)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", choices=RELEASES, default=RELEASES[0])
    parser.add_argument("--hosts", type=int, nargs="+", default=[10, 100, 600])
    parser.add_argument("--block", type=int, default=70, help="the Zabbix listens on 127.0.BLOCK.1")
    options = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        supervisor = Supervisor(folder / "run", folder / "log")
        address = f"127.0.{options.block}.1"
        zabbix = Zabbix(folder / "zabbix", release(options.release), address, lab_account(), supervisor)
        zabbix.directory.mkdir()
        try:
            with console.status(f"starting Zabbix {options.release}"):
                zabbix.start()
            api = zabbix.api()
            measured(zabbix, api, 2)  # warm: PHP's and PostgreSQL's caches
            rows: list[Row] = []
            for count in options.hosts:
                with console.status(f"{count} hosts"):
                    rows += measured(zabbix, api, count)
            api.close()
        finally:
            supervisor.stop_all()
    console.print(table(options.release, rows))
    return verdict(console, rows)


def table(name: str, rows: list[Row]) -> Table:
    made = Table(title=f"Provisioning beside bare bulk calls, Zabbix {name}")
    for title in ("hosts", "application", "bare s", "bare calls", "Vigie s", "reads", "writes", "ratio"):
        made.add_column(title, justify="left" if title == "application" else "right")
    for row in rows:
        made.add_row(
            str(row.hosts),
            row.what,
            f"{row.bare:.2f}",
            str(row.bare_calls),
            f"{row.ours:.2f}",
            str(row.reads),
            str(row.writes),
            f"{row.ours / row.bare:.2f}",
        )
    return made


def verdict(console: Console, rows: list[Row]) -> int:
    """0 when what must hold holds, 1 otherwise."""
    failures = []
    if any(row.writes for row in rows if row.what == "second"):
        failures.append("a second application wrote")
    for what in ("first", "second"):
        if len({row.reads for row in rows if row.what == what}) > 1:
            failures.append(f"the reads of the {what} application grow with the hosts")
    for failure in failures:
        console.print(f"FAILED: {failure}", style="red")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
