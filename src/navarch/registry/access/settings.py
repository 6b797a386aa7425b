"""The `auth` part of the configuration: where users are, which tokens there are, what each of them may do.

auth:
  htpasswd: /etc/registry/htpasswd
  users:
    alice: {library: [pull, push, delete]}
    "*": {"*": [pull]}
  tokens:
    - name: ci
      sha256: 9f86d081…
      expires: 2027-01-01T00:00:00Z
      spaces: {"team-*": [pull, push]}
  anonymous: {public: [pull]}
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from navarch.registry.access.grants import ACTIONS, ALL, Grants, grant
from navarch.registry.keys import Keys, SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from navarch.registry.access.grants import Action

__all__ = ["Auth", "Token", "read_auth"]

_SHA256 = re.compile("[0-9a-f]{64}")
_SPACE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*\*?|\*")


class Token(NamedTuple):
    """A token: the SHA-256 of its text, when it ends (seconds since 1970; 0 is never), what it may do."""

    name: str
    sha256: str
    expires: float
    grants: Grants


class Auth(NamedTuple):
    """Who may do what. `users` are rights by name; "*" has those of users that have none of their own."""

    htpasswd: str
    users: Mapping[str, Grants]
    tokens: tuple[Token, ...]
    anonymous: Grants


def read_auth(keys: Keys) -> Auth:
    """What `auth` says. Raises SettingsError."""
    htpasswd = keys.text("htpasswd")
    users = keys.table("users")
    found = Auth(
        htpasswd=htpasswd,
        users={name: _grants(users, name) for name in users.names()},
        tokens=tuple(_token(one) for one in keys.tables("tokens")),
        anonymous=_grants(keys, "anonymous"),
    )
    if found.users and not htpasswd:
        raise SettingsError(f"{keys.at('htpasswd')} is missing: {keys.at('users')} names users")
    names = [token.name for token in found.tokens]
    for name in names:
        if names.count(name) > 1:
            raise SettingsError(f"{keys.at('tokens')} has {name} twice")
    keys.end()
    return found


def _token(keys: Keys) -> Token:
    name, digest = keys.text("name"), keys.text("sha256").lower()
    if not name or ":" in name:
        raise SettingsError(f"{keys.at('name')} should be a name without a colon")
    if not _SHA256.fullmatch(digest):
        raise SettingsError(f"{keys.at('sha256')} should be the SHA-256 of the token, 64 hexadecimal digits")
    token = Token(name, digest, _time(keys, "expires"), _grants(keys, "spaces"))
    keys.end()
    return token


def _time(keys: Keys, key: str) -> float:
    text = keys.text(key)
    if not text:
        return 0
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{keys.at(key)} should be a time like 2027-01-01T00:00:00Z, but is {text}") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _grants(keys: Keys, key: str) -> Grants:
    """Rights: {space: [action, …]}, or a list of spaces that may be pulled from."""
    value = keys.take(key)
    if value is None:
        return ()
    if isinstance(value, list):
        value = {str(space): ["pull"] for space in value}
    table = Keys(value, keys.at(key))
    return grant({space: _actions(table, space) for space in table.names()})


def _actions(keys: Keys, space: str) -> tuple[Action, ...]:
    if not _SPACE.fullmatch(space):
        raise SettingsError(f'{keys.at(space)} should be a space, the beginning of some with "*" behind, or "*"')
    value = keys.take(space)
    given = list(ACTIONS) if value == ALL else value
    if not isinstance(given, list) or not all(action in ACTIONS for action in given):
        raise SettingsError(f'{keys.at(space)} should be a list of {", ".join(ACTIONS)}, or "*"')
    return tuple(action for action in ACTIONS if action in given)
