"""The retention over several nights, with real runs: the nights are brought about by the lab's other clock."""

import json
import sys

from schoolserver import SchoolServer, by_name

DAY = 86_400


def night(school: SchoolServer, days_ago: int) -> None:
    program = [sys.executable, "-m", "lab.elsewhen", str(-days_ago * DAY)]
    process = school.started("backup", "run", str(school.site_file), program=program)
    school.ended(process, code=0)


def keep(school: SchoolServer, *options: str) -> list[str]:
    done = school.vigie("backup", "keep", *options, str(school.store_file), code=0)
    return [line for line in done.stdout.splitlines() if "remove" in line and "SpecibikeElev" in line]


def test_nights_are_kept_by_the_policy_and_each_removal_is_explained(school: SchoolServer, contexts: list[str]) -> None:
    school.make("SpecibikeGone")
    try:
        night(school, 9)
        night(school, 8)
        night(school, 4)
        assert keep(school) == []
        assert {len(dumps) for dumps in by_name(school.store).values()} == {3}
    finally:
        school.drop("SpecibikeGone")
    night(school, 0)

    would = keep(school, "--dry-run")
    assert {len(dumps) for name, dumps in by_name(school.store).items() if name != "SpecibikeGone"} == {4}
    assert len(would) == len(contexts)
    assert all(line.startswith("would remove ") and "beyond 3 days, 0 weeks and 0 months" in line for line in would)

    removed = keep(school)
    assert removed == [line.replace("would remove ", "removed ") for line in would]
    dumps = by_name(school.store)
    assert {name: len(kept) for name, kept in dumps.items()} == dict.fromkeys(dumps, 3)
    # It was gone less than its period after its last dump: 4 days of 5.
    assert "SpecibikeGone" in dumps
    events = [json.loads(line) for line in (school.store.journal / "keep.jsonl").read_text().splitlines()]
    explained = {(event["key"], event["stamp"]) for event in events if event["event"] == "remove" and event["why"]}
    assert len(explained) == len(contexts) + 2  # the roles and the settings too

    later = [sys.executable, "-m", "lab.elsewhen", str(1.1 * DAY)]
    school.ended(school.started("backup", "keep", str(school.store_file), program=later), code=0)
    assert "SpecibikeGone" not in by_name(school.store)
    assert len(by_name(school.store)) == len(contexts) + 2

    # The sender keeps less: its own policy, applied by each run.
    assert {len(kept) for name, kept in by_name(school.source).items() if name != "SpecibikeGone"} == {2}
