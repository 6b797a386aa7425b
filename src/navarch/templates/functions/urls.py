"""URLs in templates: taken apart into a dict by urlParse, put together from one by urlJoin."""

from __future__ import annotations

from navarch.errors import FunctionError
from navarch.golang.types import kind_of
from navarch.golang.url import URL, parse_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS"]


def url_parse(text: str) -> dict[str, Any]:
    try:
        url = parse_url(text)
    except FunctionError as error:
        raise FunctionError(f"unable to parse url: {error}") from None
    return {
        "scheme": url.scheme,
        "host": url.host,
        "hostname": url.hostname(),
        "path": url.path,
        "query": url.query,
        "opaque": url.opaque,
        "fragment": url.fragment,
        "userinfo": url.userinfo(),
    }


def url_join(parts: dict[str, Any] | None) -> str:
    parts = parts or {}
    url = URL(
        scheme=_part(parts, "scheme"),
        host=_part(parts, "host"),
        path=_part(parts, "path"),
        query=_part(parts, "query"),
        opaque=_part(parts, "opaque"),
        fragment=_part(parts, "fragment"),
    )
    userinfo = _part(parts, "userinfo")
    if userinfo:
        try:
            url.user = parse_url(f"proto://{userinfo}@host").user
        except FunctionError as error:
            raise FunctionError(f"unable to parse userinfo in dict: {error}") from None
    return str(url)


def _part(parts: dict[str, Any], key: str) -> str:
    """One of the parts, "" where it's missing; it must be a string."""
    value = parts.get(key, "")
    if isinstance(value, str):
        return value
    if value is None:
        raise FunctionError("runtime error: invalid memory address or nil pointer dereference")
    raise FunctionError(f"unable to parse {key} key, must be of type string, but {kind_of(value)} found")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "urlJoin": url_join,
    "urlParse": url_parse,
}
