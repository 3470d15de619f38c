"""A PostgreSQL with contexts of the real OpenERP, which the product's own role reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from contextserver import PASSWORD, Contexts, role_sql
from recorded import recorded

from lab.accounts import lab_account
from lab.postgres import Cluster
from lab.processes import Supervisor


@pytest.fixture(scope="module")
def contexts(block: int, scratch: Path, request: pytest.FixtureRequest) -> Iterator[Contexts]:
    """A server whose role was made by the rendered contexts-role.sql and let in as its head says."""
    directory = scratch / f"openerp-{request.module.__name__[-12:]}"
    directory.mkdir()
    supervisor = Supervisor(directory / "run", directory / "log")
    access = "host all vigie_contexts 127.0.0.0/8 scram-sha-256\n"
    cluster = Cluster("openerp", directory / "postgres", lab_account(), f"127.0.{block}.33", 15433, access)
    cluster.create()
    supervisor.start(cluster.server())
    try:
        cluster.sql("CREATE ROLE openerp LOGIN CREATEDB;")
        for _ in range(2):  # harmless to run again
            cluster.sql(role_sql())
        cluster.sql(f"ALTER ROLE vigie_contexts PASSWORD '{PASSWORD}';")
        passfile = directory / "pgpass"
        passfile.write_text(f"*:*:*:vigie_contexts:{PASSWORD}\n")
        passfile.chmod(0o600)
        file = directory / "pg_service.conf"
        where = f"host={cluster.address}\nport={cluster.port}\ndbname=postgres\nuser=vigie_contexts\n"
        file.write_text(f"[contexts]\n{where}passfile={passfile}\n")
        made = Contexts(cluster, file, supervisor)
        made.copy.write_bytes(recorded("SpecibikeDupont-6.0.3.dump").read_bytes())
        made.copy.chmod(0o644)
        yield made
    finally:
        supervisor.stop_all()
