"""Requests to one API server: connections, credentials, retries, errors. The step from a configuration to the API.

Usable from several threads. Connections are kept and reused; `navarch.kube.retry` has the rules for trying again.
"""

from __future__ import annotations

import time

from navarch.errors import ConfigError, UnreachableError
from navarch.kube.credentials import credentials_for
from navarch.kube.net.address import basic, server_address
from navarch.kube.net.dial import DialError
from navarch.kube.net.http1 import BrokenError
from navarch.kube.net.pool import Pool
from navarch.kube.retry import Call, LostError, after_loss, after_refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, NoReturn, Self

    from navarch.kube.config import Config
    from navarch.kube.limits import TokenBucket
    from navarch.kube.net.http1 import Connection, Head
    from navarch.kube.stream import Stream

    Query = Mapping[str, str] | Sequence[tuple[str, str]] | None

__all__ = ["Response", "Transport"]

_SEPARATE = 1 << 16  # bodies from this size on are not copied behind their head
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
_PATH = frozenset(_LETTERS + "$&+,/:;=@")
_QUERY = frozenset(_LETTERS)
_NEAR = ("127.0.0.1", "::1", "localhost")  # no time is won by compressing
_GONE = b'{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success"}'


class Response:
    """An answer: its status, its headers by names in small letters, its body."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        """The body as JSON. Raises UnreachableError where it is none."""
        import json

        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise UnreachableError(f"the server's answer is not JSON: {error}", sent=True) from error


class Transport:
    """Talks to the API server of a configuration. Raises ConfigError where that can't work.

    `warn` gets the text of each warning that the server sends along (header `Warning`, code 299).
    """

    def __init__(
        self, config: Config, *, user_agent: str = "navarch", warn: Callable[[str], None] | None = None
    ) -> None:
        tls = bool(config.ca_file or config.ca_data or config.cert_file or config.cert_data or config.insecure)
        self.config = config
        self.server = server_address(config.server, default_tls=tls)
        self.url = f"{self.server.scheme}://{self.server.shown_user}{self.server.shown}"
        self._warn = warn
        self._credentials = credentials_for(config)
        self._pool = Pool(self.server, config)
        if config.exec_plugin is None and not config.cert_file:  # else they are looked at again for each connection
            self._pool.dialer.prepare(self._credentials.certificate())
        self._limit = _limit(config)
        self._reached = False
        self._squeeze = not config.disable_compression and self.server.host not in _NEAR
        self._fixed = self._fixed_headers(user_agent)

    def _fixed_headers(self, user_agent: str) -> str:
        lines = [f"Host: {self.server.shown}", f"User-Agent: {user_agent}"]
        if self._pool.dialer.absolute and self._pool.dialer.authorization:
            lines.append(f"Proxy-Authorization: {self._pool.dialer.authorization}")
        if self.config.impersonation is not None:
            from navarch.kube.credentials import impersonation_headers

            lines += impersonation_headers(self.config.impersonation)
        return "\r\n".join(lines)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        headers: Sequence[tuple[str, str]] = (),
        timeout: float | None = None,
    ) -> Response:
        """The answer to a request, within `timeout` seconds (None: however long it takes).

        `path` is not escaped; `headers` are sent besides the usual ones. 304 is an answer as good as 200. Raises
        ApiError for an answer that says no, UnreachableError where there is none, and ConfigError where credentials
        can't be had.
        """
        target = self._target(path, query)
        call = Call(method, path, target, accept=accept, timeout=timeout, body=body, content_type=content_type)
        call.headers = headers
        _, head, answer = self._run(call)
        return Response(head.status, head.headers, answer)

    def stream(
        self,
        method: str,
        path: str,
        *,
        query: Query = None,
        accept: str = "application/json",
        timeout: float | None = None,
    ) -> Stream:
        """An answer that goes on, to be used as a context manager. `timeout` bounds the wait for its start.

        Raises as `request` does.
        """
        from navarch.kube.stream import Stream

        call = Call(method, path, self._target(path, query), accept=accept, timeout=timeout, whole=False)
        connection, head, _ = self._run(call)
        return Stream(self._pool, connection, head, f"{self.url}{call.target}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all connections; what other threads are waiting for fails."""
        self._pool.close()

    def _target(self, path: str, query: Query) -> str:
        target = _escape(self.server.path + path, _PATH)
        if not query:
            return target
        pairs: Iterable[tuple[str, str]] = query.items() if hasattr(query, "items") else query
        encoded = [f"{_escape(key, _QUERY)}={_escape(value, _QUERY)}" for key, value in sorted(pairs, key=_first)]
        return f"{target}?{'&'.join(encoded).replace('%20', '+')}"

    def _run(self, call: Call) -> tuple[Connection, Head, bytes]:
        """Try until there is an answer that counts."""
        while True:
            call.tries += 1
            if self._limit is not None and call.whole:
                time.sleep(self._limit.reserve())
            authorization = self._authorization(call)
            try:
                connection, head, body = self._try(call, authorization)
            except LostError as lost:
                pause = after_loss(call, lost, reached=self._reached)
                if pause is None:
                    self._give_up(call, lost)
            else:
                self._reached = True
                if self._warn is not None and "warning" in head.headers:
                    self._tell(head.headers["warning"])
                if 200 <= head.status <= 206 or head.status == 304:
                    return connection, head, body
                if head.status == 401 and not call.renewed and self._credentials.refused(authorization):
                    call.renewed = True
                    continue
                pause = after_refusal(call, head.status, head.headers, body)
                if pause is None:
                    return connection, head, self._refused(call, head, body)
            time.sleep(pause)

    def _authorization(self, call: Call) -> str:
        try:
            value = self._credentials.authorization()
        except ConfigError as error:
            raise ConfigError(self._about(call, str(error)), hint=error.hint) from error
        if not value and self.server.user:
            value = basic(self.server.user, self.server.password)
        if value and not value.isprintable():
            raise ConfigError(self._about(call, 'net/http: invalid header field value for "Authorization"'))
        return value

    def _try(self, call: Call, authorization: str) -> tuple[Connection, Head, bytes]:
        """Send the request and read the answer; of a stream only its head. Raises LostError.

        The connection has been handed back unless it is a stream's.
        """
        try:
            connection = self._pool.take(self._credentials.certificate(), call.deadline)
        except DialError as error:
            raise LostError(str(error), sent=False, timeout=error.timeout, passing=error.passing) from error
        except ConfigError as error:
            raise ConfigError(self._about(call, str(error)), hint=error.hint) from error
        complete, head = True, None
        try:
            complete = self._send(call, connection, authorization)
            head = connection.head()
            if not call.whole and 200 <= head.status <= 206:
                connection.unbind()
                return connection, head, b""
            body = _plain(head, connection.body(head, call.method))
        except (OSError, BrokenError, ValueError) as error:
            self._pool.discard(connection)
            raise _lost(connection, error, sent=complete, in_body=head is not None) from error
        except BaseException:
            self._pool.discard(connection)
            raise
        if head.keep and complete:
            self._pool.keep(connection)
        else:
            self._pool.discard(connection)
        return connection, head, body

    def _send(self, call: Call, connection: Connection, authorization: str) -> bool:
        """Write the request; whether all of it went out. Even if not, there may be an answer."""
        lines = [f"{call.method} {self._pool.dialer.absolute}{call.target} HTTP/1.1", self._fixed]
        lines.append(f"Accept: {call.accept}")
        if authorization:
            lines.append(f"Authorization: {authorization}")
        if self._squeeze and call.whole:
            lines.append("Accept-Encoding: gzip")
        if call.body is not None:
            lines.append(f"Content-Type: {call.content_type}\r\nContent-Length: {len(call.body)}")
        elif call.method in ("POST", "PUT", "PATCH"):
            lines.append("Content-Length: 0")
        lines += [f"{name}: {value}" for name, value in call.headers]
        data = ("\r\n".join(lines) + "\r\n\r\n").encode()
        body = call.body or b""
        try:
            if len(body) < _SEPARATE:
                connection.send(data + body)
            else:
                connection.send(data)
                connection.send(body)
        except TimeoutError:
            raise
        except OSError:
            return False
        return True

    def _refused(self, call: Call, head: Head, body: bytes) -> bytes:
        """Raise the ApiError of an answer that says no. What an earlier try may have deleted is well gone."""
        if head.status == 404 and call.method == "DELETE" and call.lost:
            head.status = 200
            return _GONE
        from navarch.kube.status import api_error

        raise api_error(head.status, head.headers, body, method=call.method, path=call.path)

    def _give_up(self, call: Call, lost: LostError) -> NoReturn:
        cause = str(lost)
        message = self._about(call, cause)
        if lost.in_body:
            message = f"unexpected error when reading response body. Please retry. Original error: {cause}"
        raise UnreachableError(message, cause=cause, timeout=lost.timeout, sent=lost.sent or call.lost) from lost

    def _about(self, call: Call, cause: str) -> str:
        """An error as Go's HTTP client puts it."""
        return f'{call.method[:1]}{call.method[1:].lower()} "{self.url}{call.target}": {cause}'

    def _tell(self, header: str) -> None:
        from navarch.kube.warnings import texts

        for text in texts(header):
            if self._warn is not None:
                self._warn(text)


