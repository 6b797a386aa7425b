"""Records as objects of the cluster: what the drivers for Secrets and ConfigMaps share.

Their quick ways ask for names or metadata first, and then for the content of what is shown: content that nobody looks
at doesn't travel.

Sources: pkg/storage/driver/secrets.go, cfgmaps.go and util.go.
"""

from __future__ import annotations

from json import dumps, loads
from time import time

from navarch.chart.notices import notice
from navarch.errors import (
    ApiError,
    KubernetesError,
    RecordError,
    ReleaseExistsError,
    ReleaseNotFoundError,
    UnreachableError,
)
from navarch.golang.strconv import quote
from navarch.kube.parallel import in_parallel
from navarch.kube.reading import json_object
from navarch.releases.codec import decode, encode
from navarch.releases.drivers.base import own_labels, record_labels
from navarch.releases.drivers.faults import check_label_value, hinted, prefixed
from navarch.releases.drivers.listing import OWNED, chosen, every, heads, items, metadata_of, names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, TypeVar

    from navarch.errors import NavarchError
    from navarch.kube.transport import Transport
    from navarch.releases.drivers.base import Filter, Head, Summary
    from navarch.releases.model import Release

    Say = Callable[[str], None]
    E = TypeVar("E", bound=NavarchError)
    T = TypeVar("T")
    Found = list[Summary | None]
    Heads = list[Head]
    Releases = list[Release]
    Summaries = list[Summary]

__all__ = ["ObjectDriver"]

_MANAGER = (("fieldManager", "Helm"),)
"""Whose changes these are, for the server's field ownership."""
_AT_ONCE = 150
_SINGLY = 5
_THREADS = 4
_MANY = 3 * _AT_ONCE
"""From how many records on it is better to ask for all there are."""


