"""Figures about a server for Prometheus, of all its workers together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram

    from navarch.registry.logs import Event

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_FACES = {"v2": "oci", "-": "web", "healthz": "server", "readyz": "server", "metrics": "server", "": "web"}


class Metrics:
    """Counters. Those of several processes are added up when they share the folder `shared`.

    The library wants that folder in the environment before it is imported.
    """

    def __init__(self, shared: str = "") -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._shared = shared
        self._registry = registry = CollectorRegistry()
        labels = ("face", "method", "status")
        self._requests = Counter("navarch_registry_requests", "Requests answered", labels, registry=registry)
        self._seconds = Histogram(
            "navarch_registry_request_seconds", "Time to answer", ("face",), registry=registry, buckets=_BUCKETS
        )
        self._counters: dict[tuple[str, str, int], tuple[Counter, Histogram, Counter]] = {}
        self._sent = Counter("navarch_registry_sent_bytes", "Bytes of bodies sent", ("face",), registry=registry)

    def add(self, event: Event) -> None:
        """Count a request."""
        method = event.method if event.method in _METHODS else "other"
        key = face_of(event.target), method, event.status
        counters = self._counters.get(key)
        if counters is None:
            counters = self._counters[key] = self._make(*key)
        requests, seconds, sent = counters
        requests.inc()
        seconds.observe(event.seconds)
        if event.size:
            sent.inc(event.size)

    def _make(self, face: str, method: str, status: int) -> tuple[Counter, Histogram, Counter]:
        requests = self._requests.labels(face, method, str(status))
        return requests, self._seconds.labels(face), self._sent.labels(face)

    def text(self) -> bytes:
        """All figures in Prometheus' text form."""
        from prometheus_client import exposition

        return exposition.generate_latest(self._collected())

    def _collected(self) -> CollectorRegistry:
        if not self._shared:
            return self._registry
        from prometheus_client import CollectorRegistry, multiprocess

        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry, path=self._shared)  # type: ignore[no-untyped-call]
        return registry


_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def face_of(target: str) -> str:
    """Which face a path belongs to."""
    path = target.partition("?")[0]
    first, _, rest = path[1:].partition("/")
    if first == "api":
        return "spaces" if rest.startswith("v1/") else "museum"
    if rest == "index.yaml" or rest.startswith("charts/"):
        return "classic"
    return _FACES.get(first, "other")
