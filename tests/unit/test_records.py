"""Records are what a frozen dataclass is, for their users and for `dataclasses`."""

import copy
import dataclasses
import json
import pickle
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.records import Record, field, kinds, plain, replaced, required


class Point(Record):
    """As a record is written."""

    x: int
    y: int = 0
    label: str = ""


class Line(Record):
    begin: Point
    points: dict[str, Point] = field(default_factory=dict)


class Named(Point):
    name: str = "?"


class Tally(Record, frozen=False):
    count: int = 0


@dataclasses.dataclass(frozen=True)
class Model:
    """The same as `Point`, by `dataclasses`."""

    x: int
    y: int = 0
    label: str = ""


def outcome(model: Any, values: tuple[Any, ...], named: Mapping[str, Any]) -> object:
    """The fields that a class makes of arguments; TypeError when it refuses them."""
    try:
        return vars(model(*values, **named))
    except TypeError:
        return TypeError


@given(
    st.lists(st.integers(), max_size=4).map(tuple),
    st.dictionaries(st.sampled_from(["x", "y", "label", "other"]), st.integers(), max_size=4),
)
def test_it_takes_and_refuses_the_arguments_that_a_dataclass_does(
    values: tuple[Any, ...], named: dict[str, Any]
) -> None:
    assert outcome(Point, values, named) == outcome(Model, values, named)


@given(st.integers(), st.integers(), st.integers(), st.integers())
def test_it_is_equal_by_its_fields_and_so_is_its_hash(a: int, b: int, c: int, d: int) -> None:
    assert (Point(a, b) == Point(c, d)) is ((a, b) == (c, d))
    assert (hash(Point(a, b)) == hash(Point(a, b))) is True


def test_records_of_two_classes_are_never_equal() -> None:
    assert Point(1) != Named(1)
    assert Point(1) != (1, 0, "")


def test_what_was_made_cannot_be_set() -> None:
    with pytest.raises(AttributeError, match="x of a Point cannot be set"):
        Point(1).x = 2  # type: ignore[misc]


def test_a_record_that_may_be_set_has_no_hash_and_takes_no_other_field() -> None:
    tally = Tally()
    tally.count += 1
    assert tally == Tally(1)
    with pytest.raises(TypeError, match="no hash"):
        hash(tally)
    with pytest.raises(AttributeError):
        tally.cuont = 1


def test_a_default_that_is_made_is_nobody_elses() -> None:
    assert Line(Point(1)).points is not Line(Point(1)).points


def test_fields_of_the_parent_come_first() -> None:
    assert list(kinds(Named)) == ["x", "y", "label", "name"]
    assert list(kinds(Point)) == ["x", "y", "label"]
    assert required(Named) == ["x"]


def test_fields_stand_in_their_own_order_whatever_the_order_of_the_arguments() -> None:
    assert json.dumps(plain(Point(label="a", x=1))) == '{"x": 1, "y": 0, "label": "a"}'


def test_one_can_be_made_like_another() -> None:
    assert replaced(Named(1, name="a"), y=2) == Named(1, 2, name="a")
    with pytest.raises(TypeError):
        replaced(Point(1), z=2)


def test_it_is_a_dataclass_to_whoever_asks_dataclasses() -> None:
    line = Line(Point(1), {"a": Point(2)})
    assert dataclasses.is_dataclass(line)
    assert [(spec.name, spec.type, spec.default) for spec in dataclasses.fields(Named)] == [
        ("x", int, dataclasses.MISSING),
        ("y", int, 0),
        ("label", str, ""),
        ("name", str, "?"),
    ]
    assert dataclasses.asdict(line) == {
        "begin": {"x": 1, "y": 0, "label": ""},
        "points": {"a": {"x": 2, "y": 0, "label": ""}},
    }
    assert dataclasses.replace(line, begin=Point(3)).begin == Point(3)


def test_it_can_be_copied_and_carried() -> None:
    point = Named(1, name="a")
    assert copy.deepcopy(point) == point
    assert pickle.loads(pickle.dumps(point)) == point


def test_people_can_read_it() -> None:
    assert repr(Point(1, label="a")) == "Point(x=1, y=0, label='a')"


def test_whoever_makes_records_loads_neither_dataclasses_nor_typing() -> None:
    code = """
import sys
from vigie.records import Record, plain
class Point(Record):
    x: int
plain(Point(1))
print([name for name in ("dataclasses", "typing", "inspect") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
