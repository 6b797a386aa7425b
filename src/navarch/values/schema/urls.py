"""URLs as schemas use them: ids and references."""

from __future__ import annotations

from navarch.errors import ValuesError
from navarch.golang.strconv import quote

__all__ = ["encode_fragment", "join", "split"]


def split(reference: str) -> tuple[str, str]:
    """A reference's URL and its fragment, decoded. Raises ValuesError where that can't be."""
    url, _, fragment = reference.partition("#")
    return url, _decode_fragment(fragment, reference)


def _decode_fragment(fragment: str, whole: str) -> str:
    if "%" not in fragment:
        return fragment
    _check_escapes(fragment, whole)
    from urllib.parse import unquote

    return unquote(fragment, errors="replace")


def _check_escapes(text: str, whole: str) -> None:
    for piece in text.split("%")[1:]:
        if len(piece) < 2 or not all(char in "0123456789abcdefABCDEF" for char in piece[:2]):
            problem = f"invalid URL escape {quote('%' + piece[:2])}"
            raise ValuesError(f"error in parsing {quote(whole)}: {problem}")


def encode_fragment(pointer: str) -> str:
    """A JSON pointer as it stands in a URL: all but slashes are escaped where needed."""
    if pointer.isascii() and pointer.replace("/", "").replace("$", "").replace("-", "").replace("_", "").isalnum():
        return pointer
    from urllib.parse import quote as escape

    return escape(pointer, safe="/$&+:=@")


def join(base: str, reference: str) -> str:
    """A reference without fragment as seen from a base URL."""
    if not reference:
        return base
    scheme = _scheme(reference)
    if scheme and not reference.startswith(f"{scheme}:/"):
        return reference
    from urllib.parse import urljoin

    if base.startswith("urn:") and not scheme:
        return base
    if base.startswith("file://") and not scheme:
        # urljoin knows file URLs without a host only by a detour
        return "file://" + urljoin("http://" + base.removeprefix("file://"), reference).removeprefix("http://")
    return urljoin(base, reference)


def _scheme(text: str) -> str:
    head, colon, _ = text.partition(":")
    if not colon or not head or not head[0].isalpha() or not head.isascii():
        return ""
    return head if all(char.isalnum() or char in "+-." for char in head) else ""
