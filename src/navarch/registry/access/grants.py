"""Rights: which actions somebody may do in which spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ACTIONS", "ALL", "ANONYMOUS", "ANYBODY", "Action", "Grants", "Who", "grant"]

Action = Literal["pull", "push", "delete"]
ACTIONS: tuple[Action, ...] = get_args(Action)
ALL = "*"  # every space

Grants = tuple[tuple[str, frozenset[str]], ...]
"""Spaces and the actions in them; a space may end with "*": all that begin so."""


class Who(NamedTuple):
    """Somebody who asks: a user, a token, or nobody in particular (`name` is "")."""

    name: str
    grants: Grants

    def may(self, action: Action, space: str) -> bool:
        """Whether they may do that in a space."""
        return any(action in actions and _fits(pattern, space) for pattern, actions in self.grants)

    def may_anywhere(self) -> bool:
        """Whether there can be a space where they may do anything."""
        return any(actions for _, actions in self.grants)


def grant(rights: Mapping[str, tuple[Action, ...]]) -> Grants:
    """Rights from a table: space to actions."""
    return tuple((space, frozenset(actions)) for space, actions in rights.items())


def _fits(pattern: str, space: str) -> bool:
    return space.startswith(pattern[:-1]) if pattern.endswith(ALL) else pattern == space


ANYBODY = Who("", grant({ALL: ACTIONS}))
"""Who asks a server without accounts."""
ANONYMOUS = "anonymous"
