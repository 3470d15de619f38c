"""The documents name commands, files, units and fields that exist, and leave none of the site file's fields out."""

import re
import shlex
from collections.abc import Iterator
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

from provisioning.hostfiles.places import Places
from provisioning.hostfiles.render import files_for
from provisioning.subjects import Order
from vigie import site as sites
from vigie.cli import site_app
from vigie.site.types import Part

ROOT = Path(__file__).parents[2]
INSTALL = (ROOT / "docs/install.md").read_text(encoding="utf-8")
SITE_FILE = (ROOT / "docs/site-file.md").read_text(encoding="utf-8")


def _commands(text: str) -> Iterator[str]:
    """Each line of the shell blocks, and what stands between backquotes in the text, that calls vigie."""
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        yield from (line for line in block.splitlines() if re.search(r"(^|-- )vigie ", line))
    yield from (code for code in _quoted(text) if re.match(r"(runuser .* )?vigie [a-z]", code))


def _quoted(text: str) -> list[str]:
    """What stands between backquotes, blocks apart."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def _group(name: str) -> typer.Typer:
    if name == "site":
        return site_app
    if name == "check":
        from vigie.check.command import app

        return app
    found: typer.Typer = entry_points(group="vigie.commands")[name].load()
    return found


@pytest.mark.parametrize("line", sorted({*_commands(INSTALL), *_commands(SITE_FILE)}))
def test_each_command_of_the_documents_exists_with_its_options(line: str) -> None:
    words = shlex.split(re.split(r"(?:^|-- )vigie ", line.split(" > ", maxsplit=1)[0])[1])
    commands = typer.main.get_group(_group(words[0])).commands
    if len(words) == 1:
        return
    command = commands[words[1]]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words[2:] if word.startswith("--")} <= known


def test_there_are_commands_to_check() -> None:
    assert len(set(_commands(INSTALL))) > 8


def _site_fields(model: type[BaseModel] = sites.Site) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for part in _parts(field.annotation):
            yield from _site_fields(part)


def _parts(annotation: object) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _parts(inner)


def test_every_field_of_the_site_file_is_described() -> None:
    described = set(re.findall(r"[a-z][a-z0-9_]*", " ".join(_quoted(SITE_FILE))))
    assert set(_site_fields()) - described - {"version"} == set()


def test_every_role_and_kind_is_described() -> None:
    for role in sites.Role:
        assert f"`{role}`" in SITE_FILE


def test_the_units_that_are_enabled_are_rendered_and_each_timer_is_enabled() -> None:
    site = sites.load(ROOT / "examples/lab.yaml")
    school = site.schools[0]
    rendered = {
        file.name
        for host in school.hosts
        for file in files_for(Order(site, school, host, "", Places(), date(2026, 11, 21)))
        if str(file.destination).startswith("/etc/systemd")
    }
    enabled = set(re.findall(r"vigie-[a-z-]+\.(?:service|timer)", INSTALL))
    assert enabled <= rendered
    assert {name for name in rendered if name.endswith(".timer")} <= enabled


@pytest.mark.parametrize("text", [INSTALL, SITE_FILE])
def test_the_files_of_the_repository_that_are_named_exist(text: str) -> None:
    named = set(re.findall(r"\b((?:templates|examples)/[\w./-]+\.yaml)", text))
    assert named
    for name in named:
        assert (ROOT / name).is_file(), name
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (ROOT / "docs" / link).is_file(), link


def test_the_defaults_of_the_paths_in_the_document_are_those_of_the_site_file() -> None:
    backup = sites.Backup.model_fields
    for field in ("directory", "store_directory", "service_file"):
        assert str(backup[field].default) in INSTALL
    for model in (sites.RsyncTransfer, sites.SshTransfer, sites.Observation):
        for name, field in model.model_fields.items():
            if name.endswith("_file"):
                assert str(field.default) in INSTALL
