"""The ledger of a school's password generations, as it is read: which one is current, which came before, which comes.

Only the standard library, and nothing is written here: the observation reads it at every cycle. It holds marks
(vigie.credentials.station.mark_of), never a password.
"""

import json
from collections.abc import Mapping

from vigie.hints import Self, StrPath
from vigie.records import Record, kinds, plain

FORMAT = 1
# Of three generations before, a station that was switched off is still said to be behind; of more, to hold something
# else.
OLDER = 3
_LONGEST = 1 << 20
_MOST = 2**53


class LedgerError(Exception):
    """The ledger is missing, unreadable or damaged; one sentence without any secret."""


class Generation(Record):
    """One password of one login role.

    Args:
        number: 1, 2, 3...
        role: the login role that has it.
        mark: its keyed fingerprint.
        made_at: when it was made, epoch seconds.
        since: when it became the current one; 0 while it is only being handed out.
    """

    number: int
    role: str
    mark: int
    made_at: int
    since: int = 0

    @classmethod
    def of(cls, document: object) -> Self:
        """A generation of a ledger.

        Raises:
            ValueError: when it is not one.
        """
        names = set(kinds(cls))
        if not isinstance(document, Mapping) or set(document) != names:
            raise ValueError("has a generation with other fields than it should")
        for name in names - {"role"}:
            if type(document[name]) is not int or not 0 <= document[name] <= _MOST:
                raise ValueError(f"has a generation whose {name} is not a number")
        if type(document["role"]) is not str or not document["role"]:
            raise ValueError("has a generation without a role")
        return cls(**document)


class Ledger(Record):
    """The generations of a school's password, oldest first."""

    school: str
    generations: tuple[Generation, ...] = ()

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a ledger.

        Raises:
            ValueError: when the text is not one of this format.
        """
        try:
            document = json.loads(text)
        except RecursionError:
            raise ValueError("is nested too deep") from None
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError(f"is not of format {FORMAT}")
        school, rows = document.get("school"), document.get("generations")
        if type(school) is not str or not isinstance(rows, list):
            raise ValueError("lacks its school or its generations")
        generations = tuple(Generation.of(row) for row in rows)
        if [each.number for each in generations] != list(range(1, len(generations) + 1)):
            raise ValueError("has generations out of order")
        return cls(school, generations)

    def to_json(self) -> str:
        """The ledger as its file holds it."""
        rows = [plain(each) for each in self.generations]
        return json.dumps({"format": FORMAT, "school": self.school, "generations": rows}, indent=1) + "\n"

    @property
    def current(self) -> Generation | None:
        """The generation that stations must hold; None before the first."""
        return next((each for each in reversed(self.generations) if each.since), None)

    @property
    def pending(self) -> Generation | None:
        """The generation that is being handed out, which is not the current one yet."""
        last = self.generations[-1] if self.generations else None
        return last if last and not last.since else None

    @property
    def older(self) -> tuple[Generation, ...]:
        """Those before the current one, newest first, as many as are told apart."""
        current = self.current
        number = current.number if current else 0
        return tuple(each for each in reversed(self.generations) if each.number < number)[:OLDER]


def read_ledger(file: StrPath, school: str) -> Ledger:
    """The ledger of a school.

    Raises:
        LedgerError: when it is missing, cannot be read, is damaged or another school's.
    """
    try:
        with open(file, "rb") as stream:
            ledger = Ledger.from_json(stream.read(_LONGEST))
    except FileNotFoundError:
        raise LedgerError(f"there is no ledger {file}: `vigie credentials note` makes it") from None
    except OSError as error:
        raise LedgerError(f"the ledger {file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise LedgerError(f"the ledger {file} is damaged: {str(error).splitlines()[0]}") from error
    if ledger.school != school:
        raise LedgerError(f"the ledger {file} is another school's, not that of {school}")
    return ledger
