"""What is around every page: the head of the document, the site's header, where one is, the answer's headers."""

from __future__ import annotations

import gzip
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from starlette.responses import Response

from navarch.registry.faces.web.html import Html, address, classed, joined, tag
from navarch.registry.sending import is_known, takes_gzip

if TYPE_CHECKING:
    from starlette.requests import Request


__all__ = ["SIGN_IN", "Asset", "Page", "asset", "caching", "crumb", "page_answer", "place_of", "refused"]

SIGN_IN = "Sign in"

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with none at all, browsers don't tell where a form comes from either
    "X-Frame-Options": "DENY",
}
_SMALL = 1000  # bytes that aren't worth compressing
_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_WORDS = {
    400: "That isn't a name here",
    403: "You may not see this",
    404: "There is no such page",
    405: "This page is only for reading",
    429: "Too many requests",
    503: "The storage doesn't answer",
}


class Asset(NamedTuple):
    """A file that pages refer to. Its address changes with its content, so that it can be kept for ever."""

    content: bytes
    packed: bytes
    media_type: str
    mark: str


class Page(NamedTuple):
    """A page: its title, where it is ((name, path) from the top), what is in it."""

    title: str
    content: Html
    crumbs: tuple[tuple[str, str], ...] = ()
    query: str = ""
    """What was searched for."""
    space: str = ""
    """The space that it is about: a search may look in this one alone."""
    within: bool = False
    """Whether the last search did."""
    live: bool = False
    """Whether it gives way to what is found while somebody types."""


def _load(name: str) -> Asset:
    content = (files(__package__) / "static" / name).read_bytes()
    return Asset(
        content,
        gzip.compress(content, mtime=0),
        _KINDS[name.rpartition(".")[2]],
        hashlib.sha256(content).hexdigest()[:16],
    )


_ASSETS = {name: _load(name) for name in ("page.css", "page.js", "icon.svg")}


def asset(name: str) -> Asset | None:
    """A file that pages refer to."""
    return _ASSETS.get(name)


def _asset_path(name: str) -> str:
    return address("-", "-static", name, v=_ASSETS[name].mark)


def page_answer(request: Request, page: Page, *, guarded: bool, status: int = 200) -> Response:
    """The answer with a page. `guarded` is whether there are accounts."""
    state = request.scope.get("state", {})
    who = state.get("who", "")
    data = _document(
        page, _account(page, who, place_of(request), can_end="session" in state) if guarded else None
    ).encode()
    headers = {**_HEADERS, "Cache-Control": caching(request), "Vary": "Accept-Encoding, Authorization, Cookie"}
    packed = len(data) > _SMALL and takes_gzip(request.headers.get("accept-encoding", ""))
    if status == 200:
        mark = hashlib.blake2b(data, digest_size=16).hexdigest()
        headers["ETag"] = f'"{mark}-gzip"' if packed else f'"{mark}"'
        if is_known(request.headers.get("if-none-match", ""), headers["ETag"]):
            return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
        data = gzip.compress(data, 5, mtime=0)
    return Response(data, status, headers=headers, media_type="text/html")


def caching(request: Request) -> str:
    """How long a browser may keep a page: for those who signed in not at all, as they may sign out at a shared desk."""
    return "private, no-store" if request.scope.get("state", {}).get("who") else "private, no-cache"


def place_of(request: Request) -> str:
    """The address of a page, to come back to."""
    query = request.scope["query_string"].decode("latin-1")
    path = quote(request.scope["path"], safe="/+@:~")
    return f"{path}?{query}" if query else path


def _account(page: Page, who: str, place: str, *, can_end: bool) -> Html | None:
    if not who:
        return classed("a", "who", "Sign in", href=address("-login", to=place)) if page.title != SIGN_IN else None
    name = tag("span", classed("span", "hidden", "Signed in as "), tag("bdi", who), class_="name")
    end = tag("form", tag("button", "Sign out", class_="quiet"), action="/-logout", method="post") if can_end else None
    return classed("div", "who", name, end)


def refused(status: int, message: str, request_id: str, request: Request) -> Response:
    """The page that says why there is none."""
    title = _WORDS.get(status, "That didn't work")
    parts = [
        tag("h1", title),
        tag("p", tag("bdi", message)),
        tag("p", tag("a", "All spaces", href="/")),
        classed("p", "dim", f"Status {status}, request {request_id}") if request_id else None,
    ]
    guarded = bool(request.scope.get("state", {}).get("who"))
    return page_answer(request, Page(title, joined(parts)), guarded=guarded, status=status)


def crumb(*names: str) -> tuple[tuple[str, str], ...]:
    """Where a page of a space, a chart or a version is."""
    return tuple((name, address("-", *names[: at + 1])) for at, name in enumerate(names))


def _document(page: Page, account: Html | None) -> Html:
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("title", page.title if page.title == "Charts" else f"{page.title} · Charts"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("link", rel="icon", href=_asset_path("icon.svg"), type="image/svg+xml"),
        tag("link", rel="stylesheet", href=_asset_path("page.css")),
        tag("script", src=_asset_path("page.js"), defer=True),
    )
    body = tag(
        "body",
        classed("a", "skip", "Skip to the content", href="#main"),
        _header(page, account),
        tag("main", _crumbs(page), page.content, id="main", tabindex="-1", data_live=page.live),
        _footer(),
        tag("p", id="said", role="status", class_="hidden"),
    )
    return Html(f"<!doctype html>\n{tag('html', head, body, lang='en')}\n")


def _header(page: Page, account: Html | None) -> Html:
    icon = tag("img", src=_asset_path("icon.svg"), alt="", width=24, height=24)
    return tag(
        "header", classed("div", "inner", classed("a", "site", icon, "Charts", href="/"), _search(page), account)
    )


def _search(page: Page) -> Html:
    return tag(
        "form",
        classed("label", "hidden", "Search charts", for_="q"),
        tag("input", type="search", id="q", name="q", value=page.query, placeholder="Search charts", maxlength=200),
        _scope(page) if page.space else None,
        tag("button", "Search", type="submit"),
        action="/-/-search",
        method="get",
        role="search",
    )


def _scope(page: Page) -> Html:
    """Where to search: everywhere, or in the space that the page is about."""
    options = (
        tag("option", "everywhere", value=""),
        tag("option", f"in {page.space}", value=page.space, selected=page.within),
    )
    return tag("select", *options, name="space", aria_label="Where to search", class_=None if page.live else "wide")


def _crumbs(page: Page) -> Html | None:
    if not page.crumbs:
        return None
    *before, last = page.crumbs
    items = [tag("li", tag("a", name, href=path)) for name, path in (("Spaces", "/"), *before)]
    items.append(tag("li", tag("a", last[0], href=last[1], aria_current="page")))
    return tag("nav", tag("ol", *items), aria_label="Where you are", class_="crumbs")


def _footer() -> Html:
    links = (("/apidocs.json", "Spaces API"), ("/healthz", "Health"))
    parts = joined((tag("a", name, href=path) for path, name in links), " · ")
    return tag("footer", classed("div", "inner", "Navarch chart registry · ", parts))