class ObjectDriver:
    """A driver whose records are objects in `namespace` ("": in all namespaces, for reading only).

    `debug` is given the lines that Helm writes with --debug.
    """

    name = ""
    _kind = ""
    _plural = ""
    _type = ""
    _prefixes = False

    def __init__(self, transport: Transport, namespace: str, *, debug: Say | None = None) -> None:
        self.transport = transport
        self.namespace = namespace
        self.debug = debug
        self._wrote = False
        self._cached = False

    def _pack(self, data: bytes) -> str:
        """What stands in the object for a stored text."""
        raise NotImplementedError

    def _unpack(self, content: str) -> bytes:
        """The stored text out of the object's content. Raises RecordError."""
        raise NotImplementedError

    def _fault(self, error: E, prefix: str, said: str, **attributes: str) -> E:
        """The error as this driver tells it: Secrets add a prefix, ConfigMaps say a line for --debug."""
        if self._prefixes:
            return prefixed(error, prefix)
        self._say(said, **attributes, error=str(error))
        return error

    def create(self, key: str, release: Release) -> None:
        self._wrote = True
        body = self._body(key, release, "create", createdAt=str(int(time())))
        try:
            self._post(key, body)
        except KubernetesError as error:
            if isinstance(error, ApiError) and error.is_already_exists:
                raise ReleaseExistsError from error
            raise self._fault(
                self._hinted(error, key, body), "create: failed to create", "failed to create release"
            ) from error

    def _post(self, key: str, body: bytes) -> None:
        """Make an object; where the answer is lost, see whether it was made, and if not, try once more."""
        try:
            self.transport.request("POST", self._path(), query=_MANAGER, body=body)
        except UnreachableError as error:
            if not error.sent:
                raise
            if not self._is_there(key, body):
                self.transport.request("POST", self._path(), query=_MANAGER, body=body)

    def _is_there(self, key: str, body: bytes) -> bool:
        """Whether the object that was to be made is there, with just this content."""
        try:
            found = json_object(self.transport.request("GET", self._path(key)))
        except ApiError as error:
            if error.is_not_found:
                return False
            raise
        return bool(found.get("data") == loads(body)["data"])

    def update(self, key: str, release: Release) -> None:
        self._wrote = True
        body = self._body(key, release, "update", modifiedAt=str(int(time())))
        try:
            self.transport.request("PUT", self._path(key), query=_MANAGER, body=body)
        except KubernetesError as error:
            raise self._fault(
                self._hinted(error, key, body), "update: failed to update", "failed to update release"
            ) from error

    def delete(self, key: str) -> Release:
        found = self.get(key)
        self._wrote = True
        self.transport.request("DELETE", self._path(key))
        return found

    def get(self, key: str) -> Release:
        release = self._get(key, self.namespace)
        release.labels = own_labels(release.labels)
        return release

    def list(self, wanted: Filter) -> Releases:
        def fault(error: KubernetesError) -> Exception:
            return self._fault(error, "list: failed to list", "failed to list releases")

        found = []
        for item in _told(items(self.transport, self._path(), OWNED), fault):
            release = self._decoded(item, "list failed to decode release")
            if release is not None and wanted(release):
                found.append(release)
        return found

    def query(self, labels: Mapping[str, str]) -> Releases:
        found = list(self._asked(items(self.transport, self._path(), _selector(labels))))
        if not found:
            raise ReleaseNotFoundError
        releases = [self._decoded(item, "failed to decode release") for item in found]
        return [release for release in releases if release is not None]

    def heads(self, labels: Mapping[str, str], *, like_names: bool = False) -> Heads:
        cached = like_names and self._cached
        return list(self._asked(heads(self.transport, self._path(), _selector(labels), cached=cached)))

    def names(self) -> Heads:
        try:
            found, self._cached = names(self.transport, self._path(), self.namespace, fresh=self._wrote)
        except KubernetesError as error:
            raise self._fault(error, "list: failed to list", "failed to list releases") from error
        return found

    def read(self, head: Head) -> Release:
        return self._get(head.key, head.namespace)

    def remove(self, key: str) -> None:
        self._wrote = True
        try:
            self.transport.request("DELETE", self._path(key))
        except ApiError as error:
            if error.is_not_found:
                raise ReleaseNotFoundError from error
            raise

    def summaries(self, heads: Sequence[Head]) -> Found:
        found: dict[tuple[str, str], Summary | None] = {}
        if len(heads) > _MANY:
            found = self._listed(heads, every(heads))
        rest = [one for one in heads if (one.namespace, one.key) not in found]
        if len(rest) > _SINGLY:
            parts = [rest[at : at + _AT_ONCE] for at in range(0, len(rest), _AT_ONCE)]
            for outcome in in_parallel(parts, lambda part: self._listed(part, chosen(part)), limit=_THREADS):
                found.update(outcome.result())
        for one in rest:
            if (one.namespace, one.key) not in found:
                found[one.namespace, one.key] = self._single(one)
        return [found[one.namespace, one.key] for one in heads]

    def summarize(self, labels: Mapping[str, str]) -> Summaries:
        found = [self._peeked(item) for item in self._asked(items(self.transport, self._path(), _selector(labels)))]
        if not found:
            raise ReleaseNotFoundError
        return [one for one in found if one is not None]

    def _listed(self, wanted: Sequence[Head], selector: str) -> dict[tuple[str, str], Summary | None]:
        """What there is to show of many records, as far as one list finds them."""
        sought = {(one.namespace, one.key) for one in wanted}
        found = {}
        for item in self._asked(items(self.transport, self._path(), selector, cached=self._cached)):
            metadata = metadata_of(item)
            place = metadata.get("namespace") or "", metadata.get("name") or ""
            if place in sought:
                found[place] = self._peeked(item)
        return found

    def _single(self, head: Head) -> Summary | None:
        try:
            item = json_object(self.transport.request("GET", self._path(head.key, head.namespace)))
        except ApiError as error:
            if error.is_not_found:
                return None
            raise self._fault(error, f"get: failed to get {quote(head.key)}", "failed to get release") from error
        return self._peeked(item)

    def _path(self, key: str = "", namespace: str = "") -> str:
        space = namespace or self.namespace
        path = f"/api/v1/namespaces/{space}/{self._plural}" if space else f"/api/v1/{self._plural}"
        return f"{path}/{key}" if key else path

    def _body(self, key: str, release: Release, doing: str, **stamp: str) -> bytes:
        try:
            content = self._pack(encode(release))
        except RecordError as error:
            prefix = f"{doing}: failed to encode release {quote(release.name)}"
            raise self._fault(error, prefix, "failed to encode release", name=release.name) from error
        # a stamp that came with the labels of a query stays as it was, as in Helm
        labels = stamp | release.labels | record_labels(release)
        metadata = {"name": key, "labels": labels}
        thing = {"apiVersion": "v1", "kind": self._kind, "metadata": metadata, "data": {"release": content}}
        if self._type:
            thing["type"] = self._type
        return dumps(thing, separators=(",", ":")).encode()

    def _hinted(self, error: KubernetesError, key: str, body: bytes) -> KubernetesError:
        return hinted(error, key if self._kind == "Secret" else "", len(body) * 3 // 4)

    def _get(self, key: str, namespace: str) -> Release:
        """The release under a key, with all labels."""
        try:
            item = json_object(self.transport.request("GET", self._path(key, namespace)))
        except KubernetesError as error:
            if isinstance(error, ApiError) and error.is_not_found:
                raise ReleaseNotFoundError from error
            raise self._fault(error, f"get: failed to get {quote(key)}", "failed to get release", key=key) from error
        try:
            return self._decode(item)
        except RecordError as error:
            prefix = f"get: failed to decode data {quote(key)}"
            raise self._fault(error, prefix, "failed to decode data", key=key) from error

    def _content(self, item: Mapping[str, Any]) -> bytes:
        data = item.get("data")
        content = data.get("release") if type(data) is dict else None
        return self._unpack(content if type(content) is str else "")

    def _decode(self, item: Mapping[str, Any]) -> Release:
        release = decode(self._content(item))
        release.labels = dict(metadata_of(item).get("labels") or {})
        return release

    def _decoded(self, item: Mapping[str, Any], said: str) -> Release | None:
        """The release in an object; None, and a line for --debug, where it can't be read."""
        try:
            return self._decode(item)
        except RecordError as error:
            self._say(said, key=metadata_of(item).get("name") or "", error=str(error))
            return None

    def _peeked(self, item: Mapping[str, Any]) -> Summary | None:
        from navarch.releases.peek import peek

        try:
            return peek(self._content(item), metadata_of(item).get("labels") or {})
        except RecordError as error:
            self._say("failed to decode release", key=metadata_of(item).get("name") or "", error=str(error))
            return None

    def _asked(self, found: Iterator[T]) -> Iterator[T]:
        def fault(error: KubernetesError) -> Exception:
            return self._fault(error, "query: failed to query with labels", "failed to query with labels")

        return _told(found, fault)

    def _say(self, message: str, **attributes: str) -> None:
        if self.debug is not None:
            self.debug(notice("DEBUG", message, **attributes))


def _told(found: Iterator[T], fault: Callable[[KubernetesError], Exception]) -> Iterator[T]:
    """The same items; errors on the way are told by `fault`."""
    try:
        yield from found
    except KubernetesError as error:
        raise fault(error) from error


def _selector(labels: Mapping[str, str]) -> str:
    for value in labels.values():
        check_label_value(value)
    return ",".join(f"{name}={labels[name]}" for name in sorted(labels))
