"""DRBD 8.4 and 9 from documents of their formats (documents/README.md): test machines have no kernel module for it."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from vigie.observe.drbd import eight, nine, verdict
from vigie.observe.drbd.document import of_drbd
from vigie.observe.drbd.judge import judged
from vigie.observe.drbd.model import DrbdObservation, ResourceSeen, ResourceState
from vigie.observe.drbd.nine import FormatError
from vigie.observe.drbd.observation import observe_drbd
from vigie.observe.drbd.settings import ObserveDrbd
from vigie.observe.levels import Level, level_of

DOCUMENTS = Path(__file__).parent / "documents"
# The two lines of /proc/drbd when the module is that of DRBD 9.
NINE = "version: 9.2.8 (api:2/proto:86-122)\nGIT-hash: 0000000000000000000000000000000000000000 reproducible build\n"

STATES = {
    "synced": ResourceState.SYNCED,
    "resync-source": ResourceState.RESYNCING,
    "resync-target": ResourceState.RESYNCING,
    "connecting": ResourceState.DISCONNECTED,
    "standalone": ResourceState.STANDALONE,
    "two-primaries": ResourceState.TWO_PRIMARIES,
    "diskless": ResourceState.DEGRADED,
    "outdated": ResourceState.DEGRADED,
    "peer-failed": ResourceState.DEGRADED,
    "verified-differs": ResourceState.SYNCED,
}
NINE_ALONE = {
    "no-quorum": ResourceState.NO_QUORUM,
    "resync-failed": ResourceState.DEGRADED,
    "suspended": ResourceState.SYNCED,
}


@pytest.mark.parametrize(("name", "state"), [*STATES.items(), *NINE_ALONE.items()])
def test_each_state_of_drbd_9_is_told_apart(name: str, state: ResourceState) -> None:
    (resource,) = nine.resources((DOCUMENTS / f"nine-{name}.json").read_text())
    assert judged(resource).state == state


@pytest.mark.parametrize(("name", "state"), [*STATES.items(), ("suspended", ResourceState.DISCONNECTED)])
def test_each_state_of_drbd_8_4_is_told_apart(name: str, state: ResourceState) -> None:
    (resource,) = eight.resources((DOCUMENTS / f"eight-{name}.txt").read_text(), {0: "backups"})
    seen = judged(resource)
    assert (seen.name, seen.state) == ("backups", state)
    assert seen.suspended == (name == "suspended")


@pytest.mark.parametrize("name", sorted(STATES))
def test_both_releases_say_the_same_of_the_same_thing(name: str) -> None:
    (new,) = nine.resources((DOCUMENTS / f"nine-{name}.json").read_text())
    (old,) = eight.resources((DOCUMENTS / f"eight-{name}.txt").read_text(), {0: "backups"})
    first, second = judged(new), judged(old)
    assert (first.role, first.disk, first.peer_disk) == (second.role, second.disk, second.peer_disk)
    assert (first.out_of_sync, first.verify_bytes) == (second.out_of_sync, second.verify_bytes)


def test_sizes_are_bytes_and_progress_is_percent() -> None:
    (resource,) = nine.resources((DOCUMENTS / "nine-resync-source.json").read_text())
    seen = judged(resource)
    assert (seen.out_of_sync, seen.in_sync, seen.verify_bytes) == (425_820_160 * 1024, 18.78, 0)
    (resource,) = eight.resources((DOCUMENTS / "eight-resync-source.txt").read_text(), {})
    assert judged(resource).in_sync == 18.8


def test_blocks_that_differ_in_a_synchronised_resource_are_those_that_a_verification_found() -> None:
    (resource,) = nine.resources((DOCUMENTS / "nine-verified-differs.json").read_text())
    assert judged(resource).verify_bytes == 128 * 1024


def test_the_volumes_of_one_resource_are_one_and_an_unconfigured_device_is_none() -> None:
    text = (DOCUMENTS / "eight-two-volumes.txt").read_text()
    (resource,) = eight.resources(text, {0: "backups", 1: "backups"})
    assert judged(resource).state == ResourceState.DISCONNECTED
    assert [each.name for each in eight.resources(text, {})] == ["drbd0", "drbd1"]


def two_volumes(devices: dict[str, Any], peer: dict[str, Any]) -> ResourceSeen:
    """A resource whose first volume is being synchronised, with a second one."""
    (row,) = json.loads((DOCUMENTS / "nine-resync-target.json").read_text())
    row["devices"].append(row["devices"][0] | {"volume": 1, "disk-state": "UpToDate"} | devices)
    links = row["connections"][0]["peer_devices"]
    links.append(links[0] | {"volume": 1, "replication-state": "Established", "peer-disk-state": "UpToDate"} | peer)
    return judged(nine.resources(json.dumps([row]))[0])


@pytest.mark.parametrize("disk", ["Failed", "Diskless", "Detaching", "Invented"])
def test_a_failed_disk_does_not_hide_behind_the_resynchronisation_of_another(disk: str) -> None:
    assert two_volumes({}, {}).state == ResourceState.RESYNCING
    here, there = two_volumes({"disk-state": disk}, {}), two_volumes({}, {"peer-disk-state": disk})
    assert (here.state, here.disk) == (ResourceState.DEGRADED, disk)
    assert (there.state, there.peer_disk) == (ResourceState.DEGRADED, disk)


@pytest.mark.parametrize("disk", ["Inconsistent", "Outdated", "Attaching", "Negotiating", "Consistent"])
def test_a_disk_that_waits_for_its_turn_to_be_synchronised_is_no_failure(disk: str) -> None:
    for seen in (two_volumes({"disk-state": disk}, {}), two_volumes({}, {"peer-disk-state": disk})):
        assert seen.state == ResourceState.RESYNCING


def test_suspended_io_is_a_problem_of_its_own_beside_a_lost_quorum(settings: ObserveDrbd) -> None:
    """Everything is connected and up to date, and nobody can read or write."""
    for name, words in (("suspended", "I/O is suspended"), ("no-quorum", "lost the quorum")):
        known = changed(settings, command=["cat", str(DOCUMENTS / f"nine-{name}.json")])
        seen = observed(known)
        assert seen.seen is not None
        assert seen.seen.resources["backups"].suspended == 1
        (finding,) = verdict.findings(seen, known)
        assert finding.level == Level.PROBLEM
        assert words in finding.text


def test_a_peer_without_disk_by_intention_is_no_failure() -> None:
    rows = json.loads((DOCUMENTS / "nine-synced.json").read_text())
    rows[0]["connections"][0]["peer_devices"][0] |= {"peer-disk-state": "Diskless", "peer-client": True}
    assert judged(nine.resources(json.dumps(rows))[0]).state == ResourceState.SYNCED


@pytest.mark.parametrize("text", ["", "{", "[1]", "[{}]", '[{"name": "r0"}]', "null", "[" * 100_000])
def test_what_is_not_drbd_9_s_status_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        nine.resources(text)


def test_a_device_that_is_not_as_8_4_writes_it_is_refused() -> None:
    with pytest.raises(FormatError, match="device 0"):
        eight.resources(" 0: cs:Connected st:Primary/Secondary\n", {})


@pytest.fixture
def settings(tmp_path: Path) -> ObserveDrbd:
    (tmp_path / "proc").write_text(NINE)
    (tmp_path / "by-res/backups").mkdir(parents=True)
    (tmp_path / "by-res/backups/0").symlink_to("../../../drbd0")
    return ObserveDrbd(
        school="9990001X",
        resources=["backups"],
        command=["cat", str(DOCUMENTS / "nine-synced.json")],
        proc=str(tmp_path / "proc"),
        by_resource=str(tmp_path / "by-res"),
        deadline=2.0,
    )


def changed(settings: ObserveDrbd, **changes: object) -> ObserveDrbd:
    from dataclasses import replace

    return replace(settings, **changes)  # type: ignore[arg-type]


def observed(settings: ObserveDrbd) -> DrbdObservation:
    return observe_drbd(settings, clock=lambda: 1000.0)


def test_drbd_9_is_asked_and_8_4_is_read(settings: ObserveDrbd) -> None:
    seen = observed(settings).seen
    assert seen is not None
    assert (seen.release, list(seen.resources)) == ("9.2.8", ["backups"])
    Path(settings.proc).write_text((DOCUMENTS / "eight-standalone.txt").read_text())
    seen = observed(changed(settings, command=["false"])).seen
    assert seen is not None
    assert (seen.release, seen.resources["backups"].state) == ("8.4.11", ResourceState.STANDALONE)


def test_a_declared_resource_that_is_not_there_is_missing(settings: ObserveDrbd) -> None:
    seen = observed(changed(settings, resources=["backups", "mail"])).seen
    assert seen is not None
    assert (seen.counts.missing, seen.counts.missing_names, seen.counts.seen) == (1, "mail", 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"proc": "/nowhere/drbd"}, "module is not loaded"),
        ({"command": ["/nowhere/drbdsetup"]}, "cannot be run: No such file"),
        ({"command": []}, "cannot be run"),
        ({"command": ["sh", "-c", "echo sudo: a password is required >&2; exit 1"]}, "a password is required"),
        ({"command": ["echo", "no JSON"]}, "something else than its status"),
    ],
)
def test_what_cannot_be_seen_is_one_sentence_and_nothing_else(
    settings: ObserveDrbd, changes: dict[str, object], reason: str
) -> None:
    document = of_drbd(observed(changed(settings, **changes)))
    assert set(document) == {"observed_at", "seconds", "error"}
    assert reason in document["error"]
    assert "\n" not in document["error"]


def test_a_command_that_hangs_is_cut_off(settings: ObserveDrbd) -> None:
    begun = time.monotonic()
    observation = observed(changed(settings, command=["sleep", "60"], deadline=0.2))
    assert "cut off after 0.2 s" in observation.error
    assert time.monotonic() - begun < 5


def test_a_command_that_hangs_may_end_what_it_started_and_one_that_will_not_end_is_killed(
    settings: ObserveDrbd, tmp_path: Path
) -> None:
    """As sudo does, which passes SIGTERM on to root's command; killed at once it would leave that one behind."""
    polite, stubborn = tmp_path / "polite", tmp_path / "stubborn"
    script = f"trap 'kill $!; echo ended > {polite}; exit 1' TERM; sleep 60 & wait"
    assert "cut off" in observed(changed(settings, command=["sh", "-c", script])).error
    assert polite.read_text() == "ended\n"
    script = f"trap '' TERM; echo $$ > {stubborn}; exec sleep 60"
    assert "cut off" in observed(changed(settings, command=["sh", "-c", script], deadline=0.5)).error
    assert not Path(f"/proc/{int(stubborn.read_text())}").exists()


def test_the_document_has_one_object_per_resource_by_a_safe_key(settings: ObserveDrbd) -> None:
    rows = json.loads((DOCUMENTS / "nine-synced.json").read_text())
    rows[0]["name"] = "r0.{#X}'"
    document = of_drbd(observed(changed(settings, command=["echo", json.dumps(rows)])))
    (key,) = document["resources"]
    assert key.replace("_", "").replace("-", "").isalnum()
    assert document["discovery"][0]["{#KEY}"] == key
    assert set(document) == {"observed_at", "seconds", "error", "release", "counts", "resources", "discovery"}


@pytest.mark.parametrize(
    ("name", "level"),
    [("synced", Level.WELL), ("resync-source", Level.WARNING), ("standalone", Level.PROBLEM)],
)
def test_the_verdict_for_people_is_the_one_of_the_triggers(settings: ObserveDrbd, name: str, level: Level) -> None:
    known = changed(settings, command=["cat", str(DOCUMENTS / f"nine-{name}.json")])
    assert level_of(verdict.findings(observed(known), known)) == level
