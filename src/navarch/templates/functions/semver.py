"""Versions in templates: semver and semverCompare."""

from __future__ import annotations

from navarch.errors import FunctionError, VersionError
from navarch.golang.semver import Version, parse_version, satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS"]


def semver(text: str) -> Version:
    try:
        return parse_version(text)
    except VersionError as error:
        raise FunctionError(error.message) from None


def semver_compare(constraint: str, version: str) -> bool:
    """Whether a version satisfies a constraint."""
    try:
        return satisfies(constraint, version)
    except VersionError as error:
        raise FunctionError(error.message) from None


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "semver": semver,
    "semverCompare": semver_compare,
}
