"""What the entry point of this package names: four mappings, each of which could be left out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from navarch.errors import DownloadError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from navarch.repos.getting import GetterRequest

STORE = os.environ.get("EXAMPLE_STORE", "/nonexistent")


def shout(text: str, times: int = 1) -> str:
    """{{ shout "hello" 3 }} is HELLO!!!"""
    return text.upper() + "!" * times


def fetch(request: GetterRequest) -> bytes:
    """shelf://web-1.0.0.tgz is that file in the store."""
    try:
        with open(os.path.join(STORE, urlsplit(request.url).netloc + urlsplit(request.url).path), "rb") as file:
            return file.read()
    except OSError as error:
        raise DownloadError(f"not on the shelf: {request.url}", url=request.url) from error


def label(manifests: str, arguments: Sequence[str]) -> str:
    """--post-renderer label --post-renderer-args OLD --post-renderer-args NEW replaces a text."""
    if not arguments:
        return manifests
    old, new = arguments
    return manifests.replace(old, new)


def settings(address: str) -> Mapping[str, Any]:
    """-f settings://name gives values."""
    return {"who": urlsplit(address).netloc, "replicas": 3, "ratio": 0.5, "on": True, "list": ["a", None]}


functions = {"shout": shout}
getters = {"shelf": fetch}
post_renderers = {"label": label}
value_sources = {"settings": settings}
