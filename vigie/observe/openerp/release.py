"""Releases compared: the declared one with the one that runs, and what a context holds with what should run on it."""

_MARKED = (6, 0, 4)


def numbers(release: str) -> tuple[int, ...]:
    """The leading numbers of a release: `6.0.4` is (6, 0, 4), `17.0-20260101` is (17, 0)."""
    found: list[int] = []
    for part in release.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits.isascii() or not digits:
            break
        found.append(int(digits[:9]))
        if digits != part:
            break
    return tuple(found)


def is_declared(running: str, declared: str) -> bool:
    """Whether the release that runs is one that the declaration means: `6.0` means any 6.0.x, `6.0.4` that one."""
    wanted = numbers(declared)
    return bool(wanted) and numbers(running)[: len(wanted)] == wanted


def reference(running: str, declared: str) -> str:
    """The release that contexts must be upgraded to: the one that runs where it is as declared, else the declared."""
    return running if is_declared(running, declared) else declared


def is_upgraded(base: str, markers: int, wanted: str) -> bool | None:
    """Whether a context was upgraded to a release.

    No table holds the release of the server. The version of `base` tells series apart (6.0.1.3 in all of 6.0); within
    6.0, the currencies that 6.0.4 added tell a base upgraded to it. One of them is enough: a school may remove others.

    Args:
        base: `latest_version` of the module base.
        markers: how many of those currencies are there.
        wanted: the release.

    Returns:
        None when `wanted` is the series 6.0 alone and the currencies are missing: that is right for 6.0.3.
    """
    series = numbers(wanted)
    if numbers(base)[:2] != series[:2]:
        return False
    if markers > 0 or series[:2] != _MARKED[:2]:
        return True
    return None if len(series) < len(_MARKED) else series < _MARKED
