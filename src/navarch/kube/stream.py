"""Answers that go on: watches and logs."""

from __future__ import annotations

from navarch.errors import UnreachableError
from navarch.kube.net.http1 import BrokenError
from navarch.kube.net.pool import shut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from navarch.kube.net.http1 import Connection, Head
    from navarch.kube.net.pool import Pool

__all__ = ["Stream"]


class Stream:
    """Lines (without their ends) of an answer, as a context manager. `close` may be called from another thread."""

    def __init__(self, pool: Pool, connection: Connection, head: Head, url: str) -> None:
        self.headers = head.headers
        self._pool = pool
        self._connection = connection
        self._head = head
        self._url = url
        self._closed = False
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._ended and self._head.keep and not self._closed:
            self._pool.keep(self._connection)
        else:
            self._pool.discard(self._connection)
        self._closed = True

    def __iter__(self) -> Iterator[bytes]:
        """The lines. Raises UnreachableError where the connection broke; a stream that was closed just ends."""
        rest: list[bytes] = []
        for piece in self.pieces():
            first, *more = piece.split(b"\n")
            rest.append(first)
            for line in more:
                yield b"".join(rest)
                rest = [line]
        if last := b"".join(rest):
            yield last

    def pieces(self) -> Iterator[bytes]:
        """The bytes as they come. Raises as iterating does."""
        try:
            yield from self._connection.pieces(self._head, "GET")
            self._ended = True
        except (OSError, BrokenError, ValueError) as error:
            if not self._closed:
                cause = str(error) or "unexpected EOF"
                raise UnreachableError(f'Get "{self._url}": {cause}', cause=cause, sent=True) from error

    def close(self) -> None:
        """End the stream; whoever waits for its next line stops waiting."""
        self._closed = True
        shut(self._connection.sock)
