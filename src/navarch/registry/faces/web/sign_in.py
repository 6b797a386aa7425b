"""Signing in on a page: the form, the cookie, and where it leads afterwards.

That no page of another server sends the form is seen to before it gets here, as for all that changes something:
browsers tell where a request comes from. The cookie is for reading pages only (Site.recognize).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import RedirectResponse

from navarch.registry.access.sessions import SECONDS
from navarch.registry.faces.web.frame import SIGN_IN, Page
from navarch.registry.faces.web.html import Html, classed, joined, tag
from navarch.registry.problems import bad

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["CHALLENGE", "LONGEST", "cookie_of", "fields", "inside", "sign_in_page", "signed_in", "signed_out"]

CHALLENGE = 'Bearer realm="registry"'
"""For those who have to sign in: browsers open no window of their own for it."""
LONGEST = 16 << 10
"""Bytes that the form may have."""
_NAME = "navarch-session"
_SAFE_NAME = f"__Host-{_NAME}"  # browsers take it over TLS alone, and from no other host of the domain


def sign_in_page(place: str, *, name: str = "", told: str = "") -> Page:
    """The form. `place` is where it leads to; `told` why it is shown again, `name` who was tried."""
    wrong = classed("p", "note warn", told, id="told", role="alert") if told else None
    form = tag(
        "form",
        tag("input", type="hidden", name="to", value=place),
        _field("name", "Name", "text", "username", value=name, wrong=bool(told), autofocus=not name),
        _field("password", "Password or token", "password", "current-password", wrong=bool(told), autofocus=bool(name)),
        tag("button", SIGN_IN, type="submit"),
        action="/-login",
        method="post",
        class_="sign-in",
    )
    return Page(SIGN_IN, joined((tag("h1", SIGN_IN), wrong, form)))


def _field(name: str, label: str, kind: str, fill: str, *, wrong: bool, value: str = "", autofocus: bool) -> Html:
    field = tag(
        "input",
        type=kind,
        id=f"sign-in-{name}",
        name=name,
        value=value or None,
        autocomplete=fill,
        autocapitalize="none",
        spellcheck="false",
        required=True,
        aria_describedby="told" if wrong else None,
        aria_invalid="true" if wrong else None,
        autofocus=autofocus,
    )
    return tag("p", tag("label", label, for_=f"sign-in-{name}"), field)


def fields(body: bytes) -> tuple[str, str, str]:
    """Name, password and where to go, of the form as browsers send it. Raises Problem (400)."""
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=10, errors="strict")
    except ValueError:
        raise bad("form is invalid") from None
    name, password, place = (found.get(key, [""])[0] for key in ("name", "password", "to"))
    return name, password, place


def inside(place: str) -> str:
    """An address of a page, or that of the first page for what may lead elsewhere."""
    return place if place.startswith("/-/") and "\\" not in place and place.isprintable() else "/"


def cookie_of(request: Request) -> str:
    """The cookie of who signed in."""
    return request.cookies.get(_SAFE_NAME) or request.cookies.get(_NAME) or ""


def signed_in(place: str, cookie: str, *, is_safe: bool) -> Response:
    """Off to where one was, with the cookie. `is_safe` is whether pages come over TLS."""
    response = RedirectResponse(inside(place), 303)
    if cookie:
        _give(response, cookie, SECONDS, is_safe=is_safe)
    return response


def signed_out(*, is_safe: bool) -> Response:
    """Off to the first page, without the cookie, and without what the browser kept."""
    response = RedirectResponse("/", 303, headers={"Clear-Site-Data": '"cache"'})
    _give(response, "", 0, is_safe=is_safe)
    return response


def _give(response: Response, cookie: str, seconds: int, *, is_safe: bool) -> None:
    name = _SAFE_NAME if is_safe else _NAME
    response.set_cookie(name, cookie, max_age=seconds, path="/", secure=is_safe, httponly=True, samesite="lax")
    response.headers["Cache-Control"] = "no-store"
