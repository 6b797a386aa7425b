"""The revisions of a release that matter for what comes next, read with as few requests as possible."""

from __future__ import annotations

from navarch.errors import NoDeployedReleasesError, RecordError, ReleaseError, ReleaseNotFoundError
from navarch.golang.strconv import quote
from navarch.releases.model import PENDING, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from navarch.releases.drivers.base import Head
    from navarch.releases.model import Release
    from navarch.releases.storage import Storage

__all__ = ["Revisions"]

_OPEN = (Status.FAILED, Status.UNINSTALLING, *PENDING)
"""What a revision can be that came after the deployed one."""


class Revisions:
    """A release's history: `heads` of all revisions, oldest first; records are read when asked for, once."""

    __slots__ = ("_known", "_storage", "heads", "name")

    def __init__(self, storage: Storage, name: str) -> None:
        """Raises ReleaseNotFoundError."""
        self._storage = storage
        self.name = name
        self.heads: Sequence[Head] = storage.heads(name)
        self._known: dict[int, Release] = {}

    def last(self) -> Release:
        """The latest revision that can be read. Raises ReleaseError where none can."""
        release = self.latest()
        if release is None:
            raise ReleaseError(f"no revision for release {quote(self.name)}")
        return release

    def latest(self) -> Release | None:
        """The latest revision that can be read, if one can."""
        return next(filter(None, map(self.read, reversed(self.heads))), None)

    def deployed(self) -> Release:
        """The deployed revision, the latest if there are several. Raises NoDeployedReleasesError."""
        for head in reversed(self.heads):
            if head.status == Status.DEPLOYED:
                release = self.read(head)
                if release is not None:
                    return release
        raise NoDeployedReleasesError(f"{quote(self.name)} has no deployed releases", name=self.name)

    def newest(self) -> list[Release]:
        """The latest revision and those before it, down to the deployed one, newest first; finished ones left out."""
        found: list[Release] = []
        for head in reversed(self.heads):
            if not found or head.status == Status.DEPLOYED or head.status in _OPEN:
                release = self.read(head)
                found += [release] if release is not None else []
            if head.status == Status.DEPLOYED:
                break
        return found

    def read(self, head: Head) -> Release | None:
        """A revision's record, None where it can't be read or is gone."""
        release = self._known.get(head.revision)
        if release is None:
            try:
                release = self._known[head.revision] = self._storage.read(head)
            except (RecordError, ReleaseNotFoundError):
                return None
        return release
