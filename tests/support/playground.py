"""A cluster in memory for tests of actions: objects, records as Secrets, Leases, and faults on demand.

It stands where navarch.kube.client.Client stands. Records and Leases go through the real drivers to a server in
memory, so that what is stored is what was written, not what was changed since.
"""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from navarch.actions.context import Context
from navarch.chart.capabilities import Capabilities
from navarch.chart.model import Chart
from navarch.errors import ApiError, KubernetesError, NavarchError
from navarch.golang.yaml import load
from navarch.kube.apply import Result
from navarch.kube.discovery import Mapping, NoMatchError
from navarch.kube.objects import Resource
from navarch.manifests.documents import split_documents
from navarch.releases.drivers.secrets import Secrets
from navarch.releases.storage import Storage
from support.records import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from navarch.releases.model import Release

__all__ = ["NAMESPACE", "Killed", "Playground", "chart", "config_map", "hook"]

NAMESPACE = "shop"
_KINDS = {
    kind: Mapping("", "v1", kind, plural, namespaced=kind != "Namespace")
    for kind, plural in (
        ("ConfigMap", "configmaps"),
        ("Namespace", "namespaces"),
        ("Pod", "pods"),
        ("Secret", "secrets"),
        ("Service", "services"),
    )
} | {
    "Job": Mapping("batch", "v1", "Job", "jobs", namespaced=True),
    "CustomResourceDefinition": Mapping(
        "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False
    ),
}


class Killed(BaseException):
    """The client is gone; nothing of it runs any more."""


def config_map(name: str, value: str = "1", **annotations: str) -> str:
    notes = "".join(f"    {key}: {text!r}\n" for key, text in annotations.items())
    about = f"  annotations:\n{notes}" if notes else ""
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n{about}data: {{v: {value!r}}}\n"


def hook(name: str, events: str, *, kind: str = "ConfigMap", weight: int = 0, policy: str = "", logs: str = "") -> str:
    rows = {"helm.sh/hook": events, "helm.sh/hook-weight": str(weight)}
    rows |= {"helm.sh/hook-delete-policy": policy} if policy else {}
    rows |= {"helm.sh/hook-output-log-policy": logs} if logs else {}
    return config_map(name, **rows).replace("kind: ConfigMap", f"kind: {kind}")


def chart(*manifests: str, version: str = "1.0.0", **files: str) -> Chart:
    """A chart of these manifests, with more files: values=…, notes=…, crds=…."""
    named = {"values": "values.yaml", "notes": "templates/NOTES.txt", "crds": "crds/crd.yaml"}
    content = {f"templates/{i}.yaml": text for i, text in enumerate(manifests)}
    content["Chart.yaml"] = f"apiVersion: v2\nname: web\nversion: {version}\n"
    content |= {named[name]: text for name, text in files.items()}
    return Chart.from_files({path: text.encode() for path, text in content.items()})


