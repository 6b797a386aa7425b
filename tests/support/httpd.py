"""A loopback HTTP server that answers what a test wants: any bytes, late, in pieces or not at all."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

__all__ = ["Httpd", "Request", "answer", "status"]


class Request(NamedTuple):
    """What came in. `number` counts requests from 0, `connection` connections, `sock` is for odd answers."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    number: int
    connection: int
    sock: socket.socket


def answer(code: int = 200, body: Any = b"", reason: str = "OK", **headers: str) -> bytes:
    """An answer; objects become JSON. Underscores in the names of headers are dashes."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers.setdefault("content_type", "application/json")
    headers.setdefault("content_length", str(len(body)))
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {code} {reason}", *lines, "", ""]).encode() + body


def status(code: int, reason: str, message: str, **headers: str) -> bytes:
    """A refusal as an API server writes it."""
    fields = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code}
    return answer(code, {**fields, "reason": reason, "message": message}, reason, **headers)


class Httpd:
    """Serves on `url` while it is a context. `respond` gives the bytes to send; None ends the connection instead.

    `greet` may do something to a new connection, and is to say whether it is to be served. Requests are kept.
    """

    def __init__(
        self,
        respond: Callable[[Request], bytes | None],
        *,
        tls: ssl.SSLContext | None = None,
        greet: Callable[[socket.socket], bool] | None = None,
        port: int = 0,
    ) -> None:
        self._respond = respond
        self._tls = tls
        self._greet = greet
        self.requests: list[Request] = []
        self.connections = 0
        self._socks: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"{'https' if tls else 'http'}://{self.address}"

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for thread in self._threads:
            thread.join(60)

    def stop(self) -> None:
        """End everything, connections too."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()

    def drop(self) -> None:
        """End the connections there are."""
        with self._lock:
            socks, self._socks = self._socks, []
        for sock in socks:
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def _spawn(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._spawn(self._serve, sock, self.connections - 1)

    def _serve(self, sock: socket.socket, connection: int) -> None:
        with suppress(OSError), sock:
            if self._greet is not None and not self._greet(sock):
                return
            wrapped = self._tls.wrap_socket(sock, server_side=True) if self._tls else sock
            with self._lock:
                self._socks.append(wrapped)
            with wrapped, wrapped.makefile("rb") as file:
                self._talk(wrapped, file, connection)

    def _talk(self, sock: socket.socket, file: Any, connection: int) -> None:
        while line := file.readline():
            method, _, rest = line.decode("latin-1").partition(" ")
            target, _, version = rest.partition(" ")
            if not version.startswith("HTTP/"):
                sock.sendall(answer(400, reason="Bad Request"))
                return
            headers: dict[str, str] = {}
            while (field := file.readline()) not in (b"\r\n", b"\n"):
                if not field.endswith(b"\n"):  # the client has gone
                    return
                name, _, value = field.strip().decode().partition(":")
                before = headers.get(name.lower())
                headers[name.lower()] = value.strip() if before is None else f"{before}, {value.strip()}"
            size = int(headers.get("content-length", 0))
            body = file.read(size)
            if len(body) < size:
                return
            with self._lock:
                request = Request(method, target, headers, body, len(self.requests), connection, sock)
                self.requests.append(request)
            data = self._respond(request)
            if data is None:
                return
            sock.sendall(data)
