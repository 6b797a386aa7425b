"""Access, where those look for it who fetch from repositories."""

from __future__ import annotations

from navarch.kube.net.access import Access

__all__ = ["Access"]
