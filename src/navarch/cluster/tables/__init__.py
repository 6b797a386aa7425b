"""What `kubectl get` shows: objects as rows of a meta.k8s.io/v1 Table, and objects reduced to their metadata."""

from __future__ import annotations

from navarch.cluster.tables.table import partial, partial_list, table

__all__ = ["partial", "partial_list", "table"]
