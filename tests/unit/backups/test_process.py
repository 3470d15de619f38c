"""Running tools: a deadline on each, all of them ended on demand, and their own sentence when they fail."""

import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from lab.waiting import wait_until
from vigie.backups.process import Cancelled, ToolError, Tools


def python(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", program, *arguments]


def test_a_tool_that_hangs_is_killed_at_its_deadline(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ToolError, match="did not end within 0 s and was stopped"):
        Tools().run(["sleep", "600"], timeout=0.2)
    assert time.monotonic() - started < 60


def test_what_it_prints_is_given_piece_by_piece_and_a_hanging_one_is_killed_too() -> None:
    pieces: list[bytes] = []
    Tools().run(python("print('x' * 1_000_000)"), timeout=60, consume=pieces.append)
    assert b"".join(pieces) == b"x" * 1_000_000 + b"\n"
    assert len(pieces) > 1
    with pytest.raises(ToolError, match="did not end within"):
        Tools().run(python("import time; print('x', flush=True); time.sleep(600)"), timeout=1, consume=pieces.append)


def test_asked_to_stop_every_running_tool_ends_and_none_is_started(tmp_path: Path) -> None:
    tools = Tools()
    outcomes: list[BaseException] = []

    def work(number: int) -> None:
        try:
            tools.run(
                python("import sys, time; open(sys.argv[1], 'w'); time.sleep(600)", str(tmp_path / str(number))),
                timeout=600,
            )
        except ToolError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(list(tmp_path.iterdir())) == 3, what="three tools run", deadline=60, every=0.02)
    tools.cancel()
    for thread in threads:
        thread.join(timeout=60)
    assert [type(outcome) for outcome in outcomes] == [Cancelled] * 3
    with pytest.raises(Cancelled, match="was not started"):
        tools.run(["true"], timeout=60)


def test_a_second_signal_while_the_first_is_handled_does_not_lock_up() -> None:
    tools = Tools()
    before = signal.signal(signal.SIGTERM, lambda *_: tools.cancel())
    try:
        with tools._turn:  # the first signal is at this point
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert tools.cancelled.is_set()


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("import sys; sys.exit('pg_dump: error: no room')", "pg_dump: error: no room"),
        (
            "import sys; sys.stderr.write('note\\nrsync: it failed\\nrsync error: code 10\\n'); sys.exit(10)",
            "rsync: it failed",
        ),
        ("import sys; sys.exit(3)", "python ended with code 3 without a word"),
        ("import sys; sys.stderr.buffer.write(b'bad \\xff\\x1b[31m name\\r\\n'); sys.exit(1)", "bad \ufffd [31m name"),
        ("import os; os.kill(os.getpid(), 9)", "python ended with code -9 without a word"),
    ],
)
def test_a_failure_is_the_tools_own_sentence_on_one_line(program: str, sentence: str) -> None:
    with pytest.raises(ToolError) as caught:
        Tools().run(python(program), timeout=60)
    assert str(caught.value).replace(Path(sys.executable).name + " ended", "python ended") == sentence


def test_a_long_complaint_is_cut() -> None:
    with pytest.raises(ToolError) as caught:
        Tools().run(python("import sys; sys.exit('error ' + 'x' * 100_000)"), timeout=60)
    assert len(str(caught.value)) <= 500


def test_a_tool_that_is_not_installed_is_one_sentence() -> None:
    with pytest.raises(ToolError, match="pg_nothing cannot be started: No such file or directory"):
        Tools().run(["/nowhere/pg_nothing"], timeout=60)


def test_a_tool_that_does_not_read_its_input_says_why_itself() -> None:
    with pytest.raises(ToolError, match="error: not today"):
        Tools().run(python("import sys; sys.exit('error: not today')"), timeout=60, stdin=b"x" * 10_000_000)


def test_its_environment_is_the_one_that_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "secret")
    pieces: list[bytes] = []
    Tools().run(["/usr/bin/env"], timeout=60, env={"ONLY": "this"}, consume=pieces.append)
    assert b"".join(pieces) == b"ONLY=this\n"
