"""Contexts of the real OpenERP in a PostgreSQL, and the product's own role, grants and settings for them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lab.accounts import POSTGRES_BIN, lab_account
from lab.postgres import SUPERUSER, Cluster
from lab.processes import Supervisor
from provisioning.hostfiles.places import Places
from provisioning.hostfiles.render import files_for
from provisioning.subjects import Order
from runbooks.grant_contexts import Granted, grant_contexts
from vigie import site as sites
from vigie.observe.openerp.settings import ObserveOpenErp
from vigie.settings import GrantContexts

ROOT = Path(__file__).parents[3]
SCHOOL = "9990001X"
PASSWORD = "of the test"


@dataclass(frozen=True)
class Contexts:
    """The cluster, and how the product reaches it."""

    cluster: Cluster
    service_file: Path
    supervisor: Supervisor

    def restore(self, name: str) -> None:
        """Make a context from the dump of a real 6.0.3."""
        cluster = self.cluster
        cluster.sql(f"CREATE DATABASE {quoted(name)} OWNER openerp TEMPLATE template0;")
        where = ["-h", str(cluster.socket), "-p", str(cluster.port), "-U", SUPERUSER]
        escaped = name.replace("\\", "\\\\").replace("'", "\\'")
        argv = [str(POSTGRES_BIN / "pg_restore"), *where, "-d", f"dbname='{escaped}'", str(self.copy)]
        lab_account().run(argv, timeout=60)

    @property
    def copy(self) -> Path:
        """The dump, where the lab's user may read it."""
        return self.cluster.directory / "real.dump"

    def copy_of(self, source: str, name: str) -> None:
        """Make a context by copying another."""
        self.cluster.sql(f"CREATE DATABASE {quoted(name)} OWNER openerp TEMPLATE {quoted(source)};")

    def drop(self, name: str) -> None:
        self.cluster.sql(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE);")

    def grant(self) -> Granted:
        """What the timer does."""
        cluster = self.cluster
        return grant_contexts(GrantContexts(SCHOOL, str(cluster.socket), cluster.port, "vigie_contexts"))

    def settings(self, **changes: object) -> ObserveOpenErp:
        """Settings whose OpenERP refuses at once."""
        given: dict[str, object] = {
            "school": SCHOOL,
            "address": self.cluster.address,
            "port": 1,
            "version": "6.0.3",
            "classes": ["TS1"],
            "service": "contexts",
            "service_file": str(self.service_file),
            "connections": 4,
            "deadline": 10.0,
        }
        return ObserveOpenErp(**(given | changes))  # type: ignore[arg-type]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def role_sql() -> str:
    site = sites.load(ROOT / "examples" / "lab.yaml")
    school = site.schools[0]
    files = files_for(Order(site, school, school.host("srv-openerp"), "", Places(), date(2026, 11, 21)))
    return next(file.text for file in files if file.name == "contexts-role.sql")
