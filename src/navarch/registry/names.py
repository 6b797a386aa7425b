"""Which names spaces, charts and versions may have. What passes can be part of a path and of a key."""

from __future__ import annotations

import re

from navarch.registry.problems import invalid

__all__ = ["Names", "is_oci_name", "tag_of", "version_of"]

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*")
_STRICT_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]*")
_IDENTIFIERS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_NUMBER = "(?:0|[1-9][0-9]*)"
_PRERELEASE = r"(?:(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_PRERELEASE})?(?:\+{_IDENTIFIERS})?")
_STRICT_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_OCI = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_MOST = 200  # bytes: a name is a folder's, and files in it have longer ones
_MOST_VERSION = 128  # what a tag may have


class Names:
    """The rules: SemVer 2 and names with dots, or (`strict`) what the first registry of this API allowed."""

    __slots__ = ("_name", "_version")

    def __init__(self, *, strict: bool = False) -> None:
        self._name = _STRICT_NAME if strict else _NAME
        self._version = _STRICT_VERSION if strict else _VERSION

    def check_space(self, name: str) -> str:
        """The name, if a space can have it. Raises Problem (400)."""
        return self._checked("space", name)

    def check_chart(self, name: str) -> str:
        """The name, if a chart can have it. Raises Problem (400)."""
        return self._checked("chart", name)

    def check_version(self, text: str) -> str:
        """The version, if it is one. Raises Problem (400)."""
        if len(text) > _MOST_VERSION or not self._version.fullmatch(text):
            raise invalid("version", text)
        return text

    def _checked(self, what: str, name: str) -> str:
        if len(name) > _MOST or not self._name.fullmatch(name):
            raise invalid(what, name)
        return name


def is_oci_name(name: str) -> bool:
    """Whether a part of a repository's name can be spelled like this."""
    return _OCI.fullmatch(name) is not None


def tag_of(version: str) -> str:
    """A version as an OCI tag, which can't have a plus sign. Keys of storage spell it the same way."""
    return version.replace("+", "_")


def version_of(tag: str) -> str:
    """The version that a tag spells."""
    return tag.replace("_", "+")
