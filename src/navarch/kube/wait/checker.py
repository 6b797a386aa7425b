"""Asks a server whether an object is ready by Helm 3's rules (`ready`), and for what that depends on."""

from __future__ import annotations

from navarch.errors import KubernetesError
from navarch.kube.wait.fields import text
from navarch.kube.wait.ready import RULES, Answer, deployment_ready, generation_observed, newest_replica_set, pod_ready
from navarch.kube.wait.selecting import label_query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.kube.client import Client
    from navarch.kube.objects import Resource
    from navarch.kube.wait.fields import Object
    from navarch.kube.wait.report import Report

__all__ = ["ReadyChecker"]


class ReadyChecker:
    """Asks a server whether objects are ready now. With `jobs`, a Job is ready when it has completed."""

    def __init__(self, client: Client, report: Report, *, jobs: bool = False, paused_as_ready: bool = True) -> None:
        self._client = client
        self._report = report
        self._jobs = jobs
        self._paused_as_ready = paused_as_ready
        self.why = ""  # what the last object lacked

    def is_ready(self, resource: Resource) -> bool:
        """Whether an object is ready; kinds without a rule always are. Raises KubernetesError."""
        self.why = ""
        mapping = resource.mapping
        key = (mapping.group, mapping.version, mapping.kind)
        if key == ("apps", "v1", "Deployment"):
            return self._deployment(self._client.get(resource))
        if key in {("apps", "v1", "ReplicaSet"), ("", "v1", "ReplicationController")}:
            obj = self._client.get(resource)
            return self._told(obj, generation_observed(mapping.kind, obj)) and self._pods(resource)
        rule = RULES.get(key)
        if rule is None or (mapping.kind == "Job" and not self._jobs):
            return True
        obj = self._client.get(resource)
        return self._told(obj, rule(obj))

    def _told(self, obj: Object, answer: Answer) -> bool:
        """Log an answer, and pass it on. Raises KubernetesError for one that can't become better."""
        if not answer.ready:
            self.why = answer.message
        if answer.message:
            place = {"namespace": text(obj, "metadata.namespace"), "name": text(obj, "metadata.name")}
            self._report.debug(answer.message, **place, **answer.attributes)
        if answer.fault:
            raise KubernetesError(answer.fault)
        return answer.ready

    def _deployment(self, deployment: Object) -> bool:
        if (deployment.get("spec") or {}).get("paused"):
            return self._paused_as_ready
        path = f"/apis/apps/v1/namespaces/{text(deployment, 'metadata.namespace')}/replicasets"
        newest = newest_replica_set(deployment, self._selected(path, deployment))
        if newest is None:
            self.why = "Deployment has no ReplicaSet of its template yet"
            return False
        if not self._told(newest, generation_observed("ReplicaSet", newest)):
            return False
        return self._told(deployment, deployment_ready(deployment, newest))

    def _pods(self, resource: Resource) -> bool:
        """Whether all Pods are ready that the manifest's selector finds."""
        try:
            pods = self._selected(f"/api/v1/namespaces/{resource.namespace}/pods", resource.object)
        except KubernetesError as error:
            raise error.within("failed to list pods") from error
        return all(self._told(pod, pod_ready(pod)) for pod in pods)

    def _selected(self, path: str, owner: Object) -> list[Object]:
        """The objects at a path that an object's spec.selector finds."""
        query = label_query((owner.get("spec") or {}).get("selector"))
        answer = self._client.transport.request("GET", path, query=[("labelSelector", query)] if query else []).json()
        found: list[Object] = answer.get("items") or []
        return found
