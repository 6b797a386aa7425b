"""References to what a registry keeps: registry.example.com/charts/web, with :tag, @digest or both.

The grammar is oras-go's, which is Docker's; and Helm's way to write a version's plus sign, which no tag may have, as _.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import RegistryError

__all__ = [
    "SCHEME",
    "Reference",
    "check_digest",
    "is_oci",
    "parse_chart_reference",
    "parse_reference",
    "parse_registry",
]

SCHEME = "oci://"

_SMALL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_HEX = frozenset("0123456789abcdef")
_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_MOST_TAG = 128
_FORMAT = "invalid checksum digest format"


class Reference(NamedTuple):
    """A repository, and maybe what in it: a tag, a digest, or both (then the digest decides)."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def host(self) -> str:
        """Where requests go: Docker Hub's API is not where its name is."""
        return "registry-1.docker.io" if self.registry == "docker.io" else self.registry

    @property
    def target(self) -> str:
        """What a manifest is asked for by: the digest if there is one, else the tag."""
        return self.digest or self.tag

    @property
    def name(self) -> str:
        """Registry and repository."""
        return f"{self.registry}/{self.repository}"

    def __str__(self) -> str:
        if self.tag:
            return f"{self.name}:{self.tag}"
        return f"{self.name}@{self.digest}" if self.digest else self.name


def is_oci(reference: str) -> bool:
    """Whether a chart's reference names a registry."""
    return reference.startswith(SCHEME)


def parse_reference(text: str) -> Reference:
    """A reference without a scheme: REGISTRY/REPOSITORY, then :TAG, @DIGEST or both. Raises RegistryError.

    A tag beside a digest is dropped unread, as oras-go does it.
    """
    registry, slash, path = text.partition("/")
    if not slash:
        raise _invalid("missing registry or repository")
    path, at, digest = path.partition("@")
    repository, colon, tag = path.partition(":")
    parse_registry(registry)
    if not _is_repository(repository):
        raise _invalid(f"invalid repository {_quote(repository)}")
    if at and digest:
        check_digest(digest)
        return Reference(registry, repository, "", digest)
    if colon and tag and not at and not _is_tag(tag):
        raise _invalid(f"invalid tag {_quote(tag)}")
    return Reference(registry, repository, "" if at else tag)


def parse_chart_reference(text: str) -> Reference:
    """A chart's reference as Helm reads it, with oci:// or without; the tag may have a + in it. Raises RegistryError.

    What stands behind an @ is not looked at here: it need not be asked for.
    """
    text, at, digest = text.removeprefix(SCHEME).rpartition("@") if "@" in text else (text.removeprefix(SCHEME), "", "")
    parts = text.split(":")
    if len(parts) > 1 and parts[-1] and "/" not in parts[-1]:
        text = text.replace(parts[-1], parts[-1].replace("+", "_"))
    found = parse_reference(text)
    return found._replace(digest=digest) if at else found


def parse_registry(name: str) -> str:
    """A registry's name, HOST or HOST:PORT, checked. Raises RegistryError."""
    from navarch.errors import NavarchError
    from navarch.golang.url import parse_url

    try:
        host = parse_url(f"dummy://{name}").host
    except NavarchError:
        host = ""
    if not host or host != name:
        raise _invalid(f"invalid registry {_quote(name)}")
    return name


def check_digest(digest: str) -> None:
    """Refuse what is no digest of a kind that we can check. Raises RegistryError."""
    algorithm, colon, encoded = digest.partition(":")
    problem = ""
    if not algorithm or not colon or not encoded:
        problem = _FORMAT
    elif algorithm not in _LENGTHS:
        problem = "unsupported digest algorithm" if _is_algorithm(algorithm, encoded) else _FORMAT
    elif len(encoded) != _LENGTHS[algorithm]:
        problem = "invalid checksum digest length"
    elif not _HEX.issuperset(encoded):
        problem = _FORMAT
    if problem:
        raise _invalid(f"invalid digest {_quote(digest)}: {problem}")


def _is_algorithm(name: str, encoded: str) -> bool:
    from re import fullmatch

    return bool(fullmatch(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*", name) and fullmatch(r"[a-zA-Z0-9=_-]+", encoded))


def _is_repository(name: str) -> bool:
    """Whether a name is parts of small letters and digits, joined by slashes.

    Within a part one dot, one or two underscores or any number of dashes may stand between letters.
    """
    return all(_is_part(part) for part in name.split("/"))


def _is_part(part: str) -> bool:
    if not part or part[0] not in _SMALL or part[-1] not in _SMALL:
        return False
    between = "".join(" " if char in _SMALL else char for char in part)
    return all(run in (".", "_", "__") or not run.strip("-") for run in between.split())


def _is_tag(tag: str) -> bool:
    return len(tag) <= _MOST_TAG and tag[0] in _WORD and all(char in _WORD or char in ".-" for char in tag)


def _quote(text: str) -> str:
    from navarch.golang.strconv import quote

    return quote(text)


def _invalid(problem: str) -> RegistryError:
    return RegistryError(f"invalid reference: {problem}")
