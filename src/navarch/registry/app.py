"""The server as one ASGI application: finds the handler for a path, and does what is the same for all of them.

The faces give their routes. Around each request: an id, limits, headers that browsers heed, the error form of the face
that the path belongs to, the logs.
"""

from __future__ import annotations

import errno
import secrets
import sys
import time
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Match, Route

from navarch.registry.admission import Admission, Told
from navarch.registry.drivers import open_store
from navarch.registry.exchange import Receiver, Sender, let_come
from navarch.registry.faces import classic, museum, oci, spaces, web
from navarch.registry.http import Site, answer, end_turn, not_found, refusal
from navarch.registry.limits import Rate
from navarch.registry.logs import AccessLog, AuditLog, Event
from navarch.registry.metrics import CONTENT_TYPE, Metrics
from navarch.registry.problems import INTERNAL, REQUEST, Problem
from navarch.registry.store.objects import StorageError
from navarch.registry.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from navarch.registry.config import Config

__all__ = ["App", "make_app"]

_NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
FACES: tuple[Any, ...] = (classic, spaces, oci, museum, web)
"""In the order in which they are asked for a path that fits more than one."""


def make_app(config: Config, *, shared: str = "") -> App:
    """The application of one worker. Raises SettingsError, StorageError."""
    return App(make_site(config), shared=shared)


def make_site(config: Config) -> Site:
    """The store that is configured, and what is around it."""
    from navarch.registry.access.guard import Guard

    return Site(open_store(config), config, guard=Guard(config.auth) if config.auth else None)


class App:
    """An ASGI application. `site` is what its faces work with; workers share what is in the folder `shared`."""

    def __init__(self, site: Site, *, shared: str = "") -> None:
        self.site = site
        config = site.config
        rate = _rate(config, shared) if config.requests else None
        self._admission = Admission(config, rate)
        self._access = AccessLog(config.logs) if config.logs.access else None
        self._metrics = Metrics(shared if config.workers > 1 else "")
        self._told = [
            log.add
            for log in (self._access, AuditLog(config.logs) if config.logs.audit else None, self._metrics)
            if log
        ]
        self._upkeep = Upkeep(site.store, config.upkeep, config.logs)
        self._routes: dict[str, list[BaseRoute]] = {}
        self._refusals: dict[str, Callable[[Problem, Request], Response]] = {"/api/v1/": _plain_refusal}
        self._add(_own_routes(site, self._metrics))
        for face in FACES:
            self._add(face.routes(site))
            for prefix in getattr(face, "PREFIXES", ()):
                self._refusals[prefix] = face.refusal

    def _add(self, routes: Iterable[BaseRoute]) -> None:
        for route in routes:
            first = str(getattr(route, "path", "/")).split("/")[1]
            self._routes.setdefault("" if "{" in first else first, []).append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._upkeep.start()
            if message["type"] == "lifespan.shutdown":
                self._upkeep.stop()
                self.site.close()
                if self._access:
                    self._access.flush()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        told = Told.by(scope)
        scope["app"] = self
        scope["state"] = state = {"id": _request_id(told.request_id)}
        address = self._admission.address(scope, told)
        sender, receiver = Sender(send, state["id"]), Receiver(receive)
        try:
            self._admission.check(scope, told, address)
            await self._handle(scope, receiver, sender)
        except Exception as error:
            if sender.status:
                if isinstance(error, StorageError):
                    _say(error, state["id"])
                raise
            response = self._refused(_problem_of(error, state["id"]), Request(scope))
            if receiver.may_come(scope):
                await let_come(receiver)
            await response(scope, receiver, sender)
        finally:
            end_turn(scope)
            self._tell(scope, address, sender, time.perf_counter() - begun)

    def _tell(self, scope: Scope, address: str, sender: Sender, seconds: float) -> None:
        state = scope["state"]
        query = scope["query_string"]
        target = scope.get("raw_path") or scope["path"].encode()
        event = Event(
            id=state["id"],
            address=address,
            who=state.get("who", ""),
            method=scope["method"],
            target=(target + b"?" + query if query else target).decode("latin-1"),
            version=scope["http_version"],
            status=sender.status,
            size=sender.size if scope["method"] != "HEAD" else 0,
            seconds=seconds,
            state=state,
        )
        for tell in self._told:
            tell(event)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        first = path.split("/", 2)[1] if path.startswith("/") else ""
        if path.endswith("\n"):  # which the end of a route's expression would pass over
            raise not_found(path)
        partial: tuple[BaseRoute, Scope] | None = None
        for group in (first, "") if first else ("",):
            for route in self._routes.get(group, ()):
                match, child = route.matches(scope)
                if match is Match.FULL:
                    scope.update(child)
                    return await route.handle(scope, receive, send)
                if match is Match.PARTIAL and partial is None:
                    partial = route, child
        if partial is None:
            raise not_found(path)
        raise _wrong_method(self._methods(scope), scope["method"])

    def _methods(self, scope: Scope) -> set[str]:
        """The methods that a path has."""
        found: set[str] = set()
        for group in {scope["path"].split("/", 2)[1], ""}:
            for route in self._routes.get(group, ()):
                if route.matches(scope)[0] is not Match.NONE:
                    found |= getattr(route, "methods", None) or set()
        return found

    def _refused(self, problem: Problem, request: Request) -> Response:
        path = request.scope["path"]
        prefixes = [prefix for prefix in self._refusals if f"{path}/".startswith(prefix)]
        return self._refusals[max(prefixes, key=len)](problem, request) if prefixes else refusal(problem)


