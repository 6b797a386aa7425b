"""Users and their passwords in a file of `htpasswd -B`: a name and a bcrypt hash a line, read again when it changes."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import threading
import time

from navarch.registry.keys import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Htpasswd", "parse_htpasswd"]

_BCRYPT = re.compile(rb"\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}")
_USED = 72  # bytes of a password that bcrypt looks at
_LOOK_AGAIN = 1.0  # seconds
_DECOY = b"$2b$10$C6UzMDM.H6dfI/f/IKcEeO7ZZ2ZgDgUcGQ8rjnVyXVYQOkQkqZ2yG"  # where there are no users


def parse_htpasswd(data: bytes, source: str) -> dict[str, bytes]:
    """Hashes by user. Raises SettingsError for a line that has no bcrypt hash."""
    users: dict[str, bytes] = {}
    for number, line in enumerate(data.splitlines(), 1):
        text = line.strip()
        if not text or text.startswith(b"#"):
            continue
        name, colon, digest = text.partition(b":")
        if not name or not colon or not _BCRYPT.fullmatch(digest):
            raise SettingsError(f"{source}: line {number} should be a name, a colon and a bcrypt hash (htpasswd -B)")
        users[name.decode("utf-8", "surrogateescape")] = digest
    return users


class Htpasswd:
    """The users of a file. `version` changes when they do. Raises SettingsError when it can't be read at first."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._key = secrets.token_bytes(32)
        self._stamp: tuple[int, ...] = ()
        self._looked = 0.0
        self._users: Mapping[str, bytes] = {}
        self.version = 0
        self._read()

    def check(self, name: str, password: str) -> bool:
        """Whether the password is the user's. Takes as long for users that there are not."""
        import bcrypt

        digest = self._users.get(name)
        given = password.encode("utf-8", "surrogateescape")[:_USED]
        try:
            matches = bcrypt.checkpw(given, digest or self._decoy(name))
        except ValueError:  # a NUL in it
            return False
        return matches and digest is not None

    def _decoy(self, name: str) -> bytes:
        """Somebody else's hash, always the same one for a name: a hash's cost, and so the time, is the file's."""
        known = list(self._users.values())
        mark = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), key=self._key, digest_size=8).digest()
        return known[int.from_bytes(mark) % len(known)] if known else _DECOY

    def digest(self, name: str) -> bytes | None:
        """A user's hash; None if there is no such user."""
        return self._users.get(name)

    def refresh(self) -> None:
        """Look whether the file has changed, once a second at most. One that can't be read any more is passed over."""
        now = time.monotonic()
        if now - self._looked < _LOOK_AGAIN:
            return
        with self._lock:
            if now - self._looked < _LOOK_AGAIN:
                return
            self._looked = now
            try:
                if self._stamp != self._stat():
                    self._read()
            except (OSError, SettingsError):
                pass  # half written; the users that were known stay

    def _stat(self) -> tuple[int, ...]:
        found = os.stat(self._path)
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> None:
        try:
            stamp = self._stat()
            with open(self._path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise SettingsError(f"auth.htpasswd: {self._path}: {error.strerror or error}") from error
        self._users = parse_htpasswd(data, f"auth.htpasswd: {self._path}")
        self._stamp = stamp
        self._looked = time.monotonic()
        self.version += 1
