"""When an image is pulled if nobody says: the rules of image names (distribution/reference) as far as defaults need."""

from __future__ import annotations

import re

__all__ = ["pull_policy"]

_LIMIT = 1024
_NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?").fullmatch
_PATH = re.compile(
    rf"({_NAME}(?:/{_NAME})*)(?::([\w][\w.-]{{0,127}}))?"
    r"(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*):([0-9a-fA-F]{32,}))?",
    re.ASCII,
).fullmatch
_IDENTIFIER = re.compile("[a-f0-9]{64}").fullmatch
_HEX = re.compile("[a-f0-9]*").fullmatch
_DIGESTS = {"sha256": 64, "sha384": 96, "sha512": 128}
_HUB = "docker.io"
_MAX_NAME = 255
_known: dict[str, str] = {}


def pull_policy(image: str) -> str:
    """Always for the tag "latest", which is meant too where neither tag nor digest is named; else IfNotPresent."""
    found = _known.get(image)
    if found is None:
        if len(_known) >= _LIMIT:
            _known.clear()
        found = _known[image] = "Always" if _tag(image) == "latest" else "IfNotPresent"
    return found


def _tag(image: str) -> str:
    """The tag of an image; "" for a digest without one, and for what is no image name."""
    if _IDENTIFIER(image):
        return ""
    host, path = _split(image)
    if not _HOST(host):
        return ""
    found = _PATH(path)
    if found is None or len(host) + 1 + len(found[1]) > _MAX_NAME:
        return ""
    if found[3] and not (_DIGESTS.get(found[3]) == len(found[4]) and _HEX(found[4])):
        return ""
    return found[2] or ("" if found[3] else "latest")


def _split(image: str) -> tuple[str, str]:
    """The registry's host and the rest; Docker Hub where no host is named."""
    first, slash, rest = image.partition("/")
    if not slash:
        return _HUB, f"library/{image}"
    if first != "localhost" and not set(".:") & set(first) and first.lower() == first:
        return _HUB, image
    if first in ("index.docker.io", _HUB):
        return _HUB, rest if "/" in rest else f"library/{rest}"
    return first, rest
