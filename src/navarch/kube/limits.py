"""How many requests a second: a token bucket, for those who ask for one with --qps."""

from __future__ import annotations

import threading
import time

__all__ = ["TokenBucket"]


class TokenBucket:
    """Lets `burst` requests through at once and `rate` a second after that. Usable from several threads."""

    __slots__ = ("_burst", "_lock", "_rate", "_then", "_tokens")

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(max(burst, 1))
        self._tokens = self._burst
        self._then = time.monotonic()
        self._lock = threading.Lock()

    def reserve(self) -> float:
        """Take a token, maybe one that is not there yet: the seconds to wait for it."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._then) * self._rate) - 1
            self._then = now
            return max(0.0, -self._tokens / self._rate)
