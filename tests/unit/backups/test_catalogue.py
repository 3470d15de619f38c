"""Manifests, runs, the index and receipts: written, read again, and refused when they are not what they should be."""

import json
from dataclasses import fields
from typing import Any

import pytest
from dumpbuilder import manifest_of, run_of
from hypothesis import given
from hypothesis import strategies as st

from vigie.backups.catalogue import DumpEntry, Holdings, Index
from vigie.backups.manifests import DatabaseRun, Manifest, Outcome, Receipt, RunManifest, RunPhase  # fmt: skip

whole = st.integers(0, 2**53)
moment = st.floats(-1e12, 1e12, allow_nan=False)
text = st.text(st.characters())  # lone surrogates too: bytes that are not UTF-8
KINDS: dict[Any, st.SearchStrategy[Any]] = {int: whole, float: moment, str: text}


def filled(model: type[Any], **given_fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    chosen = {spec.name: KINDS[spec.type] for spec in fields(model) if spec.name not in (*given_fields, "format")}
    return st.builds(model, **chosen, **given_fields)


databases = st.dictionaries(text, filled(DatabaseRun, outcome=st.sampled_from(Outcome)), max_size=4)
runs = filled(RunManifest, phase=st.sampled_from(RunPhase), databases=databases)
entries = st.builds(DumpEntry, text, whole, whole, whole, st.integers(0, 1))
indexes = st.builds(
    Index,
    school=text,
    written_at=moment,
    rechecked_at=moment,
    databases=st.dictionaries(text, st.builds(Holdings, text, st.lists(entries, max_size=4)), max_size=4),
    totals=st.lists(st.tuples(whole, whole), max_size=4),
)
receipts = st.builds(Receipt, st.frozensets(text), st.dictionaries(text, text))


@given(filled(Manifest) | runs | indexes | receipts)
def test_what_is_written_is_read_again_the_same(document: Any) -> None:
    written = document.to_json()
    assert type(document).from_json(written) == document
    assert type(document).from_json(written.encode()) == document
    assert type(document).from_json(written).to_json() == written


MANIFEST = json.loads(manifest_of("SpecibikeMartin", b"x").to_json())
RUN_DOCUMENT = json.loads(run_of(databases={"SpecibikeMartin": DatabaseRun("SpecibikeMartin")}).to_json())
OF_ANOTHER_TYPE = {str: [1, None, [], {}, True], int: [1.5, "1", None, True, []], float: ["1", None, True, [], {}]}
WITHOUT_BOUNDS = {str: [], int: [2**60, -(2**60), 10**4000], float: [1e300, -1e300, 10**4000]}


@pytest.mark.parametrize(("model", "document"), [(Manifest, MANIFEST), (RunManifest, RUN_DOCUMENT)])
def test_a_field_of_another_type_or_beyond_reason_is_refused(model: Any, document: dict[str, Any]) -> None:
    for spec in fields(model):
        if spec.name == "databases":
            continue
        for value in OF_ANOTHER_TYPE[spec.type] + WITHOUT_BOUNDS[spec.type]:
            with pytest.raises(ValueError, match=rf"{spec.name}|format|limit"):
                model.from_json(json.dumps(document | {spec.name: value}))


@pytest.mark.parametrize(("model", "document"), [(Manifest, MANIFEST), (RunManifest, RUN_DOCUMENT)])
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(model: Any, document: dict[str, Any], number: str) -> None:
    written = json.dumps(document | {"started_at": "@"}).replace('"@"', number)
    with pytest.raises(ValueError, match="started_at"):
        model.from_json(written)


@pytest.mark.parametrize(("model", "document"), [(Manifest, MANIFEST), (RunManifest, RUN_DOCUMENT)])
def test_missing_and_unknown_fields_and_other_formats_are_refused(model: Any, document: dict[str, Any]) -> None:
    for name in ("school", "started_at", "made_by"):
        with pytest.raises(ValueError, match=f"lacks {name}"):
            model.from_json(json.dumps({field: value for field, value in document.items() if field != name}))
    with pytest.raises(ValueError, match="unknown fields: password"):
        model.from_json(json.dumps(document | {"password": "x"}))
    for other in (2, "1", None, 1.5):
        with pytest.raises(ValueError, match="format"):
            model.from_json(json.dumps(document | {"format": other}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"phase": "glorious"},
        {"databases": []},
        {"databases": {"k": []}},
        {"databases": {"k": {}}},
        {"databases": {"k": {"name": "n", "outcome": "lost"}}},
        {"databases": {"k": {"name": "n", "size": "1"}}},
        {"databases": {"k": {"name": "n", "extra": 1}}},
    ],
)
def test_a_run_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        RunManifest.from_json(json.dumps(RUN_DOCUMENT | wrong))


@pytest.mark.parametrize("model", [Manifest, RunManifest, Index, Receipt])
@pytest.mark.parametrize("written", ["", "{", "[]", "null", "1", '"x"', "{}", "[" * 60_000, '{"a":' * 60_000])
def test_a_text_that_is_none_is_refused_with_a_sentence(model: Any, written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        model.from_json(written)


@given(
    st.recursive(
        st.none() | st.booleans() | whole | moment | text, lambda inner: st.lists(inner) | st.dictionaries(text, inner)
    )
)
def test_no_document_breaks_a_reader(document: Any) -> None:
    for model in (Manifest, RunManifest, Index, Receipt):
        with pytest.raises(ValueError, match=r"."):
            model.from_json(json.dumps(document))
        with pytest.raises(ValueError, match=r"."):
            model.from_json(json.dumps({"format": 1, "databases": document, "accepted": document}))
