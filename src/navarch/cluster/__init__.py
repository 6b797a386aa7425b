"""An embedded control plane: a Kubernetes API in one process, without containers.

    with navarch.cluster.LocalCluster() as cluster:
        cluster.client().install("web", "./web", wait=True)

Names are resolved when they are first used.
"""

from __future__ import annotations

from navarch import later

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cluster.local import LocalCluster

__all__ = ["LocalCluster"]

__getattr__ = later(__name__, {"local": ("LocalCluster",)})
