"""What rsyslog must be able to write is what its template writes."""

import re
from pathlib import Path

import provisioning.hostfiles
from vigie.observe.logs import store
from vigie.observe.postgres import query


def test_the_columns_looked_for_are_those_that_rsyslog_fills() -> None:
    template = Path(provisioning.hostfiles.__file__).with_name("files") / "_rsyslog-templates.j2"
    statement = "".join(re.findall(r'constant\(value="(.*?)"\)', template.read_text()))
    (filled,) = re.findall(r"INSERT INTO systemevents \((.*?)\) VALUES", statement)
    (looked_for,) = re.findall(rb"VALUES (\(.*?)\n\), present", query(store.__file__, "lacking"), re.DOTALL)
    assert re.findall(r"'(\w+)'", looked_for.decode()) == filled.split(", ")
