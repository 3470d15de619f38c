"""The figures of rsyslog, from lines as rsyslog 8.2302 writes them."""

from pathlib import Path

import pytest

from vigie.observe.logs.impstats import ImpstatsError, read_figures


def queue(at: int, name: str, size: int, discarded: int = 0) -> str:
    counters = (
        f'"size": {size}, "enqueued": 41, "full": 0, "discarded.full": {discarded}, "discarded.nf": 1, "maxqsize": 41'
    )
    return f'{at}: {{ "name": "{name}", "origin": "core.queue", {counters} }}\n'


def action(at: int, failed: int) -> str:
    counters = f'"processed": 9, "failed": {failed}, "suspended": 2, "suspended.duration": 30, "resumed": 1'
    return f'{at}: {{ "name": "vigie_store", "origin": "core.action", {counters} }}\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "impstats.json"


def test_queues_are_summed_and_the_longest_is_named(file: Path) -> None:
    file.write_text(queue(100, "main Q", 3) + queue(100, "vigie_store queue", 40, discarded=5) + action(100, 7))
    figures = read_figures(str(file))
    assert (figures.size, figures.longest, figures.discarded, figures.failed) == (43, "vigie_store queue", 7, 7)
    assert figures.written_at == pytest.approx(file.stat().st_mtime)


def test_only_the_newest_line_of_each_counter_counts_even_over_two_seconds(file: Path) -> None:
    file.write_text(queue(100, "main Q", 900) + action(100, 1) + queue(110, "main Q", 2) + action(111, 1))
    figures = read_figures(str(file))
    assert (figures.size, figures.failed) == (2, 1)


def test_what_was_counted_before_a_stop_is_left_out(file: Path) -> None:
    file.write_text(queue(100, "old queue", 900) + queue(110, "old queue", 900) + queue(300, "main Q", 1))
    figures = read_figures(str(file), hole=60)
    assert (figures.size, figures.since) == (1, 300)


def test_without_a_stop_in_sight_nothing_is_said_of_the_start(file: Path) -> None:
    file.write_text("".join(queue(at, "main Q", 1) for at in range(100, 900, 10)))
    assert read_figures(str(file), hole=60).since == 0


def test_lines_with_the_date_that_rsyslog_writes_by_itself_are_read_too(file: Path) -> None:
    date = "Sat Nov 21 22:14:00 2026"
    file.write_text(queue(1, "main Q", 4).replace("1: ", f"{date}: ", 1))
    assert (read_figures(str(file)).size, read_figures(str(file)).since) == (4, 0)


def test_a_line_that_is_being_written_is_left_out(file: Path) -> None:
    file.write_text(queue(100, "main Q", 6) + queue(110, "main Q", 9)[:40])
    assert read_figures(str(file)).size == 6


def test_the_file_before_is_read_when_a_new_one_has_just_begun(file: Path) -> None:
    file.with_name("impstats.json.1").write_text(queue(100, "main Q", 8))
    file.write_text("")
    assert read_figures(str(file)).size == 8
    file.unlink()
    assert read_figures(str(file)).size == 8


def test_totals_do_not_fall_when_a_new_file_begins_amid_the_counters_of_a_moment(file: Path) -> None:
    earlier = queue(100, "main Q", 3) + queue(100, "vigie_datagrams", 0, discarded=700) + action(100, 7)
    file.write_text(earlier + queue(110, "vigie_datagrams", 4, discarded=702))
    whole = read_figures(str(file))
    file.rename(file.with_name("impstats.json.1"))
    file.write_text(queue(110, "main Q", 5))
    figures = read_figures(str(file))
    assert (whole.discarded, figures.discarded, figures.size, figures.failed) == (704, 704, 9, 7)
    assert figures.written_at == pytest.approx(file.stat().st_mtime)


def test_a_file_before_from_long_ago_does_not_count(file: Path) -> None:
    file.with_name("impstats.json.1").write_text(queue(100, "old queue", 900))
    file.write_text(queue(900, "main Q", 1))
    assert read_figures(str(file), hole=60).size == 1


def test_the_end_of_a_large_file_is_enough(file: Path) -> None:
    file.write_text(queue(100, "main Q", 1) * 20_000 + queue(110, "main Q", 5))
    assert read_figures(str(file)).size == 5


@pytest.mark.parametrize("text", ["", "no figures\n", "100: [1]\n", "100: {]\n", "\xff\xfe\n"])
def test_a_file_without_figures_is_one_sentence(file: Path, text: str) -> None:
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ImpstatsError, match="impstats"):
        read_figures(str(file))


def test_figures_of_the_wrong_kind_count_nothing(file: Path) -> None:
    file.write_text(
        '1: {"name": "q", "origin": "core.queue", "size": "many", "discarded.full": null}\n'
        '1: {"name": ["list"], "origin": 3, "values": [1]}\n'
    )
    figures = read_figures(str(file))
    assert (figures.size, figures.discarded, figures.longest) == (0, 0, "")


def test_a_folder_in_its_place_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ImpstatsError, match="Is a directory"):
        read_figures(str(tmp_path))
