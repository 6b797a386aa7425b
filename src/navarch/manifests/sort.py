"""Manifests in the order in which they are installed, hooks apart."""

from __future__ import annotations

from navarch.chart.notices import notice
from navarch.errors import ManifestError, YamlError
from navarch.manifests.documents import SPACE, split_documents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from navarch.cache import Cache

__all__ = ["INSTALL_ORDER", "UNINSTALL_ORDER", "Hook", "Manifest", "by_kind", "sort_manifests"]

INSTALL_ORDER = tuple(
    """
    PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget
    ServiceAccount Secret SecretList ConfigMap StorageClass PersistentVolume PersistentVolumeClaim
    CustomResourceDefinition ClusterRole ClusterRoleList ClusterRoleBinding ClusterRoleBindingList Role RoleList
    RoleBinding RoleBindingList Service DaemonSet Pod ReplicationController ReplicaSet Deployment
    HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress APIService MutatingWebhookConfiguration
    ValidatingWebhookConfiguration
    """.split()
)
"""The kinds in the order in which they are installed; others follow, by name."""

UNINSTALL_ORDER = tuple(
    """
    ValidatingWebhookConfiguration MutatingWebhookConfiguration APIService Ingress IngressClass Service CronJob Job
    StatefulSet HorizontalPodAutoscaler Deployment ReplicaSet ReplicationController Pod DaemonSet RoleBindingList
    RoleBinding RoleList Role ClusterRoleBindingList ClusterRoleBinding ClusterRoleList ClusterRole
    CustomResourceDefinition PersistentVolumeClaim PersistentVolume StorageClass ConfigMap SecretList Secret
    ServiceAccount PodDisruptionBudget PodSecurityPolicy LimitRange ResourceQuota NetworkPolicy Namespace
    PriorityClass
    """.split()
)
"""The kinds in the order in which they are removed."""

EVENTS = {
    "pre-install": "pre-install",
    "post-install": "post-install",
    "pre-delete": "pre-delete",
    "post-delete": "post-delete",
    "pre-upgrade": "pre-upgrade",
    "post-upgrade": "post-upgrade",
    "pre-rollback": "pre-rollback",
    "post-rollback": "post-rollback",
    "test": "test",
    "test-success": "test",  # Helm 2's word
}


class Manifest:
    """One object of the release: `path` of the template that made it, `content` with its comments."""

    __slots__ = ("api_version", "content", "kind", "name", "path")

    def __init__(self, path: str, content: str, api_version: str, kind: str, name: str) -> None:
        self.path = path
        self.content = content
        self.api_version = api_version
        self.kind = kind
        self.name = name


class Hook(Manifest):
    """An object that runs at certain `events` of a release, by `weight`."""

    __slots__ = ("delete_policies", "events", "output_log_policies", "weight")

    def __init__(
        self,
        path: str,
        content: str,
        api_version: str,
        kind: str,
        name: str,
        *,
        events: Sequence[str],
        weight: int,
        delete_policies: Sequence[str],
        output_log_policies: Sequence[str],
    ) -> None:
        super().__init__(path, content, api_version, kind, name)
        self.events = events
        self.weight = weight
        self.delete_policies = delete_policies
        self.output_log_policies = output_log_policies


def sort_manifests(
    files: Mapping[str, str], cache: Cache | None = None, warn: Callable[[str], None] | None = None
) -> tuple[list[Hook], list[Manifest]]:
    """Hooks and other manifests of rendered files, each in the order of installing kinds.

    A hook for an event that there is not is dropped, and `warn` told. Raises ManifestError where a document is no YAML.
    """
    hooks: list[Hook] = []
    manifests: list[Manifest] = []
    for path in sorted(files):
        if path[path.rfind("/") + 1 :].startswith("_"):
            continue
        for document in split_documents(files[path]):
            try:
                api_version, kind, name, annotations = _head(document, cache)
            except YamlError as error:
                before = files[path].partition(document)[0].count("\n")
                line = before + error.line if error.line else 0
                raise ManifestError(f"YAML parse error on {path}: {error}", path=path, line=line) from error
            if annotations and "helm.sh/hook" in annotations:
                hook = _hook(path, document, api_version, kind, name, annotations)
                if hook is not None:
                    hooks.append(hook)
                elif warn:
                    warn(notice("INFO", "skipping unknown hooks", hookTypes=annotations["helm.sh/hook"]))
            else:
                manifests.append(Manifest(path, document, api_version, kind, name))
    order = {kind: i for i, kind in enumerate(INSTALL_ORDER)}
    hooks.sort(key=lambda m: by_kind(m.kind, order))
    manifests.sort(key=lambda m: by_kind(m.kind, order))
    return hooks, manifests


def by_kind(kind: str, order: Mapping[str, int]) -> tuple[int, str]:
    """The key by which kinds are sorted: the known ones by their place, then the others by name."""
    place = order.get(kind)
    return (len(order), kind) if place is None else (place, "")


def _head(document: str, cache: Cache | None) -> tuple[str, str, str, dict[str, str]]:
    """A document's apiVersion, kind, name and annotations. Raises YamlError."""
    known = cache.get("heads", document) if cache else None
    if known is not None:
        return known  # type: ignore[no-any-return]
    from navarch.golang.yaml import head  # only for documents that were not seen before

    read = head(document)
    found = (read.api_version, read.kind, read.name, read.annotations)
    if cache:
        cache.put("heads", document, found)
    return found


def _hook(
    path: str, document: str, api_version: str, kind: str, name: str, annotations: Mapping[str, str]
) -> Hook | None:
    """The hook that annotations describe; None where they name an event that there is not (Helm drops such)."""
    events = [EVENTS.get(word) for word in _words(annotations["helm.sh/hook"])]
    if None in events:
        return None
    return Hook(
        path,
        document,
        api_version,
        kind,
        name,
        events=[event for event in events if event],
        weight=_weight(annotations.get("helm.sh/hook-weight", "")),
        delete_policies=_words(annotations.get("helm.sh/hook-delete-policy")),
        output_log_policies=_words(annotations.get("helm.sh/hook-output-log-policy")),
    )


def _words(text: str | None) -> list[str]:
    return [] if text is None else [word.strip(SPACE).lower() for word in text.split(",")]


def _weight(text: str) -> int:
    """strconv.Atoi, with 0 for what is no number."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    weight = int(text) if digits.isascii() and digits.isdigit() and len(digits) < 30 else 0
    return weight if -(2**63) <= weight < 2**63 else 0
