"""The lines of the service tree: each subject has one, its own or that of its target."""

import re

from provisioning.objects.services import lines_of
from provisioning.shipped import shipped_templates
from provisioning.subjects import SUBJECTS
from vigie import site as sites
from vigie.paths import room


def test_every_subject_has_a_line_by_its_target() -> None:
    named = {subject.target for subject in SUBJECTS if subject.service}
    assert {subject.target for subject in SUBJECTS} <= named


def test_a_target_has_one_name_and_a_name_one_target() -> None:
    pairs = {(subject.target, subject.service) for subject in SUBJECTS if subject.service}
    assert len({target for target, _ in pairs}) == len({name for _, name in pairs}) == len(pairs)


def test_the_target_of_a_subject_is_that_of_its_template() -> None:
    """Problems find their line by the tag `target` that the template gives them."""
    sources = {template.name: template.source for template in shipped_templates()}
    for subject in SUBJECTS:
        assert re.search(rf"- tag: target\n +value: {subject.target}\n", sources[subject.template]), subject.template


def test_a_school_has_the_lines_of_what_it_has() -> None:
    site = sites.load(room("examples") / "academy.yaml")
    whole, small = lines_of(site.schools[0]), lines_of(site.schools[1])
    assert set(small) < set(whole)
    assert whole["backup"] == "Sauvegardes"
