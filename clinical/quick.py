"""A faster constructor for frozen dataclasses that are made by the thousand.

The constructor that ``dataclass`` writes for a frozen class sets each field through
``object.__setattr__`` and takes some four times as long as that of a class that isn't frozen; a
queue of 40 waits has a thousand of these objects, a history many more.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

_Made = TypeVar("_Made")
_SET_CLASS = object.__dict__["__class__"].__set__


def quick(cls: type[_Made]) -> type[_Made]:
    """Give a frozen, slotted dataclass a constructor that takes the same and is faster.

    An object begins its life as one of a class of the same slots that may still be written to;
    nobody else has it before it is frozen. All else (equality, hash, ``replace``, pickling, that
    nothing can be changed) is the dataclass's own.

    Raises TypeError for a class that isn't a frozen dataclass with slots of its own only, or whose
    fields need more than being taken as they are. It can't be inherited from.
    """
    taken = fields(cls)  # type: ignore[arg-type]  # raises TypeError for what is no dataclass
    _refuse_what_is_not_plain(cls, taken)
    names = [each.name for each in taken]
    unfrozen = type(f"_Unfrozen{cls.__name__}", (), {"__slots__": tuple(names)})
    parameters = ", ".join(f"{n.name}=None" if n.default is not MISSING else n.name for n in taken)
    lines = [
        f"def __init__(self, {parameters}):",
        " _set_class(self, _unfrozen)",
        *(f" self.{name} = {name}" for name in names),
        " self.__class__ = _frozen",
    ]
    scope: dict[str, Any] = {"_set_class": _SET_CLASS, "_unfrozen": unfrozen, "_frozen": cls}
    exec("\n".join(lines), scope)  # noqa: S102 - of field names alone, as dataclass does it
    constructor = scope["__init__"]
    constructor.__defaults__ = tuple(n.default for n in taken if n.default is not MISSING)
    constructor.__annotations__ = cls.__init__.__annotations__
    constructor.__module__ = cls.__module__
    constructor.__qualname__ = f"{cls.__qualname__}.__init__"
    made: Any = cls
    made.__init__ = constructor
    made.__init_subclass__ = classmethod(_not_inherited)
    return cls


def _refuse_what_is_not_plain(cls: type[Any], taken: tuple[Field[Any], ...]) -> None:
    parameters: Any = getattr(cls, "__dataclass_params__")  # noqa: B009 - typeshed doesn't have it
    if not parameters.frozen or cls.__dict__.get("__slots__") != tuple(n.name for n in taken):
        raise TypeError(f"{cls.__name__} is no frozen dataclass with slots of its own only")
    if hasattr(cls, "__post_init__"):
        raise TypeError(f"{cls.__name__} does more than take its fields")
    for each in taken:
        if not each.init or each.kw_only or each.default_factory is not MISSING:
            raise TypeError(f"{cls.__name__}.{each.name} is not just taken as it is")


def _not_inherited(cls: type[Any], /, **_: Any) -> None:
    raise TypeError(f"{cls.__mro__[1].__name__} can't be inherited from")
