"""Digests, passwords and encryption in templates. Keys and certificates are in `certificates`.

Checksums of other templates are what charts use most: the interpreter's own digest modules come without hashlib's cost.
"""

from __future__ import annotations

import sys

from navarch.errors import FunctionError
from navarch.golang.runes import from_bytes, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS", "decode_base64"]

_SHA2 = "_sha2" if sys.version_info >= (3, 12) else ""  # the one module of what were two
_BLOCK = 16
_BCRYPT_COST = 10
_BCRYPT_LONGEST = 72

_SCRYPT_MEMORY = 64 << 20
_PASSWORD_SEED = b"com.lyndir.masterpassword"
# the Master Password algorithm's templates, and the characters that their letters stand for
_PASSWORDS = {
    "maximum": "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno",
    "long": (
        "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv "
        "CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv "
        "CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno"
    ),
    "medium": "CvcnoCvc CvcCvcno",
    "short": "Cvcn",
    "basic": "aaanaaan aannaaan aaannaaa",
    "pin": "nnnn",
}
_PASSWORD_CHARS = {
    "V": "AEIOU",
    "C": "BCDFGHJKLMNPQRSTVWXYZ",
    "v": "aeiou",
    "c": "bcdfghjklmnpqrstvwxyz",
    "a": "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
    "n": "0123456789",
    "o": "@&%?,=[]_:-+*$#!'^~;()/.",
    "x": "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
}


def _digest(name: str, module: str) -> Callable[[bytes], Any]:
    """The constructor of a digest: that of the builtin module, or hashlib's where an interpreter lacks that."""
    for source in (module, "hashlib"):
        try:
            found: Callable[[bytes], Any] = getattr(__import__(source), name)
        except (ImportError, AttributeError):
            continue
        return found
    raise FunctionError(f"this Python has no {name}")


_sha256: Callable[[bytes], Any] | None = None


def sha256sum(text: str) -> str:
    global _sha256
    if _sha256 is None:
        _sha256 = _digest("sha256", _SHA2 or "_sha256")
    return str(_sha256(to_bytes(text)).hexdigest())


def sha512sum(text: str) -> str:
    return str(_digest("sha512", _SHA2 or "_sha512")(to_bytes(text)).hexdigest())


def sha1sum(text: str) -> str:
    return str(_digest("sha1", "_sha1")(to_bytes(text)).hexdigest())


def adler32sum(text: str) -> str:
    from zlib import adler32

    return str(adler32(to_bytes(text)))


def bcrypt(password: str) -> str:
    """The password's hash, in the form of $2a$10$…; an error's text where it is too long."""
    import bcrypt as library

    data = to_bytes(password)
    if len(data) > _BCRYPT_LONGEST:
        return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
    return library.hashpw(data, library.gensalt(_BCRYPT_COST, b"2a")).decode()


def htpasswd(user: str, password: str) -> str:
    """A line of Apache's password file."""
    if ":" in user:
        return f"invalid username: {user}"
    return f"{user}:{bcrypt(password)}"


def derive_password(counter: int, kind: str, password: str, user: str, site: str) -> str:
    """The password that the Master Password algorithm gives for a site; an unknown kind is answered in words."""
    import hashlib
    import hmac

    if kind not in _PASSWORDS:
        return f"cannot find password template {kind}"
    salt = _PASSWORD_SEED + _with_length(user)
    key = hashlib.scrypt(to_bytes(password), salt=salt, n=32768, r=8, p=2, maxmem=_SCRYPT_MEMORY, dklen=64)
    message = _PASSWORD_SEED + _with_length(site) + int(counter).to_bytes(4, "big")
    seed = hmac.new(key, message, "sha256").digest()
    templates = _PASSWORDS[kind].split()
    template = templates[seed[0] % len(templates)]
    chars = [_PASSWORD_CHARS[letter] for letter in template]
    return "".join([allowed[byte % len(allowed)] for allowed, byte in zip(chars, seed[1:], strict=False)])


def _with_length(text: str) -> bytes:
    data = to_bytes(text)
    return len(data).to_bytes(4, "big") + data


def decode_base64(text: str) -> bytes | None:
    """What standard base64 means, newlines skipped; None where it's malformed."""
    from binascii import Error, a2b_base64

    digits = to_bytes(text).translate(None, b"\r\n")
    if len(digits) % 4 or digits.endswith(b"==="):
        return None
    try:
        return a2b_base64(digits, strict_mode=True)
    except Error:
        return None


def _cipher(password: str, vector: bytes) -> Any:
    """AES-256 in CBC mode; the key is the password, cut or filled with zeros."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = to_bytes(password)[:32].ljust(32, b"\0")
    return Cipher(algorithms.AES(key), modes.CBC(vector))


def encrypt_aes(password: str, text: str) -> str:
    """A random vector and the encrypted text, in base64; nothing for nothing."""
    from binascii import b2a_base64
    from os import urandom

    if not text:
        return ""
    data = to_bytes(text)
    padding = _BLOCK - len(data) % _BLOCK
    vector = urandom(_BLOCK)
    encryptor = _cipher(password, vector).encryptor()
    encrypted = encryptor.update(data + bytes([padding]) * padding) + encryptor.finalize()
    return b2a_base64(vector + encrypted, newline=False).decode()


def decrypt_aes(password: str, encrypted: str) -> str:
    """What encryptAES encrypted. What it can't have made raises FunctionError, in the words of Go's panics."""
    if not encrypted:
        return ""
    data = decode_base64(encrypted)
    if data is None:
        from navarch.templates.functions.base import b64dec

        raise FunctionError(b64dec(encrypted))
    if len(data) < _BLOCK:
        raise FunctionError(f"runtime error: slice bounds out of range [:16] with capacity {len(encrypted) // 4 * 3}")
    vector, body = data[:_BLOCK], data[_BLOCK:]
    if len(body) % _BLOCK:
        raise FunctionError("crypto/cipher: input not full blocks")
    if not body:
        raise FunctionError("runtime error: index out of range [-1]")
    decryptor = _cipher(password, vector).decryptor()
    decrypted: bytes = decryptor.update(body) + decryptor.finalize()
    end = len(decrypted) - decrypted[-1]
    if end < 0:
        raise FunctionError(f"runtime error: slice bounds out of range [:{end}]")
    return from_bytes(decrypted[:end])


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "adler32sum": adler32sum,
    "bcrypt": bcrypt,
    "decryptAES": decrypt_aes,
    "derivePassword": derive_password,
    "encryptAES": encrypt_aes,
    "htpasswd": htpasswd,
    "sha1sum": sha1sum,
    "sha256sum": sha256sum,
    "sha512sum": sha512sum,
}
