"""What every face of the registry is given: the store, work in threads, who may do what, bodies, answers.

    def routes(site: Site) -> list[BaseRoute]: ...

    async def show(request: Request) -> Response:
        name = request.path_params["space"]
        await site.allow(request, "pull", name)      # before anything is told
        space = await site.space(name)
        record = space.record("web", "1.2.0")
        return answer(await site.run(site.store.archive, record))

A Problem that is raised becomes an answer in the form of the face that the path belongs to.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from navarch.registry.access.grants import ANYBODY
from navarch.registry.access.sessions import Sessions
from navarch.registry.problems import REQUEST, Problem, bad, too_large
from navarch.registry.sharing import Shared
from navarch.registry.store.objects import StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from types import TracebackType
    from typing import Any, ParamSpec, Self, TypeVar

    from starlette.requests import HTTPConnection
    from starlette.types import Message, Receive, Scope

    from navarch.registry.access.grants import Action, Who
    from navarch.registry.access.guard import Guard
    from navarch.registry.config import Config
    from navarch.registry.store.store import Space, Store

    P = ParamSpec("P")
    T = TypeVar("T")

__all__ = [
    "LARGE_AT_ONCE",
    "PATIENCE",
    "SLOWEST",
    "Body",
    "Form",
    "Site",
    "answer",
    "end_turn",
    "not_found",
    "pieces",
    "read_all",
    "read_body",
    "read_form",
    "refusal",
    "to_json",
]

PATIENCE = 60.0
"""Seconds for which the next piece of a body is waited for."""
SLOWEST = 1024.0
"""Bytes a second that a body has to come with at least, `PATIENCE` aside."""
LARGE_AT_ONCE = 4
"""Large bodies that a worker has in memory at once; others wait in files."""
_HASHING = 2  # threads for passwords: who tries out many keeps nobody from charts
_SILENCE = 30.0  # seconds for which storage may be silent, unless it is configured
_IN_MEMORY = 1 << 20
_SMALL_FIELDS = 1 << 20  # bytes that a form may have besides what is uploaded


class Site:
    """One worker's server: `store` and `config`, and what handlers need around them."""

    def __init__(self, store: Store, config: Config, *, guard: Guard | None = None) -> None:
        self.store = store
        self.config = config
        self.guard = guard
        self.sessions = Sessions(guard, store.objects) if guard is not None else None
        self._threads = ThreadPoolExecutor(config.threads, thread_name_prefix="registry")
        self._under_way = 0
        self._patience = float(config.parameters.get("storagetimeout", _SILENCE))
        self._hashing = ThreadPoolExecutor(_HASHING, thread_name_prefix="registry-passwords")
        self.turns = asyncio.Semaphore(LARGE_AT_ONCE)
        self._local = store.objects.path("") is not None
        self._spaces = Shared(self._look_into)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in one of the worker's threads. Raises StorageError when none of them is free in time."""
        self._under_way += 1
        try:
            work = self._threads.submit(function, *args, **kwargs)
            result = asyncio.wrap_future(work)
            if self._under_way > self.config.threads:  # it waits; perhaps behind others for whom storage is silent
                done, _ = await asyncio.wait({result}, timeout=self._patience)
                if not done and work.cancel():
                    raise StorageError("storage: all threads have been at work with it for too long")
            return await result
        finally:
            self._under_way -= 1

    async def look(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that looks at a file or two: at once where there are files, else in a thread."""
        if self._local:
            return function(*args, **kwargs)
        return await self.run(function, *args, **kwargs)

    async def space(self, name: str) -> Space:
        """A space with what is in it. Raises Problem (400, 404).

        Where a look at a file tells that nothing changed, no thread is asked; else one for all who ask together.
        """
        found = self.unchanged(name)
        return found if found is not None else await self._spaces.ask(name)

    async def _look_into(self, name: str) -> Space:
        return await self.run(self.store.space, name)

    def unchanged(self, name: str) -> Space | None:
        """A space, if a look at a file is enough to tell what is in it."""
        return self.store.known(name) if self._local else None

    async def allow(self, request: HTTPConnection, action: Action, space: str) -> Who:
        """Who asks, if they may do that in a space, which need not be there. Raises Problem (401, 403).

        `action` is "pull", "push" (a space that isn't there may be made, too) or "delete".
        """
        state = request.scope.setdefault("state", {})
        state["action"], state["space"] = action, space
        if self.guard is None:
            return ANYBODY
        who = await self._who(self.guard, request)
        state["who"] = who.name
        self.guard.check(who, action, space)
        return who

    async def visible(self, request: HTTPConnection) -> Callable[[str], bool]:
        """Tells of a space's name whether the one who asks may pull from it. Raises Problem (401)."""
        if self.guard is None:
            return lambda space: True  # noqa: ARG005
        who = await self._who(self.guard, request)
        request.scope.setdefault("state", {})["who"] = who.name
        self.guard.check_any(who)
        return lambda space: who.may("pull", space)

    async def known(self, request: HTTPConnection) -> None:
        """Let in whoever has an account, whatever they may do. Raises Problem (401)."""
        if self.guard is not None:
            who = await self._who(self.guard, request)
            request.scope.setdefault("state", {})["who"] = who.name
            self.guard.check_known(who)

    async def sign_in(self, request: HTTPConnection, name: str, password: str) -> str:
        """The cookie of somebody who signs in on a page, "" without accounts. Raises Problem (401)."""
        if self.sessions is None:
            return ""
        begin = self.sessions.begin
        cookie = await asyncio.get_running_loop().run_in_executor(self._hashing, begin, name, password)
        request.scope.setdefault("state", {})["who"] = name
        return cookie

    async def recognize(self, request: HTTPConnection, cookie: str) -> None:
        """Take a request for that of somebody who signed in, unless it says itself who asks.

        Only pages do this: what they answer is for one browser, and what changes something wants more than a cookie.
        """
        if self.sessions is None or not cookie or "authorization" in request.headers:
            return
        sessions = self.sessions
        who = sessions.who(cookie) if sessions.is_quick else await self.run(sessions.who, cookie)
        state = request.scope.setdefault("state", {})
        if who is not None:
            state["session"], state["who"] = who, who.name

    async def _who(self, guard: Guard, request: HTTPConnection) -> Who:
        session: Who | None = request.scope.get("state", {}).get("session")
        if session is not None:
            return session
        header = request.headers.get("authorization", "")
        known = guard.known(header)
        if known is not None:
            return known
        return await asyncio.get_running_loop().run_in_executor(self._hashing, guard.identify, header)

    @staticmethod
    def note(request: HTTPConnection, what: str) -> None:
        """Name what a request was about ("library/web/1.2.0"), for the audit log. Spaces of `allow` are known."""
        request.scope.setdefault("state", {})["what"] = what

    def close(self) -> None:
        """End the threads, and close what is open."""
        for threads in (self._threads, self._hashing):
            threads.shutdown(wait=True, cancel_futures=True)
        self.store.locks.close()


class Body:
    """A request's body: in memory, or in a file when it has more than a megabyte. `size` is in bytes.

    Used in a `with` block, after which the file is gone.
    """

    def __init__(self) -> None:
        self.size = 0
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by the block
        self._copy = ""

    def write(self, data: bytes) -> None:
        """Add some bytes."""
        self.size += len(data)
        self._file.write(data)

    def data(self) -> bytes:
        """All bytes."""
        self._file.seek(0)
        return self._file.read()

    def path(self) -> str:
        """A file that has the bytes; it is gone when the block is left."""
        if not self._copy:
            descriptor, self._copy = tempfile.mkstemp()
            with os.fdopen(descriptor, "wb") as copy:
                self._file.seek(0)
                while piece := self._file.read(_IN_MEMORY):
                    copy.write(piece)
        return self._copy

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._file.close()
        if self._copy:
            os.unlink(self._copy)


async def pieces(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body as it comes, at most `limit` bytes (0: any number). Raises Problem (400, 408, 413).

    What says beforehand that it has more is refused before it is read.
    """
    _check_length(request, limit)
    limited = Request(request.scope, _counted(request.receive, limit))
    try:
        async for piece in limited.stream():
            if piece:
                yield piece
    except ClientDisconnect:
        raise bad("request ended before its body did") from None


async def read_body(request: Request, limit: int) -> Body:
    """The whole body, at most `limit` bytes (0: any number). Raises Problem (400, 413)."""
    body = Body()
    try:
        async for piece in pieces(request, limit):
            body.write(piece)
    except BaseException:
        body.__exit__(None, None, None)
        raise
    return body


async def read_all(request: Request, limit: int) -> bytes:
    """The whole body in memory, at most `limit` bytes (0: any number). Raises Problem (400, 408, 413)."""
    with await read_body(request, limit) as body:
        await _take_turn(request, body.size)
        return body.data()


async def _take_turn(request: Request, size: int) -> None:
    """Wait until there may be a body of so many bytes in memory. It may for as long as the request is answered."""
    state = request.scope.setdefault("state", {})
    site = getattr(request.scope.get("app"), "site", None)
    if size > _IN_MEMORY and site is not None and "turn" not in state:
        await site.turns.acquire()
        state["turn"] = site.turns


def end_turn(scope: Scope) -> None:
    """Let another large body into memory, after a request that had one."""
    turn = scope["state"].pop("turn", None)
    if turn is not None:
        turn.release()


class Form(NamedTuple):
    """A form: `fields` are texts, `files` what was uploaded, by the names of the fields."""

    fields: Mapping[str, str]
    files: Mapping[str, bytes]


async def read_form(request: Request, limit: int) -> Form:
    """The fields of a form, URL-encoded or multipart, at most `limit` bytes uploaded. Raises Problem (400, 413)."""
    from starlette.datastructures import UploadFile

    most = limit + _SMALL_FIELDS if limit else 0
    _check_length(request, most)
    limited = Request(request.scope, _counted(request.receive, most))
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    try:
        async with limited.form(max_files=16, max_fields=64, max_part_size=_SMALL_FIELDS) as form:
            items = form.multi_items()
            await _take_turn(request, sum(value.size or 0 for _, value in items if isinstance(value, UploadFile)))
            for name, value in items:
                if isinstance(value, UploadFile):
                    files[name] = await value.read()
                else:
                    fields[name] = value
    except (MultiPartException, HTTPException) as error:
        told = error.message if isinstance(error, MultiPartException) else error.detail
        raise bad(f"form is invalid: {told}") from None
    except ClientDisconnect:
        raise bad("request ended before its body did") from None
    return Form(fields, files)


def _check_length(request: Request, limit: int) -> None:
    length = request.headers.get("content-length", "")
    if limit and length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > limit):
        raise too_large("request", limit)


def _counted(receive: Receive, limit: int) -> Receive:
    """`receive`, for at most `limit` bytes, and not for clients that send no more, or next to nothing.

    Raises Problem (408, 413).
    """
    size = 0
    begun = time.monotonic()

    async def counted() -> Message:
        nonlocal size
        left = begun + PATIENCE + size / SLOWEST - time.monotonic()
        try:
            message = await asyncio.wait_for(receive(), min(left, PATIENCE))
        except TimeoutError:
            told = (
                f"no more of the request came for {PATIENCE:g} seconds" if left >= PATIENCE else "request is too slow"
            )
            raise Problem(408, REQUEST, told) from None
        size += len(message.get("body", b""))
        if limit and size > limit:
            raise too_large("request", limit)
        return message

    return counted


def to_json(value: Any) -> bytes:
    """JSON for people and programs: indented, as the first server of the spaces API wrote it."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")


def answer(
    content: bytes | str | Mapping[str, Any] | list[Any],
    status: int = 200,
    *,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer: bytes and text as they are, anything else as JSON."""
    data = content if isinstance(content, bytes | str) else to_json(content)
    return Response(data, status, headers=headers, media_type=media_type)


def refusal(problem: Problem) -> Response:
    """A problem in the form of the spaces API, which is also that of addresses that no face has."""
    return answer({"message": str(problem), "reason": problem.reason}, problem.status, headers=problem.headers)


def not_found(path: str) -> Problem:
    """404 for a path that no face has."""
    return Problem(404, REQUEST, f"{path} not found")
