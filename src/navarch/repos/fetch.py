"""Fetching over HTTP: credentials for the one server they are for, redirects, limits, Go's words for what goes wrong.

Connections are kept and reused; a Fetcher can be used from several threads. Like Helm's getter it asks once: an
answer that says no is an answer.
"""

from __future__ import annotations

import time

from navarch.errors import DownloadError, IntegrityError
from navarch.kube.net.pools import Pools, UnansweredError
from navarch.repos.request import HTTP, Request, authorization_for, parse, redirect_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from navarch.kube.net.access import Access
    from navarch.kube.net.dial import Dialer
    from navarch.kube.net.http1 import Connection
    from navarch.kube.net.pools import Exchange
    from navarch.repos.getting import Getters

    Progress = Callable[[str, int, int | None], object]
    """Is told an address, how many bytes of it came, and how many it has (None: not known).

    Both are the same when it is over, however it ended.
    """

__all__ = ["LIMIT", "TIMEOUT", "USER_AGENT", "Fetched", "Fetcher"]

USER_AGENT = "Helm/4.3.1"
TIMEOUT = 120.0
"""How many seconds an answer may take, all in all."""

LIMIT = 1 << 30
"""How many bytes an answer may have."""

_LATE_HEAD = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
_LATE_BODY = "context deadline exceeded (Client.Timeout or context cancellation while reading body)"


class Fetched:
    """An answer. `data` is empty where it was handed on piece by piece; `status` is 200, or 304 for an ETag we had.

    Names of headers are in small letters. `url` is where it came from in the end.
    """

    __slots__ = ("data", "headers", "size", "status", "url")

    def __init__(self, url: str, status: int, headers: dict[str, str], data: bytes, size: int) -> None:
        self.url = url
        self.status = status
        self.headers = headers
        self.data = data
        self.size = size


class Fetcher:
    """Fetches over HTTP. `timeout` is in seconds, for each request; `progress` is told how far it is.

    `getters` knows what is for other schemes (see navarch.repos.getting), `from_registry` reads what is at "oci://…".
    Use it as a context manager, or close it, to end its connections.
    """

    def __init__(
        self,
        *,
        timeout: float = TIMEOUT,
        user_agent: str = USER_AGENT,
        progress: Progress | None = None,
        getters: Getters | None = None,
        from_registry: Callable[[str], bytes] | None = None,
    ) -> None:
        self.timeout = timeout
        self.user_agent = user_agent
        self.progress = progress
        self.getters = getters
        self.from_registry = from_registry
        self.on_sent: Callable[[], object] | None = None
        """Called when a request is out, before its answer is waited for."""
        self._pools = Pools()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._pools.close()

    def get(
        self,
        url: str,
        *,
        access: Access | None = None,
        owner: str | None = None,
        accept: str = "",
        etag: str = "",
        limit: int = LIMIT,
        sink: Callable[[bytes], object] | None = None,
    ) -> Fetched:
        """What lies at an address; redirects are followed.

        `access` has credentials, which are sent if the server is that of the address `owner` (left out: of `url`);
        `etag` is that of a copy at hand; an answer of more than `limit` bytes is refused, early where it says so.
        `sink` gets the answer in pieces. Raises DownloadError: no answer, one that says no, no HTTP; IntegrityError:
        an answer that is cut off or too big.
        """
        if access is None:
            from navarch.kube.net.access import Access

            access = Access()
        owner = url if owner is None else owner
        parsed = parse(url)
        if parsed.scheme not in HTTP:
            return self._by_getter(url, access, owner, accept, limit, sink)
        secret = authorization_for(access, owner, parsed)
        request = Request(url, access, secret, accept=accept, etag=etag, agent=self.user_agent)
        request.deadline = time.monotonic() + self.timeout if self.timeout > 0 else None
        while True:
            exchange = self._ask(request)
            target = redirect_of(exchange.head, request)
            if not target:
                return self._answer(request, exchange, limit, sink)
            exchange.drop()
            request.follow(target, exchange.head.headers["location"])

    def _by_getter(
        self, url: str, access: Access, owner: str, accept: str, limit: int, sink: Callable[[bytes], object] | None
    ) -> Fetched:
        from navarch.repos.getting import get, request_for

        wanted = request_for(url, access, owner, accept=accept, timeout=self.timeout)
        own = wanted.scheme == "oci" and self.from_registry
        data = own(url) if own else get(self.getters, wanted, limit)
        if sink is None:
            return Fetched(url, 200, {}, data, len(data))
        sink(data)
        return Fetched(url, 200, {}, b"", len(data))

    def _ask(self, request: Request) -> Exchange:
        """Send a request and read the head of the answer."""

        def write(connection: Connection, dialer: Dialer) -> None:
            connection.send(request.text(dialer.absolute, dialer.authorization))
            if self.on_sent:
                self.on_sent()

        try:
            return self._pools.exchange(request.parsed, request.access, write, deadline=request.deadline)
        except UnansweredError as error:
            request.fail(_LATE_HEAD if error.timeout else str(error), error, timeout=error.timeout)

    def _answer(
        self, request: Request, exchange: Exchange, limit: int, sink: Callable[[bytes], object] | None
    ) -> Fetched:
        head = exchange.head
        if head.status == 304 and request.etag:
            exchange.finish()
            return Fetched(request.url, 304, head.headers, b"", 0)
        if head.status != 200:
            exchange.drop()
            message = f"failed to fetch {request.first} : {head.status} {head.reason}".rstrip()
            raise DownloadError(message, url=request.shown, status=head.status)
        if (announced := exchange.length) is not None and announced > limit:
            exchange.discard()
            raise _too_big(request, announced, limit)
        pieces: list[bytes] = []
        size = self._read(request, exchange, limit, sink or pieces.append)
        return Fetched(request.url, 200, head.headers, b"".join(pieces), size)

    def _read(self, request: Request, exchange: Exchange, limit: int, sink: Callable[[bytes], object]) -> int:
        """Read an answer to its end; answers its size."""
        from navarch.kube.net.http1 import BrokenError

        total = exchange.length
        size = 0
        try:
            for piece in exchange.pieces():
                size += len(piece)
                if size > limit:
                    raise _too_big(request, size, limit)  # noqa: TRY301 - the connection is to be ended
                sink(piece)
                if self.progress:
                    self.progress(request.shown, size, total)
        except BaseException as error:
            exchange.discard()
            self._over(request, size)
            if isinstance(error, TimeoutError):
                raise DownloadError(_LATE_BODY, url=request.shown, timeout=True) from error
            connection = exchange.connection
            if isinstance(error, OSError) and (error.filename is not None or not connection.ends):
                raise  # the sink's own trouble
            if isinstance(error, BrokenError | OSError):
                raise IntegrityError(connection.words(error), url=request.shown) from error
            raise
        exchange.finish()
        if total is None:
            self._over(request, size)
        return size

    def _over(self, request: Request, size: int) -> None:
        if self.progress:
            self.progress(request.shown, size, size)


def _too_big(request: Request, size: int, limit: int) -> IntegrityError:
    return IntegrityError(f"{request.shown} has {size} bytes; no more than {limit} are read", url=request.shown)
