"""Who signed in on a page: a cookie that everybody can read and only a server of this registry can make.

It has a name, when it ends, and a code made from both, from a secret that is kept beside the charts (so that all
workers and replicas know it) and from what the password is checked against: with a new password, or without the
account, old cookies are worth nothing. Nothing else is kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from typing import TYPE_CHECKING

from navarch.registry.store.objects import AbsentError, TakenError

if TYPE_CHECKING:
    from navarch.registry.access.grants import Who
    from navarch.registry.access.guard import Guard
    from navarch.registry.store.objects import Objects

__all__ = ["SECONDS", "Sessions"]

SECONDS = 12 * 3600
"""How long somebody stays signed in."""
_KEY = "keys/sessions"
_LONGEST = 1000  # characters of a cookie


class Sessions:
    """Makes cookies and reads them. Raises StorageError."""

    def __init__(self, guard: Guard, objects: Objects) -> None:
        self._guard = guard
        self._objects = objects
        self._secret = b""

    @property
    def is_quick(self) -> bool:
        """Whether `who` needs to read nothing from storage."""
        return bool(self._secret)

    def begin(self, name: str, password: str) -> str:
        """The cookie of somebody who signs in; takes as long as a password's hash. Raises Problem (401)."""
        who, digest = self._guard.sign_in(name, password)
        end = str(int(time.time()) + SECONDS)
        return f"{end}.{_coded(who.name.encode('utf-8', 'surrogateescape'))}.{self._code(end, who.name, digest)}"

    def who(self, cookie: str) -> Who | None:
        """Who has a cookie; None if it has ended, or never was one."""
        end, _, rest = cookie.partition(".")
        coded, _, code = rest.partition(".")
        if len(cookie) > _LONGEST or not (end.isascii() and end.isdigit()) or int(end) <= time.time():
            return None
        try:
            name = base64.b64decode(f"{coded}{'=' * (-len(coded) % 4)}", b"-_", validate=True).decode(
                "utf-8", "surrogateescape"
            )
        except (binascii.Error, ValueError):
            return None
        given = code.encode("utf-8", "replace")
        for who, digest in self._guard.accounts(name):
            if hmac.compare_digest(self._code(end, name, digest).encode(), given):
                return who
        return None

    def _code(self, end: str, name: str, digest: bytes) -> str:
        self._secret = self._secret or self._shared()
        text = b"\0".join((end.encode(), name.encode("utf-8", "surrogateescape"), digest))
        return _coded(hmac.digest(self._secret, text, hashlib.sha256))

    def _shared(self) -> bytes:
        """The secret that all servers of this storage have; the first one that needs it makes it."""
        try:
            return self._objects.get(_KEY)[0]
        except AbsentError:
            made = secrets.token_bytes(32)
        try:
            self._objects.create(_KEY, made)
        except TakenError:
            return self._objects.get(_KEY)[0]
        return made


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