def _limit(config: Config) -> TokenBucket | None:
    if config.qps <= 0:
        return None
    from navarch.kube.limits import TokenBucket

    return TokenBucket(config.qps, config.burst)


def _first(pair: tuple[str, str]) -> str:
    return pair[0]


def _escape(text: str, allowed: frozenset[str]) -> str:
    if allowed.issuperset(text):
        return text
    return "".join(char if char in allowed else _percent(char) for char in text)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))


def _plain(head: Head, body: bytes) -> bytes:
    """A body without its compression."""
    if head.headers.get("content-encoding") != "gzip" or not body:
        return body
    import zlib

    try:
        return zlib.decompress(body, 31)
    except zlib.error as error:
        raise BrokenError("gzip: invalid header", received=True) from error


def _lost(connection: Connection, error: Exception, *, sent: bool, in_body: bool) -> LostError:
    """What a failure on a connection means for the request."""
    if isinstance(error, TimeoutError):
        return LostError("context deadline exceeded", sent=sent, timeout=True, in_body=in_body)
    received = isinstance(error, BrokenError) and error.received
    cause = connection.words(error)
    stale = connection.used > 0 and not received
    ended = cause.endswith("EOF") or isinstance(error, OSError)
    passing = ended and not cause.startswith(("remote error", "tls:"))
    return LostError(cause, sent=sent, stale=stale, passing=passing, in_body=in_body)
