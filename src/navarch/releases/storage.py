"""Releases by name and revision: the history of each, kept to a length, on top of any driver.

Where a driver has quick ways (`drivers.base.QuickDriver`), the latest revision, the deployed one and whatever history
there is too much of are found by labels, and only the records that are asked for are read.

Source: pkg/storage/storage.go.
"""

from __future__ import annotations

from navarch.chart.notices import notice
from navarch.errors import NavarchError, NoDeployedReleasesError, RecordError, ReleaseError, ReleaseNotFoundError
from navarch.kube.parallel import in_parallel
from navarch.releases.drivers.base import Head, make_key, quick, summary
from navarch.releases.latest import SHOWN, list_latest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from navarch.releases.drivers.base import Driver, Filter, QuickDriver, Summary
    from navarch.releases.model import Release

    Say = Callable[[str], None]
    Heads = list[Head]
    Releases = list[Release]
    Summaries = list[Summary]

__all__ = ["Storage"]

_FEW = 5
"""Up to how many revisions it is worth to find out first which ones they are."""


class Storage:
    """The records of releases. `max_history` is how many revisions of a release are kept, 0 for all of them.

    `debug` is given the lines that Helm writes with --debug.
    """

    def __init__(self, driver: Driver, *, max_history: int = 0, debug: Say | None = None) -> None:
        self.driver = driver
        self.max_history = max_history
        self.debug = debug
        self._quick = quick(driver)

    def _say(self, message: str, **attributes: str) -> None:
        if self.debug is not None:
            self.debug(notice("DEBUG", message, **attributes))

    def get(self, name: str, revision: int) -> Release:
        """One revision, with the user's own labels. Raises ReleaseNotFoundError, RecordError."""
        self._say("getting release", key=make_key(name, revision))
        return self.driver.get(make_key(name, revision))

    def create(
        self, release: Release, *, max_history: int | None = None, known: Sequence[Head] | None = None
    ) -> Sequence[int]:
        """Store a new revision; before that, remove the oldest ones where the history has become too long.

        `max_history` stands in for the storage's own, `known` are the revisions that `heads` has just answered. Answers
        the revisions that were removed. Raises ReleaseExistsError.
        """
        key = make_key(release.name, release.revision)
        self._say("creating release", key=key)
        limit = self.max_history if max_history is None else max_history
        removed = self._prune(release.name, limit - 1, known) if limit > 0 else []
        self.driver.create(key, release)
        return removed

    def update(self, release: Release) -> None:
        """Store a revision in the place of what is there. Raises what the driver raises."""
        key = make_key(release.name, release.revision)
        self._say("updating release", key=key)
        self.driver.update(key, release)

    def delete(self, name: str, revision: int) -> Release:
        """Remove a revision, and answer what it was. Raises ReleaseNotFoundError."""
        self._say("deleting release", key=make_key(name, revision))
        return self.driver.delete(make_key(name, revision))

    def list(self, wanted: Filter | None = None) -> Releases:
        """All revisions of all releases that are wanted."""
        if wanted is None:
            self._say("listing all releases in storage")
        return self.driver.list(wanted or (lambda _: True))

    def history(self, name: str) -> Releases:
        """All revisions of a release, in no particular order. Raises ReleaseNotFoundError."""
        self._say("getting release history", name=name)
        return self.driver.query({"name": name, "owner": "helm"})

    def heads(self, name: str) -> Heads:
        """All revisions of a release by their labels alone, oldest first. Raises ReleaseNotFoundError."""
        if self._quick is None:
            found = [_head(release) for release in self.history(name)]
        else:
            self._say("getting release history", name=name)
            found = list(self._quick.heads({"name": name, "owner": "helm"}))
        if not found:
            raise ReleaseNotFoundError
        return sorted(found, key=_revision)

    def last(self, name: str) -> Release:
        """The latest revision, with all labels. Raises ReleaseNotFoundError."""
        self._say("getting last revision", name=name)
        if self._quick is None:
            revisions = sorted(self.history(name), key=_revision)
            return revisions[-1] if revisions else _no_revision(name)
        for head in reversed(self.heads(name)):
            found = self._read(head)
            if found is not None:
                return found
        return _no_revision(name)

    def deployed(self, name: str) -> Release:
        """The deployed revision, the latest if there are several. Raises NoDeployedReleasesError."""
        found = sorted(self.deployed_all(name), key=_revision)
        return found[-1] if found else _none_deployed(name)

    def deployed_all(self, name: str) -> Releases:
        """All revisions marked as deployed: one, unless something went wrong. Raises NoDeployedReleasesError."""
        self._say("getting deployed releases", name=name)
        try:
            return self.driver.query({"name": name, "owner": "helm", "status": "deployed"})
        except NavarchError as error:
            if "not found" in str(error):
                _none_deployed(name, error)
            raise

    def history_heads(self, name: str, *, limit: int = 0) -> Summaries:
        """What `history` shows: the latest `limit` (0: all) revisions, oldest first. Raises ReleaseNotFoundError."""
        if self._quick is not None and 0 < limit <= _FEW:
            return self._last_heads(self._quick, name, limit)
        if self._quick is None:
            found = [summary(release) for release in self.history(name)]
        else:
            self._say("getting release history", name=name)
            found = self._quick.summarize({"name": name, "owner": "helm"})
        found.sort(key=_revision)
        return found[-limit:] if limit > 0 else found

    def _last_heads(self, driver: QuickDriver, name: str, limit: int) -> Summaries:
        """What `history` shows of the latest revisions, without a look at the others."""
        heads = self.heads(name)
        shown: Summaries = []
        while heads and len(shown) < limit:
            count = limit - len(shown)
            part, heads = heads[-count:], heads[:-count]
            shown = [one for one in driver.summaries(part) if one is not None] + shown
        return shown

    def list_latest(
        self,
        *,
        matches: Callable[[str], bool] | None = None,
        states: Collection[str] = SHOWN,
        selector: Callable[[Mapping[str, str]], bool] | None = None,
        by_date: bool = False,
        reverse: bool = False,
        offset: int = 0,
        limit: int = 0,
    ) -> Summaries:
        """What `list` shows: see `navarch.releases.latest.list_latest`."""
        return list_latest(
            self.driver,
            matches=matches,
            states=states,
            selector=selector,
            by_date=by_date,
            reverse=reverse,
            offset=offset,
            limit=limit,
        )

    def read(self, head: Head) -> Release:
        """The revision that a head is of, with all labels. Raises ReleaseNotFoundError, RecordError."""
        return self.driver.get(head.key) if self._quick is None else self._quick.read(head)

    def purge(self, heads: Sequence[Head]) -> None:
        """Remove revisions without looking at them, the last of them last, so that no trace is lost if that fails.

        Raises what the first one that can't be removed raises.
        """
        for head in heads:
            self._say("deleting release", key=head.key)
        for outcome in in_parallel(heads[:-1], self._remove):
            outcome.result()
        for head in heads[-1:]:
            self._remove(head)

    def _remove(self, head: Head) -> None:
        if self._quick is None:
            self.driver.delete(head.key)
        else:
            self._quick.remove(head.key)

    def _read(self, head: Head) -> Release | None:
        """A record, None where it can't be read or is gone."""
        try:
            return self.read(head)
        except ReleaseNotFoundError:
            return None
        except RecordError as error:
            self._say("failed to decode release", key=head.key, error=str(error))
            return None

    def _prune(self, name: str, keep: int, known: Sequence[Head] | None) -> Sequence[int]:
        """Remove the oldest revisions until `keep` are left, never the deployed one; answers which."""
        if known is not None:
            self._say("getting release history", name=name)
        try:
            heads = self.heads(name) if known is None else sorted(known, key=_revision)
        except ReleaseNotFoundError:
            return []
        if len(heads) <= keep:
            return []
        deployed = self._deployed_revision(name, heads)
        spare = [head for head in heads if head.revision != deployed]
        doomed = spare[: len(heads) - keep]
        errors = [error for head in doomed if (error := self._discard(head)) is not None]
        self._say("pruned records", count=str(len(doomed)), release=name, errors=str(len(errors)))
        if len(errors) == 1:
            raise errors[0]
        if errors:
            message = f"encountered {len(errors)} deletion errors. First is: {errors[0]}"
            raise ReleaseError(message) from errors[0]
        return [head.revision for head in doomed]

    def _deployed_revision(self, name: str, heads: Sequence[Head]) -> int:
        self._say("getting deployed releases", name=name)
        return max((head.revision for head in heads if head.status == "deployed"), default=0)

    def _discard(self, head: Head) -> NavarchError | None:
        """Remove a record; what went wrong, if anything did."""
        self._say("deleting release", key=head.key)
        try:
            self._remove(head)
        except NavarchError as error:
            self._say("error pruning release", key=head.key, error=str(error))
            return error
        return None


def _revision(item: Release | Head | Summary) -> int:
    return item.revision


def _head(release: Release) -> Head:
    key = make_key(release.name, release.revision)
    return Head(key, release.namespace, release.name, release.revision, release.info.status, release.labels)


def _no_revision(name: str) -> Release:
    from navarch.golang.strconv import quote

    raise ReleaseError(f"no revision for release {quote(name)}")


def _none_deployed(name: str, cause: NavarchError | None = None) -> Release:
    from navarch.golang.strconv import quote

    raise NoDeployedReleasesError(f"{quote(name)} has no deployed releases", name=name) from cause
