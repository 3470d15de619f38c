"""Comparing what is with what must be: field by field, and nothing lost or invented on the way."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from provisioning.model import Act, FieldChange, Found, compare


@dataclass(frozen=True)
class Thing:
    name: str
    tags: frozenset[str] = frozenset()


things = st.builds(Thing, st.text(max_size=5), st.frozensets(st.text(max_size=3), max_size=3))
worlds = st.dictionaries(st.text(max_size=3), things, max_size=6)


def found(world: dict[str, Thing]) -> dict[str, Found[Thing]]:
    return {name: Found(f"id-{name}", thing) for name, thing in world.items()}


@given(worlds)
def test_what_is_as_it_must_be_gives_no_change(world: dict[str, Thing]) -> None:
    assert compare("thing", world, found(world)) == []


@given(worlds, worlds)
def test_every_object_that_differs_is_named_once(desired: dict[str, Thing], current: dict[str, Thing]) -> None:
    changes = compare("thing", desired, found(current))
    differing = {name for name in desired if desired[name] != current.get(name)}
    assert sorted(change.name for change in changes) == sorted(differing)
    for change in changes:
        assert change.act is (Act.UPDATE if change.name in current else Act.CREATE)
        assert change.fields or change.act is Act.CREATE


@given(worlds, worlds)
def test_nothing_is_removed_that_was_not_marked(desired: dict[str, Thing], current: dict[str, Thing]) -> None:
    assert all(change.act is not Act.REMOVE and not change.lost for change in compare("t", desired, found(current)))


def test_sets_are_compared_element_by_element() -> None:
    before, after = Thing("a", frozenset({"x", "y"})), Thing("a", frozenset({"y", "z"}))
    (change,) = compare("thing", {"a": after}, {"a": Found("1", before)})
    assert change.fields == (FieldChange("tags", ("x",), ("z",)),)


def test_a_removal_counts_as_one_thing_lost() -> None:
    (change,) = compare("thing", {}, {}, {"old": "7"})
    assert (change.act, change.id, change.lost) == (Act.REMOVE, "7", 1)
