"""The units of systemd that a host gets, and when they run."""

import re
import shutil
import subprocess
from datetime import UTC, datetime, time, timedelta
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

import pytest
from hostrendering import TODAY, rendered
from hypothesis import given
from hypothesis import strategies as st

from provisioning.hostfiles.nights import shortest_night, time_allowed
from provisioning.hostfiles.places import Places
from vigie.errors import VigieError
from vigie.site import Window

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")


@pytest.fixture
def installed(tmp_path: Path) -> Places:
    """A prefix where programs stand: systemd's own checker wants every command to exist."""
    programs = tmp_path / "opt/vigie/bin"
    programs.mkdir(parents=True)
    for name in ("vigie", "python"):
        shutil.copy("/bin/true", programs / name)
    return Places(PurePosixPath(tmp_path / "opt/vigie"), PurePosixPath(tmp_path / "etc/vigie"))


@pytest.mark.parametrize(
    ("name", "host", "uai"),
    [
        ("lab.yaml", "srv-backup", None),
        ("lab.yaml", "srv-openerp", None),
        ("lab.yaml", "srv-logs", None),
        ("academy.yaml", "srv-backup", "9990011H"),
        ("academy.yaml", "srv-openerp", "9990011H"),
        ("academy.yaml", "srv-openerp", "9990010G"),
    ],
)
def test_systemd_finds_nothing_to_say_about_the_units(
    tmp_path: Path, installed: Places, name: str, host: str, uai: str | None
) -> None:
    units = {n: f for n, f in rendered(name, host, uai, installed).items() if n.endswith((".service", ".timer"))}
    folder = tmp_path / "units"
    folder.mkdir()
    for unit, file in units.items():
        (folder / unit).write_text(file.text)
    command = ["systemd-analyze", "verify", "--man=no", *(str(folder / unit) for unit in sorted(units))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_does_speak_when_a_unit_is_wrong(tmp_path: Path, installed: Places) -> None:
    text = rendered("lab.yaml", "srv-openerp", None, installed)["vigie-backup.service"].text
    (tmp_path / "vigie-backup.service").write_text(text.replace("ProtectHome=", "ProtectHouse="))
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "vigie-backup.service")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "Unknown key" in done.stderr


def test_timers_follow_the_window_in_the_time_zone_of_the_school() -> None:
    nightly = rendered("academy.yaml", "srv-openerp", "9990011H")["vigie-backup.timer"].text
    assert "OnCalendar=*-*-* 00:30:00 Indian/Reunion" in nightly
    assert "Persistent=true" in nightly
    keep = rendered("academy.yaml", "srv-backup", "9990010G")["vigie-keep.timer"].text
    assert "OnCalendar=*-*-* 04:00:00 Europe/Paris" in keep
    for text in (nightly, keep):
        when = re.search(r"OnCalendar=(.*)", text)
        assert when
        subprocess.run(["systemd-analyze", "calendar", when[1]], check=True, timeout=30, capture_output=True)


def test_the_nightly_run_is_hardened_and_ends_before_its_window() -> None:
    text = rendered("lab.yaml", "srv-openerp")["vigie-backup.service"].text
    for line in (
        "User=vigie",
        "NoNewPrivileges=true",
        "ProtectSystem=strict",
        "ReadWritePaths=/var/lib/vigie-lab/backups",
        "PrivateTmp=true",
        "CapabilityBoundingSet=",
        "UMask=0027",
        "IOSchedulingClass=idle",
        # 00:30 to 05:00 is 3 h 30 min in the night of spring, five minutes less.
        f"TimeoutStartSec={12_600 - 300}",
        "ExecStart=/opt/vigie/bin/vigie backup run /etc/vigie/site.yaml --school 9990001X",
    ):
        assert line in text.splitlines()


@pytest.mark.parametrize(
    ("start", "end", "zone", "seconds"),
    [
        (time(0, 30), time(5), PARIS, 12_600),
        (time(0, 30), time(5), REUNION, 16_200),
        (time(22), time(4), PARIS, 18_000),
        (time(4), time(6), PARIS, 7_200),
        (time(23), time(0), PARIS, 3_600),
    ],
)
def test_the_shortest_night_is_that_of_spring(start: time, end: time, zone: ZoneInfo, seconds: int) -> None:
    assert shortest_night(Window(start=start, end=end), zone, TODAY) == seconds


minutes = st.integers(0, 24 * 60 - 1).map(lambda count: time(count // 60, count % 60))


@given(minutes, minutes, st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Cayenne", "Pacific/Noumea"]))
def test_a_run_started_with_the_window_is_always_stopped_before_its_end(start: time, end: time, zone_name: str) -> None:
    if start == end:
        return
    zone, window = ZoneInfo(zone_name), Window(start=start, end=end)
    allowed = time_allowed(window, zone, TODAY)
    assert allowed > 0
    for number in range(0, 400, 1):
        night = TODAY + timedelta(days=number)
        begun = datetime.combine(night, start, zone).astimezone(UTC)
        over = datetime.combine(night + timedelta(days=end < start), end, zone).astimezone(UTC)
        if over - begun >= timedelta(minutes=1):  # the hour that spring skips is no window
            assert begun + timedelta(seconds=allowed) <= over


@pytest.mark.parametrize("path", ["opt", "/opt/a b", "/opt/%n", "/opt/../etc", "/opt/$HOME", "/", "", "/opt/\n"])
def test_a_prefix_that_would_mean_something_to_systemd_is_refused(path: str) -> None:
    with pytest.raises(VigieError, match="must be an absolute path"):
        Places(PurePosixPath(path), PurePosixPath("/etc/vigie"))
