"""What the tests of provisioning share: one site file against one Zabbix, and a small template of their own."""

from pathlib import Path
from typing import Any

from lab.zabbix import Zabbix
from lab.zabbix.api import Api
from provisioning.application import Plan, apply, plan
from provisioning.roles import OWN
from provisioning.shipped import ShippedTemplate, shipped_templates
from vigie.site import Site
from vigie.zabbix.access import connect
from vigie.zabbix.session import Session

SMALL = "Vigie test by Zabbix agent"

SMALL_TEMPLATE = """\
zabbix_export:
  version: '6.0'
  date: '2026-11-21T00:00:00Z'
  groups:
    - uuid: 5a1fd21a2d8c4a0d9f6c1b9a6c2f7e01
      name: Templates/Vigie tests
  templates:
    - uuid: 5a1fd21a2d8c4a0d9f6c1b9a6c2f7e02
      template: 'Vigie test by Zabbix agent'
      name: 'Vigie test by Zabbix agent'
      groups:
        - name: Templates/Vigie tests
      items:
        - uuid: 5a1fd21a2d8c4a0d9f6c1b9a6c2f7e03
          name: First
          key: vigie.test.first
          delay: 90s
        - uuid: 5a1fd21a2d8c4a0d9f6c1b9a6c2f7e04
          name: Second
          key: vigie.test.second
          delay: 90s
"""


class Watcher:
    """Counts what an application tells its watcher."""

    def __init__(self) -> None:
        self.total = 0
        self.count = 0

    def starts(self, plan: Plan) -> None:
        self.total = len(plan.changes)

    def done(self, title: str, count: int) -> None:
        assert title
        self.count += count


class Bench:
    """One site file against one Zabbix; the site and the templates are changed between applications.

    Args:
        zabbix: the real one.
        folder: where templates and secrets are written.
    """

    def __init__(self, zabbix: Zabbix, folder: Path) -> None:
        self.zabbix = zabbix
        self.folder = folder
        self.templates: tuple[ShippedTemplate, ...] = ()
        self.url = zabbix.url
        self.token_file = zabbix.token_file
        self.schools: list[dict[str, Any]] = []
        self.removal_limit = 5
        self.academy = "Académie d'essai"

    @property
    def site(self) -> Site:
        return Site.model_validate(
            {
                "version": 1,
                "zabbix": {
                    "url": self.url,
                    "token_file": str(self.token_file),
                    "removal_limit": self.removal_limit,
                },
                "academy": {"name": self.academy},
                "schools": self.schools,
            }
        )

    def ship(self, source: str) -> None:
        """Make a template file the only one that Vigie ships, beside its real ones."""
        file = self.folder / "templates/small/small.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
        self.templates = shipped_templates(self.folder / "templates")

    def secret(self, name: str, value: str) -> str:
        file = self.folder / name
        file.write_text(value)
        file.chmod(0o600)
        return str(file)

    def connect(self) -> Session:
        return connect(self.site.zabbix)

    def plan(self) -> tuple[Plan, Session]:
        session = self.connect()
        return plan(session, self.site, self.templates), session

    def apply(self, approved: int | None = None) -> tuple[Plan, Session]:
        session = self.connect()
        return apply(session, self.site, self.templates, Watcher(), approved), session


def school(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A school with an OpenERP server and a backup server."""
    return {
        "uai": f"999{number:04d}X",
        "name": f"Lycée {number}",
        "hosts": [
            {"name": "erp", "address": "127.0.0.11", "roles": ["openerp", "postgres"]},
            {"name": "bak", "address": "127.0.0.12", "roles": ["backup"]},
        ],
        **fields,
    }


def clean(api: Api) -> None:
    """Remove everything that provisioning or these tests make."""
    template_group = "hostgroup" if api.call_version().startswith("6.0") else "templategroup"
    for thing, key, what in (
        ("host", "hostid", {"tags": [{"tag": "vigie", "value": "managed", "operator": 1}]}),
        ("host", "hostid", {"search": {"host": "999"}, "startSearch": True}),
        ("service", "serviceid", {}),
        ("template", "templateid", {"filter": {"host": [SMALL, *OWN]}}),
        ("hostgroup", "groupid", {"search": {"name": "Vigie/"}, "startSearch": True}),
        (template_group, "groupid", {"filter": {"name": ["Templates/Vigie", "Templates/Vigie tests"]}}),
        ("proxy", "proxyid", {}),
    ):
        api.remove(thing, key, **what)
