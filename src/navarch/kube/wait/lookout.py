"""A thread that looks after the objects of one kind in one namespace, and reports what it makes of them."""

from __future__ import annotations

import threading
from typing import NamedTuple

from navarch.kube.wait.fields import CURRENT, NOT_FOUND
from navarch.kube.wait.follow import Changed, Deleted, Follower, Listed
from navarch.kube.wait.judge import GONE, Judge, Verdict
from navarch.kube.wait.kinds import STATIC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from navarch.kube.objects import Resource
    from navarch.kube.transport import Transport
    from navarch.kube.wait.follow import Unserved

    Identity = tuple[str, str, str, str]

__all__ = ["Lookout", "News", "lookouts"]

_BY_NAME = 16
_DEFINITION = ("apiextensions.k8s.io", "CustomResourceDefinition")
_RECORD = "helm.sh/release.v1"


class News(NamedTuple):
    """What a lookout has seen. `whole` tells that it has looked at all its objects, so that others are absent."""

    lookout: Lookout
    verdicts: dict[Identity, Verdict]
    whole: bool


class Lookout:
    """Looks after the objects `wanted` (by name) of one kind. `static`: once they are there they stay as they are."""

    __slots__ = ("_judge", "follower", "kind", "looked", "static", "wanted")

    def __init__(self, follower: Follower, wanted: dict[str, Resource], judge: Judge, *, static: bool) -> None:
        self.follower = follower
        self.wanted = wanted
        self.kind = (follower.mapping.group, follower.mapping.kind)
        self.static = static
        self.looked = False
        self._judge = judge

    def start(self, report: Callable[[News | BaseException], None], turn: threading.Semaphore) -> None:
        """Look, in a thread of its own, until the follower is closed. Every first look takes its turn."""
        threading.Thread(target=self._look, args=(report, turn), daemon=True).start()

    def _look(self, report: Callable[[News | BaseException], None], turn: threading.Semaphore) -> None:
        try:
            changes = iter(self.follower)
            with turn:
                first = next(changes, None)
            if first is not None:
                report(self._news(first))
            for change in changes:
                report(self._news(change))
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            report(error)

    def _news(self, change: Listed | Changed | Deleted | Unserved) -> News:
        if isinstance(change, Listed):
            verdicts = [self._verdict(obj) for obj in change.objects]
            return News(self, dict(verdicts), whole=True)
        if isinstance(change, Changed):
            return News(self, dict([self._verdict(change.object)]), whole=False)
        if isinstance(change, Deleted):
            return News(self, {self._identity(change.object): Verdict(GONE, None)}, whole=False)
        return News(self, {}, whole=True)

    def _verdict(self, obj: dict[str, object]) -> tuple[Identity, Verdict]:
        return self._identity(obj), self._judge.verdict(self.kind, obj)

    def _identity(self, obj: dict[str, object]) -> Identity:
        metadata: dict[str, str] = obj["metadata"]  # type: ignore[assignment]
        return self.wanted[metadata["name"]].identity

    def close(self) -> None:
        self.follower.close()


def lookouts(transport: Transport, resources: Sequence[Resource], judge: Judge, desired: str) -> Iterator[Lookout]:
    """Who looks after these objects: one for each kind and namespace.

    Definitions of kinds are large, and clusters have many: a few are looked at one by one.
    """
    groups: dict[tuple[str, str, str], dict[str, Resource]] = {}
    for one in resources:
        group, kind, namespace, name = one.identity
        groups.setdefault((group, kind, namespace), {})[name] = one
    for (group, kind, namespace), wanted in groups.items():
        parts = [wanted]
        if (group, kind) == _DEFINITION and len(wanted) <= _BY_NAME:
            parts = [{name: one} for name, one in wanted.items()]
        for part in parts:
            yield _lookout(transport, (group, kind), namespace, part, judge, desired)


def _lookout(
    transport: Transport,
    kind: tuple[str, str],
    namespace: str,
    wanted: dict[str, Resource],
    judge: Judge,
    desired: str,
) -> Lookout:
    static = desired == CURRENT and kind in STATIC and not judge.own_rule(kind)
    follower = Follower(
        transport,
        next(iter(wanted.values())).mapping,
        namespace,
        frozenset(wanted),
        selector=_selector(kind, wanted),
        slim=static or desired == NOT_FOUND,
    )
    return Lookout(follower, wanted, judge, static=static)


def _selector(kind: tuple[str, str], wanted: dict[str, Resource]) -> str:
    """Keeps release records away from those who look at Secrets: they are many, and large."""
    if kind != ("", "Secret") or any(one.object.get("type") == _RECORD for one in wanted.values()):
        return ""
    return f"type!={_RECORD}"
