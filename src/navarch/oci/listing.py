"""Lists that registries give in pages: tags, repositories."""

from __future__ import annotations

from navarch.errors import JsonError, RegistryError
from navarch.oci.address import parse_address, same_origin
from navarch.oci.problems import refusal
from navarch.oci.transport import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from navarch.oci.transport import Answer

__all__ = ["next_page", "pages"]

_MOST_PAGES = 10_000


def pages(send: Callable[[Request], Answer], url: str, name: str) -> Iterator[str]:
    """The texts in a list that comes in pages. Raises RegistryError."""
    seen: set[str] = set()
    while url:
        if url in seen or len(seen) >= _MOST_PAGES:
            raise RegistryError(f"{name.removesuffix('s')} listing exceeded {len(seen)} pages: too many pages", url=url)
        seen.add(url)
        answer = send(Request("GET", url))
        if answer.status != 200:
            raise refusal(answer)
        yield from _listed(answer, name)
        url = next_page(answer)


def _listed(answer: Answer, name: str) -> list[str]:
    from navarch.golang.json import loads

    try:
        found: Any = loads(answer.body.decode("utf-8", "surrogateescape"))
    except JsonError as error:
        problem = "unexpected EOF" if str(error) == "unexpected end of JSON input" else str(error)
        problem = "EOF" if not answer.body.strip() else problem
        raise RegistryError(f"{answer.where}: failed to decode response: {problem}", url=answer.url) from error
    texts = found.get(name) if isinstance(found, dict) else None
    if texts is not None and not (isinstance(texts, list) and all(isinstance(text, str) for text in texts)):
        raise RegistryError(f"{answer.where}: failed to decode response: {name} are no list of texts", url=answer.url)
    return texts or []


def next_page(answer: Answer) -> str:
    """The address of the next page; "" where there is none. Raises RegistryError for one on another server."""
    from urllib.parse import urljoin

    from navarch.golang.strconv import quote

    link = answer.headers.get("link", "")
    if not link:
        return ""
    if link[0] != "<" or ">" not in link:
        missing = "<" if link[0] != "<" else ">"
        raise RegistryError(f"invalid next link {quote(link)}: missing '{missing}'", url=answer.url)
    target = link[1 : link.index(">")]
    url = urljoin(answer.url, target)
    if not same_origin(parse_address(answer.url), parse_address(url)):
        raise RegistryError(
            f"invalid next link {quote(target)}: not the same origin as {quote(answer.url)}", url=answer.url
        )
    return url
