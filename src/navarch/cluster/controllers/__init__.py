"""Simulated controllers: what a controller manager, a scheduler and one node's kubelet would do, without containers.

Everything follows from the objects and the clock, so that it happens in the same way each time.
"""

from __future__ import annotations

from navarch.cluster.controllers.aggregation import AggregatedRoles
from navarch.cluster.controllers.autoscaling import Autoscalers
from navarch.cluster.controllers.cronjobs import CronJobs
from navarch.cluster.controllers.daemonsets import DaemonSets
from navarch.cluster.controllers.deployments import Deployments
from navarch.cluster.controllers.disruption import DisruptionBudgets
from navarch.cluster.controllers.endpoints import Endpoints
from navarch.cluster.controllers.expiry import EventExpiry
from navarch.cluster.controllers.garbage import Garbage
from navarch.cluster.controllers.jobs import Jobs
from navarch.cluster.controllers.kubelet import Kubelet
from navarch.cluster.controllers.logs import logs
from navarch.cluster.controllers.manager import Manager
from navarch.cluster.controllers.mirroring import SliceMirrors
from navarch.cluster.controllers.namespaces import NamespaceEnds, Namespaces
from navarch.cluster.controllers.nodes import Nodes
from navarch.cluster.controllers.quotas import Quotas
from navarch.cluster.controllers.replicasets import ReplicaSets, ReplicationControllers
from navarch.cluster.controllers.services import LoadBalancers
from navarch.cluster.controllers.statefulsets import StatefulSets
from navarch.cluster.controllers.volumes import Volumes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cluster.api import Api

__all__ = ["Controllers", "logs"]

_TYPES = (
    Nodes,
    Namespaces,
    Garbage,
    Volumes,
    Kubelet,
    ReplicaSets,
    ReplicationControllers,
    StatefulSets,
    DaemonSets,
    Jobs,
    Deployments,
    CronJobs,
    LoadBalancers,
    Endpoints,
    SliceMirrors,
    DisruptionBudgets,
    Autoscalers,
    AggregatedRoles,
    Quotas,
    NamespaceEnds,
    EventExpiry,
)


class Controllers(Manager):
    """All controllers of a cluster. `certificate` is the one of its authority, as PEM, for kube-root-ca.crt."""

    def __init__(self, api: Api, *, certificate: str = "") -> None:
        super().__init__(api, _TYPES)
        namespaces = self.controllers[Namespaces.name]
        if isinstance(namespaces, Namespaces):
            namespaces.certificate = certificate
        api.logs = logs
