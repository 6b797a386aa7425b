"""HTTP for modules: to the hosts that their plugin.yaml allows, also when a server redirects, within their limits.

Extism's own functions of this kind follow a redirect to any host. These stand in their place; what belongs to one call
is in a Web, which Extism hands to them as the call's context.
"""

from __future__ import annotations

import threading

from navarch.errors import NavarchError, PluginError
from navarch.golang.glob import compile_glob
from navarch.golang.strconv import quote
from navarch.golang.url import parse_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.golang.url import URL
    from navarch.kube.net.dial import Dialer
    from navarch.kube.net.http1 import Connection
    from navarch.kube.net.pools import Exchange, Pools

__all__ = ["Web", "host_functions"]

_NAMESPACE = "extism:host/env"
_MOST_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_KEEPING = (307, 308)  # redirects after which method and body stay
_SECRET = ("authorization", "cookie", "www-authenticate")
_OWN = ("host", "content-length", "connection", "transfer-encoding")
_lock = threading.Lock()
_functions: list[Any] = []


class Web:
    """What one call of a module may do with HTTP, and the latest answer it had. `problem` ended it, if there was one.

    `hosts` are names or patterns, `limit` is how many bytes an answer may have, `deadline` of time.monotonic().
    """

    def __init__(self, hosts: Sequence[str], limit: int, deadline: float) -> None:
        self.hosts = tuple(hosts)
        self.limit = limit
        self.deadline = deadline
        self.status = 0
        self.headers: dict[str, str] = {}
        self.problem: NavarchError | None = None

    def ask(self, request: dict[str, Any], body: bytes) -> bytes:
        """The body of the answer to a module's request: url, method, headers. Raises PluginError."""
        from navarch.kube.net.pools import Pools

        self.status, self.headers = 0, {}
        method = str(request.get("method") or "GET").upper()
        headers = {str(name).lower(): str(value) for name, value in (request.get("headers") or {}).items()}
        _check(method, headers)
        with Pools() as pools:
            return self._follow(pools, str(request.get("url", "")), method, headers, body)

    def _follow(self, pools: Pools, address: str, method: str, headers: dict[str, str], body: bytes) -> bytes:
        url = self._allowed(address)
        for _ in range(_MOST_REDIRECTS):
            exchange = self._exchange(pools, url, method, headers, body)
            location = exchange.head.headers.get("location", "")
            if exchange.head.status not in _REDIRECTS or not location:
                return self._answer(exchange)
            exchange.drop()
            before, url = url, self._allowed(_resolved(url, location))
            if exchange.head.status not in _KEEPING:
                method, body = ("HEAD" if method == "HEAD" else "GET"), b""
            if before.host != url.host:
                headers = {name: value for name, value in headers.items() if name not in _SECRET}
        raise PluginError(f"{address}: stopped after {_MOST_REDIRECTS} redirects")

    def _allowed(self, address: str) -> URL:
        """An address that may be asked. Raises PluginError."""
        try:
            url = parse_url(address)
        except NavarchError as error:
            raise PluginError(f"invalid url: {error}") from error
        if url.scheme not in ("http", "https"):
            raise PluginError(f"unsupported protocol scheme {quote(url.scheme)}")
        host = url.hostname()
        if not any(host == pattern or compile_glob(pattern)(host) for pattern in self.hosts):
            raise PluginError(f"HTTP request to '{address}' is not allowed")
        return url

    def _exchange(self, pools: Pools, url: URL, method: str, headers: dict[str, str], body: bytes) -> Exchange:
        from navarch.kube.net.access import Access
        from navarch.kube.net.pools import UnansweredError

        def write(connection: Connection, dialer: Dialer) -> None:
            connection.send(_text(url, method, headers, body, dialer))

        try:
            return pools.exchange(url, Access(), write, method=method, deadline=self.deadline)
        except (UnansweredError, NavarchError) as error:
            raise PluginError(f"{method.title()} {quote(str(url))}: {error or 'timeout'}") from error

    def _answer(self, exchange: Exchange) -> bytes:
        from navarch.kube.net.http1 import BrokenError

        body = bytearray()
        try:
            for piece in exchange.pieces():
                body += piece
                if len(body) > self.limit:
                    raise PluginError("http: request body too large")
        except (BrokenError, OSError) as error:
            raise PluginError(exchange.connection.words(error)) from error
        finally:
            exchange.discard()
        self.status, self.headers = exchange.head.status, dict(exchange.head.headers)
        return bytes(body)


