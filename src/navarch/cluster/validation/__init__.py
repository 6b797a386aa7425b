"""Whether objects obey the rules of their kinds, with the messages of Kubernetes' API server."""

from __future__ import annotations

from navarch.cluster.validation.rules import creating, updating

__all__ = ["creating", "updating"]
