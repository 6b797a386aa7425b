"""Addresses of repositories and what is below them, put together as Go's net/url and Helm's urlutil do it."""

from __future__ import annotations

from posixpath import normpath

from navarch.errors import DownloadError, FunctionError
from navarch.golang.path import join as join_paths
from navarch.golang.url import URL, parse_url

__all__ = ["equal", "is_absolute", "join", "resolve", "resolve_reference", "with_base"]


def resolve(base: URL, reference: URL) -> URL:
    """The address that a reference means, seen from another (RFC 3986, url.URL.ResolveReference)."""
    found = URL(
        scheme=reference.scheme or base.scheme,
        opaque=reference.opaque,
        user=reference.user,
        host=reference.host,
        query=reference.query,
        fragment=reference.fragment,
    )
    found.force_query, found.raw_fragment = reference.force_query, reference.raw_fragment
    if reference.scheme or reference.host or reference.user is not None:
        found.set_path(_resolve_path(reference.escaped_path(), ""))
        return found
    if reference.opaque:
        found.user, found.host = None, ""
        return found
    if not (reference.path or reference.force_query or reference.query):
        found.query = base.query
        if not reference.fragment:
            found.fragment, found.raw_fragment = base.fragment, base.raw_fragment
    found.host, found.user = base.host, base.user
    found.set_path(_resolve_path(base.escaped_path(), reference.escaped_path()))
    return found


def _resolve_path(base: str, reference: str) -> str:
    full = reference or base
    if reference and reference[0] != "/":
        full = base[: base.rfind("/") + 1] + reference
    if not full:
        return ""
    kept: list[str] = []
    parts = full.split("/")
    for part in parts:
        if part == "..":
            del kept[-1:]
            if not kept:
                kept = [""]
        elif part != ".":
            kept.append(part)
    path = "/".join(kept)
    if not path.startswith("/"):
        path = f"/{path}"
    return f"{path}/" if parts[-1] in (".", "..") and not path.endswith("/") else path


def resolve_reference(base: str, reference: str) -> str:
    """The address of what an index names: as it is, or below the repository's address and with its query.

    Raises DownloadError.
    """
    target = _parse(reference)
    if target.scheme:
        return reference
    url = _parse(base)
    url.raw_path = url.raw_path.removesuffix("/") + "/"
    url.path = url.path.removesuffix("/") + "/"
    found = resolve(url, target)
    found.query = url.query
    return str(found)


def _parse(text: str) -> URL:
    try:
        return parse_url(text)
    except FunctionError as error:
        raise DownloadError(f"failed to parse {text} as URL: {error}") from error


def is_absolute(text: str) -> bool:
    """Whether a text is an address with scheme, host and path."""
    try:
        url = parse_url(text)
    except FunctionError:
        return False
    return bool(url.scheme and url.host and url.path)


def join(base: str, *paths: str) -> str:
    """An address with more at the end of its path. Raises FunctionError for a base that is none."""
    url = parse_url(base)
    url.path = join_paths(url.path, *paths)
    return str(url)


def with_base(base: str, *paths: str) -> str:
    """As `join`; a base that is no address counts as a path."""
    try:
        return join(base, *paths)
    except FunctionError:
        return join_paths(base, *paths)


def equal(one: str, other: str) -> bool:
    """Whether two addresses, or two paths, mean the same."""
    try:
        first = parse_url(one)
    except FunctionError:
        return _clean(one) == _clean(other)
    try:
        second = parse_url(other)
    except FunctionError:
        return False
    for url in (first, second):
        url.path = _clean(url.path or "/")
    return str(first) == str(second)


def _clean(path: str) -> str:
    """A path as Go's filepath.Clean leaves it."""
    cleaned = normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned
