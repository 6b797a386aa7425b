"""The client's requests: who asks, bodies that are sent in pieces, answers that may be handed on in pieces.

Connections are kept, proxies and TLS are those of the other clients (navarch.kube.net). Nothing is followed to another
server, so that nobody else hears of credentials.
"""

from __future__ import annotations

import time
from typing import NamedTuple, NoReturn

from navarch.errors import DownloadError, RegistryError
from navarch.kube.net.pools import Pools, UnansweredError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from navarch.golang.url import URL
    from navarch.kube.net.access import Access
    from navarch.kube.net.dial import Dialer
    from navarch.kube.net.http1 import Connection
    from navarch.kube.net.pools import Exchange

__all__ = ["Answer", "Body", "Wire"]

_AGENT = "navarch"
_TRIES = 4
_LONGEST_PAUSE = 10.0  # seconds
_LIMIT = 256 << 20
"""How many bytes an answer may have that isn't an archive."""


class Body(NamedTuple):
    """What is sent: `pieces` gives it from the start, each time it is called; `size` is all of them together."""

    content_type: str
    size: int
    pieces: Callable[[], Iterator[bytes]]

    @staticmethod
    def of(data: bytes, content_type: str) -> Body:
        """A body that is in memory."""
        return Body(content_type, len(data), lambda: iter((data,)))


class Answer(NamedTuple):
    """An answer. Names of headers are in small letters; `body` is empty where it was handed on in pieces."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes


class Wire:
    """Sends requests to one server; can be used from several threads. `patience` is in seconds of silence."""

    def __init__(self, url: str, access: Access, *, token: str = "", patience: float = 120.0) -> None:
        from navarch.oci.address import parse_address

        parsed = parse_address(url.rstrip("/"))
        if parsed.query or parsed.fragment or not parsed.host:
            raise RegistryError(f"{url} is no address of a registry", url=url)
        self.base = f"{parsed.scheme}://{parsed.host}{parsed.escaped_path()}"
        self._access = access
        self._authorization = _authorization(parsed, access, token)
        self._patience = patience
        self._pools = Pools()

    def close(self) -> None:
        """End the connections."""
        self._pools.close()

    def send(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        sink: Callable[[bytes, int | None], object] | None = None,
        told: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """The answer to a request, whatever it says. A server that is too busy is asked again.

        `sink` gets the body of a 200 in pieces, each with the size of the whole (None: it isn't told); `told` each
        piece of ours that is out. Raises RegistryError where there is no answer, or a part of one.
        """
        url = self.base + path
        for attempt in range(_TRIES):
            exchange = self._exchange(method, url, body, told)
            status = exchange.head.status
            busy = status == 429 or (status == 503 and method == "GET")
            if not busy or attempt == _TRIES - 1:
                return self._answer(method, url, exchange, sink)
            wait = exchange.head.headers.get("retry-after", "")
            exchange.drop()
            time.sleep(min(float(wait) if wait.isdecimal() else 0.5 * 2**attempt, _LONGEST_PAUSE))
        raise AssertionError

    def _exchange(self, method: str, url: str, body: Body | None, told: Callable[[bytes], object] | None) -> Exchange:
        from navarch.oci.address import parse_address

        parsed = parse_address(url)

        def write(connection: Connection, dialer: Dialer) -> None:
            connection.deadline = time.monotonic() + self._patience
            connection.send(self._head(method, parsed, dialer, body))
            if body is not None:
                self._write(connection, body, told)

        try:
            deadline = time.monotonic() + self._patience
            return self._pools.exchange(parsed, self._access, write, method=method, deadline=deadline)
        except UnansweredError as error:
            _fail(method, url, str(error), error, timeout=error.timeout)
        except DownloadError as error:  # files of certificates
            raise RegistryError(str(error), url=url) from error

    def _write(self, connection: Connection, body: Body, told: Callable[[bytes], object] | None) -> None:
        """Write a body; a server that doesn't want all of it may have answered already."""
        sent = 0
        for piece in body.pieces():
            sent += len(piece)
            if sent > body.size:
                break
            connection.deadline = time.monotonic() + self._patience
            try:
                connection.send(piece)
            except (BrokenPipeError, ConnectionResetError):
                return
            if told:
                told(piece)
        if sent != body.size:
            raise RegistryError(f"a file that is uploaded was changed meanwhile: it had {body.size} bytes")

    def _head(self, method: str, url: URL, dialer: Dialer, body: Body | None) -> bytes:
        target = url.escaped_path() + (f"?{url.query}" if url.query else "")
        lines = [f"{method} {dialer.absolute}{target} HTTP/1.1", f"Host: {url.host}", f"User-Agent: {_AGENT}"]
        if self._authorization:
            lines.append(f"Authorization: {self._authorization}")
        if dialer.absolute and dialer.authorization:
            lines.append(f"Proxy-Authorization: {dialer.authorization}")
        if body is not None:
            lines += [f"Content-Type: {body.content_type}", f"Content-Length: {body.size}"]
        elif method in ("POST", "PUT"):
            lines.append("Content-Length: 0")
        if any("\n" in line or "\r" in line for line in lines):
            raise RegistryError(f"{method} {url}: a header with a line break in it")
        return "".join(f"{line}\r\n" for line in (*lines, "")).encode("utf-8", "surrogateescape")

    def _answer(
        self, method: str, url: str, exchange: Exchange, sink: Callable[[bytes, int | None], object] | None
    ) -> Answer:
        from navarch.kube.net.http1 import BrokenError

        connection, head = exchange.connection, exchange.head
        kept: list[bytes] = []
        total = exchange.length
        size = 0
        try:
            for piece in exchange.pieces():
                size += len(piece)
                if sink is not None and head.status == 200:
                    sink(piece, total)
                elif size > _LIMIT:
                    _fail(method, url, f"the answer has more than {_LIMIT} bytes", None)
                else:
                    kept.append(piece)
                connection.deadline = time.monotonic() + self._patience
        except BaseException as error:
            exchange.discard()
            if isinstance(error, TimeoutError):
                _fail(method, url, "timeout while reading the answer", error, timeout=True)
            if isinstance(error, BrokenError) or (isinstance(error, OSError) and error.filename is None):
                _fail(method, url, connection.words(error), error)
            raise
        exchange.finish()
        return Answer(head.status, head.reason, head.headers, b"".join(kept))


def _fail(method: str, url: str, cause: str, error: BaseException | None, *, timeout: bool = False) -> NoReturn:
    raise RegistryError(f'{method} "{url}": {cause}', url=url, timeout=timeout) from error


def _authorization(url: URL, access: Access, token: str) -> str:
    """The header of the same name; "" for nobody in particular."""
    if token:
        return f"Bearer {token}"
    user, password = access.username, access.password
    if not user and url.user is not None:
        user, password = url.user[0], url.user[1] or ""
    if not user:
        return ""
    from binascii import b2a_base64

    pair = f"{user}:{password}".encode("utf-8", "surrogateescape")
    return f"Basic {b2a_base64(pair, newline=False).decode()}"
