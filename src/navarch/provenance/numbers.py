"""Reading the fields of an OpenPGP packet, one after the other."""

from __future__ import annotations

from navarch.provenance.problems import EndError, UnsupportedError

__all__ = ["Cursor", "encode_integer"]


class Cursor:
    """A place in a packet's body. Reading past the end raises EndError."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def take(self, count: int) -> bytes:
        piece = self.data[self.at : self.at + count]
        if len(piece) < count:
            raise EndError
        self.at += count
        return piece

    def number(self, width: int) -> int:
        """An unsigned number of `width` bytes."""
        return int.from_bytes(self.take(width))

    def integer_bytes(self) -> bytes:
        """The bytes of an integer that is written with its length in bits, leading zeros among them."""
        return self.take((self.number(2) + 7) // 8)

    def integer(self) -> int:
        return int.from_bytes(self.integer_bytes())

    def object_id(self) -> bytes:
        """The number of an elliptic curve."""
        length = self.number(1)
        if length in {0, 0xFF}:
            raise UnsupportedError("reserved for future extensions")
        return self.take(length)


def encode_integer(value: int) -> bytes:
    """An integer with its length in bits, as short as it can be."""
    bits = value.bit_length()
    return bits.to_bytes(2) + value.to_bytes((bits + 7) // 8)
