"""Calls an ASGI application without a network, and a registry in memory to call."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from starlette.types import ASGIApp, Message

    from navarch.registry.app import App

__all__ = ["LEAVES", "Answer", "call", "multipart", "registry"]


LEAVES = b"\0the client goes away here\0"
"""The last piece of a body whose client goes away before the end."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def registry(text: str = "", *, root: str = "") -> App:
    """A registry in memory (or in the folder `root`); `text` is its configuration without `manager`."""
    from navarch.registry.app import make_app
    from navarch.registry.config import parse_config

    text = text if "log:" in text else f"{text}\nlog: {{access: off}}\n"
    if "manager:" in text:
        return make_app(parse_config(text))
    driver = f"{{storagedriver: filesystem, rootdirectory: {root}}}" if root else "{storagedriver: inmemory}"
    return make_app(parse_config(f"manager: {{parameters: {driver}}}\n{text}"))


def call(
    app: ASGIApp,
    method: str,
    path: str,
    body: bytes | Iterable[bytes] = b"",
    *,
    headers: dict[str, str] | None = None,
    client: str = "127.0.0.1",
    extensions: dict[str, Any] | None = None,
) -> Answer:
    """One request. A body of several pieces is sent chunked; one piece has its Content-Length unless one is given."""
    pieces = [body] if isinstance(body, bytes) else list(body)
    given = {name.lower(): value for name, value in (headers or {}).items()}
    if isinstance(body, bytes) and body:
        given.setdefault("content-length", str(len(body)))
    raw, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (name.encode(), value.encode("latin-1")) for name, value in {"host": "localhost:80", **given}.items()
        ],
        "client": (client, 1234),
        "server": ("test", 80),
        "extensions": extensions or {},
    }
    return asyncio.run(_call(app, scope, pieces))


async def _call(app: ASGIApp, scope: dict[str, Any], pieces: list[bytes]) -> Answer:
    waiting = list(pieces)
    complete = LEAVES not in waiting
    if not complete:
        waiting.remove(LEAVES)
    status, headers, parts = 0, {}, []

    async def receive() -> Message:
        if not waiting:
            if not complete:
                return {"type": "http.disconnect"}
            await asyncio.Event().wait()  # the client waits for the answer
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting) or not complete}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
        elif message["type"] == "http.response.pathsend":
            with open(message["path"], "rb") as file:  # noqa: ASYNC230
                parts.append(file.read())
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return Answer(status, headers, b"" if scope["method"] == "HEAD" else b"".join(parts))


def multipart(**fields: bytes | str) -> tuple[bytes, dict[str, str]]:
    """The body and headers of a multipart form; bytes are uploaded as files."""
    parts = []
    for name, value in fields.items():
        file = f'; filename="{name}.tgz"' if isinstance(value, bytes) else ""
        data = value if isinstance(value, bytes) else value.encode()
        parts.append(
            f'--limit\r\ncontent-disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + data + b"\r\n"
        )
    return b"".join(parts) + b"--limit--\r\n", {"content-type": "multipart/form-data; boundary=limit"}
