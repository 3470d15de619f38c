"""The files of the examples' hosts, as the tests ask for them."""

from datetime import date
from pathlib import Path

from provisioning.hostfiles.places import HostFile, Places
from provisioning.hostfiles.render import files_for
from provisioning.subjects import Order
from vigie import site as sites

EXAMPLES = Path(__file__).parents[3] / "examples"
TODAY = date(2026, 11, 21)


def rendered(name: str, host: str, uai: str | None = None, places: Places | None = None) -> dict[str, HostFile]:
    site = sites.load(EXAMPLES / name)
    school = site.school(uai)
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    files = files_for(Order(site, school, school.host(host), text, places or Places(), TODAY))
    return {file.name: file for file in files}