class Playground:
    """The cluster. `faults` are raised by "create NAME", "update NAME", "delete NAME", "get NAME", "wait" or "hook NAME".

    `done` has what was done, in order: "create a", "record 2 pending-upgrade", …. With `lives` a client dies instead of
    making that change, and is dead then.
    """

    def __init__(self) -> None:
        self.server = Server()
        self.server.before = self._before
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self.faults: dict[str, NavarchError | BaseException] = {}
        self.done: list[str] = []
        self.lines: list[str] = []
        self.waited: list[tuple[str, str, float]] = []
        self.options: dict[str, Any] = {}
        self.pods: list[dict[str, Any]] = []
        self.logs: dict[str, bytes] = {}
        self.lives: int | None = None
        self.served: list[Any] = []  # definitions that were waited for
        self.namespace = NAMESPACE
        self.transport = SimpleNamespace(request=self._request)
        self.discovery = SimpleNamespace(invalidate=lambda: None)

    # what tests ask

    def context(self, **options: Any) -> Context:
        server: Any = self.server
        storage = Storage(Secrets(server, NAMESPACE))
        client: Any = self
        return Context(client, storage, NAMESPACE, say=self.lines.append, **options)

    def names(self) -> set[str]:
        return {name for _, name in self.objects}

    def value(self, name: str, kind: str = "ConfigMap") -> str:
        return str(self.objects[kind, name]["data"]["v"])

    def history(self, name: str = "web") -> list[tuple[int, str, str]]:
        """Revision, status and description of what is stored, oldest first."""
        found = sorted(self._stored(name), key=lambda release: release.revision)
        return [(release.revision, release.info.status, release.info.description) for release in found]

    def statuses(self, name: str = "web") -> list[str]:
        return [status for _, status, _ in self.history(name)]

    def release(self, revision: int, name: str = "web") -> Release:
        return self.context().storage.get(name, revision)

    def leases(self) -> list[str]:
        return [path for path in self.server.objects if "/leases/" in path]

    def add(self, kind: str, name: str, **metadata: Any) -> None:
        """An object that somebody else made."""
        self.objects[kind, name] = {"kind": kind, "metadata": {"name": name, **metadata}, "data": {"v": "theirs"}}

    def _stored(self, name: str) -> list[Release]:
        storage = self.context().storage
        return [storage.read(head) for head in storage.heads(name)] if self._recorded(name) else []

    def _recorded(self, name: str) -> bool:
        return any(f"/secrets/sh.helm.release.v1.{name}." in path for path in self.server.objects)

    # what dies

    def _change(self, what: str) -> None:
        if self.lives is not None:
            self.lives -= 1
            if self.lives < 0:
                raise Killed
        self.done.append(what)

    def _fault(self, what: str) -> None:
        if what in self.faults:
            raise self.faults[what]

    def _before(self, asked: Any) -> None:
        if asked.method in ("POST", "PUT", "DELETE"):
            revision = asked.path.rpartition(".v")[2]
            what = (
                "lease" if "/leases" in asked.path else f"record {revision}" if "/secrets/" in asked.path else "record"
            )
            self._change(f"{asked.method} {what}")

    # what a client does

    def is_reachable(self) -> None:
        self._fault("reach")

    def capabilities(self) -> Capabilities:
        return Capabilities()

    def lookup(self, _api_version: str, kind: str, _namespace: str, name: str) -> dict[str, Any]:
        return self.objects.get((kind, name), {})

    def build(self, manifest: str, *, validate: bool = False) -> list[Resource]:
        found = [load(document, exact=True) for document in split_documents(manifest)]
        return [self._resource(value) for value in found if value]

    def _resource(self, value: dict[str, Any]) -> Resource:
        kind = value["kind"]
        if kind not in _KINDS:
            group, _, version = value["apiVersion"].rpartition("/")
            raise NoMatchError(group, version, kind)
        mapping = _KINDS[kind]
        metadata = value.get("metadata") or {}
        namespace = metadata.get("namespace") or NAMESPACE if mapping.namespaced else ""
        return Resource(mapping, namespace, metadata.get("name") or "", value)

    def look_up(self, resources: Sequence[Resource], *, metadata_only: bool = True) -> list[Any]:
        return [self._found(resource) for resource in resources]

    def _found(self, resource: Resource) -> Any:
        try:
            self._fault(f"get {resource.name}")
        except KubernetesError as error:
            return error
        return self.objects.get((resource.kind, resource.name))

    def create(self, resources: Sequence[Resource], **options: Any) -> list[Resource]:
        self.options = options
        self._try_all("create", resources, Result([], [], []))
        return list(resources)

    def update(self, original: Sequence[Resource], target: Sequence[Resource], **options: Any) -> Result:
        self.options = options
        made = [resource for resource in target if (resource.kind, resource.name) not in self.objects]
        result = Result(made, [resource for resource in target if resource not in made], [])
        self._try_all("update", target, result)
        kept = {resource.identity for resource in target}
        for resource in original:
            if resource.identity not in kept and not self._is_kept(resource):
                self._remove(resource)
        return result

    def _is_kept(self, resource: Resource) -> bool:
        metadata = self.objects.get((resource.kind, resource.name), {}).get("metadata") or {}
        return (metadata.get("annotations") or {}).get("helm.sh/resource-policy") == "keep"

    def _try_all(self, verb: str, resources: Iterable[Resource], result: Result) -> None:
        faults = []
        for resource in resources:
            try:
                self._fault(f"{verb} {resource.name}")
            except KubernetesError as error:
                faults.append(error)
                continue
            self._change(f"{verb} {resource.name}")
            self.objects[resource.kind, resource.name] = resource.object
        if faults:
            faults[0].result = result  # type: ignore[attr-defined]
            raise faults[0]

    def _remove(self, resource: Resource) -> None:
        if self.objects.get((resource.kind, resource.name)) is not None:
            self._change(f"delete {resource.name}")
            del self.objects[resource.kind, resource.name]

    def delete(self, resources: Sequence[Resource], **options: Any) -> tuple[list[Resource], list[KubernetesError]]:
        self.options = options
        errors = []
        for resource in resources:
            fault = self.faults.get(f"delete {resource.name}")
            if isinstance(fault, KubernetesError):
                errors.append(fault)
            else:
                self._remove(resource)
        return [], errors

    def waiter(self, strategy: str, *, on_event: Any = None) -> Any:
        return SimpleNamespace(
            wait=self._waits(strategy, "wait"),
            wait_with_jobs=self._waits(strategy, "jobs"),
            wait_for_delete=self._waits(strategy, "gone"),
            watch_until_ready=self._waits(strategy, "ready"),
        )

    def _waits(self, strategy: str, what: str) -> Callable[[Sequence[Resource], float], None]:
        def wait(resources: Sequence[Resource], timeout: float) -> None:
            self.waited.append((strategy, what, timeout))
            for resource in resources:
                self._fault(f"{what} {resource.name}")
            self._fault(what)

        return wait

    def pod_logs(self, _namespace: str, pod: str, container: str) -> Iterable[bytes]:
        name = f"{pod}/{container}"
        if name not in self.logs:
            raise ApiError("no logs", code=404, reason="NotFound")
        return [self.logs[name]]

    def _request(self, method: str, path: str, **options: Any) -> Any:
        if not path.endswith("/pods"):
            return self.server.request(method, path, **options)
        asked = defaultdict(str, options["query"])
        self.done.append(f"pods {asked['labelSelector']}{asked['fieldSelector']}")
        self._fault("pods")
        return SimpleNamespace(json=lambda: {"items": self.pods})
