"""When the queues of the centre are full, whoever can keep his messages keeps them, and what is lost is counted."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from pipeline import Pipeline

from lab.school.rsyslog import Rsyslog
from lab.waiting import wait_until
from vigie.observe.logs.impstats import Figures


@pytest.fixture(autouse=True)
def store_stopped(pipeline: Pipeline) -> None:
    """The centre has its figures, and PostgreSQL stops: everything waits."""
    wait_until(lambda: pipeline.figures(pipeline.centre).written_at > 0, what="no figures come", deadline=30)
    pipeline.supervisor.stop("postgres")


def flooded(pipeline: Pipeline, deadline: float = 60) -> Figures:
    """Send by UDP from a Windows machine until the centre has discarded some; its figures."""
    line = b"<13>poste IISWebLog\t1\t" + b"x" * 14_000
    until = time.monotonic() + deadline
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as syslog:
        syslog.bind((pipeline.station_address, 0))
        while time.monotonic() < until:
            for _ in range(100):
                syslog.sendto(line, (pipeline.address, pipeline.logs.windows_port))
            figures = pipeline.figures(pipeline.centre)
            if figures.discarded:
                return figures
    raise AssertionError(f"nothing is discarded: {figures}")


def test_datagrams_are_discarded_and_counted_and_everybody_else_waits_and_loses_nothing(pipeline: Pipeline) -> None:
    pipeline.send_numbers(1, 300)
    assert flooded(pipeline).longest.startswith("vigie_datagrams")
    pipeline.send_windows(b"<13>Nov 21 22:00:00 poste t: by TCP, later")
    pipeline.send_numbers(301, 600)
    pipeline.supervisor.start(pipeline.cluster.server())
    pipeline.wait_for_numbers(600)
    pipeline.wait_for(1, "message = ' by TCP, later'")


def changes_of_file(centre: Rsyslog, deadline: float) -> Iterator[int]:
    """How often the centre's rsyslog has changed the file of its figures so far, again and again."""
    changes, last = -1, 0
    until = time.monotonic() + deadline
    while time.monotonic() < until:
        with suppress(FileNotFoundError):
            now = centre.places.impstats.stat().st_ino
            changes, last = changes + (now != last), now
        yield changes
    raise AssertionError(f"its file was changed {changes} times in {deadline:.0f} s")


def test_a_total_never_falls_while_rsyslog_changes_the_file_of_its_figures(pipeline: Pipeline) -> None:
    a_few_moments = replace(pipeline.centre, fragment=pipeline.centre.fragment.replace('"1000000"', '"8000"'))
    pipeline.stop_centre()
    pipeline.centre.places.impstats.unlink()  # what it counted before counts no more
    a_few_moments.write()
    pipeline.supervisor.start(a_few_moments.server())
    total = flooded(pipeline).discarded
    for changes in changes_of_file(a_few_moments, deadline=60):
        figures = pipeline.figures(a_few_moments)
        assert figures.discarded >= total
        total = figures.discarded
        if changes == 5:
            break
    pipeline.supervisor.start(pipeline.cluster.server())
