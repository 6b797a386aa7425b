"""HTTP to registries: connections that are kept, redirects that leave credentials behind, patience with busy servers.

What goes wrong is told in the words of Go's HTTP client. Who asks (navarch.oci.auth) adds the credentials.
"""

from __future__ import annotations

import time

from navarch.errors import NavarchError, RegistryError
from navarch.golang.url import ascii_host, parse_url
from navarch.kube.net.pools import Pools, UnansweredError
from navarch.oci.address import PORTS, parse_address, same_origin, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, Self

    from navarch.golang.url import URL
    from navarch.kube.net.access import Access
    from navarch.kube.net.dial import Dialer
    from navarch.kube.net.http1 import Connection, Head
    from navarch.kube.net.pools import Exchange

    Sink = Callable[[bytes], object]

__all__ = ["METADATA_LIMIT", "USER_AGENT", "Answer", "LostError", "Request", "Transport"]

USER_AGENT = "Helm/4.3.1"
METADATA_LIMIT = 4 << 20
"""How many bytes a manifest, a list or an error may have."""

_SENT_AT_ONCE = 1 << 20
_MOST_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_RETRIES = 5
_FIRST_PAUSE = 0.25  # seconds; doubled each time
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.2, 3.0
_JITTER = 0.1


class LostError(RegistryError):
    """A connection that broke while an answer came: `str(error)` is Go's cause, without the address."""


class Request:
    """A request; a body can be sent again.

    `hurried`: not to be sent again when the server is too busy. `sent` is told how much of a body is out, and its size.
    """

    __slots__ = ("body", "headers", "hurried", "method", "sent", "url")

    def __init__(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        *,
        hurried: bool = False,
        sent: Callable[[int, int], object] | None = None,
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers or {}
        self.body = body
        self.hurried = hurried
        self.sent = sent

    def having(self, name: str, value: str) -> Request:
        """The same with a header more."""
        headers = {**self.headers, name: value}
        return Request(self.method, self.url, headers, self.body, hurried=self.hurried, sent=self.sent)

    def at(self, url: str) -> Request:
        """The same to another address."""
        return Request(self.method, url, self.headers, self.body, hurried=self.hurried, sent=self.sent)


class Answer:
    """An answer. Names of headers are in small letters; `url` is where it came from in the end, `size` its length.

    `body` is empty where it was handed on piece by piece.
    """

    __slots__ = ("body", "headers", "method", "size", "status", "url")

    def __init__(self, method: str, url: str, head: Head, body: bytes, size: int) -> None:
        self.method = method
        self.url = url
        self.status = head.status
        self.headers = head.headers
        self.body = body
        self.size = size

    @property
    def where(self) -> str:
        """Method and address, as oras-go's errors name them."""
        from navarch.golang.strconv import quote

        return f"{self.method} {quote(shown(self.url))}"


class Transport:
    """Sends requests to any server; can be used from several threads.

    `access` has the TLS settings; its client certificate is shown to the server that was asked, not to those it
    redirects to. `patience` is how many seconds a server may be silent.
    """

    def __init__(self, access: Access | None = None, *, user_agent: str = USER_AGENT, patience: float = 120.0) -> None:
        if access is None:
            from navarch.kube.net.access import Access

            access = Access()
        self.access = access
        self.user_agent = user_agent
        self.patience = patience
        self._pools = Pools()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._pools.close()

    def send(
        self, request: Request, *, sink: Sink | None = None, expect: int | None = None, limit: int = METADATA_LIMIT
    ) -> Answer:
        """The answer to a request, whatever it says; redirects are followed, busy servers asked again.

        `sink` gets the body of a 200 in pieces, unless the server says that it has another length than `expect`: then
        it is left unread. Other bodies are read up to `limit` bytes, more are cut off. Raises RegistryError where
        there is no answer, LostError where the body breaks off.
        """
        origin = parse_address(request.url)
        for redirect in range(_MOST_REDIRECTS):
            exchange = self._patiently(request, origin)
            head = exchange.head
            target = _redirect(head, request)
            if not target and head.status == 200 and expect is not None and exchange.length not in (None, expect):
                exchange.discard()
                return Answer(request.method, request.url, head, b"", 0)
            if not target:
                return self._answer(request, exchange, sink, limit)
            exchange.drop()
            request = _followed(request, target, head.status)
            if redirect == _MOST_REDIRECTS - 1:
                _fail(request, f"stopped after {_MOST_REDIRECTS} redirects", None)
        raise AssertionError

    def _patiently(self, request: Request, origin: URL) -> Exchange:
        """Send a request, and again while the server says that it is too busy. One that says nothing is given up."""
        attempt = 0
        while True:
            exchange = self._ask(request, origin)
            head = exchange.head
            busy = head.status in (408, 429) or head.status >= 500
            if not busy or attempt >= _RETRIES or request.hurried:
                return exchange
            wait = head.headers.get("retry-after", "") if head.status == 429 else ""
            exchange.drop()
            time.sleep(_pause(attempt, wait))
            attempt += 1

    def _ask(self, request: Request, origin: URL) -> Exchange:
        """Send a request and read the head of the answer."""
        url = parse_address(request.url)
        access = self.access if same_origin(url, origin) else self.access.but(cert_file="", key_file="")

        def write(connection: Connection, dialer: Dialer) -> None:
            self._write(connection, _head_of(request, url, dialer, self.user_agent), request)

        deadline = time.monotonic() + self.patience
        try:
            return self._pools.exchange(url, access, write, method=request.method, deadline=deadline)
        except UnansweredError as error:
            late = error.timeout and error.sent
            cause = "net/http: timeout awaiting response headers" if late else str(error)
            _fail(request, cause, error, timeout=error.timeout)

    def _write(self, connection: Connection, head: bytes, request: Request) -> None:
        """Write a request; one that the server doesn't want to read to its end may be answered already."""
        connection.deadline = time.monotonic() + self.patience
        body = request.body or b""
        if len(body) <= _SENT_AT_ONCE:
            connection.send(head + body)
            return
        connection.send(head)
        view = memoryview(body)
        try:
            for start in range(0, len(body), _SENT_AT_ONCE):
                connection.deadline = time.monotonic() + self.patience
                connection.send(view[start : start + _SENT_AT_ONCE])  # type: ignore[arg-type]
                if request.sent:
                    request.sent(min(start + _SENT_AT_ONCE, len(body)), len(body))
        except (BrokenPipeError, ConnectionResetError):
            return

    def _answer(self, request: Request, exchange: Exchange, sink: Sink | None, limit: int) -> Answer:
        """Read an answer to its end, or as far as it is wanted."""
        connection, head = exchange.connection, exchange.head
        pieces: list[bytes] = []
        take = sink if sink is not None and head.status in (200, 206) else pieces.append
        most = 0 if take is sink else limit
        size = 0
        try:
            for piece in exchange.pieces():
                size += len(piece)
                take(piece)
                connection.deadline = time.monotonic() + self.patience
                if most and size > most:
                    head.keep = False
                    break
        except BaseException as error:
            exchange.discard()
            lost = _lost(request, connection, error)
            if lost is None:
                raise
            take(getattr(error, "rest", b""))
            raise lost from error
        exchange.finish()
        return Answer(request.method, request.url, head, b"".join(pieces)[: most or None], size)


def _head_of(request: Request, url: URL, dialer: Dialer, user_agent: str) -> bytes:
    """The first part of a request as it is sent."""
    text = str(url).partition("#")[0].partition("//")[2]
    starts = [at for at in (text.find("/"), text.find("?")) if at >= 0]
    target = text[min(starts) :] if starts else ""
    target = target if target.startswith("/") else f"/{target}"
    lines = [
        f"{request.method} {dialer.absolute}{target} HTTP/1.1",
        f"Host: {ascii_host(url)}",
        f"User-Agent: {user_agent}",
    ]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    if dialer.absolute and dialer.authorization:
        lines.append(f"Proxy-Authorization: {dialer.authorization}")
    if request.body is not None or request.method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(request.body or b'')}")
    if any("\n" in line or "\r" in line for line in lines):
        raise RegistryError(f"{request.method} {shown(request.url)}: a header with a line break in it")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("utf-8", "surrogateescape")


