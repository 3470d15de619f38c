"""The journal of a run."""

import json
import os
import threading
from pathlib import Path

import pytest

from vigie.backups.journal import Journal


def events(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_each_event_is_on_the_disk_when_it_has_been_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "run.jsonl"
    synchronised: list[int] = []
    real = os.fdatasync
    monkeypatch.setattr(
        os, "fdatasync", lambda descriptor: (real(descriptor), synchronised.append(file.stat().st_size))
    )
    with Journal(file) as journal:
        for number in range(3):
            journal.note("published", key="SpecibikeMartin", size=number)
            assert [event["size"] for event in events(file)] == list(range(number + 1))
            assert synchronised[-1] == file.stat().st_size


def test_an_event_is_one_line_whatever_it_holds(tmp_path: Path) -> None:
    with Journal(tmp_path / "run.jsonl") as journal:
        journal.note("failed", error='a\nb\r\u2028"\udce9\x00')
        journal.note("finished")
    failed, finished = events(tmp_path / "run.jsonl")
    assert failed["error"] == 'a\nb\r\u2028"\udce9\x00'
    assert finished["event"] == "finished"


def test_several_threads_do_not_mix_their_lines(tmp_path: Path) -> None:
    with Journal(tmp_path / "run.jsonl") as journal:

        def work(name: str) -> None:
            for _ in range(20):
                journal.note("published", key=name * 500)

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(str(event["key"])[0] for event in events(tmp_path / "run.jsonl")) == sorted("abcd" * 20)


def test_a_second_opening_appends(tmp_path: Path) -> None:
    for _ in range(2):
        with Journal(tmp_path / "keep.jsonl") as journal:
            journal.note("remove")
    assert len(events(tmp_path / "keep.jsonl")) == 2


def test_half_a_line_left_by_a_killed_program_does_not_spoil_the_next(tmp_path: Path) -> None:
    file = tmp_path / "keep.jsonl"
    file.write_text('{"event": "remove"}\n{"event": "rem')
    with Journal(file) as journal:
        journal.note("finished")
    assert [json.loads(line)["event"] for line in file.read_text().splitlines() if line.endswith("}")] == [
        "remove",
        "finished",
    ]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "keep.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        Journal(tmp_path / "keep.jsonl")
    assert not (tmp_path / "elsewhere").exists()
