"""Records: what `@dataclass(frozen=True)` makes of a class with annotations, for programs that start at every cycle.

`dataclasses` writes and compiles methods of its own for each class: a dozen of them cost more than the start of the
bare interpreter (`bench/records.py`). All records share theirs. Whoever asks `dataclasses` itself (`fields`, `asdict`,
`replace`) is told what it wants to know.

Annotations are fields, in their order, those of the parent first; `ClassVar` and `__post_init__` are not known here.
"""

from collections.abc import Callable, Mapping
from functools import cache

from vigie.hints import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from dataclasses import Field
    from typing import ClassVar

Default = TypeVar("Default")
Made = TypeVar("Made", bound="Record")


class _Factory:
    """A default that is made anew for each record."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


def field(*, default_factory: Callable[[], Default]) -> Default:
    """A default that must not be shared, as `dataclasses.field` says it."""
    return _Factory(default_factory)  # type: ignore[return-value]


class _AsDataclass:
    """`__dataclass_fields__`, made for whoever asks for it."""

    def __get__(self, _record: object, model: Any) -> Any:
        return _dataclass_fields(model)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record:
    """A record: its fields are given by place or by name, cannot be set afterwards, and are what makes it equal.

    A subclass with `frozen=False` can be set, and has no hash.
    """

    if TYPE_CHECKING:
        _kinds: ClassVar[dict[str, Any]]
        _defaults: ClassVar[dict[str, Any]]
        _is_frozen: ClassVar[bool]
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    else:
        _kinds = {}
        _defaults = {}
        _is_frozen = True
        __dataclass_fields__ = _AsDataclass()

    def __init_subclass__(cls, *, frozen: bool = True) -> None:
        own = cls.__annotations__
        cls._kinds = cls._kinds | own
        cls._defaults = cls._defaults | {name: cls.__dict__[name] for name in own if name in cls.__dict__}
        cls._is_frozen = frozen

    def __init__(self, *values: Any, **named: Any) -> None:
        kinds, defaults = self._kinds, self._defaults
        given = dict(zip(kinds, values, strict=False))
        if len(values) > len(kinds) or given.keys() & named or named.keys() - kinds:
            given_too = ", ".join(named) or "no named one"
            raise TypeError(f"{type(self).__name__}({', '.join(kinds)}) got {len(values)} values, and {given_too}")
        given |= named
        fields = self.__dict__
        for name in kinds:
            if name in given:
                fields[name] = given[name]
            elif name in defaults:
                default = defaults[name]
                fields[name] = default.make() if type(default) is _Factory else default
            else:
                raise TypeError(f"{type(self).__name__} lacks {name}")

    def __setattr__(self, name: str, value: object) -> None:
        if self._is_frozen or name not in self._kinds:
            raise AttributeError(f"{name} of a {type(self).__name__} cannot be set")
        self.__dict__[name] = value

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        if not self._is_frozen:
            raise TypeError(f"a {type(self).__name__} changes: it has no hash")
        return hash(tuple(self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


def plain(record: Record) -> dict[str, Any]:
    """The fields of a record by their names; what they hold is not copied."""
    return dict(record.__dict__)


def replaced(record: Made, **changes: Any) -> Made:
    """A record with other values in some of its fields."""
    return type(record)(**(record.__dict__ | changes))


def kinds(model: type[Record]) -> Mapping[str, Any]:
    """The annotations of a record's fields, in their order."""
    return model._kinds


def required(model: type[Record]) -> list[str]:
    """The fields without a default."""
    return [name for name in model._kinds if name not in model._defaults]


@cache
def _dataclass_fields(model: Any) -> Any:
    import dataclasses

    specs: list[Any] = []
    for name, kind in model._kinds.items():
        default = model._defaults.get(name, dataclasses.MISSING)
        factory = isinstance(default, _Factory)
        spec = dataclasses.field(default_factory=default.make) if factory else dataclasses.field(default=default)
        specs.append((name, kind, spec))
    made: Any = dataclasses.make_dataclass(model.__name__, specs)
    return made.__dataclass_fields__
