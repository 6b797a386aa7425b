"""Locks of all servers that use the same PostgreSQL: advisory ones, which end with their connection."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors

from navarch.registry.problems import locked
from navarch.registry.store.objects import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Connection = psycopg.Connection[Any]

__all__ = ["PostgresLocker", "check_dsn"]

_IDLE = 4  # connections that are kept for the next lock
_CONNECT = 5  # seconds
_ANSWER = 5.0  # seconds for an answer, besides those that a lock is waited for


def check_dsn(dsn: str) -> None:
    """Raises ValueError for what is no connection string."""
    try:
        psycopg.conninfo.conninfo_to_dict(dsn)
    except psycopg.Error as error:
        raise ValueError(str(error).strip()) from None


class PostgresLocker:
    """Holds locks, each by a connection of its own. `seconds` is how long one is waited for."""

    def __init__(self, dsn: str, seconds: float = 10) -> None:
        self._dsn = dsn
        self._wait = max(int(seconds * 1000), 1)  # 0 would be for ever
        self._idle: list[Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        key = _key(name)
        connection = self._locked(name, key)
        try:
            yield
        finally:
            self._unlock(connection, key)

    def close(self) -> None:
        """Close the connections that wait for the next lock."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _locked(self, name: str, key: int) -> Connection:
        connection = None
        try:
            connection = self._connection()
            with _no_longer_than(self._wait / 1000 + _ANSWER, connection):
                connection.execute("SELECT pg_advisory_lock(%s)", (key,))
        except errors.LockNotAvailable:
            self._keep(connection)
            raise locked(name) from None
        except psycopg.Error as error:
            if connection is not None:
                connection.close()
            raise StorageError(f"locks: {str(error).strip()}") from error
        return connection

    def _connection(self) -> Connection:
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                if _answers(connection):
                    return connection
        options = f"-c lock_timeout={self._wait}"
        return psycopg.connect(self._dsn, autocommit=True, connect_timeout=_CONNECT, options=options)

    def _unlock(self, connection: Connection, key: int) -> None:
        try:
            with _no_longer_than(_ANSWER, connection):
                connection.execute("SELECT pg_advisory_unlock(%s)", (key,))
        except psycopg.Error:
            connection.close()  # which unlocks
        else:
            self._keep(connection)

    def _keep(self, connection: Connection | None) -> None:
        with self._lock:
            if connection is not None and len(self._idle) < _IDLE:
                self._idle.append(connection)
                return
        if connection is not None:
            connection.close()


def _answers(connection: Connection) -> bool:
    try:
        with _no_longer_than(_ANSWER, connection):
            connection.execute("SELECT 1")
    except psycopg.Error:
        connection.close()
        return False
    return True


@contextmanager
def _no_longer_than(seconds: float, connection: Connection) -> Iterator[None]:
    """End the connection when the block takes longer: a server may be silent for ever."""
    timer = threading.Timer(seconds, _break, (connection,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _break(connection: Connection) -> None:
    """Have the one who waits for an answer see the end of the connection."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


def _key(name: str) -> int:
    """A number for a name, in the range of bigint."""
    digest = hashlib.blake2b(name.encode(), digest_size=8, person=b"registry").digest()
    return int.from_bytes(digest, signed=True)
