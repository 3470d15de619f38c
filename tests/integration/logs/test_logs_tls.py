"""Under TLS, who cannot prove who he is brings nothing and gets nothing; what waited meanwhile arrives once he can."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from certificates import Authority
from pipeline import Pipeline, running

from lab.waiting import wait_until

NAME = "logs.vigie.example"
UNPROVEN = "certificate verify failed"


@dataclass
class Sealed:
    """A pipeline under TLS, the school's authority, and another one that gives the same names to anybody."""

    pipeline: Pipeline
    ours: Authority
    theirs: Authority

    def give(self, name: str, called: str, authority: Authority | None = None) -> None:
        """Give a machine a certificate of that name, the school's unless it says otherwise; it trusts the school's."""
        folder = self.pipeline.certificates(name)
        (authority or self.ours).give(folder, called)
        (folder / "ca.pem").write_bytes((self.ours.folder / "ca.pem").read_bytes())

    def refusals(self, name: str, words: str) -> int:
        """How often a machine's stunnel has said so of whom it refused."""
        return self.pipeline.supervisor.log_of(f"tunnel-{name}").read_text(errors="replace").count(words)


@pytest.fixture(scope="module")
def sealed(folder: Path, block: int) -> Iterator[Sealed]:
    """Everything runs, with certificates."""
    tls = {"name": NAME} | {file: str(folder / "tls" / f"{file}.pem") for file in ("ca", "certificate", "key")}
    pipeline = Pipeline(folder, block, tls=tls)
    ours, theirs = (Authority(folder / name, pipeline.account) for name in ("ours", "theirs"))
    made = Sealed(pipeline, ours, theirs)
    ours.found()
    theirs.found()
    made.give("source", "source")
    made.give("centre", NAME)
    with running(pipeline):
        yield made


@pytest.fixture(autouse=True)
def empty(sealed: Sealed) -> None:
    sealed.pipeline.sql("TRUNCATE systemevents;")


def test_messages_arrive(sealed: Sealed) -> None:
    sealed.pipeline.send_numbers(1, 300)
    sealed.pipeline.wait_for_numbers(300)


def of_foreign_authority(sealed: Sealed) -> None:
    sealed.give("source", "source", sealed.theirs)


def no_certificate(sealed: Sealed) -> None:
    tunnel = sealed.pipeline.tunnel("source")
    kept = [line for line in tunnel.read_text().splitlines() if not line.startswith(("cert =", "key ="))]
    tunnel.write_text("\n".join(kept) + "\n")


def plain_text(sealed: Sealed) -> None:
    """The source's rsyslog sends to the cable as if there were no TLS."""
    pipeline = sealed.pipeline
    text = pipeline.source.fragment
    there = f'"{pipeline.source_address}" port="2515"'
    changed = text.replace(f'"{pipeline.inner["source"]}" port="{pipeline.logs.port}"', there)
    assert changed != text
    pipeline.source = replace(pipeline.source, fragment=changed)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (of_foreign_authority, UNPROVEN),
        (no_certificate, "peer did not return a certificate"),
        (plain_text, "wrong version number"),
    ],
)
def test_a_source_that_cannot_prove_itself_is_refused_and_what_it_writes_waits(
    sealed: Sealed, wrong: Callable[[Sealed], None], words: str
) -> None:
    pipeline, before = sealed.pipeline, sealed.refusals("centre", words)
    source, tunnel = pipeline.source, pipeline.tunnel("source").read_text()
    pipeline.stop_source()
    wrong(sealed)
    pipeline.start_source()
    pipeline.send_numbers(1, 300)
    wait_until(lambda: sealed.refusals("centre", words) >= before + 2, what="it is not refused", deadline=30)
    assert pipeline.numbers() == []
    pipeline.stop_source()
    sealed.give("source", "source")
    pipeline.source = source
    pipeline.tunnel("source").write_text(tunnel)
    pipeline.start_source()
    pipeline.wait_for_numbers(300)


def of_another_name(sealed: Sealed) -> None:
    sealed.give("centre", "another.vigie.example")


def of_another_authority(sealed: Sealed) -> None:
    sealed.give("centre", NAME, sealed.theirs)


@pytest.mark.parametrize("wrong", [of_another_name, of_another_authority])
def test_a_centre_that_is_not_the_declared_one_gets_nothing_and_the_right_one_gets_all_of_it(
    sealed: Sealed, wrong: Callable[[Sealed], None]
) -> None:
    pipeline, before = sealed.pipeline, sealed.refusals("source", UNPROVEN)
    pipeline.send_numbers(1, 100)
    pipeline.wait_for_numbers(100)
    pipeline.stop_centre()
    wrong(sealed)
    pipeline.start_centre()
    pipeline.send_numbers(101, 300)
    wait_until(lambda: sealed.refusals("source", UNPROVEN) >= before + 2, what="it is not refused", deadline=30)
    assert set(pipeline.numbers()) == set(range(1, 101))
    pipeline.stop_centre()
    sealed.give("centre", NAME)
    pipeline.start_centre()  # the source is left alone: it finds out by itself
    pipeline.wait_for_numbers(300)


def test_windows_machines_are_still_heard_in_plain_text(sealed: Sealed) -> None:
    sealed.pipeline.send_windows(b"<13>Nov 21 22:00:00 poste t: from Windows")
    sealed.pipeline.wait_for(1, "message = ' from Windows'")
