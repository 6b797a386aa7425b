"""One request to any server: its connections are kept, the answer is read or dropped.

Clients of registries and repositories stand on it. What they send, follow and ask again is theirs.
"""

from __future__ import annotations

import threading

from navarch.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from navarch.golang.url import URL
    from navarch.kube.credentials import Certificate
    from navarch.kube.net.access import Access
    from navarch.kube.net.dial import Dialer
    from navarch.kube.net.http1 import Connection, Head
    from navarch.kube.net.pool import Pool

__all__ = ["Exchange", "Pools", "UnansweredError"]

_PIECE = 1 << 18
_DRAIN = 1 << 16
"""Of which size an answer that nobody wants is still read, so that its connection stays good."""


class UnansweredError(Exception):
    """No answer. The message is Go's cause; `sent` says whether there was a connection to wait at."""

    def __init__(self, message: str, *, timeout: bool = False, sent: bool = False) -> None:
        super().__init__(message)
        self.timeout = timeout
        self.sent = sent


class Exchange:
    """A request that went out and the head of its answer; in the end it is finished, dropped or discarded."""

    __slots__ = ("_method", "_pool", "connection", "head")

    def __init__(self, pool: Pool, connection: Connection, head: Head, method: str) -> None:
        self._pool = pool
        self._method = method
        self.connection = connection
        self.head = head

    @property
    def length(self) -> int | None:
        """How many bytes the answer has; None where it doesn't say."""
        length = self.head.headers.get("content-length")
        return None if length is None else int(length)

    def pieces(self) -> Iterator[bytes]:
        """The rest of the answer, in pieces that are not large. Raises BrokenError and OSError."""
        return self.connection.pieces(self.head, self._method, most=_PIECE)

    def finish(self) -> None:
        """Be done with an answer that was read to its end."""
        self._pool.keep(self.connection) if self.head.keep else self.discard()

    def discard(self) -> None:
        """End the connection."""
        self._pool.discard(self.connection)

    def drop(self) -> None:
        """Be done with an answer that nobody wants; where it is short, its connection stays good."""
        from navarch.kube.net.http1 import BrokenError

        length = self.head.headers.get("content-length", "")
        if self.head.keep and length.isdigit() and int(length) <= _DRAIN:
            try:
                for _ in self.pieces():
                    pass
            except (BrokenError, OSError):
                pass
            else:
                self._pool.keep(self.connection)
                return
        self.discard()


class Pools:
    """The connections to all servers that are asked; can be used from several threads.

    Use it as a context manager, or close it, to end them.
    """

    def __init__(self) -> None:
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

    def _of(self, url: URL, access: Access) -> tuple[Pool, Certificate | None]:
        """The connections to a server, for some TLS settings. Raises DownloadError for settings that can't be used."""
        from navarch.kube.config import Config
        from navarch.kube.net.address import Address
        from navarch.kube.net.pool import Pool

        key = (url.scheme, url.host, *access.tls)
        with self._lock:
            if key not in self._pools:
                config = Config(str(url))
                certificate = access.configure(config)
                self._pools[key] = Pool(Address(url), config), certificate
            return self._pools[key]

    def exchange(
        self,
        url: URL,
        access: Access,
        write: Callable[[Connection, Dialer], object],
        *,
        method: str = "GET",
        deadline: float | None = None,
    ) -> Exchange:
        """Send a request to an address's server and read the head of the answer.

        `write` puts the request on a connection; it is called again where a kept connection turns out dead.
        `deadline` is a time of time.monotonic(). Raises UnansweredError, and DownloadError as Access.configure.
        """
        from navarch.kube.net.dial import DialError
        from navarch.kube.net.http1 import BrokenError

        pool, certificate = self._of(url, access)
        while True:
            try:
                connection = pool.take(certificate, deadline)
            except (DialError, ConfigError) as error:
                raise UnansweredError(str(error), timeout=getattr(error, "timeout", False)) from error
            try:
                write(connection, pool.dialer)
                return Exchange(pool, connection, connection.head(), method)
            except TimeoutError as error:
                pool.discard(connection)
                raise UnansweredError(str(error), timeout=True, sent=True) from error
            except (BrokenError, OSError, ValueError) as error:
                pool.discard(connection)
                if not connection.used or getattr(error, "received", False):
                    raise UnansweredError(connection.words(error), sent=True) from error
            except BaseException:
                pool.discard(connection)
                raise
