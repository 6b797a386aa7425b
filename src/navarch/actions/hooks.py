"""Hooks: the objects of a chart that run at certain events of a release, one after the other, by weight.

An event's hooks are gone through in order: what an earlier run left is deleted where the hook's policy says so, the
record notes that the hook runs, the object is created and waited for. What is to be deleted after a success is
deleted only when all have succeeded; when one fails, its logs and its object are dealt with by its own policies.
"""

from __future__ import annotations

from navarch.errors import KubernetesError, NavarchError, YamlError
from navarch.kube.events import HookFinished, HookStarted
from navarch.releases.model import Execution, Phase, now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from navarch.actions.context import Context
    from navarch.kube.client import Client
    from navarch.kube.objects import Resource
    from navarch.manifests.sort import Hook as Rendered
    from navarch.releases.model import Hook, Release

    Finish = Callable[[], None]

__all__ = ["Hooks", "hook_records", "joined", "record"]

_BEFORE = "before-hook-creation"
_SUCCEEDED = "hook-succeeded"
_FAILED = "hook-failed"


def hook_records(rendered: Iterable[Rendered]) -> list[Hook]:
    """Rendered hooks as a record keeps them."""
    from navarch.releases.model import Hook

    return [
        Hook(
            hook.name,
            hook.kind,
            hook.path,
            hook.content,
            events=hook.events,
            weight=hook.weight,
            delete_policies=hook.delete_policies,
            output_log_policies=hook.output_log_policies,
        )
        for hook in rendered
    ]


def record(context: Context, release: Release) -> bool:
    """Store a release that is being worked on; answers whether that went well, and where it didn't only says so."""
    try:
        context.storage.update(release)
    except NavarchError as error:
        context.warn("failed to update release", name=release.name, revision=release.revision, error=error)
        return False
    return True


class Hooks:
    """How the hooks of one operation run: what is waited for, how long, and how objects are created."""

    __slots__ = ("context", "server_side", "timeout", "wait")

    def __init__(self, context: Context, *, wait: str, timeout: float, server_side: bool = True) -> None:
        self.context = context
        self.wait = wait
        self.timeout = timeout
        self.server_side = server_side

    def run(self, release: Release, event: str) -> None:
        """Run a release's hooks for an event. Raises NavarchError for the first that fails."""
        error, finish = self.run_open(release, event)
        finish()
        if error:
            raise error

    def run_open(self, release: Release, event: str) -> tuple[NavarchError | None, Finish]:
        """The same, but what the policies say of hooks that ended is only done by the function that is answered.

        With it comes the error of the hook that failed, if one did.
        """
        hooks = _in_order(release.hooks, event)
        for i, hook in enumerate(hooks):
            try:
                resources = self._create(release, hook, event)
            except NavarchError as error:
                return error, _nothing
            fault = self._wait(hook, event, resources)
            if fault:
                self._output_logs(hook, release.namespace, _FAILED)
                return fault, self._after_failure(hook, hooks[:i])
        return None, self._after_success(hooks, release.namespace)

    def _create(self, release: Release, hook: Hook, event: str) -> list[Resource]:
        """Create a hook's objects, after the record says that it runs. Raises NavarchError."""
        hook.delete_policies = hook.delete_policies or [_BEFORE]
        self.delete(hook, _BEFORE)
        client = self.context.client
        try:
            resources = client.build(hook.manifest, validate=True)
        except NavarchError as error:
            error.within(f"unable to build kubernetes object for {event} hook {hook.path}")
            raise
        hook.last_run = Execution(started_at=now(), phase=Phase.RUNNING)
        record(self.context, release)
        hook.last_run.phase = Phase.UNKNOWN
        self.context.tell(HookStarted(hook.name, hook.kind, event))
        try:
            client.create(resources, server_side=self.server_side, on_event=self.context.on_event)
        except NavarchError as error:
            self._ended(hook, event, Phase.FAILED)
            error.within(f"warning: Hook {event} {hook.path} failed")
            raise
        return resources

    def _wait(self, hook: Hook, event: str, resources: Sequence[Resource]) -> NavarchError | None:
        """Wait until a hook has done its work; the error is why it failed."""
        waiter = self.context.client.waiter(self.wait, on_event=self.context.on_event)
        try:
            waiter.watch_until_ready(resources, self.timeout)
        except NavarchError as error:
            self._ended(hook, event, Phase.FAILED)
            return error
        self._ended(hook, event, Phase.SUCCEEDED)
        return None

    def _ended(self, hook: Hook, event: str, phase: str) -> None:
        hook.last_run.completed_at = now()
        hook.last_run.phase = phase
        self.context.tell(HookFinished(hook.name, hook.kind, event, phase))

    def _after_success(self, hooks: Sequence[Hook], namespace: str) -> Finish:
        def finish() -> None:
            for hook in reversed(hooks):
                self._output_logs(hook, namespace, _SUCCEEDED)
                self.delete(hook, _SUCCEEDED)

        return finish

    def _after_failure(self, failed: Hook, before: Sequence[Hook]) -> Finish:
        def finish() -> None:
            try:
                self.delete(failed, _FAILED)
            except NavarchError as error:
                self.context.log("INFO", f"error deleting the hook resource on hook failure: {error}")
            for hook in before:
                self.delete(hook, _SUCCEEDED)

        return finish

    def delete(self, hook: Hook, policy: str) -> None:
        """Delete a hook's objects if it has this policy, and wait until they are gone. Raises NavarchError.

        A hook that is a CustomResourceDefinition stays: with it would go all objects of its kind.
        """
        if policy in hook.delete_policies and hook.kind != "CustomResourceDefinition":
            self.remove(hook)

    def remove(self, hook: Hook) -> None:
        """Delete a hook's objects, and wait until they are gone. Raises NavarchError."""
        client, on_event = self.context.client, self.context.on_event
        try:
            resources = client.build(hook.manifest)
        except NavarchError as error:
            error.within(f"unable to build kubernetes object for deleting hook {hook.path}")
            raise
        _, errors = client.delete(resources, propagation="Background", on_event=on_event)
        if errors:
            raise joined(errors, "; ")
        client.waiter(self.wait, on_event=on_event).wait_for_delete(resources, self.timeout)

    def _output_logs(self, hook: Hook, namespace: str, policy: str) -> None:
        """Hand on what the hook's pods printed, where its policy asks for that; a failure to do so is only told."""
        selector = _SELECTORS.get(hook.kind)
        if policy not in hook.output_log_policies:
            return
        try:
            place = _namespace(hook) or namespace
            if selector:
                self._copy_logs(place, selector[0], selector[1] + hook.name)
        except NavarchError as error:
            self.context.log("INFO", f"error outputting logs for hook failure: {error}")

    def _copy_logs(self, namespace: str, kind: str, selector: str) -> None:
        client, output = self.context.client, self.context.hook_output
        try:
            answer = client.transport.request("GET", f"/api/v1/namespaces/{namespace}/pods", query={kind: selector})
        except KubernetesError as error:
            error.within(f"failed to get pod list with options: {_options(kind, selector)} with error")
            raise
        for pod in answer.json().get("items") or ():
            name = pod["metadata"]["name"]
            for container in pod["spec"].get("containers") or ():
                for piece in _pod_logs(client, namespace, name, container["name"]):
                    if output:
                        output(namespace, name, container["name"], piece)


