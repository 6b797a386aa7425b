"""Between the server and a handler: headers that every answer has, what is known of an exchange, unwanted bodies."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

__all__ = ["HEADERS", "Receiver", "Sender", "let_come"]

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
"""What every answer has, unless its face says otherwise."""
_LINGER = 5  # seconds for which a body may come that is refused
_STALL = 0.2  # seconds after which one that doesn't come isn't waited for


class Sender:
    """An ASGI `send` that adds headers to an answer, and remembers its status and how many bytes it has."""

    __slots__ = ("_id", "_length", "_send", "size", "status")

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._id = request_id
        self._length = 0
        self.status = 0
        self.size = 0

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
            self._add_headers(message)
        elif kind == "http.response.body":
            self.size += len(message.get("body", b""))
        else:  # a file, whose size was told before
            self.size = self._length
        await self._send(message)

    def _add_headers(self, message: Message) -> None:
        headers = list(message.get("headers", ()))
        given = dict(headers)
        self._length = int(given.get(b"content-length", 0))
        headers.extend(pair for pair in HEADERS if pair[0] not in given)
        headers.append((b"x-request-id", self._id.encode()))
        message["headers"] = headers


class Receiver:
    """An ASGI `receive` that knows whether all of a body came."""

    __slots__ = ("_receive", "complete")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.complete = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self.complete = not message.get("more_body")  # there is none in a disconnect either
        return message

    def may_come(self, scope: Scope) -> bool:
        """Whether the client may be sending a body that nobody has read. Who asks before it sends isn't."""
        if self.complete or scope["method"] in {"GET", "HEAD"}:
            return False
        names = {name for name, _ in scope["headers"]}
        return b"expect" not in names and bool(names & {b"content-length", b"transfer-encoding"})


async def let_come(receiver: Receiver) -> None:
    """Let a body come that is refused, unread, for as long as it flows, but not for long.

    Many clients look for an answer when they have sent all. To close the connection would keep it from them.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER):
            while not receiver.complete:
                await asyncio.wait_for(receiver(), _STALL)
