"""Uninstall a release: hooks, its objects, waiting, hooks, its records.

Source: pkg/action/uninstall.go.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.actions.hooks import Hooks, joined
from navarch.actions.options import UninstallOptions
from navarch.actions.ownership import Owned, sort_by_owner
from navarch.actions.template import is_release_name
from navarch.errors import ChartError, NavarchError, ReleaseError, ReleaseNotFoundError
from navarch.golang.strconv import quote
from navarch.releases.model import Status, now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from navarch.actions.context import Context
    from navarch.actions.recover import Hold
    from navarch.actions.revisions import Revisions
    from navarch.kube.objects import Resource
    from navarch.releases.model import Release

__all__ = ["UninstallResult", "uninstall", "uninstall_held"]

_DEFAULTS = UninstallOptions()
_POLICY = "helm.sh/resource-policy"
_KEPT = "These resources were kept due to the resource policy:\n"


class UninstallResult(NamedTuple):
    """What an uninstall did: the release as it was recorded last, None if there was none; `info` says what stayed."""

    release: Release | None
    info: str = ""


def uninstall(context: Context, name: str, options: UninstallOptions = _DEFAULTS) -> UninstallResult:
    """Remove a release. Raises NavarchError; what could be removed is removed before."""
    context.check_reachable()
    if options.dry_run:
        return _Uninstall(context, name, options).try_out()
    _check_name(name)
    from navarch.actions.recover import Hold

    with Hold(context, name, "uninstall") as hold:
        return _Uninstall(context, name, options).run(hold)


def uninstall_held(context: Context, name: str, options: UninstallOptions, hold: Hold) -> UninstallResult:
    """Remove a release that an action holds already."""
    context.check_reachable()
    _check_name(name)
    return _Uninstall(context, name, options).run(hold)


def _check_name(name: str) -> None:
    if not is_release_name(name) or not name:
        raise ChartError(f"uninstall: Release name is invalid: {name}")


class _Uninstall:
    """One uninstall, step by step. `faults` are errors that don't keep the rest from being removed."""

    def __init__(self, context: Context, name: str, options: UninstallOptions) -> None:
        self.context = context
        self.name = name
        self.options = options
        self.faults: list[NavarchError] = []

    def run(self, hold: Hold) -> UninstallResult:
        """Do it. Raises NavarchError and KeyboardInterrupt."""
        from navarch.actions.recover import canceled, settle
        from navarch.actions.revisions import Revisions

        context, options = self.context, self.options
        try:
            revisions = Revisions(context.storage, self.name)
        except NavarchError as error:
            if options.ignore_not_found:
                return UninstallResult(None)
            error.within(f"uninstall: Release not loaded: {self.name}")
            raise
        release = revisions.latest()
        if release is None:  # there are records, and none can be read
            raise ReleaseError("no release provided")
        if release.status == Status.UNINSTALLED:
            return self._forget(revisions, release)
        if release.is_pending:
            settle(context, hold, release)
        context.debug("uninstall: deleting release", name=self.name)
        _mark(release)
        hold.begin()
        try:
            result = self._remove(revisions, release, hold)
        except KeyboardInterrupt:
            canceled(release, "uninstall")
            if self._store(release):
                hold.end()
            raise
        except NavarchError:
            hold.end()  # the record says "uninstalling", which keeps nobody from trying again
            raise
        hold.end()
        return result

    def _forget(self, revisions: Revisions, release: Release) -> UninstallResult:
        """Remove the records of a release that is uninstalled already. Raises NavarchError."""
        if self.options.keep_history:
            raise ReleaseError(f"the release named {quote(self.name)} is already deleted")
        try:
            self._purge(revisions)
        except NavarchError as error:
            error.within("uninstall: Failed to purge the release")
            raise
        return UninstallResult(release)

    def _remove(self, revisions: Revisions, release: Release, hold: Hold) -> UninstallResult:
        """Hooks, objects, waiting, hooks, records. Raises NavarchError."""
        context, options = self.context, self.options
        hooks = Hooks(context, wait=options.wait, timeout=options.timeout)
        if options.hooks:
            hooks.run(release, "pre-delete")
        else:
            context.debug("delete hooks disabled", release=self.name)
        self._store(release)
        deleted, info = self._delete(release, revisions)
        try:
            waiter = context.client.waiter(options.wait, on_event=context.on_event)
            waiter.wait_for_delete(deleted, options.timeout)
        except NavarchError as error:
            self.faults.append(error)
        if options.hooks:
            try:
                hooks.run(release, "post-delete")
            except NavarchError as error:
                self.faults.append(error)
        release.set_status(Status.UNINSTALLED, options.description or "Uninstallation complete")
        hold.check()
        if options.keep_history:
            self._keep(revisions, release)
        else:
            context.debug("purge requested", release=self.name)
            try:
                self._purge(revisions)
            except NavarchError as error:
                self.faults.append(error.within("uninstall: Failed to purge the release"))
        if self.faults:
            count = len(self.faults)
            raise joined(self.faults, "; ").within(f"uninstallation completed with {count} error(s)")
        return UninstallResult(release, info)

    def _store(self, release: Release) -> bool:
        """Update the record; that it can't be is a word for --debug only. Answers whether it could."""
        try:
            self.context.storage.update(release)
        except NavarchError as error:
            self.context.debug("uninstall: Failed to store updated release", error=error)
            return False
        return True

    def _keep(self, revisions: Revisions, release: Release) -> None:
        """Keep the records, none of them as deployed. Raises NavarchError."""
        self._store(release)
        self.context.debug("getting deployed releases", name=self.name)
        for head in revisions.heads:
            if head.status == Status.DEPLOYED and head.revision != release.revision:
                older = revisions.read(head)
                if older is not None:
                    self.context.debug("superseding previous deployment", version=older.revision)
                    older.info.status = Status.SUPERSEDED
                    self._store(older)

    def _purge(self, revisions: Revisions) -> None:
        """Remove all records, the oldest first: while one is left, it is the latest. Raises NavarchError."""
        self.context.storage.purge(revisions.heads)

    def _delete(self, release: Release, revisions: Revisions) -> tuple[Sequence[Resource], str]:
        """Delete the objects that are the release's own; answers them, and what to tell of the others."""
        from navarch.actions.recover import leftovers, overshadowed

        context = self.context
        try:
            doomed, info = _sorted(release.manifest)
            resources = context.client.build(doomed)
        except NavarchError as error:
            raise self._not_deleted([error]) from error
        owned = _told(context, release, resources) if resources else Owned()
        info += _not_ours(owned, info)
        older = overshadowed(revisions.newest(), release)
        if older:
            owned.ours += leftovers(context, older, context.client.build(release.manifest))
        if owned.ours:
            for resource in owned.ours:
                context.debug("deleting resource owned by this release", **_about(resource), release=release.name)
            propagation = self._propagation()
            _, errors = context.client.delete(owned.ours, propagation=propagation, on_event=context.on_event)
            if errors:
                raise self._not_deleted(errors) from errors[0]
        return owned.ours, info

    def _not_deleted(self, errors: Sequence[NavarchError]) -> NavarchError:
        told = " ".join(map(str, errors))
        self.context.debug("uninstall: Failed to delete release", error=f"[{told}]")
        return ReleaseError(f"failed to delete release: {self.name}", hint=told)

    def _propagation(self) -> str:
        cascade = self.options.cascade
        if cascade not in ("background", "foreground", "orphan"):
            words = "uninstall: given cascade value, defaulting to delete propagation background"
            self.context.debug(words, value=cascade)
            return "Background"
        return cascade.capitalize()

    def try_out(self) -> UninstallResult:
        """Say what would be done. Raises NavarchError."""
        if not is_release_name(self.name) or not self.name:
            raise ChartError(f"releaseContent: Release name is invalid: {self.name}")
        try:
            release = self.context.storage.last(self.name)
        except ReleaseNotFoundError:
            if self.options.ignore_not_found:
                return UninstallResult(None)
            raise
        try:
            doomed, info = _sorted(release.manifest)
        except NavarchError:
            return UninstallResult(release)
        try:
            resources = self.context.client.build(doomed)
        except NavarchError:
            resources = []
        if resources:
            _tell_plan(self.context, release, resources)
        return UninstallResult(release, info)


