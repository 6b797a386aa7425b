"""The order of a mapping's keys in goyaml's output: letters after everything else, runs of digits by their value."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["sorted_keys", "sorted_keys_v3"]

_ORDINARY = frozenset("-./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def sorted_keys(keys: Iterable[str]) -> list[str]:
    """Keys in goyaml v2's order, which for keys of ASCII letters, "-", "." and "/" is the usual one."""
    order = sorted(keys)
    if len(order) < 2 or _ORDINARY.issuperset("".join(order)):
        return order
    from functools import cmp_to_key

    order.sort(key=cmp_to_key(_compare))
    return order


def sorted_keys_v3(keys: Iterable[str]) -> list[str]:
    """Keys in goyaml v3's order, where a letter right after a digit comes before everything else."""
    from functools import cmp_to_key

    return sorted(keys, key=cmp_to_key(_compare_v3))


def _compare(left: str, right: str) -> int:
    return -1 if _less(left, right, v3=False) else 1


def _compare_v3(left: str, right: str) -> int:
    return -1 if _less(left, right, v3=True) else 1


def _less(left: str, right: str, *, v3: bool) -> bool:
    at = next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), -1)
    if at < 0:
        return len(left) < len(right)
    a, b = left[at], right[at]
    if a.isalpha() or b.isalpha():
        if a.isalpha() and b.isalpha():
            return a < b
        return a.isalpha() if v3 and at > 0 and left[at - 1].isdecimal() else b.isalpha()
    start = 1 if "0" in (a, b) and _digits_before(left, at) else 0
    a_value, a_end = _digits_from(left, at, start)
    b_value, b_end = _digits_from(right, at, start)
    if a_value != b_value:
        return a_value < b_value
    return a_end < b_end if a_end != b_end else a < b


def _digits_before(text: str, at: int) -> bool:
    """Whether the digits right before a place hold one that is not 0: then a zero after them counts."""
    while at > 0 and text[at - 1].isdecimal():
        at -= 1
        if text[at] != "0":
            return True
    return False


def _digits_from(text: str, at: int, value: int) -> tuple[int, int]:
    """The value of the digits from a place on (an int64, which wraps around), and where they end."""
    while at < len(text) and text[at].isdecimal():
        value = value * 10 + ord(text[at]) - 48
        at += 1
    return (value + 0x8000000000000000) % 0x10000000000000000 - 0x8000000000000000, at
