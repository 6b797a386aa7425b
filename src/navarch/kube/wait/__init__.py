"""Waiting: until objects are ready, until hooks have done their work, until what was deleted is gone.

`get_waiter` gives a Waiter for one of Helm's strategies. `watcher` watches and follows kstatus' rules
(`status.compute`), `legacy` asks every two seconds and follows Helm 3's, `hookOnly` waits for hooks and nothing else.
Rules for kinds of one's own are `readers`.
"""

from __future__ import annotations

from typing import Protocol

from navarch.errors import KubernetesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from navarch.kube.client import Client
    from navarch.kube.events import OnEvent
    from navarch.kube.objects import Resource
    from navarch.kube.wait.fields import Rule

__all__ = ["HOOK_ONLY", "LEGACY", "WATCHER", "Waiter", "get_waiter"]

WATCHER = "watcher"
HOOK_ONLY = "hookOnly"
LEGACY = "legacy"
_CHOICES = f"{WATCHER}, {HOOK_ONLY}, {LEGACY}"


class Waiter(Protocol):
    """What waits. Usable from several threads.

    Each method waits for all of `resources`, no longer than `timeout` seconds, and raises WaitError for those that
    didn't get there, KubernetesError where they may not be looked at. A timeout of 0 is Helm's default: 30 seconds,
    for `legacy` no end.
    """

    def wait(self, resources: Sequence[Resource], timeout: float, /) -> None:
        """Until all are ready; a Job is if it runs."""

    def wait_with_jobs(self, resources: Sequence[Resource], timeout: float, /) -> None:
        """Until all are ready and Jobs have completed."""

    def wait_for_delete(self, resources: Sequence[Resource], timeout: float, /) -> None:
        """Until none is there."""

    def watch_until_ready(self, resources: Sequence[Resource], timeout: float, /) -> None:
        """Until the objects of a hook have done their work: Jobs and Pods have ended well."""

    def cancel(self) -> None:
        """End every wait, now and later, with the error "context canceled". For other threads."""


def get_waiter(
    client: Client,
    strategy: str,
    *,
    on_event: OnEvent | None = None,
    readers: Mapping[tuple[str, str], Rule] | None = None,
    say: Callable[[str], None] | None = None,
    debugging: bool | None = None,
) -> Waiter:
    """A waiter that follows `strategy`. Raises KubernetesError for one that isn't known.

    - `on_event` is told when an object becomes ready, or what it still lacks (navarch.kube.events).
    - `readers`: rules of one's own, by group ("" for the core) and kind: a function from an object to a Status
      (navarch.kube.wait.status). `legacy` has no use for them, as in Helm.
    - `say` and `debugging` tell where log lines go; left out, they are the client's.
    """
    from navarch.kube.wait.report import Report

    said = client.say if say is None else say
    report = Report(said, debugging=client.debugging if debugging is None else debugging, on_event=on_event)
    if strategy == LEGACY:
        from navarch.kube.wait.legacy import LegacyWaiter

        return LegacyWaiter(client, report)
    if strategy not in {WATCHER, HOOK_ONLY}:
        if not strategy:
            raise KubernetesError(f"wait strategy not set. Choose one of: {_CHOICES}")
        raise KubernetesError(f"unknown wait strategy (s{strategy}). Valid values are: {_CHOICES}")
    from navarch.kube.wait.watcher import HookOnlyWaiter, StatusWaiter

    waiter = StatusWaiter(client, report, readers)
    return waiter if strategy == WATCHER else HookOnlyWaiter(waiter)