def _mark(release: Release) -> None:
    """Say in a record that it is being removed; that its client, or an earlier one, was cut off is still said."""
    from navarch.actions.recover import MARK

    before = release.info.description
    marks = "; " + before[before.index(MARK) :] if MARK in before else ""
    release.set_status(Status.UNINSTALLING, f"Deletion in progress (or silently failed){marks}")
    release.info.deleted = now()


def _sorted(manifest: str) -> tuple[str, str]:
    """The documents to delete, in order, as one text; and what to tell of those that stay. Raises YamlError."""
    from navarch.golang.yaml import head
    from navarch.manifests.documents import split_documents
    from navarch.manifests.sort import UNINSTALL_ORDER, by_kind

    documents = split_documents(manifest)
    order = {kind: i for i, kind in enumerate(UNINSTALL_ORDER)}
    numbers = sorted(range(len(documents)), key=str)  # Helm sorts them as the names of files
    heads = [(head(documents[i]), documents[i]) for i in numbers]
    heads.sort(key=lambda pair: by_kind(pair[0].kind, order))
    doomed = [document for found, document in heads if _POLICY not in (found.annotations or {})]
    kept = [found for found, _ in heads if _policy(found.annotations) == "keep"]
    told = _KEPT + "".join(f"[{found.kind}] {found.name}\n" for found in kept) if kept else ""
    return "".join(f"\n---\n{document}" for document in doomed), told


