"""A disk without room: refused before anything is touched, or stopped without harm while running."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from schoolserver import SchoolServer, as_root, by_name, whole_dumps

from vigie.backups.catalogue import SERVER_KEYS, Layout

SERVER_NAMES = set(SERVER_KEYS.values())
MIB = 1 << 20


@pytest.fixture
def disk(school: SchoolServer) -> Iterator[Callable[[int], Path]]:
    """Makes a small disk of so many bytes, and the site file whose sender's store is on it."""
    mounted: list[Path] = []

    def made(size: int) -> Path:
        place = school.base / "disk"
        place.mkdir(exist_ok=True)
        owner = f"uid={os.getuid()},gid={os.getgid()}"
        done = as_root("mount", "-t", "tmpfs", "-o", f"size={size},mode=0755,{owner}", "vigie-test", str(place))
        assert done.returncode == 0, done.stderr
        mounted.append(place)
        site = school.base / "small.yaml"
        site.write_text(school.site_text(directory=place / "source", more="      jobs: 1\n"))
        return place

    yield made
    for place in mounted:
        as_root("umount", "--lazy", str(place))


def test_not_enough_room_is_said_before_anything_is_touched(school: SchoolServer, disk: Callable[[int], Path]) -> None:
    place = disk(8 * MIB)
    done = school.back_up(code=2, site=school.base / "small.yaml")
    assert f"not enough room in {place}/source: this run may need " in done.stderr
    assert whole_dumps(Layout(place / "source")) == whole_dumps(school.store) == {}
    assert list((place / "source/dumps").iterdir()) == []


def test_room_that_runs_out_while_running_publishes_nothing_half(
    school: SchoolServer, contexts: list[str], disk: Callable[[int], Path]
) -> None:
    place = disk(48 * MIB)
    source = Layout(place / "source")
    filler = place / "filler"
    with school.held_up(contexts[0]):
        process = school.started("backup", "run", str(school.base / "small.yaml"))
        school.wait_for_event("published", process, source)
        fill(filler)
    done = school.ended(process, code=1)
    assert "No space left on device" in done.stderr or "not dumped: " in done.stderr
    made = whole_dumps(source)
    assert 0 < len(made) < len(contexts) + 2
    assert whole_dumps(school.store).items() <= made.items()

    filler.unlink()
    school.back_up(code=0, site=school.base / "small.yaml")
    assert set(by_name(school.store)) == set(contexts) | SERVER_NAMES
    assert made.items() <= whole_dumps(source).items()
    assert {len(dumps) for dumps in by_name(source).values()} == {1}


def fill(file: Path) -> None:
    """Take all the room that is left."""
    with file.open("wb") as stream, suppress(OSError):
        while True:
            os.write(stream.fileno(), b"\0" * 65536)
