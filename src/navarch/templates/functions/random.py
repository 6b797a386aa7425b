"""Random values in templates, all of them from the system's source of randomness."""

from __future__ import annotations

from os import urandom

from navarch.errors import FunctionError
from navarch.golang.types import Int

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS", "below"]

_DIGITS = "0123456789"
_ALPHA = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ASCII = "".join(map(chr, range(32, 127)))
_MOST = 1 << 28


def below(limit: int) -> int:
    """A number from 0 up to, not including, the limit. Raises FunctionError where that leaves none."""
    if limit <= 0:
        raise FunctionError("invalid argument to Intn")
    size = (limit.bit_length() + 7) // 8
    unbiased = (1 << 8 * size) // limit * limit
    while (number := int.from_bytes(urandom(size), "big")) >= unbiased:
        pass
    return number % limit


def _check_length(count: int) -> None:
    if not 0 <= count <= _MOST:
        raise FunctionError("runtime error: makeslice: len out of range")


def _chosen(count: int, chars: str) -> str:
    """So many of the characters (fewer than 256), each as likely; nothing for a negative count."""
    if count <= 0:
        return ""
    _check_length(count)
    unbiased = 256 // len(chars) * len(chars)
    chosen: list[str] = []
    while len(chosen) < count:
        missing = count - len(chosen)
        chosen += [chars[byte % len(chars)] for byte in urandom(missing + 8) if byte < unbiased][:missing]
    return "".join(chosen)


def rand_alpha(count: int) -> str:
    return _chosen(count, _ALPHA)


def rand_alpha_num(count: int) -> str:
    return _chosen(count, _ALPHA + _DIGITS)


def rand_ascii(count: int) -> str:
    return _chosen(count, _ASCII)


def rand_numeric(count: int) -> str:
    return _chosen(count, _DIGITS)


def rand_bytes(count: int) -> str:
    """So many random bytes, in base64."""
    from binascii import b2a_base64

    _check_length(count)
    return b2a_base64(urandom(count), newline=False).decode()


def rand_int(low: int, high: int) -> Int:
    """A number from `low` up to, not including, `high`."""
    return Int(below(high - low) + low)


def shuffle(text: str) -> str:
    """The characters in some other order."""
    chars = list(text)
    for last in range(len(chars) - 1, 0, -1):
        other = below(last + 1)
        chars[last], chars[other] = chars[other], chars[last]
    return "".join(chars)


def uuidv4() -> str:
    data = bytearray(urandom(16))
    data[6] = data[6] & 0x0F | 0x40
    data[8] = data[8] & 0x3F | 0x80
    digits = data.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "randAlpha": rand_alpha,
    "randAlphaNum": rand_alpha_num,
    "randAscii": rand_ascii,
    "randBytes": rand_bytes,
    "randInt": rand_int,
    "randNumeric": rand_numeric,
    "shuffle": shuffle,
    "uuidv4": uuidv4,
}