def _redirect(head: Head, request: Request) -> str:
    """The address that an answer points to; "" where it is no redirect that can be followed."""
    location = head.headers.get("location", "")
    if head.status not in _REDIRECTS or not location:
        return ""
    from urllib.parse import urljoin

    try:
        target = urljoin(request.url, location)
        scheme = parse_url(target).scheme
    except (NavarchError, ValueError) as error:
        _fail(request, f'failed to parse Location header "{location}": {error}', error)
    if scheme not in PORTS:
        _fail(request.at(target), f'unsupported protocol scheme "{scheme}"', None)
    return target


def _followed(request: Request, target: str, status: int) -> Request:
    """The request that a redirect leads to. Another server is not told who we are."""
    again = request.at(target)
    if status in (301, 302, 303) and request.method not in ("GET", "HEAD"):
        again = Request("GET", target, request.headers)
    if not same_origin(parse_address(request.url), parse_address(target)):
        again.headers = {name: value for name, value in again.headers.items() if name != "Authorization"}
    return again


def _pause(attempt: int, wait: str) -> float:
    """Seconds until a request is tried again: what the server asked for, or longer each time; oras-go's bounds."""
    from random import random

    seconds = float(wait) if wait.isascii() and wait.isdigit() and int(wait) > 0 else _FIRST_PAUSE * 2.0**attempt
    if not wait:
        seconds *= 1 - _JITTER + 2 * _JITTER * random()  # noqa: S311 - so that not all come back at once
    return min(max(seconds, _SHORTEST_PAUSE), _LONGEST_PAUSE)


def _fail(request: Request, cause: str, error: Exception | None, *, timeout: bool = False) -> NoReturn:
    """Raise what Go's HTTP client would."""
    from navarch.golang.strconv import quote

    method, url = request.method.capitalize(), shown(request.url)
    raise RegistryError(f"{method} {quote(url)}: {cause}", url=url, timeout=timeout) from error


def _lost(request: Request, connection: Connection, error: BaseException) -> LostError | None:
    """What to raise for a failure in the middle of an answer; None where it is not the connection's."""
    from navarch.kube.net.http1 import BrokenError

    if isinstance(error, TimeoutError):
        return LostError("context deadline exceeded while reading body", url=shown(request.url), timeout=True)
    if isinstance(error, BrokenError) or (isinstance(error, OSError) and error.filename is None):
        return LostError(connection.words(error), url=shown(request.url))
    return None
