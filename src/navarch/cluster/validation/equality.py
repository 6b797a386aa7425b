"""Whether two objects say the same: apimachinery's Semantic.DeepEqual on objects after decoding."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["same"]

_AMOUNTS = frozenset(
    ["requests", "limits", "capacity", "overhead", "hard", "used", "allocatable", "sizeLimit", "divisor"]
)


def same(one: Any, two: Any, key: str = "") -> bool:
    """Amounts are the same in any form ("1024" and "1Ki"); `key` is the field that holds the values."""
    if one == two:
        return True
    if isinstance(one, dict) and isinstance(two, dict):
        if one.keys() != two.keys():
            return False
        return all(same(value, two[name], key if key in _AMOUNTS else name) for name, value in one.items())
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(same(a, b, key) for a, b in zip(one, two, strict=True))
    if key in _AMOUNTS and isinstance(one, str) and isinstance(two, str):
        from navarch.cluster.validation.quantities import nano

        return nano(one) == nano(two)
    return False
