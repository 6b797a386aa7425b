"""E-mail addresses and URLs, as strictly as asaskevich/govalidator judges them."""

from __future__ import annotations

from navarch.errors import FunctionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["is_email", "is_request_url", "is_url"]

_LONGEST_URL = 2083
_SHORTEST_URL = 3

_WIDE = r"\x{00A0}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFEF}"
_ATOM = rf"[a-zA-Z0-9!#$%&'*+\-/=?^_`{{|}}~{_WIDE}]+"
_BLANK = r"(([ \t]*\r\n)?[ \t]+)?"
_QUOTABLE = rf"([\x01-\x08\x0b\x0c\x0e-\x1f\x7f!\x23-\x5b\x5d-\x7e{_WIDE}]|\([\x01-\x09\x0b-\x0d\x0e-\x7f]|[{_WIDE}])"
_QUOTED = rf'("{_BLANK}{_QUOTABLE})*{_BLANK}"'  # as govalidator has it: a quote before every character
_LABEL = rf"[a-zA-Z0-9{_WIDE}]([a-zA-Z0-9\-._~{_WIDE}]*[a-zA-Z0-9{_WIDE}])?"
_TOP = rf"[a-zA-Z{_WIDE}]([a-zA-Z0-9\-_~{_WIDE}]*[a-zA-Z{_WIDE}])?"
_EMAIL = rf"({_ATOM}(\.{_ATOM})*|{_QUOTED})@({_LABEL}\.)+{_TOP}\.?"

_HIGH = r"\x{00a1}-\x{ffff}"
_BYTE = r"(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])"
_ADDRESS = rf"([1-9]\d?|1\d\d|2[01]\d|22[0-3]|24\d|25[0-5])(\.{_BYTE}){{2}}\.{_BYTE}"
_SUBDOMAIN = r"(www\.|[a-zA-Z0-9]+([-_.]?[a-zA-Z0-9])*[a-zA-Z0-9]\.[a-zA-Z0-9]+)"
_HOST_START = rf"([a-zA-Z0-9][a-zA-Z0-9\-_]*[a-zA-Z0-9]([-.][a-zA-Z0-9]+)*|{_SUBDOMAIN})?"
_HOST_END = rf"([a-zA-Z0-9{_HIGH}]+-?-?)*[a-zA-Z0-9{_HIGH}]+(\.[a-zA-Z{_HIGH}]+)?"
_HOST = rf"({_ADDRESS}|\[[0-9a-fA-F:.]+(%[0-9a-zA-Z]+)?\]|{_HOST_START}{_HOST_END})"
_URL = rf"((ftp|tcp|udp|wss?|https?)://)?(\S+(:\S*)?@)?{_HOST}\.?(:\d{{1,5}})?([/?#]\S*)?"

_compiled: dict[str, Any] = {}


def _matches(pattern: str, text: str) -> bool:
    """Whether a whole text matches; in linear time, whatever it is."""
    if pattern not in _compiled:
        import re2

        _compiled[pattern] = re2.compile(pattern)
    return _compiled[pattern].fullmatch(text.encode("utf-8", "replace").decode()) is not None


def is_email(text: str) -> bool:
    return _matches(_EMAIL, text)


def is_request_url(text: str) -> bool:
    """Whether a text is a URL with a scheme, as one stands in a request: a # is part of its path."""
    from navarch.golang.url import parse_url

    try:
        return bool(parse_url(text.replace("#", "%23")).scheme)
    except FunctionError:
        return False


def is_url(text: str) -> bool:
    """Whether a text is an address on the web, with or without a scheme."""
    size = len(text.encode("utf-8", "surrogateescape"))
    if size <= _SHORTEST_URL or len(text) >= _LONGEST_URL or text[0] == ".":
        return False
    from navarch.golang.url import parse_url

    try:
        url = parse_url(f"http://{text}" if ":" in text and "://" not in text else text)
    except FunctionError:
        return False
    if url.host.startswith(".") or (not url.host and url.path and "." not in url.path):
        return False
    return _matches(_URL, text)
