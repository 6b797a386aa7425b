"""Events, as components record them: what happened to an object, counted when it happens again."""

from __future__ import annotations

from collections import OrderedDict, deque

from navarch.cluster.controllers.access import CONTROLLER_MANAGER, KUBELET, SCHEDULER
from navarch.cluster.controllers.objects import reference_to
from navarch.cluster.store import Key
from navarch.cluster.verbs.create import new_uid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.controllers.access import Access

    Object = dict[str, Any]

__all__ = ["NODE", "Recorder"]

NODE = "navarch"  # the one node's name
_REMEMBERED = 512  # events that may be counted up
_MOST_WAITING = 64  # more than that are written at once
_LONGEST = 1024  # letters of a message
_MANAGERS = {"kubelet": KUBELET, "default-scheduler": SCHEDULER}


class Recorder:
    """Collects events and writes them when nothing more urgent is left. `wake` is called when there are some.

    There are many events, all of a few shapes. So they are put into the store as they are to be, past the checks.
    """

    def __init__(self, access: Access, wake: Callable[[], None]) -> None:
        self._access = access
        self._wake = wake
        self._waiting: deque[tuple[tuple[str, ...], Object]] = deque()
        self._written: OrderedDict[tuple[str, ...], Key] = OrderedDict()
        self._count = 0

    def record(
        self,
        obj: Object,
        reason: str,
        message: str,
        *,
        component: str,
        type: str = "Normal",  # noqa: A002 - the event's word
        field: str = "",
    ) -> None:
        """Say that something happened to `obj`; `field` is the part of it that it happened to."""
        metadata = obj["metadata"]
        self._count += 1
        event: Object = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": self._name(metadata["name"]), "namespace": metadata.get("namespace") or "default"},
            "involvedObject": {**reference_to(obj), **({"fieldPath": field} if field else {})},
            "reason": reason,
            "message": message[:_LONGEST],
        }
        event.update(self._details(component, type))
        self._waiting.append(((metadata.get("uid", ""), component, type, reason, message, field), event))
        if len(self._waiting) > _MOST_WAITING:
            self.write()
        self._wake()

    def _name(self, name: str) -> str:
        nanoseconds = int(self._access.time()) * 1_000_000_000 + self._count
        return f"{name[:235]}.{nanoseconds:x}"

    def _details(self, component: str, kind: str) -> Object:
        """Who says it and when. The scheduler speaks the newer form of events, all others the older."""
        now = self._access.now()
        made: Object = {"source": {"component": component}, "firstTimestamp": now, "lastTimestamp": now, "count": 1}
        made.update(type=kind, eventTime=None, reportingComponent=component, reportingInstance="")
        if component == "kubelet":
            made.update(source={"component": component, "host": NODE}, reportingInstance=NODE)
        elif component == "default-scheduler":
            del made["count"]
            made.update(source={}, firstTimestamp=None, lastTimestamp=None, reportingInstance=f"{component}-{NODE}")
            made["eventTime"] = f"{now[:-1]}.000000Z"
            made["action"] = "Binding" if kind == "Normal" else "Scheduling"
        return made

    def write(self) -> None:
        """Write one of those that wait. A namespace that goes away takes none."""
        if not self._waiting:
            return
        identity, event = self._waiting.popleft()
        namespace = self._access.get(("", "namespaces"), "", event["metadata"]["namespace"])
        if namespace is not None and "deletionTimestamp" not in namespace["metadata"]:
            with self._access.api.store.lock:
                if not self._count_up(identity, event):
                    self._insert(identity, event)
        if self._waiting:
            self._wake()

    def _insert(self, identity: tuple[str, ...], event: Object) -> None:
        now, metadata = self._access.now(), event["metadata"]
        metadata.update(uid=new_uid(), resourceVersion="", creationTimestamp=now, managedFields=[_owned(event, now)])
        key = Key("", "events", metadata["namespace"], metadata["name"])
        self._access.api.store.put(key, event)
        self._written[identity] = key
        if len(self._written) > _REMEMBERED:
            self._written.popitem(last=False)

    def _count_up(self, identity: tuple[str, ...], event: Object) -> bool:
        """Count up the event that said the same before; whether there is one."""
        key = self._written.get(identity)
        found = None if key is None or "count" not in event else self._access.api.store.get(key)
        if key is None or found is None:
            return False
        changed = {**found, "metadata": dict(found["metadata"])}
        changed.update(count=found["count"] + 1, lastTimestamp=event["lastTimestamp"])
        changed["metadata"]["managedFields"] = [_owned(changed, self._access.now())]
        self._access.api.store.put(key, changed)
        return True


def _owned(event: Object, now: str) -> Object:
    """Who owns an event's fields: the component that has written it, all of those that say something."""
    fields: Object = {}
    for name in sorted(event):
        if name not in ("apiVersion", "kind", "metadata") and event[name]:
            inner = event[name] if name == "source" else ()
            fields[f"f:{name}"] = {f"f:{one}": {} for one in sorted(inner)}
    return {
        "manager": _MANAGERS.get(event["reportingComponent"], CONTROLLER_MANAGER),
        "operation": "Update",
        "apiVersion": "v1",
        "time": now,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
