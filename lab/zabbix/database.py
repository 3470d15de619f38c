"""Zabbix's database: the role, the schema, and what a laboratory has no use for."""

import gzip

from lab.postgres import Cluster
from lab.zabbix.release import Release

NAME = "zabbix"

# The host that the packages bring watches 127.0.0.1, where the lab has no agent.
_TIDY = "UPDATE hosts SET status = 1 WHERE host = 'Zabbix server';"


def load(cluster: Cluster, release: Release) -> None:
    """Make the database and load its schema unless it is there, whole or not at all."""
    if cluster.sql("SELECT 1 FROM pg_database WHERE datname = 'zabbix'"):
        return
    cluster.sql(f"CREATE ROLE {NAME} LOGIN;")
    cluster.sql(f"CREATE DATABASE {NAME}_loading OWNER {NAME} TEMPLATE template0;")
    for file in release.schema:
        text = gzip.decompress(file.read_bytes()).decode()
        cluster.sql(f"SET ROLE {NAME};\n{text}", database=f"{NAME}_loading", timeout=300)
    # Without statistics PostgreSQL plans some of the frontend's questions so badly that an import takes minutes.
    cluster.sql(f"{_TIDY}\n{release.settings}\nVACUUM (ANALYZE);", database=f"{NAME}_loading")
    cluster.sql(f"ALTER DATABASE {NAME}_loading RENAME TO {NAME};")
