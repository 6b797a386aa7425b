"""The face for people: pages about spaces, charts and versions.

They are whole without JavaScript, load nothing from other servers, and run nothing that strangers wrote: what charts
say is text, and the policy that comes with each page forbids the rest. "/" lists the spaces; all else begins with
"/-", as no space's name does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from navarch.registry.faces.web.frame import page_answer, place_of, refused
from navarch.registry.faces.web.pages import Pages
from navarch.registry.faces.web.sign_in import CHALLENGE, cookie_of, sign_in_page
from navarch.registry.http import refusal as plain_refusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from navarch.registry.http import Site
    from navarch.registry.problems import Problem

__all__ = ["PREFIXES", "refusal", "routes"]

PREFIXES = ("/",)
_VERSION = "/-/{space}/{chart}/{version}"


def routes(site: Site) -> list[BaseRoute]:
    """The pages. No space's name begins with a dash, no version is a word."""
    pages = Pages(site)
    handlers = {
        "/": pages.home,
        "/-/": _to_home,
        "/-/-search": pages.search,
        "/-/-static/{name}": pages.static,
        "/-/{space}": pages.space,
        "/-/{space}/{chart}": pages.chart,
        "/-/{space}/{chart}/versions": pages.versions,
        "/-/{space}/{chart}/compare": pages.compare,
        _VERSION: pages.overview,
        f"{_VERSION}/values": pages.values,
        f"{_VERSION}/files": pages.files,
        f"{_VERSION}/dependencies": pages.dependencies,
        f"{_VERSION}/raw": pages.raw,
        f"{_VERSION}/archive": pages.archive,
    }
    return [
        *(Route(path, pages.recognizing(handler)) for path, handler in handlers.items()),
        Route("/-login", pages.recognizing(pages.login)),
        Route("/-login", pages.sign_in, methods=["POST"]),
        Route("/-logout", pages.sign_out, methods=["POST"]),
    ]


async def _to_home(request: Request) -> Response:  # noqa: ARG001
    return RedirectResponse("/", 308)


def refusal(problem: Problem, request: Request) -> Response:
    """A page for those who read pages; others, who lost their way, get what the spaces API says."""
    path = request.scope["path"]
    if path != "/" and not path.startswith("/-") and "text/html" not in request.headers.get("accept", ""):
        return plain_refusal(problem)
    identity = request.scope.get("state", {}).get("id", "")
    if problem.status == 401 and (path == "/" or path.startswith("/-")):
        response = _stopped(problem, request)
    else:
        response = refused(problem.status, str(problem), identity, request)
        response.headers.update(problem.headers)
    response.headers.add_vary_header("Accept")
    return response


def _stopped(problem: Problem, request: Request) -> Response:
    """The form to sign in with."""
    told = "Your session has ended." if cookie_of(request) else ""
    told = str(problem) if request.headers.get("authorization") else told
    response = page_answer(request, sign_in_page(place_of(request), told=told), guarded=False, status=401)
    response.headers["WWW-Authenticate"] = CHALLENGE
    return response
