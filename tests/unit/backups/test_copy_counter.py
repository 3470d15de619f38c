"""Counting tables and rows in the text of a dump, however it is cut in pieces."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from vigie.backups.verify import CopyCounter

HEADER = b"COPY public.res_partner (id, name) FROM stdin;\n"
# What data may look like: each is one row, as COPY writes it (a backslash is doubled, so `\.` alone is never one).
ROWS = [
    b"1\tMartin",
    b"",
    b"COPY public.res_users (id) FROM stdin;",
    b"COPY ",
    b"\\\\.",
    b"\\.x",
    b"x\\.",
    b"FROM stdin;",
    b"\\N\t\\n",
]
BETWEEN = [
    b"SET client_encoding = 'UTF8';\n",
    b"CREATE TABLE public.copy (id integer);\n",
    b"-- COPY not_one\n",
    b"COMMENT ON TABLE public.copy IS 'a\nCOPY of something';\n",
    b"\n",
    b"SELECT pg_catalog.lowrite(0, '\\x434f5059');\n",
]

tables = st.lists(
    st.sampled_from(ROWS) | st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"").replace(b"\\", b"\\\\")),
    max_size=8,
)
texts = st.lists(st.tuples(st.sampled_from(BETWEEN), tables), max_size=6)


def counted(pieces: list[bytes]) -> tuple[int, int]:
    counter = CopyCounter()
    for piece in pieces:
        counter.feed(piece)
    return counter.tables, counter.rows


def written(parts: list[tuple[bytes, list[bytes]]]) -> bytes:
    text = b"--\n-- PostgreSQL database dump\n--\n\n"
    for between, rows in parts:
        text += between + b"\n" + HEADER + b"".join(row + b"\n" for row in rows) + b"\\.\n\n"
    return text + b"--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n"


@given(texts, st.lists(st.integers(0, 2000), max_size=30))
@example([(BETWEEN[0], [b"COPY public.x (id) FROM stdin;"])], list(range(400)))
def test_the_counts_are_exact_however_the_text_is_cut(parts: list[tuple[bytes, list[bytes]]], cuts: list[int]) -> None:
    text = written(parts)
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(places)]
    assert b"".join(pieces) == text
    assert counted(pieces) == (len(parts), sum(len(rows) for _, rows in parts))


@given(texts)
def test_byte_by_byte_is_the_same(parts: list[tuple[bytes, list[bytes]]]) -> None:
    text = written(parts)
    assert counted([bytes([byte]) for byte in text]) == counted([text])


def test_a_row_that_looks_like_a_header_is_a_row() -> None:
    assert counted([written([(b"", [b"COPY public.res_users (id) FROM stdin;"])])]) == (1, 1)


def test_an_empty_table_counts_and_has_no_row() -> None:
    assert counted([written([(b"", []), (b"", [b"1"])])]) == (2, 1)


def test_a_long_text_is_counted_in_a_bounded_memory() -> None:
    counter = CopyCounter()
    counter.feed(b"\n" + HEADER)
    for _ in range(200):
        counter.feed(b"x" * 50_000 + b"\n")
        assert len(counter._pending) < 100_000
    counter.feed(b"\\.\n" + b"-- no line ends here: " * 100_000)
    assert len(counter._pending) < 100_000
    assert (counter.tables, counter.rows) == (1, 200)
