"""One thread that runs all controllers: events become keys, keys are looked at one by one, in order of rank."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import NamedTuple

from navarch.cluster.controllers.access import Access, Kind
from navarch.cluster.controllers.index import LabelIndex, Owners
from navarch.cluster.controllers.objects import key_of
from navarch.cluster.controllers.queue import Key, Queue
from navarch.cluster.controllers.recorder import Recorder
from navarch.cluster.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["EVERYTHING", "PODS", "Change", "Controller", "Manager"]

_RANKS = 10
_FIRST_RETRY = 0.005  # seconds; doubled with each failure, as client-go's rate limiter does it
_LONGEST_RETRY = 1000.0
_PAUSE = 0.01  # seconds without a client's write after which the controllers begin
_AT_MOST = 0.5  # how long they wait for that
_AT_LEAST = 0.05  # how long they then work
_FAILURES = 20  # how many are remembered
_UNSEEN = frozenset([("", "events"), ("coordination.k8s.io", "leases")])  # kinds that no controller asks about
PODS: Kind = ("", "pods")
EVERYTHING: Kind = ("*", "*")  # what a controller watches that hears of all objects


class Change(NamedTuple):
    """Something that happened to an object: ADDED, MODIFIED or DELETED; `old` is None for a new one."""

    type: str
    kind: Kind
    object: Object
    old: Object | None


class Controller:
    """What keeps one kind of object as it should be.

    `kind` is what its keys name; `watches` what it hears of beside that; `rank` says who comes first (0 to 9).
    """

    name = ""
    rank = 5
    kind: Kind = ("", "")
    watches: tuple[Kind, ...] = ()

    def __init__(self, manager: Manager) -> None:
        self.manager = manager
        self.access = manager.access
        self.owners = manager.owners
        self.recorder = manager.recorder

    def begin(self) -> None:
        """What there is to do before anything happens."""

    def observe(self, change: Change) -> None:
        """Turn a change into keys; must be quick and not read the cluster."""
        if change.kind == self.kind:
            self.enqueue(*key_of(change.object))

    def sync(self, namespace: str, name: str, /) -> None:
        """Look at one object, and bring it nearer to what it should be. Problems are tried again."""
        raise NotImplementedError

    def enqueue(self, namespace: str, name: str, *, after: float = 0.0, awaited: bool = False) -> None:
        """Look at an object soon, or in `after` seconds."""
        self.manager.enqueue(self, namespace, name, after=after, awaited=awaited)


class Manager:
    """The controllers of a cluster, and what they share.

    `types` are classes of controllers. Without `start` nothing runs by itself: `settle` does what there is to do.
    """

    def __init__(self, api: Api, types: Sequence[Callable[[Manager], Controller]]) -> None:
        self.api = api
        self.access = Access(api)
        self.owners = Owners()
        self.pods = LabelIndex()
        self.recorder = Recorder(self.access, self._mark_events)
        self.failures: deque[str] = deque(maxlen=_FAILURES)
        self._queue = Queue(_RANKS)
        self._incoming: deque[Change] = deque()
        self._wake = threading.Condition(threading.Lock())
        self._tries: dict[Key, int] = {}
        self._heard = 0.0
        self._gave_way = 0.0
        self._busy = False
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self.controllers = {one.name: one for one in (make(self) for make in types)}
        self._watching: dict[Kind, list[Controller]] = {}
        self._everything = [one for one in self.controllers.values() if EVERYTHING in one.watches]
        for one in self.controllers.values():
            for kind in dict.fromkeys((one.kind, *one.watches) if EVERYTHING not in one.watches else ()):
                self._watching.setdefault(kind, []).append(one)

    def begin(self) -> None:
        """Hear of changes, and of everything that is there already."""
        if self._unsubscribe is not None:
            return
        for one in self.controllers.values():
            one.begin()
        with self.api.store.lock:
            self._unsubscribe = self.api.subscribe(self._hear)
            for resource in list(self.api.catalog):
                if resource.version == resource.storage and (resource.group, resource.plural) not in _UNSEEN:
                    for obj in self.api.list(resource):
                        self._incoming.append(Change("ADDED", (resource.group, resource.plural), obj, None))

    def start(self) -> None:
        """Run in a thread of its own until `stop`."""
        self.begin()
        self._stopping = False
        self._busy = True
        self._thread = threading.Thread(target=self._run, name="controllers", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what is left to do is found again at the next start."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def settle(self, timeout: float = 30.0) -> bool:
        """Wait until nothing is left to do but what has its time later; whether that came within `timeout` seconds.

        What is only slow is waited for; deadlines, back-offs and schedules aren't. Without a thread it is done here.
        """
        if self._thread is None:
            self.begin()
            self.work()
            return self._queue.is_settled()
        with self._wake:
            return self._wake.wait_for(self._is_settled, timeout)

    def next_time(self) -> float | None:
        """When something is to be done again, in seconds since 1970; None if only a change can bring work."""
        return self._queue.next_time()

    def _is_settled(self) -> bool:
        return not self._busy and not self._incoming and self._queue.is_settled()

    def _hear(self, kind: str, resource: Resource, obj: Object, old: Object | None) -> None:
        place = (resource.group, resource.plural)
        if place in _UNSEEN:
            return
        self._incoming.append(Change(kind, place, obj, old))
        if threading.current_thread() is not self._thread:
            self._heard = time.monotonic()
            with self._wake:
                self._wake.notify_all()

    def enqueue(self, controller: Controller, namespace: str, name: str, *, after: float, awaited: bool) -> None:
        """Have a controller look at an object; only controllers call this."""
        key = Key(controller.name, namespace, name)
        if after > 0:
            self._queue.add_later(key, controller.rank, self.access.time() + after, awaited=awaited)
        else:
            self._queue.add(key, controller.rank)

    def _mark_events(self) -> None:
        self._queue.add(Key("", "", ""), _RANKS - 1)

    def _run(self) -> None:
        while True:
            with self._wake:
                self._busy = False
                while not self._stopping and not self._incoming:
                    when = self._queue.next_time()
                    now = self.access.time()
                    if not self._queue.is_empty() or (when is not None and when <= now):
                        break
                    self._wake.notify_all()
                    self._wake.wait(None if when is None else when - now)
                if self._stopping:
                    return
                self._busy = True
            self.work()

    def _give_way(self) -> None:
        """Let clients write first while they write much: wait for a short pause of theirs, but not for long."""
        begun = time.monotonic()
        if begun - self._gave_way < _AT_LEAST:
            return
        while not self._stopping:
            now = time.monotonic()
            if now - self._heard >= _PAUSE or now - begun >= _AT_MOST:
                break
            time.sleep(_PAUSE)
        self._gave_way = time.monotonic()

    def work(self) -> None:
        """Do what can be done now."""
        while not self._stopping:
            if self._thread is not None:
                self._give_way()
            while self._incoming:
                self._observe(self._incoming.popleft())
            key = self._queue.pop(self.access.time())
            if key is None:
                return
            self._sync(key)

    def _observe(self, change: Change) -> None:
        obj = change.object
        if change.type == "DELETED":
            self.owners.remove(obj)
            if change.kind == PODS:
                self.pods.remove(*key_of(obj))
        else:
            self.owners.put(change.kind, obj)
            if change.kind == PODS:
                self.pods.put(*key_of(obj), obj["metadata"].get("labels") or {})
        for one in (*self._watching.get(change.kind, ()), *self._everything):
            try:
                one.observe(change)
            except Exception:  # noqa: BLE001 - one object that can't be understood must not stop all others
                self._failed()

    def _sync(self, key: Key) -> None:
        try:
            if not key.controller:
                self.recorder.write()
                return
            self.controllers[key.controller].sync(key.namespace, key.name)
        except Problem as problem:
            self._again(key, problem)
        except Exception as error:  # noqa: BLE001 - as above
            self._failed()
            self._again(key, error)
        else:
            self._tries.pop(key, None)

    def _failed(self) -> None:
        """Remember an error that is our own fault."""
        import traceback

        self.failures.append(traceback.format_exc())

    def _again(self, key: Key, error: Exception) -> None:
        """Try later: at once when another write came between, longer and longer otherwise."""
        tries = self._tries.get(key, 0)
        self._tries[key] = tries + 1
        delay = min(_FIRST_RETRY * 2**tries, _LONGEST_RETRY)
        controller = self.controllers.get(key.controller)
        if controller is not None:
            awaited = isinstance(error, Problem) and error.reason == "Conflict"
            self.enqueue(controller, key.namespace, key.name, after=delay, awaited=awaited)
