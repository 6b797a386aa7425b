"""Run a release's tests: its hooks for the event "test", and fetch what their pods printed."""

from __future__ import annotations

from typing import NamedTuple

from navarch.actions.get import check_name
from navarch.actions.hooks import Hooks
from navarch.errors import KubernetesError, NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from navarch.actions.context import Context
    from navarch.releases.model import Hook, Release

__all__ = ["Filter", "Outcome", "pod_logs", "run_tests"]


class Filter(NamedTuple):
    """Which tests to run, by the names of their objects: those of `names` (all if there are none) not in `without`."""

    names: Collection[str] = ()
    without: Collection[str] = ()

    def takes(self, hook: Hook) -> bool:
        return hook.name not in self.without and (not self.names or hook.name in self.names)


class Outcome(NamedTuple):
    """What became of the tests: the release with their runs in its hooks, and why one failed, if one did.

    `finish` deletes what the hooks' policies want deleted; until then logs can be fetched. It raises NavarchError.
    """

    release: Release
    error: NavarchError | None
    finish: Callable[[], None]


_ALL = Filter()


def run_tests(context: Context, name: str, *, tests: Filter = _ALL, timeout: float = 300.0) -> Outcome:
    """Run tests of a release's latest revision, each for `timeout` seconds at most, and record how they went.

    Raises ReleaseError, KubernetesError where there is no such release.
    """
    context.check_reachable()
    check_name(name, "releaseTest: Release name is invalid")
    release = context.storage.last(name)
    hooks = release.hooks
    release.hooks = [hook for hook in hooks if tests.takes(hook)]
    running = Hooks(context, wait="watcher", timeout=timeout, server_side=release.apply_method == "ssa")
    error, finish = running.run_open(release, "test")
    release.hooks = [*_skipped(hooks, tests), *release.hooks]
    try:
        context.storage.update(release)
    except NavarchError as fault:
        error = error or fault
    return Outcome(release, error, finish)


def _skipped(hooks: Iterable[Hook], tests: Filter) -> list[Hook]:
    """The hooks that were left out, those excluded by name before those that were not asked for."""
    left = [hook for hook in hooks if not tests.takes(hook)]
    return sorted(left, key=lambda hook: hook.name not in tests.without)


def pod_logs(context: Context, release: Release, *, tests: Filter = _ALL) -> Iterator[tuple[str, str, Iterator[bytes]]]:
    """What the containers of the tests' pods printed: (pod, container, pieces), by the hooks' weight.

    Raises KubernetesError; for a pod whose containers failed to give their logs, after those that did.
    """
    for hook in sorted(release.hooks, key=lambda hook: (hook.weight, hook.name)):
        if hook.kind == "Pod" and tests.takes(hook):
            for _ in range(hook.events.count("test")):
                yield from _container_logs(context, hook.name)


def _container_logs(context: Context, pod: str) -> Iterator[tuple[str, str, Iterator[bytes]]]:
    client = context.client
    try:
        found = client.transport.request("GET", f"/api/v1/namespaces/{context.namespace}/pods/{pod}").json()
    except KubernetesError as error:
        error.within(f"unable to get pod {pod}")
        raise
    spec = found.get("spec") or {}
    errors: list[KubernetesError] = []
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        name = container["name"]
        try:
            pieces = _started(client.pod_logs(context.namespace, pod, name))
        except KubernetesError as error:
            errors.append(error.within(f"unable to get logs for pod {pod}, container {name}"))
            continue
        yield pod, name, pieces
    if errors:
        raise KubernetesError("\n".join(map(str, errors))) from errors[0]


def _started(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, once it is known that there is an answer. Raises KubernetesError where there is none."""
    first = next(pieces, b"")

    def all_pieces() -> Iterator[bytes]:
        yield first
        yield from pieces

    return all_pieces()
