"""Fetching over HTTP: credentials for the one server they are for, redirects, limits, Go's words for what goes wrong.

Connections are kept and reused; a Fetcher can be used from several threads. Like Helm's getter it asks once: an
answer that says no is an answer.
"""

from __future__ import annotations

import threading
import time

from navarch.errors import ConfigError, DownloadError, IntegrityError
from navarch.repos.request import Request, authorization_for, parse, redirect_of, refuse_scheme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from navarch.kube.credentials import Certificate
    from navarch.kube.net.http1 import Connection, Head
    from navarch.kube.net.pool import Pool
    from navarch.repos.access import Access

    Progress = Callable[[str, int, int | None], object]
    """Is told an address, how many bytes of it came, and how many it has (None: not known)."""

__all__ = ["LIMIT", "TIMEOUT", "USER_AGENT", "Fetched", "Fetcher"]

USER_AGENT = "Helm/4.3.1"
TIMEOUT = 120.0
"""How many seconds an answer may take, all in all."""

LIMIT = 1 << 30
"""How many bytes an answer may have."""

_PIECE = 1 << 18
_DRAIN = 1 << 16
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

    Use it as a context manager, or close it, to end its connections.
    """

    def __init__(
        self, *, timeout: float = TIMEOUT, user_agent: str = USER_AGENT, progress: Progress | None = None
    ) -> None:
        self.timeout = timeout
        self.user_agent = user_agent
        self.progress = progress
        self._pools: dict[tuple[object, ...], tuple[Pool, Certificate | None]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool, _ in pools:
            pool.close()

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
            from navarch.repos.access import Access

            access = Access()
        refuse_scheme(url)
        secret = authorization_for(access, url if owner is None else owner, parse(url))
        request = Request(url, access, secret, accept=accept, etag=etag, agent=self.user_agent)
        request.deadline = time.monotonic() + self.timeout if self.timeout > 0 else None
        while True:
            pool, connection, head = self._ask(request)
            target = redirect_of(head, request)
            if not target:
                return self._answer(request, pool, connection, head, limit, sink)
            self._drop(pool, connection, head)
            request.follow(target, head.headers["location"])

    def _pool(self, request: Request) -> tuple[Pool, Certificate | None]:
        """The connections to a request's server, for its TLS settings."""
        from navarch.kube.config import Config
        from navarch.kube.net.address import Address
        from navarch.kube.net.pool import Pool

        url = request.parsed
        key = (url.scheme, url.host, *request.access.tls)
        with self._lock:
            if key not in self._pools:
                config = Config(request.url)
                certificate = request.access.configure(config)
                self._pools[key] = Pool(Address(url), config), certificate
            return self._pools[key]

    def _ask(self, request: Request) -> tuple[Pool, Connection, Head]:
        """Send a request and read the head of the answer; a kept connection that turns out dead is replaced."""
        from navarch.kube.net.dial import DialError
        from navarch.kube.net.http1 import BrokenError

        pool, certificate = self._pool(request)
        while True:
            try:
                connection = pool.take(certificate, request.deadline)
            except (DialError, ConfigError) as error:
                late = getattr(error, "timeout", False)
                request.fail(_LATE_HEAD if late else str(error), error, timeout=late)
            try:
                connection.send(request.text(pool.dialer.absolute, pool.dialer.authorization))
                return pool, connection, connection.head()
            except TimeoutError as error:
                pool.discard(connection)
                request.fail(_LATE_HEAD, error, timeout=True)
            except (BrokenError, OSError, ValueError) as error:
                pool.discard(connection)
                if not connection.used or getattr(error, "received", False):
                    request.fail(_words(connection, error), error)
            except BaseException:
                pool.discard(connection)
                raise

    def _answer(
        self,
        request: Request,
        pool: Pool,
        connection: Connection,
        head: Head,
        limit: int,
        sink: Callable[[bytes], object] | None,
    ) -> Fetched:
        if head.status == 304 and request.etag:
            pool.keep(connection) if head.keep else pool.discard(connection)
            return Fetched(request.url, 304, head.headers, b"", 0)
        if head.status != 200:
            self._drop(pool, connection, head)
            message = f"failed to fetch {request.first} : {head.status} {head.reason}".rstrip()
            raise DownloadError(message, url=request.shown, status=head.status)
        announced = head.headers.get("content-length")
        if announced is not None and int(announced) > limit:
            pool.discard(connection)
            raise _too_big(request, int(announced), limit)
        pieces: list[bytes] = []
        size = self._read(request, pool, connection, head, limit, sink or pieces.append)
        return Fetched(request.url, 200, head.headers, b"".join(pieces), size)

    def _read(
        self,
        request: Request,
        pool: Pool,
        connection: Connection,
        head: Head,
        limit: int,
        sink: Callable[[bytes], object],
    ) -> int:
        """Read an answer to its end; answers its size."""
        from navarch.kube.net.http1 import BrokenError

        total = head.headers.get("content-length")
        size = 0
        try:
            for piece in connection.pieces(head, "GET", most=_PIECE):
                size += len(piece)
                if size > limit:
                    raise _too_big(request, size, limit)  # noqa: TRY301 - the connection is to be ended
                sink(piece)
                if self.progress:
                    self.progress(request.shown, size, None if total is None else int(total))
        except TimeoutError as error:
            pool.discard(connection)
            raise DownloadError(_LATE_BODY, url=request.shown, timeout=True) from error
        except BrokenError as error:
            pool.discard(connection)
            raise IntegrityError(str(error), url=request.shown) from error
        except OSError as error:
            pool.discard(connection)
            if error.filename is not None or not connection.ends:  # the sink's own trouble
                raise
            raise IntegrityError(_words(connection, error), url=request.shown) from error
        except BaseException:
            pool.discard(connection)
            raise
        pool.keep(connection) if head.keep else pool.discard(connection)
        return size

    def _drop(self, pool: Pool, connection: Connection, head: Head) -> None:
        """Be done with an answer that nobody wants; where it is short, its connection stays good."""
        from navarch.kube.net.http1 import BrokenError

        length = head.headers.get("content-length", "")
        if head.keep and length.isdigit() and int(length) <= _DRAIN:
            try:
                for _ in connection.pieces(head, "GET"):
                    pass
            except (BrokenError, OSError):
                pass
            else:
                pool.keep(connection)
                return
        pool.discard(connection)


def _too_big(request: Request, size: int, limit: int) -> IntegrityError:
    return IntegrityError(f"{request.shown} has {size} bytes; no more than {limit} are read", url=request.shown)


def _words(connection: Connection, error: Exception) -> str:
    if type(error).__module__ == "ssl":
        from navarch.kube.net.tls import tls_words

        return tls_words(error)  # type: ignore[arg-type]
    from navarch.kube.net.dial import read_words

    return read_words(connection.ends, error) if isinstance(error, OSError) else str(error)
