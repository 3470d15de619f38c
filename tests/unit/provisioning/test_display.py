"""A plan as it is shown: readable without colours, and unable to move the terminal's cursor."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from provisioning.application import Plan
from provisioning.display import printable, show_applied, show_plan
from provisioning.model import Act, Change, FieldChange


def shown(plan: Plan, colour: bool = False) -> str:
    stream = io.StringIO()
    show_plan(plan, Console(file=stream, width=200, force_terminal=colour, color_system="standard" if colour else None))
    return stream.getvalue()


def test_each_object_and_field_has_its_line() -> None:
    fields = (
        FieldChange("interface", ("agent 127.0.0.1:10050",), ("agent 127.0.0.2:10050",)),
        FieldChange("tags", ("rack: 3",), ("rack: 4", "room: 2")),
    )
    plan = Plan(
        (
            Change("host", Act.UPDATE, "9990001X-bak", fields, id="1"),
            Change("host", Act.REMOVE, "9990001X-old", lost=1, id="2"),
        ),
        ("something to know",),
    )
    assert shown(plan).splitlines() == [
        "hosts",
        "  ~ 9990001X-bak",
        "      interface: agent 127.0.0.1:10050 -> agent 127.0.0.2:10050",
        "      tags:",
        "        - rack: 3",
        "        + rack: 4",
        "        + room: 2",
        "  - 9990001X-old",
        "note: something to know",
        "1 to change, 1 to remove; 1 removed from Zabbix with their data",
    ]


def test_no_change_is_said_in_one_sentence() -> None:
    assert shown(Plan(())) == "Zabbix is what the site file says: nothing to change.\n"


def test_a_terminal_gets_colours() -> None:
    assert "\x1b[32m" in shown(Plan((Change("host", Act.CREATE, "a"),)), colour=True)


def test_an_application_is_summed_up_by_kind() -> None:
    stream = io.StringIO()
    plan = Plan(tuple(Change("trigger dependency", Act.CREATE, name) for name in "ab"))
    show_applied(plan, Console(file=stream))
    assert stream.getvalue() == "  + 2 trigger dependencies created\n"


@given(st.text())
def test_no_name_can_move_the_cursor_or_make_a_line(name: str) -> None:
    assert printable(name).isprintable()


@given(st.text(min_size=1))
def test_brackets_in_names_are_not_taken_for_markup(name: str) -> None:
    assert f"+ {printable(name)}" in shown(Plan((Change("host", Act.CREATE, f"{name}"),))).replace("\n", "")
