"""The objects of one kind in one namespace, as they are and as they change: a list, then a watch from there on.

What a reflector is in client-go. A watch that ends or breaks goes on where it was; where the server has forgotten that
place (410 Gone), or says something odd, the objects are listed anew. Only what the caller can't wait for is an error:
not being allowed to look.
"""

from __future__ import annotations

import json
import os
import threading
import time
from typing import NamedTuple

from navarch.errors import ApiError, KubernetesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from navarch.kube.discovery import Mapping
    from navarch.kube.stream import Stream
    from navarch.kube.transport import Transport

    Object = dict[str, Any]

__all__ = ["Changed", "Deleted", "Follower", "Listed", "Unserved"]

_PAGE = 500
_FIRST_PAUSE = 0.2
_MOST_PAUSE = 10.0
_SHORT_WATCH = 1.0  # seconds; a watch that ends sooner, without a word, is not started again at once
_ANSWER_SECONDS = 32.0
_SLIM = "application/json;as={};g=meta.k8s.io;v=v1,application/json"


class Listed(NamedTuple):
    """All objects that are there, of those that are looked for."""

    objects: list[Object]


class Changed(NamedTuple):
    """An object is new or has changed."""

    object: Object


class Deleted(NamedTuple):
    """An object is gone; this is what it last was."""

    object: Object


class Unserved(NamedTuple):
    """The server doesn't know the kind (any more)."""


class Follower:
    """Iterating yields Listed, then whatever happens, until `close` is called, which any thread may do.

    `names` are the objects that are looked for, `selector` a field selector that keeps others away. With `slim`, of
    each only its metadata is fetched. The watch begins once `watching` is set. `trouble` is what last went wrong that
    will be tried again, "" when all is well. Iterating raises KubernetesError, worded as client-go does, where listing
    or watching is forbidden, unless `stubborn`.
    """

    def __init__(
        self,
        transport: Transport,
        mapping: Mapping,
        namespace: str,
        names: frozenset[str],
        *,
        selector: str = "",
        slim: bool = False,
        stubborn: bool = False,
    ) -> None:
        self.mapping = mapping
        self.names = names
        self.slim = slim
        self.watching = threading.Event()
        self.trouble = ""
        self._transport = transport
        self._path = mapping.path(namespace)
        self._selector = selector
        self._stubborn = stubborn
        self._by_name = len(names) == 1
        self._version = ""
        self._pause = _FIRST_PAUSE
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._stream: Stream | None = None

    def close(self) -> None:
        """End the iteration, in whatever it is waiting for (an answer excepted, which then comes to nothing)."""
        self._closed.set()
        self.watching.set()
        with self._lock:
            if self._stream:
                self._stream.close()

    def __iter__(self) -> Iterator[Listed | Changed | Deleted | Unserved]:
        while not self._closed.is_set():
            try:
                if not self._version:
                    listed = self._list()
                    self._well()
                    yield Listed(listed)
                    self.watching.wait()
                else:
                    yield from self._watch()
            except ApiError as error:
                if error.is_not_found and not self._closed.is_set():
                    yield Unserved()
                self._after(error)
            except KubernetesError as error:
                self._after(error)

    def _well(self) -> None:
        self.trouble = ""
        self._pause = _FIRST_PAUSE

    def _after(self, error: KubernetesError) -> None:
        """What follows a failure: begin anew, at once or after a while. Raises the error if that is no use."""
        if self._closed.is_set():
            return
        watched, self._version = self._version, ""
        if isinstance(error, ApiError):
            if error.is_gone or error.is_expired:
                return
            if error.is_forbidden and self._by_name and not self._stubborn:
                # Who may look at single objects may not need more; but who may not is told of the whole kind.
                self._by_name = False
                return
            if error.is_forbidden and not self._stubborn:
                raise error if watched else error.within(f"failed to list {self.mapping.gvk}")
        else:
            self._version = watched  # nothing is wrong with the place, so go on from there
        self.trouble = error.message
        self._rest()

    def _rest(self) -> None:
        self._closed.wait(self._pause * (0.5 + os.urandom(1)[0] / 256))
        self._pause = min(self._pause * 2, _MOST_PAUSE)

    def _selection(self) -> list[tuple[str, str]]:
        """The part of a query that keeps away what nobody looks for."""
        if self._by_name:
            (name,) = self.names
            return [("fieldSelector", f"metadata.name={name}")]
        return [("fieldSelector", self._selector)] if self._selector else []

    def _accept(self, form: str) -> str:
        return _SLIM.format(form) if self.slim else "application/json"

    def _list(self) -> list[Object]:
        """The objects that are looked for; notes the version from which to watch. Raises KubernetesError."""
        query = [("limit", str(_PAGE)), *self._selection()]
        accept = self._accept("PartialObjectMetadataList")
        found: list[Object] = []
        more: list[tuple[str, str]] = []
        while True:
            answer = self._transport.request(
                "GET", self._path, query=[*query, *more], accept=accept, timeout=_ANSWER_SECONDS
            ).json()
            try:
                found += [self._named(one) for one in answer.get("items") or [] if _name(one) in self.names]
                metadata = answer.get("metadata") or {}
            except (AttributeError, TypeError) as error:
                raise ApiError("the server's answer is not a list of objects", code=500) from error
            if not metadata.get("continue"):
                self._version = str(metadata.get("resourceVersion") or "0")
                return found
            more = [("continue", metadata["continue"])]

    def _named(self, obj: Object) -> Object:
        """An object with its kind, which lists leave out and slim objects have another of."""
        return {**obj, "apiVersion": self.mapping.api_version, "kind": self.mapping.kind}

    def _watch(self) -> Iterator[Changed | Deleted]:
        """What happens, until the server ends the watch. Raises KubernetesError."""
        query = [
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", self._version),
            ("timeoutSeconds", str(300 + os.urandom(1)[0])),  # not all at once
            *self._selection(),
        ]
        began, heard = time.monotonic(), False
        accept = self._accept("PartialObjectMetadata")
        with self._transport.stream("GET", self._path, query=query, accept=accept, timeout=_ANSWER_SECONDS) as stream:
            if not self._hold(stream):
                return
            for line in stream:
                change = self._change(line)
                heard = True
                self._well()
                if change:
                    yield change
        if not heard and time.monotonic() - began < _SHORT_WATCH:
            self._rest()

    def _hold(self, stream: Stream) -> bool:
        """Let `close` know of the stream; False where it has been called already."""
        with self._lock:
            self._stream = stream
        return not self._closed.is_set()

    def _change(self, line: bytes) -> Changed | Deleted | None:
        """What a line of a watch says of an object that is looked for. Raises ApiError for the server's complaints."""
        try:
            event = json.loads(line)
            kind, obj = event["type"], event["object"]
        except (ValueError, KeyError, TypeError) as error:
            raise _odd(line) from error
        if type(obj) is not dict:
            raise _odd(line)
        if kind == "ERROR":
            from navarch.kube.status import status_error

            raise status_error(obj)
        self._version = str((obj.get("metadata") or {}).get("resourceVersion") or self._version)
        if kind == "BOOKMARK" or _name(obj) not in self.names:
            return None
        return Deleted(self._named(obj)) if kind == "DELETED" else Changed(self._named(obj))


def _odd(line: bytes) -> ApiError:
    """An error that leads to listing anew."""
    return ApiError(f"unable to decode an event from the watch stream: {line[:80]!r}", code=500)


def _name(obj: Object) -> str:
    name = (obj.get("metadata") or {}).get("name")
    return name if type(name) is str else ""
