"""Whole runs with real servers: what is delivered, and each exit code."""

import json
import signal
import time

import pytest
from schoolserver import SchoolServer, by_name, whole_dumps

from lab.school import shape
from lab.waiting import wait_until
from vigie.backups.catalogue import SERVER_KEYS
from vigie.backups.manifests import Outcome, RunPhase

SERVER_NAMES = set(SERVER_KEYS.values())


def delivered(school: SchoolServer) -> set[str]:
    return set(by_name(school.store)) - SERVER_NAMES


def test_a_run_delivers_every_context_with_exact_manifests_and_restorable_dumps(
    school: SchoolServer, contexts: list[str]
) -> None:
    school.make("SpecibikeTS", template="template0")
    school.cluster.sql("\n".join(shape.statements()), database="SpecibikeTS")
    try:
        done = school.back_up(code=0)
        dumps = by_name(school.store)
        assert set(dumps) == {*contexts, "SpecibikeTS"} | SERVER_NAMES
        for name in ("SpecibikeTS", *contexts):
            (manifest,) = dumps[name]
            assert (manifest.rows, manifest.tables) == school.rows(name)
        for name in ("SpecibikeTS", contexts[0]):
            (manifest,) = dumps[name]
            dump = school.store.dump_folder(manifest.key, manifest.stamp) / "dump"
            assert school.restored(dump) == (manifest.rows, manifest.tables)
        assert whole_dumps(school.source) == whole_dumps(school.store)
        assert "11 of 11 on the backup server" in done.stderr
        run = school.last_word()
        assert run.phase == RunPhase.DONE
        assert {database.outcome for database in run.databases.values()} == {Outcome.DELIVERED}
        roles = (school.store.dump_folder("_globals", dumps["(roles)"][0].stamp) / "dump").read_text()
        assert "CREATE ROLE vigie_backup" in roles
        assert "SCRAM-SHA-256" not in roles, "the passwords of roles are secrets"
    finally:
        school.drop("SpecibikeTS")


def test_a_second_run_after_a_whole_one_dumps_everything_again(school: SchoolServer, contexts: list[str]) -> None:
    school.back_up(code=0)
    first = whole_dumps(school.store)
    wait_until(lambda: not _same_second(first), what="the next second", deadline=3, every=0.05)
    school.back_up(code=0)
    assert {len(dumps) for dumps in by_name(school.store).values()} == {2}
    assert set(by_name(school.store)) == set(contexts) | SERVER_NAMES


def _same_second(dumps: dict[str, object]) -> bool:
    return any(label.endswith(time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())) for label in dumps)


def test_one_database_that_cannot_be_dumped_is_exit_1_and_the_others_are_delivered(
    school: SchoolServer, contexts: list[str]
) -> None:
    school.make("SpecibikeClosed")
    school.cluster.sql('ALTER DATABASE "SpecibikeClosed" ALLOW_CONNECTIONS false')
    try:
        done = school.back_up(code=1)
        assert "SpecibikeClosed: " in done.stderr
        assert "not currently accepting connections" in done.stderr
        assert delivered(school) == set(contexts)
        run = school.last_word()
        assert run.phase == RunPhase.PARTIAL
        assert [key for key, each in run.databases.items() if each.outcome != Outcome.DELIVERED] == ["SpecibikeClosed"]
        before = set(whole_dumps(school.source))
        school.cluster.sql('ALTER DATABASE "SpecibikeClosed" ALLOW_CONNECTIONS true')
        school.back_up(code=0)
        made = set(whole_dumps(school.source)) - before
        assert [label.split("/")[0] for label in made] == ["SpecibikeClosed"]
        assert delivered(school) == {*contexts, "SpecibikeClosed"}
    finally:
        school.drop("SpecibikeClosed")