def _plain_refusal(problem: Problem, request: Request) -> Response:  # noqa: ARG001 - as those of the faces
    return refusal(problem)


def _own_routes(site: Site, metrics: Metrics) -> list[BaseRoute]:
    async def healthz(request: Request) -> Response:  # noqa: ARG001
        return answer("ok\n", media_type="text/plain")

    async def readyz(request: Request) -> Response:  # noqa: ARG001
        await site.run(site.store.objects.check)
        return answer("ok\n", media_type="text/plain")

    async def figures(request: Request) -> Response:
        await site.known(request)
        return answer(await site.run(metrics.text), media_type=CONTENT_TYPE)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", figures)]


def _rate(config: Config, shared: str) -> Rate:
    if not shared:
        return Rate(config.requests, config.burst)
    return Rate(config.requests, config.burst, path=f"{shared}/rate", seed=shared.encode()[-64:])


def _request_id(given: str) -> str:
    """The id that a proxy gave, if it is a plain one, or a new one."""
    plain = given.replace("-", "").replace("_", "")
    return given if len(given) <= 64 and plain.isascii() and plain.isalnum() else secrets.token_hex(8)


def _wrong_method(methods: set[str], method: str) -> Problem:
    return Problem(405, REQUEST, f"{method} isn't allowed", headers={"Allow": ", ".join(sorted(methods))})


def _say(error: Exception, request_id: str) -> None:
    print(f"request {request_id}: {error}", file=sys.stderr)  # noqa: T201 - the server's log


def _problem_of(error: Exception, request_id: str) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return Problem(error.status_code, REQUEST, error.detail, headers=error.headers)
    if isinstance(error, StorageError):
        _say(error, request_id)
        return Problem(503, INTERNAL, "storage doesn't answer", headers={"Retry-After": "5"})
    if isinstance(error, OSError) and error.errno in _NO_ROOM:  # a body that waits in a file
        _say(error, request_id)
        return Problem(503, INTERNAL, "there is no room for the request", headers={"Retry-After": "5"})
    import traceback

    print(f"request {request_id}:", "".join(traceback.format_exception(error)), file=sys.stderr)  # noqa: T201
    return Problem(500, INTERNAL, f"internal error; see the server's log for request {request_id}")
