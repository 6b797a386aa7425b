"""HTML written by functions: what isn't marked as HTML is escaped, wherever it stands.

    tag("a", "a < b", href="/?q=1&r=2")    <a href="/?q=1&amp;r=2">a &lt; b</a>

Only `tag`, `joined` and `text` make Html, and what is passed to them as text stays text. Addresses that strangers wrote
go through `outside`, which knows the schemes that are harmless.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    Part = str | None
    """Text, Html, or nothing."""
    Attribute = str | int | bool | None

__all__ = ["Html", "address", "classed", "joined", "outside", "tag", "text"]

_VOID = frozenset(("br", "hr", "img", "input", "link", "meta"))
_SCHEMES = frozenset(("http", "https", "mailto"))


class Html(str):
    """Text that is HTML."""

    __slots__ = ()


def text(part: Part) -> Html:
    """A text as HTML: escaped unless it is HTML already. Lone surrogates become question marks."""
    if part is None:
        return Html()
    if isinstance(part, Html):
        return part
    return Html(escape(part.encode("utf-8", "replace").decode()))


def joined(parts: Iterable[Part], between: str = "") -> Html:
    """Parts in a row."""
    return Html(text(between).join(map(text, parts)))


def tag(element: str, /, *parts: Part, **attributes: Attribute) -> Html:
    """An element. `class_` is class, `aria_label` aria-label; False and None leave out an attribute, True its value."""
    head = "".join(_attribute(key, value) for key, value in attributes.items())
    if element in _VOID:
        return Html(f"<{element}{head}>")
    return Html(f"<{element}{head}>{joined(parts)}</{element}>")


def classed(element: str, kind: str, /, *parts: Part, **attributes: Attribute) -> Html:
    """An element of a class."""
    return tag(element, *parts, class_=kind, **attributes)


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(str(value))}"'


def address(*names: str, **query: str | int) -> str:
    """The path of a page: each name is one segment of it; parameters without a value are left out."""
    path = "/".join(quote(name, safe="+@:~") for name in names)
    given = {key.rstrip("_"): value for key, value in query.items() if value not in {"", None}}
    return f"/{path}?{urlencode(given)}" if given else f"/{path}"


def outside(url: str) -> str | None:
    """An address that somebody wrote, if a link may lead there: of the web or a mailbox, and whole."""
    url = url.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not (parts.netloc or parts.scheme == "mailto"):
        return None
    return url if url.isprintable() and not any(sign in url for sign in ' \\<>"') else None
