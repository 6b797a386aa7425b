"""One cluster: everything that actions, releases and programs ask of it, in one object.

The facade is thin: `objects` builds, `reading` reads, `apply` changes, `wait` waits, `discovery` knows kinds,
`transport` talks.

    client = Client.from_kubeconfig(namespace="shop")
    resources = client.build(manifest)
    client.create(resources)
    client.waiter("watcher").wait(resources, timeout=60)
"""

from __future__ import annotations

from navarch.errors import KubernetesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, Self

    from navarch.chart.capabilities import Capabilities
    from navarch.kube.apply import Result
    from navarch.kube.config import Config
    from navarch.kube.discovery import Discovery
    from navarch.kube.events import OnEvent
    from navarch.kube.objects import Resource
    from navarch.kube.stream import Stream
    from navarch.kube.transport import Transport
    from navarch.kube.wait import Waiter
    from navarch.kube.wait.fields import Rule

__all__ = ["Client"]


class Client:
    """A cluster and the namespace that objects without one go to. Usable from several threads at once.

    - `field_manager` owns the fields that are applied.
    - `say` is given the lines that Helm writes to stderr, those for debugging only where `debugging` is true.

    All methods that talk to the cluster raise KubernetesError: ApiError for an answer that says no, UnreachableError
    where there is none, ConfigError where credentials can't be had.
    """

    def __init__(
        self,
        config: Config,
        transport: Transport,
        discovery: Discovery | None = None,
        *,
        namespace: str = "",
        field_manager: str = "helm",
        say: Callable[[str], None] | None = None,
        debugging: bool = False,
    ) -> None:
        if discovery is None:
            from navarch.kube.discovery import Discovery

            discovery = Discovery(transport)
        self.config = config
        self.transport = transport
        self.discovery = discovery
        self.namespace = namespace or config.namespace
        self.field_manager = field_manager
        self.say = say
        self.debugging = debugging
        self.documents: dict[str, Any] = {}  # what has been read from manifests, for the next that has the same

    @classmethod
    def from_kubeconfig(
        cls,
        path: str | None = None,
        *,
        context: str | None = None,
        namespace: str | None = None,
        apiserver: str | None = None,
        token: str | None = None,
        as_user: str | None = None,
        as_groups: Sequence[str] | None = None,
        ca_file: str | None = None,
        insecure_skip_tls_verify: bool | None = None,
        tls_server_name: str | None = None,
        qps: float | None = None,
        burst: int | None = None,
        field_manager: str = "helm",
        say: Callable[[str], None] | None = None,
        debugging: bool = False,
    ) -> Self:
        """The cluster that a kubeconfig names, by client-go's rules: `path`, else KUBECONFIG, else ~/.kube/config.

        Inside a pod without a kubeconfig, it is the pod's own cluster. What else is given overrides the kubeconfig.
        Nothing is sent yet. Raises ConfigError.
        """
        from navarch.kube.catalog import cache_folder
        from navarch.kube.config import Overrides, load_config
        from navarch.kube.discovery import Discovery
        from navarch.kube.transport import Transport

        config = load_config(
            Overrides(
                kubeconfig=path,
                context=context,
                namespace=namespace,
                apiserver=apiserver,
                token=token,
                as_user=as_user,
                as_groups=as_groups,
                ca_file=ca_file,
                insecure_skip_tls_verify=insecure_skip_tls_verify,
                tls_server_name=tls_server_name,
                qps=qps,
                burst=burst,
            )
        )
        transport = Transport(config, warn=None if say is None else _Warnings(say).take)
        discovery = Discovery(transport, cache_folder(config.server.partition("://")[2] or config.server))
        return cls(config, transport, discovery, field_manager=field_manager, say=say, debugging=debugging)

    def close(self) -> None:
        """End all connections; what other threads are waiting for fails. A `with` block does it at its end."""
        self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def is_reachable(self) -> None:
        """Ask the server for its version. Raises KubernetesError "kubernetes cluster unreachable: …"."""
        try:
            version = self.transport.request("GET", "/version").json()
        except KubernetesError as error:
            raise error.within("kubernetes cluster unreachable") from error
        self.discovery.learn_version(version)

    def version(self) -> dict[str, Any]:
        """What the server says of its version (gitVersion, major, minor, …); asked for once."""
        return self.discovery.version()

    def capabilities(self) -> Capabilities:
        """What templates see as .Capabilities: the server's version and all that it serves now."""
        from navarch.chart.capabilities import API_VERSIONS, Capabilities, KubeVersion

        try:
            version = self.discovery.version()
        except KubernetesError as error:
            raise error.within("could not get server version from Kubernetes") from error
        try:
            names = self.discovery.api_versions()
            failures = self.discovery.catalog().failures
        except KubernetesError as error:
            words = "could not get apiVersions from Kubernetes"
            raise error.within(f"{words}: {words}") from error
        if failures:
            listed = ", ".join(f"{name}: {failures[name]}" for name in sorted(failures))
            problem = f"unable to retrieve the complete list of server APIs: {listed}"
            self.log("WARN", "the kubernetes server has an orphaned API service", error=problem)
            self.log("WARN", "to fix this, kubectl delete apiservice <service-name>")
        texts = [str(version.get(name) or "") for name in ("gitVersion", "major", "minor")]
        return Capabilities(KubeVersion(*texts), names or API_VERSIONS)

    def log(self, level: str, message: str, /, **attributes: str) -> None:
        """Say a line as Helm does: level=WARN msg="…" key=value."""
        if self.say is not None and (level != "DEBUG" or self.debugging):
            from navarch.chart.notices import notice

            self.say(notice(level, message, **attributes))

    # objects

    def build(self, manifest: str, *, validate: bool = False) -> list[Resource]:
        """The objects of a manifest (YAML or JSON), in order, Lists taken apart; nothing is changed on the server.

        With `validate`, objects are checked whose server doesn't check fields itself. Raises BuildError with Helm's
        message: unknown kinds, documents that are no objects.
        """
        from navarch.kube.objects import build

        return build(self, manifest, validate=validate)

    def get(self, resource: Resource) -> dict[str, Any]:
        """The object as it is on the server. Raises ApiError (`is_not_found` where there is none)."""
        from navarch.kube.reading import json_object

        return json_object(self.transport.request("GET", resource.path))

    def refresh(self, resource: Resource) -> None:
        """Replace the resource's object by what is on the server."""
        resource.refresh(self.get(resource))

    def look_up(
        self, resources: Sequence[Resource], *, metadata_only: bool = False
    ) -> list[dict[str, Any] | KubernetesError | None]:
        """The objects as they are on the server, in order: None where there is none, or why it can't be told.

        Objects of a kind and namespace are listed if there are many of them, and the rest is read at the same time.
        With `metadata_only`, objects have little more than their metadata.
        """
        from navarch.kube.reading import look_up

        return look_up(self, resources, metadata_only=metadata_only)

    def get_all(self, resources: Sequence[Resource], *, metadata_only: bool = False) -> list[dict[str, Any] | None]:
        """As `look_up`, but the first error is raised."""
        found: list[dict[str, Any] | None] = []
        for answer in self.look_up(resources, metadata_only=metadata_only):
            if isinstance(answer, KubernetesError):
                raise answer
            found.append(answer)
        return found

    def lookup(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any]:
        """What the template function `lookup` answers: an object, or without a name a list; {} if there is none."""
        from navarch.kube.reading import lookup

        return lookup(self, api_version, kind, namespace, name)

    def list_pages(
        self, path: str, *, query: Mapping[str, str] | None = None, accept: str = "application/json", limit: int = 500
    ) -> Iterator[dict[str, Any]]:
        """The pages of the list under a path, at most `limit` objects each."""
        from navarch.kube.reading import list_pages

        return list_pages(self.transport, path, query=query, accept=accept, limit=limit)

    def list_all(
        self, path: str, *, query: Mapping[str, str] | None = None, accept: str = "application/json"
    ) -> list[dict[str, Any]]:
        """All objects of the list under a path, without apiVersion and kind where the server leaves them out."""
        return [item for page in self.list_pages(path, query=query, accept=accept) for item in page.get("items") or []]

    def watch(self, path: str, *, query: Mapping[str, str] | None = None, accept: str = "application/json") -> Stream:
        """The changes to the list under a path, as lines of JSON ({"type": …, "object": …}); a context manager."""
        return self.transport.stream("GET", path, query={**(query or {}), "watch": "true"}, accept=accept)

    def pods(self, namespace: str, *, label_selector: str = "", field_selector: str = "") -> list[dict[str, Any]]:
        """The pods of a namespace that match both selectors."""
        pairs = (("labelSelector", label_selector), ("fieldSelector", field_selector))
        return self.list_all(f"/api/v1/namespaces/{namespace}/pods", query={key: text for key, text in pairs if text})

    def pod_logs(self, namespace: str, pod: str, container: str, *, follow: bool = False) -> Iterator[bytes]:
        """What a container has printed, in pieces as they come; with `follow`, until it ends."""
        query = {"container": container, **({"follow": "true"} if follow else {})}
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
        with self.transport.stream("GET", path, query=query, accept="*/*") as answer:
            yield from answer.pieces()

    # changes

    def create(
        self,
        resources: Sequence[Resource],
        *,
        server_side: bool = True,
        force_conflicts: bool = False,
        dry_run: bool = False,
        validation: str = "Strict",
        on_event: OnEvent | None = None,
    ) -> list[Resource]:
        """Create objects, those of a kind at the same time; each resource takes over what the server made of it.

        `server_side` applies them on the server, and then `force_conflicts` takes fields from other managers.
        `validation` (Strict, Warn, Ignore) is how the server treats unknown fields.
        """
        from navarch.kube.apply import create

        return create(
            self,
            resources,
            server_side=server_side,
            force_conflicts=force_conflicts,
            dry_run=dry_run,
            validation=validation,
            on_event=on_event,
        )

    def apply(
        self,
        resources: Sequence[Resource],
        *,
        force_conflicts: bool = False,
        dry_run: bool = False,
        on_event: OnEvent | None = None,
    ) -> list[Resource]:
        """Make objects as they are here, whether they exist or not: server-side apply."""
        return self.create(
            resources, server_side=True, force_conflicts=force_conflicts, dry_run=dry_run, on_event=on_event
        )

    def update(
        self,
        original: Sequence[Resource],
        target: Sequence[Resource],
        *,
        server_side: bool = True,
        force_conflicts: bool = False,
        force_replace: bool = False,
        dry_run: bool = False,
        upgrade_managed_fields: bool = False,
        three_way: bool = False,
        validation: str = "Strict",
        on_event: OnEvent | None = None,
    ) -> Result:
        """Bring the cluster from one set of objects to another: create, change and delete what differs.

        - `force_replace` replaces objects instead of patching them; not together with `server_side`.
        - `upgrade_managed_fields` hands fields of a client-side past over to server-side apply.
        - `three_way` merges custom resources with what is on the server too; not together with `server_side`.

        Raises KubernetesError; its `result` tells what was done until then.
        """
        from navarch.kube.update import update

        return update(
            self,
            original,
            target,
            server_side=server_side,
            force_conflicts=force_conflicts,
            force_replace=force_replace,
            dry_run=dry_run,
            upgrade_managed_fields=upgrade_managed_fields,
            three_way=three_way,
            validation=validation,
            on_event=on_event,
        )

    def replace(self, resource: Resource, *, validation: str = "Strict") -> None:
        """Put an object in the place of the one on the server (or where there is none), whatever was there."""
        from navarch.kube.apply import replace

        replace(self, resource, validation=validation)

    def delete(
        self, resources: Sequence[Resource], *, propagation: str = "Background", on_event: OnEvent | None = None
    ) -> tuple[list[Resource], list[KubernetesError]]:
        """Delete objects; what is gone already counts as deleted. Gives what is deleted, and what went wrong.

        `propagation` is what happens to dependents: Background, Foreground or Orphan.
        """
        from navarch.kube.apply import delete

        return delete(self, resources, propagation=propagation, on_event=on_event)

    def waiter(
        self,
        strategy: str,
        *,
        on_event: OnEvent | None = None,
        readers: Mapping[tuple[str, str], Rule] | None = None,
    ) -> Waiter:
        """What waits for objects: "watcher", "legacy" or "hookOnly". Raises KubernetesError for other names.

        `readers` are rules of one's own: by group and kind, a function from an object to a Status (kube.wait.status).
        """
        from navarch.kube.wait import get_waiter

        return get_waiter(self, strategy, on_event=on_event, readers=readers)


class _Warnings:
    """Says each warning of the server once, as client-go logs it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.told: set[str] = set()

    def take(self, text: str) -> None:
        if text in self.told:
            return
        self.told.add(text)
        import os
        from time import localtime, strftime, time

        from navarch.golang.strconv import quote

        now = time()
        moment = f"{strftime('%m%d %H:%M:%S', localtime(now))}.{int(now % 1 * 1e6):06}"
        self.say(f"I{moment} {os.getpid():7} warnings.go:107] {quote(f'Warning: {text}')}")
