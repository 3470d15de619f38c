"""The lab's site file: examples/lab.yaml with the lab's own addresses, directories and shorter times."""

import io
from pathlib import Path

from ruamel.yaml import YAML

from lab.fast import EVERY_HOST, FAST
from lab.places import DEFAULT_BLOCK, Places
from provisioning.roles import templates_for
from vigie.errors import VigieError
from vigie.paths import room
from vigie.site import School, Site, load

_EXAMPLE_ROOT = "/var/lib/vigie-lab"
# A killed run is called interrupted after this silence; a quarter of an hour in production.
SILENT_AFTER = "20s"


def write(places: Places) -> None:
    """Write the lab's site file, from the example, whole or not at all.

    Raises:
        VigieError: when the example is not there.
    """
    example = room("examples") / "lab.yaml"
    try:
        text = example.read_text(encoding="utf-8")
    except OSError as error:
        raise VigieError(f"{example}: cannot be read: {error.strerror}") from error
    # The backup server's dumps stand on the lab's small disk.
    text = text.replace(f"{_EXAMPLE_ROOT}/store", str(places.store))
    text = text.replace(_EXAMPLE_ROOT, str(places.root))
    text = text.replace(f"127.0.{DEFAULT_BLOCK}.", f"127.0.{places.block}.")
    yaml = YAML(typ="rt")
    document = yaml.load(text)
    school = document["schools"][0]
    school["backup"]["observation"]["silent_after"] = SILENT_AFTER
    described = load(example).schools[0]
    for host in school["hosts"]:
        macros = host.setdefault("macros", {})
        macros.update(EVERY_HOST)
        for template in templates_for(described, described.host(host["name"])):
            macros.update(FAST.get(template, {}))
    stream = io.StringIO()
    yaml.dump(document, stream)
    partial = places.site.with_suffix(".partial")
    partial.write_text(stream.getvalue(), encoding="utf-8")
    partial.chmod(0o644)
    partial.rename(places.site)


def read(places: Places) -> tuple[Site, School]:
    """The lab's site file and its one school."""
    site = load(places.site)
    return site, site.school(None)


def checkout() -> Path:
    """The checkout that the lab runs from."""
    return Path(__file__).resolve().parent.parent
