"""Events are forgotten an hour after they were last seen."""

from __future__ import annotations

from navarch.cluster.controllers.manager import Change, Controller
from navarch.cluster.controllers.objects import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cluster.controllers.access import Kind

__all__ = ["EventExpiry"]

_EVENTS: Kind = ("", "events")
_HOUR = 3600.0


class EventExpiry(Controller):
    """Looks at all events once an hour, as long as there are some."""

    name = "event-expiry"
    rank = 9
    watches = (("", "namespaces"),)

    def observe(self, change: Change) -> None:
        """Nothing but the beginning: namespaces are there from the start."""
        if change.old is None:
            self.enqueue("", "", after=_HOUR)

    def sync(self, _namespace: str, _name: str, /) -> None:
        """Delete the old ones."""
        limit = self.access.time() - _HOUR
        for event in self.access.list(_EVENTS):
            last = event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp")
            if seconds(last) <= limit:
                self.access.delete(_EVENTS, event)
        self.enqueue("", "", after=_HOUR)