_SELECTORS = {"Job": ("labelSelector", "job-name="), "Pod": ("fieldSelector", "metadata.name=")}


def _nothing() -> None:
    """What is left to do where nothing is."""


def _in_order(hooks: Iterable[Hook], event: str) -> list[Hook]:
    """The hooks of an event, by weight and name; those that agree in both stay in the order of their kinds."""
    wanted = [hook for hook in hooks for found in hook.events if found == event]
    return sorted(wanted, key=lambda hook: (hook.weight, hook.name.encode("utf-8", "surrogateescape")))


def _namespace(hook: Hook) -> str:
    """The namespace that a hook's manifest names. Raises YamlError."""
    from navarch.golang.yaml import load

    try:
        found = load(hook.manifest, exact=True)
    except YamlError as error:
        words = "unable to parse metadata.namespace from kubernetes manifest for output logs hook"
        error.within(f"{words} {hook.path}")
        raise
    metadata = found.get("metadata") if isinstance(found, dict) else None
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    return "" if namespace is None else str(namespace)


def _pod_logs(client: Client, namespace: str, pod: str, container: str) -> Iterator[bytes]:
    try:
        yield from client.pod_logs(namespace, pod, container)
    except KubernetesError as error:
        words = f"failed to stream pod logs for pod: {pod}, container: {container}"
        raise KubernetesError(words, hint=str(error)) from error


def _options(kind: str, selector: str) -> str:
    """Go's %+v of a ListOptions with one selector."""
    label, field = (selector, "") if kind == "labelSelector" else ("", selector)
    return (
        f"{{TypeMeta:{{Kind: APIVersion:}} LabelSelector:{label} FieldSelector:{field} Watch:false "
        "AllowWatchBookmarks:false ResourceVersion: ResourceVersionMatch: TimeoutSeconds:<nil> Limit:0 Continue: "
        "SendInitialEvents:<nil> ShardSelector:}"
    )


def joined(errors: Sequence[NavarchError], separator: str) -> NavarchError:
    """Several errors as one, their messages in a row, and what explains them."""
    if len(errors) == 1:
        return errors[0]
    return NavarchError(separator.join(map(str, errors)), hint="\n".join(error.hint for error in errors if error.hint))
