"""What the ledger and PostgreSQL's answers come to; a real PostgreSQL is asked in tests/integration."""

import json
import socket
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from vigie.credentials.generations import Generation, Ledger
from vigie.observe.levels import Level, level_of
from vigie.observe.passwords import verdict
from vigie.observe.passwords.document import of_passwords
from vigie.observe.passwords.model import NO_GENERATION, Marks, SessionsSeen, StationSeen
from vigie.observe.passwords.observation import marks_of, observe_passwords, roles_seen, sessions_seen
from vigie.observe.passwords.places import Names, Places
from vigie.observe.passwords.program import document
from vigie.observe.passwords.server import LoginRole, Sessions
from vigie.observe.passwords.settings import ObservePasswords

SCHOOL = "9990001X"
NOW = 1_800_000_000
DAY = 86_400


def generation(number: int, role: str, *, since: int = NOW) -> Generation:
    return Generation(number, role, 2**48 + number, NOW - 10 * DAY, since)


def settings(tmp_path: Path, ledger: Ledger | None = None, **others: object) -> ObservePasswords:
    file = tmp_path / "ledger.json"
    if ledger is not None:
        file.write_text(ledger.to_json())
    known: dict[str, object] = {
        "school": SCHOOL,
        "ledger": str(file),
        "service": "none",
        "service_file": str(tmp_path / "pg_service.conf"),
        "roles": ["openerp_a", "openerp_b"],
        "stations": ["poste-01", "poste-02"],
        "addresses": ["10.0.0.41", "10.0.0.42"],
        "names": ["", ""],
        "max_age": 180 * DAY,
        "expiry_warning": 14 * DAY,
        "deadline": 2.0,
    }
    return ObservePasswords(**(known | others))  # type: ignore[arg-type]


ROTATED = Ledger(SCHOOL, (generation(1, "openerp_a"), generation(2, "openerp_b")))


class TestTheLedger:
    def test_marks_are_of_the_current_the_next_and_the_last_three_before(self) -> None:
        known = [generation(number, "r") for number in range(1, 6)]
        ledger = Ledger(SCHOOL, (*known, generation(6, "r", since=0)))
        assert marks_of(ledger) == Marks(2**48 + 5, 2**48 + 6, 2**48 + 4, 2**48 + 3, 2**48 + 2)

    def test_a_generation_that_does_not_exist_has_a_mark_that_no_station_can_hold(self) -> None:
        assert set(vars_of(marks_of(Ledger(SCHOOL)))) == {NO_GENERATION}

    def test_age_counts_from_when_the_password_was_made_not_from_when_it_became_current(self, tmp_path: Path) -> None:
        seen = observe_passwords(settings(tmp_path, ROTATED), clock=lambda: float(NOW)).seen
        assert seen is not None
        assert (seen.current.number, seen.current.role, seen.current.age) == (2, "openerp_b", 10 * DAY)

    def test_a_clock_that_went_back_makes_no_negative_age(self, tmp_path: Path) -> None:
        seen = observe_passwords(settings(tmp_path, ROTATED), clock=lambda: float(NOW - 50 * DAY)).seen
        assert seen is not None
        assert seen.current.age == 0


def vars_of(marks: Marks) -> list[int]:
    return [getattr(marks, name) for name in Marks.__dataclass_fields__]


class TestBlindness:
    def test_without_a_ledger_the_check_is_broken_and_says_nothing_else(self, tmp_path: Path) -> None:
        made = of_passwords(observe_passwords(settings(tmp_path)))
        assert set(made) == {"observed_at", "seconds", "error"}
        assert "there is no ledger" in made["error"]

    def test_without_postgresql_the_ledger_is_told_and_the_rest_is_left_out(self, tmp_path: Path) -> None:
        made = of_passwords(observe_passwords(settings(tmp_path, ROTATED)))
        assert made["error"] == ""
        assert made["postgres"]["reachable"] == 0
        assert made["marks"]["current"] == 2**48 + 2
        assert not {"roles", "sessions", "stations", "discovery"} & set(made)

    def test_it_ends_before_its_deadline(self, tmp_path: Path) -> None:
        (tmp_path / "pg_service.conf").write_text("[none]\nhost=192.0.2.1\n")  # an address that nobody has
        begun = time.monotonic()
        observe_passwords(settings(tmp_path, ROTATED, deadline=1.0))
        assert time.monotonic() - begun < 1.0

    def test_the_program_reads_the_settings_of_its_school(self, tmp_path: Path) -> None:
        (tmp_path / f"passwords-{SCHOOL}.json").write_text(settings(tmp_path, ROTATED).to_json())
        assert json.loads(document(str(tmp_path), SCHOOL))["current"]["number"] == 2


