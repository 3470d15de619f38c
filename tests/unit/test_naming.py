"""The naming convention, and the safe carriers of names that pupils chose."""

import hashlib
import re
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.naming import PREFIX, Classifier, Kind, folded, is_context, key_of, shown

CLASSES = ["TSTMG1", "TSTMG2", "TS", "2nde A", "BTS CG1", "6ème B"]


def _decoded(raw: bytes) -> str:
    """A database's name as Vigie reads it: bytes of any encoding, cut at PostgreSQL's 63."""
    return raw[:63].decode("utf-8", "surrogateescape")


any_name = st.one_of(
    st.binary(min_size=1, max_size=63).map(_decoded),
    st.text(min_size=1, max_size=63).map(lambda text: _decoded(text.encode("utf-8", "surrogatepass"))),
    st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,40}-x[0-9a-f]{12}", fullmatch=True),
    st.sampled_from(["..", "-rf", "{#DB}", "{$X}", "$(reboot)", "'; DROP DATABASE x; --", "a\nb", 'a"b', "_globals"]),
)
context_name = any_name.map(lambda name: _decoded((PREFIX + name).encode("utf-8", "surrogatepass")))


@pytest.mark.parametrize(
    ("database", "kind", "class_name", "owner"),
    [
        ("SpecibikeDupont", Kind.STUDENT, "", "Dupont"),
        ("SpecibikeDUPONT", Kind.STUDENT, "", "DUPONT"),
        ("SpecibikeÉloïse", Kind.STUDENT, "", "Éloïse"),
        ("SpecibikeO'Brien", Kind.STUDENT, "", "O'Brien"),
        ("SpecibikeDe La Tour", Kind.STUDENT, "", "De La Tour"),
        ("SpecibikeTSTMG1", Kind.CLASS, "TSTMG1", "TSTMG1"),
        ("Specibiketstmg1", Kind.CLASS, "TSTMG1", "TSTMG1"),
        ("SpecibikeT STMG-1", Kind.CLASS, "TSTMG1", "TSTMG1"),
        ("Specibike2ndeA", Kind.CLASS, "2nde A", "2nde A"),
        ("Specibike6emeB", Kind.CLASS, "6ème B", "6ème B"),
        ("SpecibikeBTSCG1", Kind.CLASS, "BTS CG1", "BTS CG1"),
        ("SpecibikeTSTMG1Velo", Kind.GROUP, "TSTMG1", "Velo"),
        ("SpecibikeTSTMG1VELO", Kind.GROUP, "TSTMG1", "VELO"),
        ("SpecibikeTSTMG1-velo", Kind.GROUP, "TSTMG1", "velo"),
        ("SpecibikeTSTMG1G2", Kind.GROUP, "TSTMG1", "G2"),
        ("SpecibikeTSVelo", Kind.GROUP, "TS", "Velo"),
        ("SpecibikeTS-2", Kind.GROUP, "TS", "2"),
        ("SpecibikeTSÉquipe", Kind.GROUP, "TS", "Équipe"),
        ("Specibike2ndeAVelo", Kind.GROUP, "2nde A", "Velo"),
        # A capital in a run of capitals begins no word: it is a name, or a class that the list lacks.
        ("SpecibikeTSarah", Kind.STUDENT, "", "TSarah"),
        ("SpecibikeTSONGA", Kind.STUDENT, "", "TSONGA"),
        ("SpecibikeTSTMG7", Kind.UNRECOGNISED, "", ""),
        ("SpecibikeTS2", Kind.UNRECOGNISED, "", ""),
        ("SpecibikeTSTMG12", Kind.UNRECOGNISED, "", ""),
        ("Specibike1STMG1", Kind.UNRECOGNISED, "", ""),
        # Slips of the keyboard and strange names: watched, not recognised.
        ("specibikeDupont", Kind.UNRECOGNISED, "", ""),
        ("SPECIBIKEDupont", Kind.UNRECOGNISED, "", ""),
        ("Specibike", Kind.UNRECOGNISED, "", ""),
        ("Specibike-Dupont", Kind.UNRECOGNISED, "", ""),
        ("Specibike$(reboot)", Kind.UNRECOGNISED, "", ""),
        ("SpecibikeDu\npont", Kind.UNRECOGNISED, "", ""),
        ("Specibike{#DB}", Kind.UNRECOGNISED, "", ""),
        ("Specibike../../etc", Kind.UNRECOGNISED, "", ""),
        ("Specibike🚲", Kind.UNRECOGNISED, "", ""),
        ("Specibike\udcff", Kind.UNRECOGNISED, "", ""),
    ],
)
def test_contexts_are_told_apart_with_the_class_list(database: str, kind: Kind, class_name: str, owner: str) -> None:
    context = Classifier(CLASSES)(database)
    assert (context.kind, context.class_name, context.owner) == (kind, class_name, owner)
    assert context.name == database


def test_the_longest_class_that_fits_wins() -> None:
    assert Classifier(["T", "TS", "TSVelo"])("SpecibikeTSVelo").class_name == "TSVelo"
    assert Classifier(["TSVelo", "TS", "T"])("SpecibikeTSVelo").kind is Kind.CLASS


