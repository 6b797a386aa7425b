"""How many requests a second one address may make, counted by all workers together."""

from __future__ import annotations

import hashlib
import mmap
import secrets
import struct
import time

__all__ = ["Rate"]

_SLOTS = 1 << 16
_SLOT = struct.Struct("d")


class Rate:
    """The generic cell rate algorithm: for each key the time at which all it had is used up.

    Times are kept in memory that workers share when they are given the same `path`, without locks: two requests at
    the same moment may count as one. Keys share a slot when their hashes, which nobody can foresee, are equal.
    """

    def __init__(self, per_second: float, burst: int = 0, *, path: str = "", seed: bytes = b"") -> None:
        self._step = 1 / per_second
        self._slack = (burst or max(per_second, 1)) * self._step
        self._seed = seed or secrets.token_bytes(16)
        size = _SLOTS * _SLOT.size
        if path:
            with open(path, "a+b") as file:
                file.truncate(size)
                self._times = mmap.mmap(file.fileno(), size)
        else:
            self._times = mmap.mmap(-1, size)

    def take(self, key: str) -> float:
        """Count a request: 0 if it may be answered, else the seconds after which one may be."""
        digest = hashlib.blake2b(key.encode("utf-8", "surrogateescape"), key=self._seed, digest_size=2).digest()
        at = int.from_bytes(digest) * _SLOT.size
        now = time.monotonic()
        used_up = max(_SLOT.unpack_from(self._times, at)[0], now) + self._step
        wait = used_up - now - self._slack
        if wait > 1e-9:
            return float(wait)
        _SLOT.pack_into(self._times, at, used_up)
        return 0.0