def _check(method: str, headers: dict[str, str]) -> None:
    """Refuse what would be more than a request's first line and headers."""
    for word in (method, *headers):
        if not word or not word.isascii() or not word.replace("-", "").replace("_", "").isalnum():
            raise PluginError(f"net/http: invalid method or header field name {quote(word)}")
    for name, value in headers.items():
        if any(char in value for char in "\r\n\0"):
            raise PluginError(f"net/http: invalid header field value for {quote(name)}")


def _text(url: URL, method: str, headers: dict[str, str], body: bytes, dialer: Dialer) -> bytes:
    """A request as it is sent."""
    from navarch.repos.request import own_authorization, target_of

    lines = [f"{method} {dialer.absolute}{target_of(url)} HTTP/1.1", f"Host: {url.host}"]
    own = own_authorization(url)
    if own and "authorization" not in headers:
        lines.append(f"Authorization: {own}")
    if "user-agent" not in headers:
        lines.append("User-Agent: Go-http-client/1.1")
    lines += [f"{name}: {value}" for name, value in headers.items() if name not in _OWN]
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    if dialer.absolute and dialer.authorization:
        lines.append(f"Proxy-Authorization: {dialer.authorization}")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("utf-8", "surrogateescape") + body


def _resolved(url: URL, location: str) -> str:
    from navarch.repos.urls import resolve

    return str(resolve(url, parse_url(location)))


def host_functions(extism: Any) -> list[Any]:
    """Extism's functions for HTTP, ours in their place. They work on the Web that is the context of a call."""
    with _lock:
        if not _functions:
            kind = extism.ValType
            signatures = {
                "http_request": (_request, ([kind.I64, kind.I64], [kind.I64])),
                "http_status_code": (_status, ([], [kind.I32])),
                "http_headers": (_headers, ([], [kind.I64])),
            }
            _functions[:] = [  # all at once: Extism's own may never be left beside ours
                extism.host_fn(name=name, namespace=_NAMESPACE, signature=signature)(function)
                for name, (function, signature) in signatures.items()
            ]
        return _functions


def _request(plugin: Any, given: Any, answers: Any, *_: Any) -> None:
    """What a module calls. Nothing may be raised through Extism: the call's Web keeps it, and refuses what follows."""
    web: Web = plugin.host_context()
    answers[0].value = 0
    if web.problem is not None:
        return
    try:
        body = bytes(plugin.input_bytes(given[1])) if given[1].value else b""
        found = web.ask(_read(plugin.input_bytes(given[0])), body)
    except NavarchError as error:
        web.problem = error
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, it can't pass through Extism
        web.problem = PluginError(f"invalid http request: {error}")
        return
    if found:
        plugin.return_bytes(answers[0], found)


def _read(data: bytes) -> dict[str, Any]:
    """A request as a module writes it. Raises NavarchError."""
    from navarch.golang.json import loads

    request = loads(bytes(data).decode("utf-8", "replace"))
    if not isinstance(request, dict):
        raise PluginError("invalid http request")
    return request


def _status(plugin: Any, _given: Any, answers: Any, *_: Any) -> None:
    answers[0].value = plugin.host_context().status


def _headers(plugin: Any, _given: Any, answers: Any, *_: Any) -> None:
    from navarch.golang.json import dumps

    answers[0].value = 0
    headers = plugin.host_context().headers
    if headers:
        plugin.return_bytes(answers[0], dumps(headers).encode("utf-8", "replace"))
