"""An embedded control plane: a Kubernetes API in one process, without containers.

    with navarch.cluster.LocalCluster() as cluster:
        cluster.client().install("web", "./web", wait=True)

Names are resolved when they are first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cluster.local import LocalCluster

__all__ = ["LocalCluster"]


def __getattr__(name: str) -> object:
    if name == "LocalCluster":
        from navarch.cluster.local import LocalCluster

        globals()[name] = LocalCluster
        return LocalCluster
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
