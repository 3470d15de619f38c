"""Timelines by their ancestry: a number says nothing of who descends from whom.

Two servers that were promoted apart are both on timeline 2 and have nothing in common after their promotions. Only the
positions at which each left its ancestors, which PostgreSQL keeps in its history files, tell one line from another.
"""

from vigie.records import Record

_WORD = 1 << 32


class Branch(Record):
    """A stretch of a server's past: its timeline, and the position (bytes) where it was left for the next one."""

    timeline: int
    left_at: int


class Past(Record):
    """The timeline that a server is on and its ancestors, oldest first; None when they are not known."""

    timeline: int
    ancestors: tuple[Branch, ...] | None


def position(lsn: str) -> int:
    """A position as PostgreSQL writes it (`16/B374D848`), in bytes.

    Raises:
        ValueError: when it is not one.
    """
    high, _, low = lsn.partition("/")
    return int(high, 16) * _WORD + int(low, 16)


def ancestry(history: str) -> tuple[Branch, ...]:
    """The ancestors in a history file, oldest first.

    Raises:
        ValueError: when a line is not one of a history file.
    """
    branches = []
    for line in history.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) < 2:
            raise ValueError(f"not a line of a timeline's history: {line!r}")
        branches.append(Branch(int(words[0]), position(words[1])))
    return tuple(branches)


def may_follow(upstream: Past, follower: Past, at: int) -> bool:
    """Whether a standby that has replayed up to a position can still follow a server, by their pasts alone.

    It can when it stands on the server's own line, or on a stretch of it that the server has left and it has not
    outrun: what it holds beyond that point exists nowhere else. A past that is not known refuses nothing.

    Args:
        upstream: the server's past.
        follower: the standby's past.
        at: where the standby is, in bytes.
    """
    if follower.timeline == upstream.timeline:
        return None in (upstream.ancestors, follower.ancestors) or upstream.ancestors == follower.ancestors
    if upstream.ancestors is None:
        return True
    for index, branch in enumerate(upstream.ancestors):
        if branch.timeline == follower.timeline:
            return at <= branch.left_at and follower.ancestors in (None, upstream.ancestors[:index])
    return False
