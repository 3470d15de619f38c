"""The roles of Vigie in the school's PostgreSQL: those of `roles.sql`, with random passwords.

They are let in as its header says.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from lab.accounts import Account
from lab.postgres import Cluster
from lab.streaming import ACCESS as STREAMING_ACCESS
from lab.zabbix.login import write_secret

# Every client of the loopback comes from 127.0.0.1, whatever the address of its machine.
ACCESS = (
    """
host postgres vigie_observe 127.0.0.0/8 scram-sha-256
host all vigie_observe all reject
host all vigie_backup 127.0.0.0/8 scram-sha-256
host all vigie_contexts 127.0.0.0/8 scram-sha-256
host all openerp,openerp_a,openerp_b 127.0.0.0/8 scram-sha-256
"""
    + STREAMING_ACCESS
)
_SERVICE = """[{service}]
host={address}
port={port}
user={role}
dbname={database}
passfile={passfile}"""


@dataclass(frozen=True, slots=True)
class Access:
    """How a program reaches PostgreSQL: role, database, its service's name and file, and who alone reads it."""

    role: str
    service: str
    file: Path
    reader: Account
    database: str = "postgres"

    @property
    def passfile(self) -> Path:
        return self.file.with_name("pgpass")


def make(cluster: Cluster, roles_sql: str, accesses: list[Access]) -> None:
    """Make the roles, and for each its password, service file and passfile.

    Args:
        cluster: the school's PostgreSQL, running.
        roles_sql: the text of `roles.sql` from the host's files.
        accesses: who uses which role.
    """
    cluster.sql(roles_sql)
    for access in accesses:
        if access.passfile.exists() and access.file.exists():
            continue
        access.file.parent.mkdir(parents=True, exist_ok=True)
        password = secrets.token_urlsafe(24)
        # URL-safe characters: no quote to escape. On psql's input, so in no argument; PostgreSQL keeps its hash only.
        cluster.sql(f"ALTER ROLE {access.role} PASSWORD '{password}';")
        write_secret(access.passfile, f"{cluster.address}:{cluster.port}:*:{access.role}:{password}")
        text = _SERVICE.format(
            service=access.service,
            address=cluster.address,
            port=cluster.port,
            role=access.role,
            passfile=access.passfile,
            database=access.database,
        )
        write_secret(access.file, text)
        access.reader.own(access.passfile, access.file)
