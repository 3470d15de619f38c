"""The school's contexts: Specibike databases of every kind, copies of one shape with something of their own."""

from lab.postgres import Cluster
from lab.school import shape

TEMPLATE = "openerp_shape"

# Students, classes and groups, with the accents, spaces and apostrophes that real names have. Invented people.
CONTEXTS = (
    "SpecibikeMartin",
    "SpecibikeLefèvre",
    "SpecibikeGarcia-Lopez",
    "SpecibikeN'Diaye",
    "SpecibikeÉtienne",
    "SpecibikeTSarah",
    "SpecibikeTSTMG1",
    "SpecibikeTSTMG2",
    "SpecibikeBTS CG1",
    "SpecibikeTSTMG1VéloCité",
    "SpecibikeTSTMG2RoueLibre",
    "Specibike2ndeA Pignon",
)
# The one with pictures: a dump large enough for its changes of size to say something.
LARGE = "SpecibikeTSTMG2RoueLibre"
_PICTURES = 4000
# The role that OpenERP itself connects with; it owns its databases.
OWNER = "openerp"


def make_all(cluster: Cluster) -> None:
    """Make the school's contexts, those that are not there."""
    if not cluster.sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{OWNER}'"):  # noqa: S608 - a constant
        cluster.sql(f"CREATE ROLE {OWNER} LOGIN CREATEDB;")
    known = set(cluster.sql("SELECT datname FROM pg_database").splitlines())
    if TEMPLATE not in known:
        cluster.sql(f"DROP DATABASE IF EXISTS {TEMPLATE}_making;")
        cluster.sql(f"CREATE DATABASE {TEMPLATE}_making OWNER {OWNER} TEMPLATE template0;")
        cluster.sql(f"SET ROLE {OWNER};\n" + "\n".join(shape.statements()), database=f"{TEMPLATE}_making")
        cluster.sql(f"ALTER DATABASE {TEMPLATE}_making RENAME TO {TEMPLATE};")
    for name in CONTEXTS:
        if name not in known:
            make(cluster, name)
            if name == LARGE:
                add_pictures(cluster, name)


def make(cluster: Cluster, name: str) -> None:
    """Make one context under any name that PostgreSQL takes."""
    cluster.sql(f"CREATE DATABASE {identifier(name)} OWNER {OWNER} TEMPLATE {TEMPLATE};")
    cluster.sql("INSERT INTO res_users (name, code) SELECT left(current_database(), 100), 'owner';", database=name)


def grow(cluster: Cluster, name: str, rows: int) -> None:
    """Add a day's work to a context."""
    columns = "name, code, note, amount, active"
    values = "'vente ' || n, left(md5(n::text), 24), repeat(md5(n::text), 3), n, true"
    cluster.sql(
        f"INSERT INTO account_move_line ({columns}) SELECT {values} FROM generate_series(1, {rows:d}) AS n;",  # noqa: S608
        database=name,
    )


def add_pictures(cluster: Cluster, name: str) -> None:
    """Give a context some 3 MB that cannot be compressed much."""
    text = "(SELECT string_agg(md5(n::text || '-' || m::text), '') FROM generate_series(1, 40) AS m)"
    cluster.sql(
        f"INSERT INTO ir_attachment (name, code, note) SELECT 'photo ' || n, 'picture', {text} "  # noqa: S608
        f"FROM generate_series(1, {_PICTURES}) AS n;",
        database=name,
    )


def remove_pictures(cluster: Cluster, name: str) -> None:
    """Take them away."""
    cluster.sql("DELETE FROM ir_attachment WHERE code = 'picture';", database=name)


def drop(cluster: Cluster, name: str) -> None:
    """Drop a context, whoever is connected to it."""
    cluster.sql(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE);")


def identifier(name: str) -> str:
    """A name quoted as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
