"""Ports for servers that can't be told to take any: each is this process's own until it ends."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from functools import cache

__all__ = ["free_port"]

_FIRST, _LAST = 15_000, 32_000  # below those that systems hand out to whoever asks for any
_ours: set[int] = set()


def free_port() -> int:
    """A port of 127.0.0.1 that is free now, and that no other process gets from here while this one lives.

    A port that a system handed out and took back may be anybody's by the time a server is up, or while it starts again.
    """
    for _ in range(1000):
        port = random.SystemRandom().randint(_FIRST, _LAST)
        if port not in _ours and _is_free(port):
            _ours.add(port)
            return port
    raise RuntimeError("no free port")


def _is_free(port: int) -> bool:
    try:
        fcntl.lockf(_register(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@cache
def _register() -> int:
    """A file in which each test process locks the bytes of its ports; the system unlocks them when it ends."""
    path = os.path.join(tempfile.gettempdir(), f"navarch-test-ports-{os.geteuid()}")
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
