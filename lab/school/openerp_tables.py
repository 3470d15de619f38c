"""The three tables of OpenERP that say what a context is worth, with the columns of the real ones.

As the base of 6.0.4 leaves them; rows are made up, the same each time.
"""

from collections.abc import Iterator

TABLES = frozenset({"ir_module_module", "ir_model_data", "ir_cron"})
_WHO = "create_uid integer, create_date timestamp, write_date timestamp, write_uid integer"
_MODULE = f"""CREATE TABLE ir_module_module (
    id serial PRIMARY KEY, {_WHO}, website varchar(256), name varchar(128) NOT NULL UNIQUE, author varchar(128),
    url varchar(128), state varchar(16), latest_version varchar(64), shortdesc varchar(256), category_id integer,
    certificate varchar(64), description text, demo boolean DEFAULT false, web boolean DEFAULT false,
    license varchar(32), menus_by_module text, maintainer varchar(128), contributors text, views_by_module text,
    published_version varchar(64), reports_by_module text);"""
_DATA = f"""CREATE TABLE ir_model_data (
    id serial PRIMARY KEY, {_WHO}, noupdate boolean, name varchar(128) NOT NULL, date_init timestamp,
    date_update timestamp, module varchar(64) NOT NULL, model varchar(64) NOT NULL, res_id integer);
CREATE INDEX ir_model_data_module_name_index ON ir_model_data (module, name);"""
_CRON = f"""CREATE TABLE ir_cron (
    id serial PRIMARY KEY, {_WHO}, function varchar(64), interval_type varchar(16), user_id integer NOT NULL,
    name varchar(60) NOT NULL, args text, numbercall integer, nextcall timestamp NOT NULL, priority integer,
    doall boolean, active boolean, interval_number integer, model varchar(64));"""
_INSTALLED = ("base", "account", "product", "sale", "purchase", "stock", "hr", "process")
_CURRENCIES = ("EUR", "USD", "XOF", "XAF", "UGX", "HNL", "CLP")
_WHEN = "2026-09-01 06:30:00"


def statements() -> Iterator[str]:
    """The SQL that makes them."""
    yield _MODULE
    yield "COPY ir_module_module (name, state, latest_version, shortdesc, description) FROM stdin;"
    for name in _INSTALLED:
        yield f"{name}\tinstalled\t6.0.1.3\t{name}\tThe module {name}."
    for number in range(52):
        yield f"module_{number}\tuninstalled\t\\N\tModule {number}\tA module that is not installed."
    yield "\\."
    yield _DATA
    yield "COPY ir_model_data (name, noupdate, date_init, date_update, module, model, res_id) FROM stdin;"
    for name in _CURRENCIES:
        yield f"{name}\tf\t{_WHEN}\t{_WHEN}\tbase\tres.currency\t1"
    for number in range(1600):
        yield f"field_{number}\tf\t{_WHEN}\t{_WHEN}\t{_INSTALLED[number % 2]}\tir.model.fields\t{number}"
    yield "\\."
    yield _CRON
    # When they are due is counted from now: OpenERP runs those of a context once it has loaded it.
    yield (
        "INSERT INTO ir_cron (function, interval_type, interval_number, user_id, name, args, numbercall, nextcall, "
        "priority, doall, active, model) VALUES "
        "('power_on', 'minutes', 30, 1, 'AutoVacuum osv_memory objects', '()', -1, "
        "now() AT TIME ZONE 'UTC' + interval '30 minutes', 5, false, true, 'osv_memory.autovacuum'), "
        "('get_logs', 'weeks', 1, 1, 'Update System Logs', '(None,)', -1, "
        "now() AT TIME ZONE 'UTC' + interval '1 week', 1000, false, true, 'publisher_warranty.contract');"
    )
