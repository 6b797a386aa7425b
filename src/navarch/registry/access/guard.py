"""Tells who asks, by the Authorization header, and stops those who may not.

Basic has a user's name and password, or a token's name and the token; Bearer has a token. Who is told 401 and who 403
doesn't depend on what there is: rights are looked at before the store is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from typing import TYPE_CHECKING

from navarch.registry.access.grants import Who
from navarch.registry.access.htpasswd import Htpasswd
from navarch.registry.problems import forbidden, unauthorized

if TYPE_CHECKING:
    from collections.abc import Iterator

    from navarch.registry.access.grants import Action
    from navarch.registry.access.settings import Auth, Token
    from navarch.registry.problems import Problem

__all__ = ["CHALLENGE", "Guard"]

CHALLENGE = 'Basic realm="registry", charset="UTF-8"'
_REMEMBERED = 60.0  # seconds for which a password that was right isn't hashed again
_MOST_REMEMBERED = 10_000
_OTHERS = "*"


class Guard:
    """The accounts of a server. Raises SettingsError."""

    def __init__(self, auth: Auth) -> None:
        self._users = Htpasswd(auth.htpasswd) if auth.htpasswd else None
        self._rights = auth.users
        self._tokens = {token.sha256: token for token in auth.tokens}
        self._named = {token.name: token for token in auth.tokens}
        self._anonymous = Who("", auth.anonymous)
        self._key = secrets.token_bytes(32)
        self._right: dict[bytes, tuple[Who, float, int]] = {}

    def known(self, header: str) -> Who | None:
        """Who that is, if it can be told without hashing a password. Raises Problem (401)."""
        if not header:
            return self._anonymous
        scheme, _, text = header.partition(" ")
        if scheme.lower() == "bearer":
            return _valid(self._tokens.get(_sha256(text.strip())))
        name, password = _basic(scheme, text)
        if not name and not password:  # what skopeo and podman send for nobody
            return self._anonymous
        token = self._named.get(name)
        if token is not None and hmac.compare_digest(_sha256(password), token.sha256):
            return _valid(token)
        if self._users is None:
            raise _refused()
        self._users.refresh()
        found = self._right.get(self._mark(header))
        if found is None or found[1] < time.monotonic() or found[2] != self._users.version:
            return None
        return found[0]

    def identify(self, header: str) -> Who:
        """Who that is; takes as long as a password's hash. Raises Problem (401)."""
        known = self.known(header)
        if known is not None:
            return known
        scheme, _, text = header.partition(" ")
        name, password = _basic(scheme, text)
        users = self._users
        version = users.version if users is not None else 0
        if users is None or not users.check(name, password):
            raise _refused()
        who = self._user(name)
        if len(self._right) >= _MOST_REMEMBERED:
            self._right.clear()
        self._right[self._mark(header)] = (who, time.monotonic() + _REMEMBERED, version)
        return who

    def sign_in(self, name: str, password: str) -> tuple[Who, bytes]:
        """Who has a name and a password, or a token, and what that is checked against. Raises Problem (401)."""
        if not name or ":" in name:  # which ends a name in the header
            raise _refused()
        text = f"{name}:{password}".encode("utf-8", "surrogateescape")
        who = self.identify(f"Basic {base64.b64encode(text).decode()}")
        token = self._named.get(name)
        if token is not None and hmac.compare_digest(_sha256(password), token.sha256):
            return who, token.sha256.encode()
        return who, (self._users.digest(name) if self._users is not None else None) or b""

    def accounts(self, name: str) -> Iterator[tuple[Who, bytes]]:
        """The token and the user of a name, as far as they are still good, and what they are checked against."""
        token = self._named.get(name)
        if token is not None and not _is_over(token):
            yield Who(token.name, token.grants), token.sha256.encode()
        if self._users is not None:
            self._users.refresh()
            digest = self._users.digest(name)
            if digest is not None:
                yield self._user(name), digest

    def _user(self, name: str) -> Who:
        return Who(name, self._rights.get(name, self._rights.get(_OTHERS, ())))

    @staticmethod
    def check(who: Who, action: Action, space: str) -> None:
        """Stop who may not do that. Raises Problem (401 for nobody in particular, else 403)."""
        if not who.may(action, space):
            raise forbidden(f"{who.name} may not {action} in {space}") if who.name else _unknown()

    @staticmethod
    def check_any(who: Who) -> None:
        """Stop nobody in particular, if they may do nothing at all. Raises Problem (401)."""
        if not who.name and not who.may_anywhere():
            raise _unknown()

    @staticmethod
    def check_known(who: Who) -> None:
        """Stop nobody in particular. Raises Problem (401)."""
        if not who.name:
            raise _unknown()

    def _mark(self, header: str) -> bytes:
        return hashlib.blake2b(header.encode("utf-8", "surrogateescape"), key=self._key, digest_size=16).digest()


def _basic(scheme: str, text: str) -> tuple[str, str]:
    if scheme.lower() != "basic":
        raise _refused()
    try:
        name, colon, password = base64.b64decode(text.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise _refused() from None
    if not colon:
        raise _refused()
    return name, password


def _valid(token: Token | None) -> Who:
    if token is None or _is_over(token):
        raise _refused()
    return Who(token.name, token.grants)


def _is_over(token: Token) -> bool:
    return bool(token.expires) and token.expires <= time.time()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _refused() -> Problem:
    return unauthorized("credentials aren't valid", CHALLENGE)


def _unknown() -> Problem:
    return unauthorized("credentials are needed", CHALLENGE)
