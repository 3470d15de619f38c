"""What the quick start shows is what the templates have."""

import re
from pathlib import Path

import pytest
from exports import FILES, export_of, items_of, template_of

from lab.subjects import SUBJECTS, THINGS, Shown


def _subject_of(file: Path) -> Shown:
    keys = [item["key"] for item in items_of(export_of(file))]
    (subject,) = [each for each in SUBJECTS if any(key.startswith(each.prefix) for key in keys)]
    return subject


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_each_template_is_shown_by_values_that_it_has(file: Path) -> None:
    subject, export = _subject_of(file), export_of(file)
    keys = {item["key"] for item in items_of(export)}
    assert {f"{subject.prefix}{key}" for key in subject.figures} <= keys
    assert {"tag": "target", "value": subject.target} in template_of(export)["tags"]


def test_the_columns_of_things_are_items_of_things() -> None:
    prototypes = {
        re.sub(r"\[.*", "", item["key"]) for file in FILES for item in items_of(export_of(file)) if "[" in item["key"]
    }
    prefixes = tuple(_subject_of(file).prefix for file in FILES)
    for things in THINGS:
        assert {key for key in things.columns if key.startswith(prefixes)} <= prototypes
