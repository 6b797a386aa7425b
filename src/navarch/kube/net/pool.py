"""The connections to one server: kept while they are good, ended together, usable from several threads."""

from __future__ import annotations

import select
import socket
import threading
import time

from navarch.kube.net.dial import Dialer, DialError
from navarch.kube.net.http1 import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.kube.config import Config
    from navarch.kube.credentials import Certificate
    from navarch.kube.net.address import Address
    from navarch.kube.net.dial import Socket

__all__ = ["Pool", "shut"]

_IDLE = 25  # connections kept, as many as client-go keeps
_CLOSED = "http: client is closed"
_IDLE_SECONDS = 80.0  # less than servers and balancers wait


class Pool:
    """Connections to a server. A connection belongs to one thread until it is kept or discarded."""

    def __init__(self, server: Address, config: Config) -> None:
        self.dialer = Dialer(server, config)
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._lock = threading.Lock()
        self._closed = False

    def take(self, certificate: Certificate | None, deadline: float | None) -> Connection:
        """A connection to use, kept or fresh. Raises DialError, ConfigError.

        `deadline` is a time of time.monotonic(). A new `certificate` ends the connections made with the old one.
        """
        if self.dialer.prepare(certificate):
            self.drop_idle()
        while (kept := self._kept()) is not None:
            if time.monotonic() - kept.since < _IDLE_SECONDS and not _readable(kept.sock):
                kept.deadline = deadline
                return kept
            self.discard(kept)
        fresh = Connection(self.dialer.open(deadline))
        fresh.deadline = deadline
        with self._lock:
            if not self._closed:
                self._open.add(fresh)
                return fresh
        fresh.sock.close()
        raise DialError(_CLOSED)

    def _kept(self) -> Connection | None:
        with self._lock:
            if self._closed:
                raise DialError(_CLOSED)
            return self._idle.pop() if self._idle else None

    def keep(self, connection: Connection) -> None:
        """Take back a connection whose answer was read to its end."""
        if connection.used == 1:
            self.dialer.remember(connection.sock)
        connection.since = time.monotonic()
        with self._lock:
            if not self._closed and len(self._idle) < _IDLE:
                self._idle.append(connection)
                return
        self.discard(connection)

    def discard(self, connection: Connection) -> None:
        """End a connection."""
        with self._lock:
            self._open.discard(connection)
        connection.sock.close()

    def drop_idle(self) -> None:
        """End the connections that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            self.discard(connection)

    def __del__(self) -> None:
        for connection in self._open:  # of a pool that nobody closed
            connection.sock.close()

    def close(self) -> None:
        """End all connections, those in use too: their readers get an error."""
        with self._lock:
            self._closed = True
            connections = list(self._open)
        for connection in connections:
            shut(connection.sock)
        self.drop_idle()


def shut(sock: Socket) -> None:
    """End a socket that another thread may be reading from. Over SSLSocket's own shutdown that reader would stumble."""
    while not isinstance(sock, socket.socket):
        sock = sock.outer
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        pass


def _readable(sock: Socket) -> bool:
    """Whether an idle connection has something to say, which can only be that it ended."""
    poll = select.poll()
    try:
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError):
        return True
