"""kill -9 at any moment: readers see whole dumps only, and the next run goes on with what is missing."""

import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import suppress

import pytest
from schoolserver import UAI, SchoolServer, by_name, whole_dumps

from lab.waiting import wait_until
from vigie.backups.catalogue import SERVER_KEYS, Layout
from vigie.backups.manifests import RunPhase
from vigie.backups.store import initialise

SERVER_NAMES = set(SERVER_KEYS.values())


@pytest.mark.parametrize("with_its_children", [False, True])
def test_a_run_killed_again_and_again_makes_each_dump_once(
    school: SchoolServer, contexts: list[str], with_its_children: bool
) -> None:
    started = time.monotonic()
    school.back_up(code=0)
    usual = time.monotonic() - started
    school.empty_stores()
    moments = random.Random(60 + with_its_children)
    process = school.started("backup", "run", str(school.site_file))
    wait_until(lambda: bool(visible(school.source)), what="no dump is made", deadline=60, every=0.01)
    kill(process, with_its_children=with_its_children)
    assert process.returncode == -signal.SIGKILL
    all_whole(school)
    for share in (0.7, *(moments.uniform(0.2, 0.9) for _ in range(4))):
        process = school.started("backup", "run", str(school.site_file))
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=usual * share)
        kill(process, with_its_children=with_its_children)
        all_whole(school)
        if is_done(school):  # the last one came to its end, or was killed while it said so
            break
    if not is_done(school):
        school.back_up(code=0)
    for layout in (school.source, school.store):
        dumps = by_name(layout)
        assert set(dumps) == set(contexts) | SERVER_NAMES
        assert {name: len(made) for name, made in dumps.items()} == dict.fromkeys(dumps, 1)
        assert not list(layout.dumps.glob("*/.*"))
    assert whole_dumps(school.source) == whole_dumps(school.store)


def test_what_a_killed_run_had_made_is_not_dumped_again(school: SchoolServer, contexts: list[str]) -> None:
    with school.held_up(contexts[-1]), school.held_up(contexts[-2]):
        process = school.started("backup", "run", str(school.site_file))
        wait_until(lambda: len(visible(school.source)) == len(contexts), what="all dumps but two", deadline=60)
        process.kill()
        process.communicate()
    made = visible(school.source)
    done = school.back_up(code=0)
    assert "going on with" in done.stderr
    again = {event["key"] for event in school.events() if event["event"] == "published"}
    assert again == {*contexts, *SERVER_KEYS} - {label.split("/")[0] for label in made}
    assert set(made) <= set(whole_dumps(school.store))


def kill(process: subprocess.Popen[str], *, with_its_children: bool) -> None:
    """Kill a run, if it has not ended by itself."""
    if with_its_children and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def all_whole(school: SchoolServer) -> None:
    for layout in (school.source, school.store):
        whole_dumps(layout)


def is_done(school: SchoolServer) -> bool:
    return any(school.source.runs.glob("*.json")) and school.last_run(school.source).phase == RunPhase.DONE


def visible(layout: Layout) -> set[str]:
    return {f"{path.parent.name}/{path.name}" for path in layout.dumps.glob("*/*") if not path.name.startswith(".")}


def test_a_receiver_killed_again_and_again_loses_and_breaks_nothing(school: SchoolServer, contexts: list[str]) -> None:
    school.back_up(code=0)
    school.last_word()
    made = whole_dumps(school.source)
    shutil.rmtree(school.store.root)
    initialise(school.store.root, UAI)

    def deliver() -> None:
        for label in made:
            target = school.store.incoming / "dumps" / label
            target.mkdir(parents=True, exist_ok=True)
            for file in ("dump", "manifest.json"):
                shutil.copyfile(school.source.dumps / label / file, target / file)

    started = time.monotonic()
    deliver()
    school.vigie("backup", "receive", str(school.store_file), code=0)
    usual = time.monotonic() - started
    assert whole_dumps(school.store) == made

    shutil.rmtree(school.store.root)
    initialise(school.store.root, UAI)
    moments = random.Random(60)
    for _ in range(6):
        deliver()
        process = school.started("backup", "receive", str(school.store_file))
        try:
            process.wait(timeout=usual * moments.uniform(0.5, 1.0))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        assert whole_dumps(school.store).items() <= made.items()
    deliver()
    school.vigie("backup", "receive", str(school.store_file), code=0)
    assert whole_dumps(school.store) == made
    assert set(by_name(school.store)) == set(contexts) | SERVER_NAMES