def _policy(annotations: Mapping[str, str] | None) -> str:
    return (annotations or {}).get(_POLICY, "").strip().lower()


def _about(resource: Resource) -> dict[str, str]:
    return {"kind": resource.kind, "name": resource.name, "namespace": resource.namespace}


def _told(context: Context, release: Release, resources: Sequence[Resource]) -> Owned:
    """Whose the objects are, after saying which are not deleted."""
    owned = sort_by_owner(context.client, resources, release.name, release.namespace)
    for resource in owned.others:
        context.warn("skipping delete of resource not owned by this release", **_about(resource), release=release.name)
    for resource, error in owned.unknown:
        words = "skipping delete of resource because ownership could not be verified"
        context.warn(words, **_about(resource), release=release.name, error=error)
    return owned


def _not_ours(owned: Owned, before: str) -> str:
    """What to tell of objects that were not deleted, after what is told already."""
    told = ""
    if owned.others:
        count = len(owned.others)
        told = "\n" if before else ""
        told += f"{count} resource(s) were not deleted because they are not owned by this release:\n"
        told += "".join(f"[{resource.kind}] {resource.name}\n" for resource in owned.others)
    if owned.unknown:
        count = len(owned.unknown)
        told += "\n" if before or told else ""
        told += f"{count} resource(s) were not deleted because their ownership could not be verified:\n"
        told += "".join(f"[{resource.kind}] {resource.name}: {error}\n" for resource, error in owned.unknown)
    return told


def _tell_plan(context: Context, release: Release, resources: Sequence[Resource]) -> None:
    """What a dry run says of each object."""
    owned = sort_by_owner(context.client, resources, release.name, release.namespace)
    name = release.name
    if owned.others:
        words = "dry-run: resources would be skipped because they are not owned by this release"
        context.warn(words, release=name, count=len(owned.others))
        for resource in owned.others:
            context.warn("dry-run: would skip resource", **_about(resource))
    if owned.unknown:
        words = "dry-run: resources would be skipped because their ownership could not be verified"
        context.warn(words, release=name, count=len(owned.unknown))
        for resource, error in owned.unknown:
            words = "dry-run: would skip resource (ownership could not be verified)"
            context.warn(words, **_about(resource), error=error)
    if owned.ours:
        context.debug("dry-run: resources would be deleted", release=name, count=len(owned.ours))
        for resource in owned.ours:
            context.debug("dry-run: would delete resource", **_about(resource))
