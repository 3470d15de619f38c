"""A database of the shape of an OpenERP 6.0 one: some 80 tables, most of them small, written as SQL by this module.

The names are OpenERP's own kinds of tables; the rows are made up, the same each time. It is a shape, not an OpenERP:
only the tables that tell an upgrade have the columns of the real ones.
"""

import random
from collections.abc import Iterator

from lab.school import openerp_tables

# A module, its tables, and how many rows each has.
_TABLES: tuple[tuple[str, str, int], ...] = (
    ("ir", "model model_access model_data model_fields rule translation", 400),
    ("ir", "actions act_window act_report act_wizard attachment config_parameter cron default exports", 12),
    ("ir", "filters property sequence sequence_type server_object_lines ui_menu ui_view ui_view_sc values", 40),
    ("ir", "module_category module_module module_module_dependency", 60),
    ("res", "bank bank_type company country country_state currency currency_rate groups lang log users widget", 25),
    ("res", "partner partner_address partner_bank partner_canal partner_category partner_event partner_title", 60),
    ("res", "payterm request request_history request_link", 5),
    ("wkf", "activity instance logs transition triggers witm_trans workitem", 30),
    ("account", "account account_type analytic_account analytic_line bank_statement fiscalyear invoice", 40),
    ("account", "invoice_line journal move move_line period tax", 80),
    ("product", "category packaging pricelist pricelist_item pricelist_version product template uom", 35),
    ("sale", "order order_line shop", 30),
    ("purchase", "order order_line", 30),
    ("stock", "inventory location move picking production_lot warehouse", 45),
    ("hr", "department employee", 8),
)
_WORDS_TEXT = (
    "vélo roue selle cadre guidon frein pédale chaîne pignon dérailleur pneu chambre lampe sonnette casque panier "
    "atelier facture devis commande livraison client fournisseur stock caisse banque élève lycée reprise vente"
)
_WORDS = _WORDS_TEXT.split()


def tables() -> list[tuple[str, int]]:
    """Every table with its number of rows."""
    return [(f"{module}_{name}", rows) for module, names, rows in _TABLES for name in names.split()]


def statements() -> Iterator[str]:
    """The SQL that makes the shape in an empty database."""
    rng = random.Random(60)  # noqa: S311 - the same rows each time
    yield "SET client_min_messages = warning;"
    yield from openerp_tables.statements()
    for name, rows in tables():
        if name in openerp_tables.TABLES:
            continue
        yield (
            f"CREATE TABLE {name} (id serial PRIMARY KEY, create_date timestamp, write_uid integer, "
            "name varchar(128) NOT NULL, code varchar(24), note text, amount numeric(12, 2), active boolean);"
        )
        yield f"COPY {name} (create_date, write_uid, name, code, note, amount, active) FROM stdin;"
        for number in range(rows):
            yield _row(rng, number)
        yield "\\."
        yield f"CREATE INDEX {name}_name_index ON {name} (name);"
    yield "SELECT lo_from_bytea(60001, convert_to(repeat('facture ', 400), 'UTF8'));"
    yield "ANALYZE;"


def _row(rng: random.Random, number: int) -> str:
    words = " ".join(rng.choice(_WORDS) for _ in range(rng.randint(4, 14)))
    values = (
        f"2026-09-{1 + number % 28:02d} {rng.randint(8, 18):02d}:{rng.randint(0, 59):02d}:00",
        "1",
        f"{rng.choice(_WORDS)} {number}",
        f"C{rng.getrandbits(40):010x}",
        words,
        f"{rng.randint(1, 900_00) / 100:.2f}",
        "t",
    )
    return "\t".join(values)
