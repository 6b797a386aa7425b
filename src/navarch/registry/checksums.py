"""The CRC-32 of texts in a row, from theirs: the texts themselves needn't be there any more.

A checksum is a polynomial modulo that of CRC-32, the highest bit the lowest power. Text that follows multiplies what
was before by a power of x that its size tells: crc(a + b) = times(shift(len(b)), crc(a)) ^ crc(b).
"""

from __future__ import annotations

__all__ = ["shift", "times"]

_MODULUS = 0xEDB88320
_ONE = 1 << 31


def times(one: int, other: int) -> int:
    """The product of two polynomials."""
    product = 0
    while one:
        if one & _ONE:
            product ^= other
        one = one << 1 & 0xFFFFFFFF
        other = other >> 1 ^ (_MODULUS if other & 1 else 0)
    return product


def shift(size: int) -> int:
    """What the checksum of what was before is multiplied by when so many bytes follow."""
    product, power = _ONE, 1 << 23  # x to the eighth: a byte
    while size:
        if size & 1:
            product = times(power, product)
        power = times(power, power)
        size >>= 1
    return product
