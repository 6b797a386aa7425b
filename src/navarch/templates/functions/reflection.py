"""sprig's functions about what a value is: its type and kind, empty or not, and the choices that hang on that."""

from __future__ import annotations

from navarch.golang.reflect import deep_equal
from navarch.golang.types import kind_of, type_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS"]

# A value is empty in sprig's sense exactly where it is false for Python: nil, false, zero, or of length zero.


def default(fallback: Any, *given: Any) -> Any:
    if given and given[0]:
        return given[0]
    return fallback


def empty(given: Any) -> bool:
    return not given


def coalesce(*values: Any) -> Any:
    for value in values:
        if value:
            return value
    return None


def all_(*values: Any) -> bool:
    return all(values)


def any_(*values: Any) -> bool:
    return any(values)


def ternary(if_true: Any, if_false: Any, condition: bool) -> Any:
    return if_true if condition else if_false


def type_is(target: str, value: Any) -> bool:
    return target == type_of(value)


def type_is_like(target: str, value: Any) -> bool:
    name = type_of(value)
    return name in (target, "*" + target)


def kind_is(target: str, value: Any) -> bool:
    return target == kind_of(value)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "all": all_,
    "any": any_,
    "coalesce": coalesce,
    "deepEqual": deep_equal,
    "default": default,
    "empty": empty,
    "kindIs": kind_is,
    "kindOf": kind_of,
    "ternary": ternary,
    "typeIs": type_is,
    "typeIsLike": type_is_like,
    "typeOf": type_of,
}