def test_a_database_that_keeps_its_dump_waiting_is_given_up_and_the_others_are_delivered(
    school: SchoolServer, contexts: list[str]
) -> None:
    site = school.base / "impatient.yaml"
    site.write_text(school.site_text(more="      dump_timeout: 3s\n"))
    with school.held_up(contexts[0]):
        done = school.back_up(code=1, site=site)
    assert f"{contexts[0]}: pg_dump did not end within 3 s and was stopped" in done.stderr
    assert delivered(school) == set(contexts[1:])


def test_settings_in_any_encoding_are_written_down(school: SchoolServer) -> None:
    school.cluster.sql("ALTER ROLE vigie_backup SET search_path = 'élèves'")
    try:
        school.back_up(code=0)
    finally:
        school.cluster.sql("ALTER ROLE vigie_backup RESET search_path")
    (manifest,) = by_name(school.store)["(settings)"]
    settings = json.loads((school.store.dump_folder(manifest.key, manifest.stamp) / "dump").read_text())["settings"]
    assert next(each["setting"] for each in settings if each["name"] == "search_path") == '"élèves"'
    assert manifest.rows == len(settings)


def test_without_postgresql_nothing_is_done_and_that_is_exit_2(school: SchoolServer, contexts: list[str]) -> None:
    school.supervisor.stop(school.cluster.name)
    try:
        done = school.back_up(code=2)
        assert "PostgreSQL (vigie-backup) cannot be reached: " in done.stderr
        assert whole_dumps(school.source) == whole_dumps(school.store) == {}
        assert school.last_word().phase == RunPhase.FAILED
    finally:
        school.supervisor.start(school.cluster.server())
    school.back_up(code=0)
    assert delivered(school) == set(contexts)


def test_a_second_run_beside_the_first_is_exit_3_and_disturbs_nothing(
    school: SchoolServer, contexts: list[str]
) -> None:
    with school.held_up(contexts[0]):
        first = school.started("backup", "run", str(school.site_file))
        school.wait_for_event("begun", first)
        second = school.back_up(code=3)
        assert "another run is writing to this store" in second.stderr
    school.ended(first, code=0)
    assert delivered(school) == set(contexts)
    assert len(list(school.source.runs.iterdir())) == 1


def test_a_backup_server_out_of_reach_is_exit_1_and_the_next_run_delivers_without_dumping_again(
    school: SchoolServer, contexts: list[str]
) -> None:
    school.stop_rsyncd()
    try:
        done = school.back_up(code=1)
    finally:
        school.start_rsyncd()
    said = [line for line in done.stderr.splitlines() if "not delivered" in line]
    assert len(said) == 1, done.stderr
    assert "Connection refused" in said[0]
    made = whole_dumps(school.source)
    assert len(made) == len(contexts) + 2
    assert whole_dumps(school.store) == {}

    school.back_up(code=0)
    assert whole_dumps(school.source) == whole_dumps(school.store) == made


def test_a_stopped_run_says_so_to_both_ends(school: SchoolServer, contexts: list[str]) -> None:
    with school.held_up(contexts[-1]):
        process = school.started("backup", "run", str(school.site_file))
        school.wait_for_event("published", process)
        process.send_signal(signal.SIGTERM)
        done = school.ended(process, code=1)
    assert "the run was stopped" in done.stderr

    far = school.last_word()
    assert far.error == "the run was stopped"
    assert far.databases == school.last_run(school.source).databases
    made = whole_dumps(school.source)
    assert 0 < len(made) < len(contexts) + 2
    school.back_up(code=0)
    assert set(made) <= set(whole_dumps(school.source))
    assert {len(dumps) for dumps in by_name(school.source).values()} == {1}


@pytest.mark.parametrize("command", ["keep", "recheck", "list", "reindex", "receive"])
def test_a_store_that_is_not_there_is_one_sentence(school: SchoolServer, command: str) -> None:
    school.store.root.rename(school.base / "away")
    try:
        done = school.vigie("backup", command, str(school.store_file), code=2)
    finally:
        (school.base / "away").rename(school.store.root)
    assert done.stderr.count("\n") == 1
    assert str(school.store.root) in done.stderr
