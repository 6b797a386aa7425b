"""What happens to a cluster while a command works on it, told step by step to whoever wants to show it.

Long operations take `on_event`, a callable that gets one of these. It is called from the thread that did the step, so
that two calls may come at once; it should return soon, for the step waits for it. What it raises ends the operation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.kube.objects import Resource

__all__ = ["Applied", "Event", "Failed", "HookFinished", "HookStarted", "OnEvent", "Ready", "Waiting"]


class Applied(NamedTuple):
    """An object is as it should be. `action` is created, configured, unchanged, deleted or kept."""

    resource: Resource
    action: str


class Waiting(NamedTuple):
    """An object that is waited for is not ready yet; sent again whenever `reason` changes."""

    resource: Resource
    reason: str


class Ready(NamedTuple):
    """An object that was waited for is ready (or gone, where its deletion was waited for)."""

    resource: Resource


class HookStarted(NamedTuple):
    """A hook's object is about to be created. `event` is Helm's name for the occasion, such as pre-install."""

    name: str
    kind: str
    event: str


class HookFinished(NamedTuple):
    """A hook has come to its end. `phase` is Helm's: Succeeded or Failed."""

    name: str
    kind: str
    event: str
    phase: str


class Failed(NamedTuple):
    """Nothing more is done about an object, for this reason."""

    resource: Resource
    reason: str


Event: TypeAlias = Applied | Waiting | Ready | HookStarted | HookFinished | Failed
OnEvent: TypeAlias = Callable[[Event], None]
