"""The school when nothing is broken."""

from lab.watched import Watched
from lab.whole import Lab


def test_every_item_is_supported(watched: Watched) -> None:
    assert watched.unsupported() == []


def test_a_sound_school_has_no_problem(watched: Watched) -> None:
    assert watched.problems() == []


def test_the_monitoring_user_reads_manifests_and_never_dumps(lab: Lab) -> None:
    dump = next(lab.places.store.glob("dumps/SpecibikeMartin/*/dump"))
    observer = lab.machines.observer
    assert observer.run(["head", "-c", "1", str(dump.with_name("manifest.json"))], timeout=10).stdout == "{"
    if not observer.is_current and observer.uid != lab.account.uid:
        assert observer.run(["head", "-c", "1", str(dump)], timeout=10, check=False).returncode != 0


def test_starting_a_lab_that_runs_starts_nothing(lab: Lab) -> None:
    before = lab.status()
    lab.up(lambda _: None)
    assert lab.status() == before
