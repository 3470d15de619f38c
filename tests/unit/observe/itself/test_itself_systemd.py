"""What systemd says of timers and services; it may say nothing."""

import pytest
from itselfbuilder import Machine, shown, systemctl

import vigie.observe.itself.units
from vigie.observe.itself.model import ServiceState, TimerState
from vigie.observe.itself.settings import Service, Timer

KEEP = Timer("vigie-keep", 26 * 3600)


def test_a_timer_that_is_stopped_is_a_problem_before_it_is_late(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.timers.append(Timer("vigie-backup", 0))
    answer = "\\n".join(
        [
            shown("vigie-keep.timer", active="inactive"),
            shown("vigie-keep.service", active="inactive"),
            shown("vigie-backup.timer", load="not-found", active="inactive"),
        ]
    )
    systemctl(machine, monkeypatch, f"printf '{answer}'")
    seen = machine.seen()
    assert seen.manager == 1
    assert seen.timers["vigie-keep"].state == TimerState.STOPPED
    assert seen.timers["vigie-keep"].error == "vigie-keep.timer is inactive"
    assert seen.timers["vigie-backup"].error == "vigie-backup.timer is not-found"
    assert seen.counts.late == 2


def test_a_failed_run_is_told_while_the_last_success_is_young(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = shown("vigie-keep.service", active="failed", result="exit-code")
    systemctl(machine, monkeypatch, f"""printf '{shown("vigie-keep.timer")}\\n{failed}'""")
    timer = machine.seen().timers["vigie-keep"]
    assert timer.state == TimerState.ON_TIME
    assert timer.error == "the last run of vigie-keep.service failed (exit-code)"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'Failed to connect to bus' >&2; exit 1", "systemctl failed: Failed to connect to bus"),
        ("exec sleep 20", "systemd does not answer in time"),
    ],
)
def test_a_systemd_that_does_not_answer_is_an_error_and_no_verdict(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    systemctl(machine, monkeypatch, script)
    monkeypatch.setattr(vigie.observe.itself.units, "_BUS", str(machine.folder))
    machine.deadline = 0.6 if "sleep" in script else 5.0
    observation = machine.observed()
    assert observation.seen is None
    assert words in observation.error


def test_a_machine_without_the_system_bus_is_told_what_it_lacks(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemctl(machine, monkeypatch, "echo 'Failed to connect to bus: No such file or directory' >&2; exit 1")
    monkeypatch.setattr(vigie.observe.itself.units, "_BUS", str(machine.folder / "no-bus"))
    assert "install the package dbus" in machine.observed().error


def test_a_service_is_asked_by_its_unit_where_systemd_runs(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.services += [Service("a", "a.service", "", "", 0), Service("b", "b.service", "", "", 0)]
    answer = "\\n".join(
        [shown("vigie-keep.timer"), shown("a.service"), shown("b.service", active="failed", result="oom-kill")]
    )
    systemctl(machine, monkeypatch, f"printf '{answer}'")
    services = machine.seen().services
    assert services["a"].state == ServiceState.ALIVE
    assert (services["b"].state, services["b"].error) == (ServiceState.DEAD, "b.service is failed (oom-kill)")


@pytest.mark.parametrize("sub", ["auto-restart", "auto-restart-queued"])
def test_a_service_that_ends_and_is_started_again_and_again_is_dead(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, sub: str
) -> None:
    machine.services += [Service("a", "a.service", "", "", 0), Service("b", "b.service", "", "", 0)]
    answer = "\\n".join(
        [
            shown("vigie-keep.timer"),
            shown("a.service", active="activating", sub=sub, result="exit-code"),
            shown("b.service", active="activating", sub="start"),
        ]
    )
    systemctl(machine, monkeypatch, f"printf '{answer}'")
    services = machine.seen().services
    assert services["a"].state == ServiceState.DEAD
    assert services["a"].error == "a.service ended, and systemd waits to start it again (exit-code)"
    assert services["b"].state == ServiceState.ALIVE


def test_a_unit_that_is_declared_by_an_alias_is_found(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.services.append(Service("ssh", "sshd.service", "", "", 0))
    answer = "\\n".join([shown("vigie-keep.timer"), shown("ssh.service", "sshd.service")])
    systemctl(machine, monkeypatch, f"printf '{answer}'")
    assert machine.seen().services["ssh"].state == ServiceState.ALIVE


def test_a_unit_without_systemd_is_unknown_and_counted_as_not_alive(machine: Machine) -> None:
    machine.services.append(Service("a", "a.service", "", "", 0))
    seen = machine.seen()
    assert (seen.services["a"].state, seen.counts.dead) == (ServiceState.UNKNOWN, 1)
    assert "declare its port or its pid_file" in seen.services["a"].error
