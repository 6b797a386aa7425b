"""OpenPGP packets: a stream of bytes becomes a sequence of packets, by RFC 9580, section 4.

What is refused, what is passed over, and in which words, follows Helm's OpenPGP library, as its messages are what users
and scripts see.
"""

from __future__ import annotations

from navarch.errors import ProvenanceError
from navarch.provenance.keys import PublicKey, SecretKey
from navarch.provenance.numbers import encode_integer
from navarch.provenance.problems import EndError, StructuralError, UnknownPacketError, UnsupportedError
from navarch.provenance.signatures import Signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

__all__ = ["Other", "Packets", "UserId", "canonical_packets", "encode_packet"]

SIGNATURE: Final = 2
SECRET_KEY: Final = 5
PUBLIC_KEY: Final = 6
SECRET_SUBKEY: Final = 7
_MARKER = 10
_TRUST = 12
USER_ID: Final = 13
PUBLIC_SUBKEY: Final = 14
# Packets of messages, user attributes and padding: they may stand among keys, but say nothing about them.
_OTHERS = (1, 3, 4, 8, 9, 11, 17, 18, 20, 21)


class UserId:
    """A user's name as the key's owner wrote it: "Jane Doe (work) <jane@example.com>"."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @property
    def name(self) -> str:
        return self.raw.decode("utf-8", "surrogateescape")


class Other:
    """A packet that has no part in keys and signatures."""

    __slots__ = ()


Packet = Signature | PublicKey | SecretKey | UserId | Other


class Packets:
    """The packets of some bytes, one after the other, with `unread` to put one back.

    `next` answers None at the end. It passes over what is unknown but not critical, and over packets of kinds, versions
    and algorithms that are not supported. Raises ProvenanceError for all else; reading may go on after that.
    """

    __slots__ = ("_at", "_back", "_data", "_short", "span")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._short = False
        self._back: tuple[Packet, tuple[int, int]] | None = None
        self.span = (0, 0)
        """Where the last packet stands in the data, from its header to its end."""

    def next(self) -> Packet | None:
        if self._back:
            (packet, self.span), self._back = self._back, None
            return packet
        while self._at < len(self._data):
            begin = self._at
            try:
                packet = self._read()
            except (UnknownPacketError, UnsupportedError):
                continue
            self.span = (begin, self._at)
            return packet
        return None

    def unread(self, packet: Packet) -> None:
        self._back = (packet, self.span)

    def piece(self, begin: int, end: int) -> bytes:
        """Some of the data, as it was given."""
        return self._data[begin:end]

    def _read(self) -> Packet:
        tag = self._take(1)[0]
        if not tag & 0x80:
            raise StructuralError("tag byte does not have MSB set")
        self._short = False
        new = tag & 0x40
        body = self._new_body() if new else self._old_body(tag & 3)
        packet = parse(tag & 0x3F if new else (tag & 0x3F) >> 2, body)
        if self._short:  # told last: a packet that nobody reads may be cut off
            raise EndError
        return packet

    def _take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        self._at += len(piece)
        if len(piece) < count:
            raise EndError
        return piece

    def _rest(self, count: int) -> bytes:
        """Bytes of a packet's body, as many as there are of so many."""
        piece = self._data[self._at : self._at + count]
        self._at += len(piece)
        self._short = self._short or len(piece) < count
        return piece

    def _old_body(self, width: int) -> bytes:
        if width == 3:
            return self._rest(len(self._data) - self._at)
        return self._rest(int.from_bytes(self._take(1 << width)))

    def _new_body(self) -> bytes:
        pieces = []
        partial = True
        while partial and not self._short:
            length, partial = self._length()
            pieces.append(self._rest(length))
        return b"".join(pieces)

    def _length(self) -> tuple[int, bool]:
        """A length of the new format, and whether it is a part's."""
        first = self._take(1)[0]
        if first < 192:
            return first, False
        if first < 224:
            return ((first - 192) << 8) + self._take(1)[0] + 192, False
        if first < 255:
            return 1 << (first & 0x1F), True
        return int.from_bytes(self._take(4)), False


def parse(kind: int, body: bytes) -> Packet:
    """The packet of a kind. Raises ProvenanceError."""
    if kind == SIGNATURE:
        return Signature(body)
    if kind in {PUBLIC_KEY, PUBLIC_SUBKEY}:
        return PublicKey(body, subkey=kind == PUBLIC_SUBKEY)
    if kind in {SECRET_KEY, SECRET_SUBKEY}:
        return SecretKey(body, subkey=kind == SECRET_SUBKEY)
    if kind == USER_ID:
        return UserId(body)
    if kind in _OTHERS:
        return Other()
    if kind in {_TRUST, _MARKER} or kind >= 40:
        raise UnknownPacketError
    raise ProvenanceError(f"openpgp: unknown critical packet type: {kind}")


def encode_packet(kind: int, body: bytes) -> bytes:
    """A packet with a header of the new format."""
    length = len(body)
    if length < 192:
        return bytes((0xC0 | kind, length)) + body
    if length < 8384:
        return bytes((0xC0 | kind, 192 + ((length - 192) >> 8), (length - 192) & 0xFF)) + body
    return bytes((0xC0 | kind, 255)) + length.to_bytes(4) + body


def canonical_packets(data: bytes) -> bytes:
    """The packets of some bytes, with the integers of signatures as short as they can be.

    Packets that nobody needs to understand are left out. Raises ProvenanceError.
    """
    packets = Packets(data)
    pieces = []
    while packet := packets.next():
        piece = packets.piece(*packets.span)
        if isinstance(packet, Signature) and packet.numbers:
            integers = b"".join(encode_integer(number) for number in packet.numbers)
            piece = encode_packet(SIGNATURE, packet.head + integers)
        pieces.append(piece)
    return b"".join(pieces)
