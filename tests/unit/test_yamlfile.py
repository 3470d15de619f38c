"""YAML with positions: its traps, each with a sentence and a line, and files that would fill the memory."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigie.errors import VigieError
from vigie.yamlfile import Located, read


def reading(tmp_path: Path, text: str | bytes) -> Located:
    file = tmp_path / "file.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(file)


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("a:\n\tb: 1\n", "a tab is used to indent", 2),
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "the key 'c' is written twice", 4),
        ("a: b: c\n", "mapping values are not allowed here", 1),
        ("a: 'open\n", "unexpected end of stream", 2),
        ("a: *nowhere\n", "undefined alias 'nowhere'", 1),
        ("a: !!python/object/apply:os.system [id]\n", "the tag", 1),
        ("a: 1\nb: !secret x\n", "the tag '!secret' is not allowed", 2),
        ("a: 1\n---\nb: 2\n", "another document", 2),
        ("macros:\n  {$X}: 1\n", "begins with a brace or a bracket: put it between quotes", 2),
        ("? [a]\n: 1\n", "begins with a brace or a bracket", 1),
        ("a: @x\n", "cannot start any token", 1),
        ("a: .nan\n", ".nan is not a number", 1),
        ("a: -.inf\n", "-.inf is not a number", 1),
        ("a: 1\n<<: 3\n", "only a mapping can be merged", 2),
        ("a: &a [*a]\n", "multiply beyond reason", 1),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(tmp_path: Path, text: str, words: str, line: int) -> None:
    with pytest.raises(VigieError) as caught:
        reading(tmp_path, text)
    assert words in caught.value.sentence
    assert caught.value.sentence.endswith(f"(line {line})")
    assert "\n" not in caught.value.sentence


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: \xff\n", "is not UTF-8"),
        (b"a: \x00\n", "is not YAML"),
        (b"a: 2026-13-45\n", "is not YAML"),
        (b"- " * 5000, "too deep"),
        (b"#" * (1024 * 1024 + 1), "larger than 1 MiB"),
    ],
)
def test_a_file_that_is_no_text_for_a_person_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(VigieError, match=words):
        reading(tmp_path, content)


def test_a_missing_file_and_a_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(VigieError, match="cannot be read: No such file"):
        read(tmp_path / "none.yaml")
    with pytest.raises(VigieError, match="cannot be read: Is a directory"):
        read(tmp_path)


def test_aliases_that_multiply_are_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    begun = time.monotonic()
    with pytest.raises(VigieError, match="multiply beyond reason"):
        reading(tmp_path, "\n".join(lines))
    assert time.monotonic() - begun < 10


def test_anchors_and_merges_are_allowed_and_show_where_things_are_written(tmp_path: Path) -> None:
    located = reading(tmp_path, "base: &base\n  a: 1\n  b: 2\nhere:\n  <<: *base\n  b: 3\nlist: [*base]\n")
    assert located.data == {"base": {"a": 1, "b": 2}, "here": {"a": 1, "b": 3}, "list": [{"a": 1, "b": 2}]}
    assert located.line_of(("here", "b")) == 6
    assert located.line_of(("here", "a")) == 2
    assert located.line_of(("list", 0, "b")) == 3


def test_the_line_of_what_is_not_written_is_that_of_its_parent(tmp_path: Path) -> None:
    located = reading(tmp_path, "a:\n  b:\n    c: 1\n")
    assert located.line_of(("a", "b", "missing", "deeper")) == 2
    assert located.line_of(("nowhere",)) == 1
    assert Located(None).line_of(("a",)) == 1


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path: Path) -> None:
    located = reading(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: x\r\n")
    assert located.data == {"a": 1, "b": "x"}
    assert located.line_of(("b",)) == 2


def test_what_yaml_takes_for_something_else_than_text_is_kept_as_written(tmp_path: Path) -> None:
    located = reading(tmp_path, 'a: 6.0\nb: [2E1, "2E1", no, 00:30, 22:30]\n')
    assert located.data == {"a": 6.0, "b": [20.0, "2E1", "no", "00:30", "22:30"]}
    assert located.misread == {("a",): "6.0", ("b", 0): "2E1"}


def test_the_hours_of_yaml_1_1_stay_visible(tmp_path: Path) -> None:
    located = reading(tmp_path, "%YAML 1.1\n---\na: 22:30\n")
    assert located.misread == {("a",): "22:30"}


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text("aé9 :#-'\"{}[]&*!|>%@\\\n", max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc -_é", max_size=6), inner, max_size=4),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.dictionaries(st.text("abcxyz", min_size=1, max_size=6), plain, max_size=5))
def test_json_is_yaml_and_every_key_has_its_line(tmp_path: Path, data: dict[str, object]) -> None:
    text = json.dumps(data, indent=1, ensure_ascii=False)
    located = reading(tmp_path, text)
    assert located.data == data
    lines = text.split("\n")
    for key in data:
        assert lines[located.line_of((key,)) - 1].startswith(f' "{key}":')


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=200) | st.text("a:-&*!{}[]'\"#|>%@\n\t ", max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused_with_one_sentence(tmp_path: Path, content: bytes) -> None:
    try:
        reading(tmp_path, content)
    except VigieError as error:
        assert error.sentence.startswith(str(tmp_path))