class TestRoles:
    KNOWN = (
        LoginRole("fine", "scram-sha-256", None),
        LoginRole("ends", "scram-sha-256", NOW + 13 * DAY),
        LoginRole("later", "scram-sha-256", NOW + 15 * DAY),
        LoginRole("ended", "scram-sha-256", NOW),
        LoginRole("old", "md5", None),
        LoginRole("plain", "other", None),
        LoginRole("socket", "none", NOW - DAY),
    )

    def test_they_are_counted_by_hash(self) -> None:
        seen = roles_seen(self.KNOWN, NOW, 14 * DAY)
        assert (seen.login, seen.scram, seen.without, seen.weak, seen.weak_names) == (7, 4, 1, 2, "old, plain")

    def test_an_expired_password_is_not_also_about_to_expire(self) -> None:
        seen = roles_seen(self.KNOWN, NOW, 14 * DAY)
        assert (seen.expiring_names, seen.expired_names) == ("ends", "ended")

    @pytest.mark.parametrize(("end", "expired"), [(None, 0), (0, 1), (-1, 1)])
    def test_the_epoch_is_a_date_and_not_for_ever(self, end: int | None, expired: int) -> None:
        assert roles_seen([LoginRole("old", "scram-sha-256", end)], NOW, DAY).expired == expired

    def test_a_role_without_a_password_has_none_to_expire(self) -> None:
        assert roles_seen([LoginRole("socket", "none", NOW - DAY)], NOW, DAY).expired == 0

    def test_names_are_shown_and_never_trusted(self) -> None:
        seen = roles_seen([LoginRole("{#DB}\n\x07\udcff" + "é" * 80, "md5", None)], NOW, 0)
        assert seen.weak_names.isprintable()
        assert "{#" not in seen.weak_names
        assert len(seen.weak_names) <= 64


class TestSessions:
    PLACES = Places({"10.0.0.41": "poste-01", "10.0.0.42": "poste-02"}, ())

    def test_sessions_of_the_previous_role_are_told_by_station_and_elsewhere(self, tmp_path: Path) -> None:
        seen, stations = sessions_seen(
            settings(tmp_path),
            ROTATED,
            [
                Sessions("openerp_b", "10.0.0.41", 3),
                Sessions("openerp_a", "10.0.0.42", 2),
                Sessions("openerp_a", "10.0.0.99", 1),
                Sessions("openerp_a", "", 1),
            ],
            self.PLACES,
        )
        assert (seen.current, seen.previous, seen.elsewhere) == (3, 4, 2)
        assert seen.elsewhere_names == "10.0.0.99, the server itself"
        assert stations == {"poste-01": StationSeen(3, 0), "poste-02": StationSeen(0, 2)}

    def test_while_a_generation_is_handed_out_both_roles_are_in_use(self, tmp_path: Path) -> None:
        ledger = Ledger(SCHOOL, (generation(1, "openerp_a"), generation(2, "openerp_b", since=0)))
        seen, _ = sessions_seen(
            settings(tmp_path),
            ledger,
            [Sessions("openerp_a", "10.9.9.9", 1), Sessions("openerp_b", "10.9.9.9", 1)],
            self.PLACES,
        )
        assert (seen.current, seen.previous) == (2, 0)

    def test_before_the_first_generation_nothing_is_previous(self, tmp_path: Path) -> None:
        seen, _ = sessions_seen(settings(tmp_path), Ledger(SCHOOL), [Sessions("openerp_a", "10.9.9.9", 1)], self.PLACES)
        assert (seen.current, seen.previous) == (1, 0)

    def test_while_a_station_has_no_address_a_strange_session_may_be_its_own(self, tmp_path: Path) -> None:
        places = Places({"10.0.0.41": "poste-01"}, ("poste-02",))
        open_now = [
            Sessions("openerp_a", "10.0.0.41", 1),
            Sessions("openerp_a", "10.0.0.42", 2),
            Sessions("openerp_a", "", 4),
        ]
        seen, stations = sessions_seen(settings(tmp_path), ROTATED, open_now, places)
        assert (seen.elsewhere, seen.elsewhere_names, seen.unplaced) == (4, "the server itself", 2)
        assert (seen.unresolved, seen.unresolved_names) == (1, "poste-02")
        assert stations["poste-01"] == StationSeen(0, 1)


