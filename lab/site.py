"""The lab's site file: examples/lab.yaml with the lab's own addresses, directories and shorter times."""

import io
from pathlib import Path

from ruamel.yaml import YAML

from lab.places import DEFAULT_BLOCK, Places
from vigie.errors import VigieError
from vigie.paths import room
from vigie.site import School, Site, load

_EXAMPLE_ROOT = "/var/lib/vigie-lab"
# A killed run is called interrupted after this silence; a quarter of an hour in production.
SILENT_AFTER = "20s"
# The lab shares its machine with whatever else runs there: that it is busy is no problem of the school's.
_EVERY_HOST = {
    "{$LOAD_AVG_PER_CPU.MAX.WARN}": "100",
    "{$CPU.UTIL.CRIT}": "101",
    "{$MEMORY.UTIL.MAX}": "101",
    "{$VFS.DEV.READ.AWAIT.WARN}": "60000",
    "{$VFS.DEV.WRITE.AWAIT.WARN}": "60000",
    "{$AGENT.TIMEOUT}": "30s",
    # Its network cards are not the school's either; virtual ones have no speed that could be read.
    "{$NET.IF.IFNAME.MATCHES}": "^none of them$",
}
# Times of the template, shorter than in production. Zabbix needs up to 75 s to say that an agent is down: only later
# is its silence a problem of its own.
_BACKUP_HOST = {
    "{$VIGIE.BACKUP.INTERVAL}": "5s",
    "{$VIGIE.BACKUP.PERIOD}": "15s",
    "{$VIGIE.BACKUP.STRAYS.PERIOD}": "15s",
    "{$VIGIE.BACKUP.RECHECK.MAX}": "45s",
    "{$VIGIE.BACKUP.NODATA}": "100s",
}


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
    for host in school["hosts"]:
        macros = host.setdefault("macros", {})
        macros.update(_EVERY_HOST)
        if host["name"] == school["backup"]["store"]:
            macros.update(_BACKUP_HOST)
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
