"""Clearsigned text: a text that stays readable, with an armored signature below. RFC 9580, section 7."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Cleartext", "read_cleartext", "signed_form", "write_cleartext"]


class Cleartext(NamedTuple):
    """A clearsigned text as it was written, as it was signed, and the packets of its signature."""

    text: bytes
    signed: bytes
    signature: bytes


_START = b"-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = b"-----BEGIN PGP SIGNATURE-----"
_END = b"\n-----END PGP SIGNATURE-----"
_HASHES = frozenset("MD5 SHA1 RIPEMD160 SHA224 SHA256 SHA384 SHA512 SHA3-256 SHA3-512".split())


def read_cleartext(data: bytes) -> Cleartext | None:
    """The first clearsigned text in some bytes; None if there is none, or none that is whole."""
    lines = _after_start(data)
    if lines is None:
        return None
    begin = _after_headers(lines)
    if not begin:
        return None
    try:
        end = lines.index(_SIGNATURE, begin)
    except ValueError:
        return None
    text = [_unescaped(line) for line in lines[begin:end]]
    signature = _signature(lines[end:])
    if signature is None:
        return None
    return Cleartext(b"\n".join(text), b"\r\n".join(text), signature)


def _after_start(data: bytes) -> list[bytes] | None:
    """The lines after the first mark, which stands at the beginning of a line and alone on it."""
    if data.startswith(_START):
        rest = data[len(_START) :]
    else:
        _, found, rest = data.partition(b"\n" + _START)
        if not found:
            return None
    first, *lines = rest.split(b"\n")
    if first not in {b"", b"\r"}:
        return None
    return [line.removesuffix(b"\r") for line in lines]


def _after_headers(lines: list[bytes]) -> int:
    """Where the text begins; 0 if there is anything but hash headers before."""
    for at, line in enumerate(lines):
        if not line.strip():
            return at + 1
        name, colon, values = line.decode("latin-1").partition(":")
        if not colon or not all(" " <= char <= "~" for char in name + values) or name.strip() != "Hash":
            return 0
        if any(value.strip().upper() not in _HASHES for value in values.split(",")):
            return 0
    return 0


def _unescaped(line: bytes) -> bytes:
    return line.removeprefix(b"- ").rstrip(b" \t")


def _signature(lines: list[bytes]) -> bytes | None:
    from navarch.provenance.armor import read_armor

    if _END not in b"\n".join(lines):
        return None
    block = read_armor(lines)
    return block.content if block else None


def signed_form(text: bytes) -> bytes:
    """A text as it is signed: no blanks at the ends of lines, lines parted by CRLF."""
    return b"\r\n".join(line.rstrip(b" \t\r") for line in text.split(b"\n"))


def write_cleartext(text: bytes, hash_name: str, signature: bytes) -> bytes:
    """A clearsigned text, to the byte as Helm's library writes it.

    `text` is what `signed_form` is made of, `hash_name` the hash of the signature, as "SHA512", or "" for no header.
    """
    from navarch.provenance.armor import armor

    lines = [line.rstrip(b" \t\r") for line in text.split(b"\n")]
    escaped = b"\n".join(b"- " + line if line.startswith(b"-") else line for line in lines)
    header = b"Hash: " + hash_name.encode() + b"\n" if hash_name else b""
    return _START + b"\n" + header + b"\n" + escaped + b"\n" + armor("PGP SIGNATURE", signature)