class TestNames:
    """Stations that the site file declares by DNS name."""

    def test_a_station_is_known_by_the_addresses_that_its_name_has_now(self, tmp_path: Path) -> None:
        named = settings(tmp_path, addresses=["", "10.0.0.42"], names=["localhost", ""])
        places = Names(named).places(time.monotonic() + 5)
        assert (places.stations["127.0.0.1"], places.stations["10.0.0.42"]) == ("poste-01", "poste-02")
        assert places.unresolved == ()

    @pytest.mark.parametrize("name", ["nobody.invalid", "a..b", "é" * 70])
    def test_a_name_without_an_address_is_told(self, tmp_path: Path, name: str) -> None:
        named = settings(tmp_path, addresses=["", "10.0.0.42"], names=[name, ""])
        assert Names(named).places(time.monotonic() + 5) == Places({"10.0.0.42": "poste-02"}, ("poste-01",))

    def test_name_servers_that_do_not_answer_are_not_waited_for(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []
        answers = threading.Event()

        def hangs(name: str, *_: object, **__: object) -> list[object]:
            asked.append(name)
            answers.wait(20)
            return []

        monkeypatch.setattr(socket, "getaddrinfo", hangs)
        count = 50
        everybody = [f"poste-{number}" for number in range(count)]
        named = settings(tmp_path, stations=everybody, addresses=[""] * count, names=everybody)
        begun = time.monotonic()
        places = Names(named).places(begun + 0.2)
        assert time.monotonic() - begun < 2
        assert (places.stations, len(places.unresolved), len(asked)) == ({}, count, 8)
        answers.set()

    def test_the_verdict_says_what_cannot_be_told(self, tmp_path: Path) -> None:
        seen = SessionsSeen(
            current=1,
            previous=2,
            elsewhere=0,
            elsewhere_names="",
            unplaced=2,
            unresolved=1,
            unresolved_names="poste-02",
        )
        (finding,) = verdict.of_sessions(seen)
        assert finding.level is Level.WARNING
        assert "name has no address now: poste-02; 2 sessions of the previous login role may be theirs" in finding.text


class TestVerdict:
    def test_a_broken_check_is_unknown(self, tmp_path: Path) -> None:
        known = settings(tmp_path)
        assert level_of(verdict.findings(observe_passwords(known), known)) is Level.UNKNOWN

    @pytest.mark.parametrize(("max_age", "says"), [(9 * DAY, True), (11 * DAY, False)])
    def test_an_old_password_is_a_warning(self, tmp_path: Path, max_age: int, says: bool) -> None:
        known = settings(tmp_path, ROTATED, max_age=max_age)
        found = verdict.findings(observe_passwords(known, clock=lambda: float(NOW)), known)
        assert any("10 days old" in finding.text for finding in found) is says

    def test_postgresql_out_of_reach_is_a_problem(self, tmp_path: Path) -> None:
        known = settings(tmp_path, ROTATED)
        found = verdict.findings(observe_passwords(known, clock=lambda: float(NOW)), known)
        assert level_of(found) is Level.PROBLEM
        assert "PostgreSQL does not answer" in found[0].text


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    before=st.sampled_from([b"", b"{", b'{"format": 1, "school": "', b'{"format": 1, "generations": [{"role": "']),
    secret=st.text(st.characters(categories=["L", "N"]), min_size=8, max_size=30).map(lambda text: f"pw{text}é"),
    after=st.sampled_from([b"", b'"', b'"}', b'"}]}', b'", "generations": []}', b"\xff"]),
)
def test_a_password_that_somebody_put_into_the_ledger_is_never_said(
    tmp_path_factory: pytest.TempPathFactory, before: bytes, secret: str, after: bytes
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    known = settings(folder)
    Path(known.ledger).write_bytes(before + secret.encode() + after)
    (folder / f"passwords-{SCHOOL}.json").write_text(known.to_json())
    said = document(str(folder), SCHOOL).decode()
    assert json.loads(said)["error"]
    assert secret not in said
    assert json.dumps(secret)[1:-1] not in said
