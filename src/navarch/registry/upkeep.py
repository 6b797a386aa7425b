"""What a registry does by itself from time to time: collecting what nothing refers to, retention.

Of all processes that serve the same storage one does it: who writes the note of when it was begun. Times are those of
the notes, so that a server that is restarted often doesn't begin anew each time.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import NamedTuple

from navarch.errors import NavarchError, VersionError
from navarch.registry.collecting import SPARE, collect
from navarch.registry.keys import SettingsError
from navarch.registry.logs import AuditLog, Event
from navarch.registry.retention import Keep, Rule, retain
from navarch.registry.store.objects import AbsentError, ChangedError, TakenError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.registry.config import Logs
    from navarch.registry.keys import Keys
    from navarch.registry.retention import Removal
    from navarch.registry.store.objects import Objects
    from navarch.registry.store.store import Store

__all__ = ["Plan", "Upkeep", "audited", "begin", "read_plan"]

_LONGEST = 60.0  # seconds between two looks at whether something is due
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Plan(NamedTuple):
    """What is done how often: seconds, 0 for never. `spare` is what collecting spares, `rules` are retention's.

    `untagged` is after how many seconds manifests without a tag go; None is never.
    """

    collect_every: float = 0
    spare: float = SPARE
    retain_every: float = 0
    rules: tuple[Rule, ...] = ()
    untagged: float | None = None


def read_plan(keys: Keys) -> Plan:
    """The keys `collection` and `retention` of a configuration. Raises SettingsError."""
    collection, retention = keys.table("collection"), keys.table("retention")
    plan = Plan(
        collect_every=_seconds(collection, "every"),
        spare=_seconds(collection, "spare", SPARE),
        untagged=_seconds(collection, "untagged") or None,
        retain_every=_seconds(retention, "every"),
        rules=tuple(map(_rule, retention.tables("rules"))),
    )
    collection.end()
    retention.end()
    for key, every in (("collection", plan.collect_every), ("retention", plan.retain_every)):
        if 0 < every < 1:
            raise SettingsError(f"{key}.every should be a second or more")
    if plan.retain_every and not plan.rules:
        raise SettingsError("retention.rules is missing")
    return plan


def _rule(keys: Keys) -> Rule:
    rule = Rule(
        spaces=_patterns(keys, "spaces"),
        charts=_patterns(keys, "charts"),
        prereleases=_keep(keys.table("prereleases"), last=True) if keys.peek("prereleases") is not None else None,
        releases=_keep(keys),
    )
    keys.take("prereleases")
    keys.end()
    return rule


def _patterns(keys: Keys, key: str) -> tuple[str, ...]:
    return keys.texts(key) if keys.has(key) else ("*",)


def _keep(keys: Keys, *, last: bool = False) -> Keep:
    keep = Keep(
        newest=keys.whole("newest") if keys.has("newest") else None,
        younger=_seconds(keys, "younger") if keys.has("younger") else None,
        versions=keys.text("versions"),
    )
    try:
        keep.check()
    except VersionError as error:
        raise SettingsError(f"{keys.at('versions')}: {error}") from error
    if last:
        keys.end()
    return keep


def _seconds(keys: Keys, key: str, default: float = 0) -> float:
    """A time like 90s, 12h, 30d, 2w; a number without a unit is seconds."""
    text = keys.text(key)
    if not text:
        return default
    number, factor = (text[:-1], _UNITS[text[-1]]) if text[-1] in _UNITS else (text, 1)
    if not number.isascii() or not number.replace(".", "", 1).isdecimal() or len(number) > 12:
        raise SettingsError(f"{keys.at(key)} should be a time like 90s, 12h, 30d or 2w, but is {text}")
    return float(number) * factor


def begin(objects: Objects, task: str, every: float, now: float) -> bool:
    """Whether a task is due that is done every so many seconds; then all others will see that it was begun `now`.

    Raises StorageError.
    """
    key, note = f"upkeep/{task}", json.dumps({"begun": now}).encode()
    try:
        data, mark = objects.get(key)
    except AbsentError:
        try:
            objects.create(key, note)
        except TakenError:
            pass
        return False  # the first time is a while after the first start
    try:
        if 0 <= now - float(json.loads(data)["begun"]) < every:
            return False
    except (ValueError, TypeError, KeyError):
        pass
    try:
        objects.swap(key, note, mark)
    except ChangedError:
        return False
    return True


def audited(logs: Logs, who: str) -> Callable[[Removal], object]:
    """Tells the audit log, if there is one, of versions that were removed. Raises SettingsError."""
    if not logs.audit:
        return lambda _: None
    log = AuditLog(logs)

    def tell(removal: Removal) -> None:
        what = f"{removal.space}/{removal.chart}/{removal.version}"
        target = f"/api/v1/spaces/{removal.space}/charts/{removal.chart}/versions/{removal.version}"
        state = {"action": "delete", "space": removal.space, "what": what}
        log.add(Event("", "", who, "DELETE", target, "", 204, 0, 0, state))

    return tell


class Upkeep:
    """Does what is due, in a thread of its own, from `start` to `stop`. What fails is tried again next time."""

    def __init__(self, store: Store, plan: Plan, logs: Logs, *, say: Callable[[str], object] | None = None) -> None:
        self._store = store
        self._plan = plan
        self._tell = audited(logs, "retention")
        self._say = say or _say
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, if anything is to be done at all."""
        times = [every for every in (self._plan.collect_every, self._plan.retain_every) if every]
        if times:
            pause = min(_LONGEST, *(every / 4 for every in times))
            self._thread = threading.Thread(target=self._run, args=(pause,), name="registry-upkeep", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End. Work that is being done is left where it is: it may be cut off at any moment."""
        self._stopped.set()

    def _run(self, pause: float) -> None:
        while not self._stopped.is_set():
            try:
                self.look(time.time())
            except NavarchError as error:
                self._say(f"upkeep: {error}")
            self._stopped.wait(pause)

    def look(self, now: float) -> None:
        """Do what is due. Raises StorageError."""
        plan, objects = self._plan, self._store.objects
        if plan.retain_every and begin(objects, "retention", plan.retain_every, now):
            found = retain(self._store, plan.rules, say=self._tell)
            self._say(f"retention: {len(found.removed)} versions removed, {found.kept} kept")
        if plan.collect_every and begin(objects, "collection", plan.collect_every, now):
            done = collect(objects, spare=plan.spare, untagged=plan.untagged)
            told = ", ".join(f"{tally.number} {kind}" for kind, tally in done._asdict().items())
            self._say(f"collection: {told}")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
