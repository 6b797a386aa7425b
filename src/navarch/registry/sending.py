"""Answers that are blobs: with an ETag, ranges, and files handed to the server's own code where there are files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import Response

from navarch.registry.problems import Problem, missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from navarch.registry.http import Site

__all__ = ["SMALL", "Blob", "blob_answer", "is_known", "range_of", "takes_gzip"]

SMALL = 1 << 16
"""Bytes of a file that is read at once: that takes microseconds, and the server's own way to send a file many more."""
_AT_ONCE = 1 << 20  # bytes that are read before an answer begins
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


async def blob_answer(
    site: Site,
    request: Request,
    digest: str,
    *,
    media_type: str,
    headers: Mapping[str, str] | None = None,
    size: int | None = None,
) -> Response:
    """The answer that sends a blob, or a part of it, or 304. Raises Problem (404, 416).

    `size` is how many bytes it has, where that is known: a bucket isn't asked then before it is asked for the bytes.
    """
    if size is None or site.store.blobs.path(digest) is not None:
        size = await site.look(site.store.blobs.size, digest)
    if size is None:
        raise missing(digest)
    tag = f'"{digest}"'
    more = {"ETag": tag, "Accept-Ranges": "bytes", **(headers or {})}
    if is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=more)
    wanted = request.headers.get("range", "")
    if wanted and request.headers.get("if-range", tag) != tag:
        wanted = ""
    part = range_of(wanted, size)
    if part is None:
        return Blob(site, digest, 0, size, status=200, headers={**more, "Content-Type": media_type})
    start, end = part
    more["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return Blob(site, digest, start, end, status=206, headers={**more, "Content-Type": media_type}, whole=False)


def _read_file(path: str, digest: str) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.readall()
    except FileNotFoundError:
        raise missing(digest) from None


def is_known(header: str, tag: str) -> bool:
    """Whether If-None-Match names what there is."""
    return bool(header) and (
        header.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in header.split(","))
    )


def takes_gzip(header: str) -> bool:
    """Whether Accept-Encoding has gzip in it."""
    for one in header.lower().split(","):
        coding, _, quality = one.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def range_of(header: str, size: int) -> tuple[int, int] | None:
    """The part that a Range header asks for as (start, end), end not being in it; None for all.

    Several ranges, and what is no range of bytes, are passed over, as RFC 9110 allows. Raises Problem (416).
    """
    found = _RANGE.fullmatch(header.replace(" ", ""))
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    if first and last and int(last) < int(first):
        return None
    if start >= size:
        raise Problem(
            416, "ReasonRequest", f"{header} isn't in {size} bytes", headers={"Content-Range": f"bytes */{size}"}
        )
    return start, end


class Blob(Response):
    """A blob's bytes from `start` up to (without) `end`."""

    def __init__(
        self,
        site: Site,
        digest: str,
        start: int,
        end: int,
        *,
        status: int,
        headers: Mapping[str, str],
        whole: bool = True,
    ) -> None:
        self._site = site
        self._digest = digest
        self._start, self._end = start, end
        self._whole = whole
        self.status_code = status
        self.background = None
        self.body = b""
        self.init_headers({**headers, "Content-Length": str(end - start)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's
        blobs = self._site.store.blobs
        begin = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        if scope["method"] == "HEAD":
            await send(begin)
            await send({"type": "http.response.body", "body": b""})
            return
        path = blobs.path(self._digest) if self._whole else None
        if path is not None and self._end <= SMALL:
            body = _read_file(path, self._digest)
            await send(begin)
            await send({"type": "http.response.body", "body": body})
            return
        if path is not None and "http.response.pathsend" in scope.get("extensions", {}):
            await send(begin)
            await send({"type": "http.response.pathsend", "path": path})
            return
        if self._end - self._start <= _AT_ONCE:
            kept = blobs.kept(self._digest)
            body = await self._site.run(self._read) if kept is None else kept[self._start : self._end]
            await send(begin)
            await send({"type": "http.response.body", "body": body})
            return
        piece, pieces = await self._site.run(self._opened)
        await send(begin)  # not before something came: an answer that has begun can't become a refusal
        while piece is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = await self._site.run(next, pieces, None)
        await send({"type": "http.response.body", "body": b""})

    def _opened(self) -> tuple[bytes | None, Iterator[bytes]]:
        """The first piece, and what gives the others."""
        pieces = self._open()
        return next(pieces, None), pieces

    def _open(self) -> Iterator[bytes]:
        return self._site.store.blobs.open(self._digest, self._start, None if self._whole else self._end)

    def _read(self) -> bytes:
        if self._whole:
            return self._site.store.blobs.get(self._digest)
        return b"".join(self._open())
