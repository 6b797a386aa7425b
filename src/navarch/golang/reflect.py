"""What Go's package reflect tells about values: equality in depth, the items of any slice."""

from __future__ import annotations

from navarch.golang.types import Uint8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["NIL_DEREFERENCE", "ZERO_VALUE", "deep_equal", "is_slice", "items_of"]

_SLICES = (list, bytes)

NIL_DEREFERENCE = "runtime error: invalid memory address or nil pointer dereference"
"""What reflect.TypeOf(nil).Kind() panics with."""

ZERO_VALUE = "reflect: call of reflect.Value.Type on zero Value"
"""What reflect.ValueOf(nil).Type() panics with."""


def is_slice(value: object) -> bool:
    """Whether the kind of a value is slice: a list, typed or not, or bytes."""
    return isinstance(value, _SLICES)


def items_of(value: list[Any] | bytes) -> list[Any]:
    """The items of a slice; those of []uint8 are `Uint8`."""
    if isinstance(value, bytes):
        return [Uint8(b) for b in value]
    return value


def deep_equal(a: Any, b: Any) -> bool:
    """reflect.DeepEqual: the same types all the way down, and equal; a nil slice or map equals only another nil one."""
    kind = type(a)
    if kind is not type(b) or a != b:
        return False
    # Equal for Python; what remains is that 1, 1.0 and True inside of containers are different types for Go.
    if isinstance(a, dict):
        return a is b or all(deep_equal(value, b[key]) for key, value in a.items())
    if isinstance(a, list):
        return a is b or all(map(deep_equal, a, b))
    return True
