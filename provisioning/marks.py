"""How Vigie knows its own objects again in Zabbix: only what bears a mark is ever removed.

- hosts bear the tags `vigie: managed` and `academy`, so that two site files on one Zabbix leave each other alone;
- host groups bear a UUID of Vigie's own form, made from the academy and from what the group stands for: a school that
  changes its name keeps its group, and a group that a person made is never taken for one of ours;
- host macros and proxies bear a description that begins with `Vigie:`;
- templates are known by the UUID in their file; they are never removed, for other site files may use them.
"""

import hashlib

MANAGED_TAG = "vigie"
MANAGED_VALUE = "managed"
ACADEMY_TAG = "academy"
SCHOOL_TAG = "school"
ROLE_TAG = "role"
OWN_TAGS = frozenset({MANAGED_TAG, ACADEMY_TAG, SCHOOL_TAG, ROLE_TAG})

DESCRIPTION = "Vigie:"

_UUID_HEAD = "56696769"  # "Vigi"


def group_uuid(academy: str, meaning: str) -> str:
    """The UUID (version 4 form, 32 digits, as Zabbix wants it) of a host group.

    Args:
        academy: the academy's name.
        meaning: what the group stands for, stable when its name changes: a school's UAI, or "" for the academy.
    """
    rest = hashlib.sha256(meaning.encode()).hexdigest()[:15]
    return f"{_academy_head(academy)}8{rest}"


def is_own_group(academy: str, uuid: str) -> bool:
    """Whether a host group was made by Vigie for this academy."""
    return uuid.startswith(_academy_head(academy))


def _academy_head(academy: str) -> str:
    digest = hashlib.sha256(academy.encode()).hexdigest()
    return f"{_UUID_HEAD}{digest[:4]}4{digest[4:7]}"
