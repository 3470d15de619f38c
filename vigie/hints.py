"""What annotations alone need of `typing`, which costs half as much as the start of the bare interpreter.

Type checkers see the real names; when the program runs they stand for nothing.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any, Generic, Protocol, Self, TypeVar, dataclass_transform

    StrPath = str | PathLike[str]
else:
    Any = Protocol = Self = StrPath = object

    class Generic:
        """Something that is written with its types in brackets, as `Asked[int]`."""

        def __class_getitem__(cls, _: object) -> type:
            return cls

    def TypeVar(_: str, **__: object) -> object:  # noqa: N802 -- as typing names it
        """A name that stands for a type."""
        return object

    def dataclass_transform(**_: object) -> object:
        """Said of a base class whose annotations are fields."""
        return lambda model: model


__all__ = ["TYPE_CHECKING", "Any", "Generic", "Protocol", "Self", "StrPath", "TypeVar", "dataclass_transform"]
