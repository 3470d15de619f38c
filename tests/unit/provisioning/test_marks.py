"""Vigie's marks: what is ours is known again, what is not is never taken for ours."""

import re
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from provisioning import marks

names = st.text(min_size=1, max_size=80)


@given(names, names)
def test_a_group_uuid_has_the_form_that_zabbix_accepts(academy: str, meaning: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", marks.group_uuid(academy, meaning))


@given(names, names)
def test_a_group_is_known_by_the_academy_that_made_it_alone(academy: str, meaning: str) -> None:
    uuid = marks.group_uuid(academy, meaning)
    assert marks.is_own_group(academy, uuid)
    assert not marks.is_own_group(academy + "2", uuid)


@given(st.builds(lambda: uuid4().hex))
def test_a_group_that_a_person_made_is_not_ours(uuid: str) -> None:
    assert not marks.is_own_group("Académie", uuid)


def test_the_uuid_of_a_group_never_changes() -> None:
    assert marks.group_uuid("Académie d'essai", "9990001X") == "56696769565b435785d8204cee3f41a0"