def test_without_a_class_list_a_name_of_letters_is_a_student_and_any_other_unrecognised() -> None:
    classify = Classifier([])
    assert classify("SpecibikeTSTMG").kind is Kind.STUDENT
    assert classify("SpecibikeTSTMG1").kind is Kind.UNRECOGNISED


@pytest.mark.parametrize("database", ["Specibike", "specibikeX", "SPECIBIKE-1", "Specibike'; --"])
def test_what_starts_with_the_prefix_in_any_case_belongs_to_the_service(database: str) -> None:
    assert is_context(database)


@pytest.mark.parametrize("database", ["", "Specibik", "postgres", "xSpecibike", " Specibike"])
def test_anything_else_does_not(database: str) -> None:
    assert not is_context(database)


@given(any_name | context_name, st.lists(st.text(max_size=12), max_size=6))
def test_every_name_has_a_kind_whatever_the_class_list(database: str, classes: list[str]) -> None:
    context = Classifier(classes)(database)
    assert context.name == database
    assert context.kind in (Kind.UNRECOGNISED, Kind.STUDENT, Kind.CLASS, Kind.GROUP)
    if context.kind is not Kind.UNRECOGNISED:
        assert database.startswith(PREFIX)
        assert context.owner
    if context.kind in (Kind.CLASS, Kind.GROUP):
        assert context.class_name in classes


@given(st.text(max_size=30), st.lists(st.text(max_size=8), max_size=4))
def test_composed_and_decomposed_accents_are_the_same_name(rest: str, classes: list[str]) -> None:
    composed, decomposed = (unicodedata.normalize(form, PREFIX + rest) for form in ("NFC", "NFD"))
    one, other = Classifier(classes)(composed), Classifier(classes)(decomposed)
    assert (one.kind, one.class_name, one.owner) == (other.kind, other.class_name, other.owner)


@given(st.sampled_from(CLASSES), st.from_regex(r"[A-Z][a-z]{1,10}", fullmatch=True))
def test_a_class_is_recognised_with_and_without_a_group(class_name: str, group: str) -> None:
    classify = Classifier(CLASSES)
    assert classify(PREFIX + class_name).kind is Kind.CLASS
    context = classify(PREFIX + class_name + group)
    assert (context.kind, context.class_name, context.owner) == (Kind.GROUP, class_name, group)


@given(st.text(max_size=40))
def test_folding_a_folded_name_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_ligatures_are_their_letters() -> None:
    assert folded("Cœur Œuvre Ægir ß ﬁn") == "coeuroeuvreaegirssfin"


@given(any_name | context_name)
def test_a_key_is_a_safe_identifier_that_no_server_part_uses(database: str) -> None:
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,62}", key_of(database))


@given(st.lists(any_name | context_name, unique=True, max_size=20))
def test_two_names_never_share_a_key(names: list[str]) -> None:
    assert len({key_of(name) for name in names}) == len(names)


@given(any_name)
def test_a_name_made_to_look_like_another_ones_key_gets_a_key_of_its_own(database: str) -> None:
    key = key_of(database)
    if key != database:
        assert key_of(key) != key


def test_a_safe_name_is_its_own_key_and_an_accent_only_costs_a_digest() -> None:
    assert key_of("SpecibikeTSTMG1") == "SpecibikeTSTMG1"
    assert key_of("SpecibikeÉloïse") == "SpecibikeEloise-x" + key_of("SpecibikeÉloïse")[-12:]


@given(any_name | context_name)
def test_a_name_is_shown_on_one_line_without_braces_or_anything_unseen(database: str) -> None:
    text = shown(database)
    assert len(text.splitlines()) <= 1
    assert not set(text) & set("{}\r\n\t\x00")
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in text)
    text.encode("utf-8")  # no surrogate is left
    assert all(ord(c) <= 0xFFFF for c in text)


@given(st.lists(any_name | context_name, unique=True, max_size=20))
def test_two_names_are_never_shown_alike(names: list[str]) -> None:
    assert len({shown(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("database", "text"),
    [
        ("SpecibikeÉloïse O'Brien", "SpecibikeÉloïse O'Brien"),
        ("a\nb", r"a\x0ab"),
        ("{$SECRET}", r"\x7b\x24SECRET\x7d"),
        ("price $1", r"price \x241"),
        ("\u202eabc", r"\u202eabc"),
        ("\udcff", r"\xff"),
        ("\x85", r"\u0085"),
        ("🚲", r"\U0001f6b2"),
        ("a\\x0a", r"a\x5cx0a"),
    ],
)
def test_escapes_say_what_was_there(database: str, text: str) -> None:
    assert shown(database) == text


@given(any_name)
def test_a_key_ends_with_the_sha_256_of_its_name_whichever_module_makes_it(name: str) -> None:
    key = key_of(name)
    assert key == name or key.endswith("-x" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12])


def test_a_key_needs_no_openssl() -> None:
    code = "import sys; from vigie.naming import key_of; print(key_of('Specibike Zoé'), 'hashlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=20)
    assert done.stdout == f"{key_of('Specibike Zoé')} {sys.version_info >= (3, 12)}\n"
