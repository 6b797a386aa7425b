"""What the spaces of a registry refer to, read from storage itself: what must stay when the rest is collected."""

from __future__ import annotations

import json
from typing import NamedTuple

from navarch.registry.store.blobs import Blobs, is_digest
from navarch.registry.store.catalog import Catalog, record_key
from navarch.registry.store.objects import AbsentError, StorageError
from navarch.registry.store.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from navarch.registry.store.objects import Entry, Objects

__all__ = ["Link", "References", "key_parts", "look", "manifest_fields", "records_in", "space_prefixes"]


class Link(NamedTuple):
    """A key that says that a repository has a blob: the repository's prefix, the digest, the key as it is listed."""

    place: str
    digest: str
    entry: Entry


class References:
    """What was found.

    `prefixes` are those of all spaces, by name; `wanted` the digests of all blobs that have to stay; `named` those that
    the manifests of a repository name, by its prefix; `links` the links that no manifest of their repository needs, and
    that are older than was asked for; `uploads` the keys of each upload that isn't finished.
    """

    def __init__(self) -> None:
        self.prefixes: dict[str, str] = {}
        self.wanted: set[str] = set()
        self.named: dict[str, set[str]] = {}
        self.links: list[Link] = []
        self.uploads: list[list[Entry]] = []


def look(objects: Objects, before: float) -> References:
    """Read all that refers to anything. What a link names that is younger than `before` (a time) is wanted, too.

    Raises StorageError, also for what can't be read: it may refer to anything.
    """
    found = References()
    for name, prefix in space_prefixes(objects):
        found.prefixes[name] = prefix
        for record in records_in(objects, prefix):
            found.wanted.update((record.digest, record.config, record.manifest, record.prov))
        _look_at_repositories(objects, prefix, before, found)
    return found


def space_prefixes(objects: Objects) -> Iterator[tuple[str, str]]:
    """The names of all spaces, and the prefixes of their keys. Raises StorageError."""
    for entry in objects.entries("spaces"):
        prefix = _prefix(objects, entry.key)
        if prefix:
            yield entry.key.rpartition("/")[2], prefix


def _prefix(objects: Objects, key: str) -> str:
    """The prefix of a space's keys; "" if the space was removed at this moment."""
    try:
        return str(json.loads(objects.get(key)[0])["prefix"])
    except AbsentError:
        return ""
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(key) from error


def records_in(objects: Objects, prefix: str) -> Iterator[Record]:
    """The records of a space. Raises StorageError, also for one that can't be read."""
    keys = set()
    for record in Catalog(objects, prefix, lambda: True).read().records():
        keys.add(record_key(prefix, record.chart, record.version))
        yield record
    for entry in objects.entries(f"{prefix}/charts"):
        if entry.key not in keys:  # written at this moment, or damaged
            yield from _record(objects, entry.key)


def _record(objects: Objects, key: str) -> tuple[Record, ...]:
    try:
        return (Record.decode(objects.get(key)[0]),)
    except AbsentError:
        return ()
    except (ValueError, TypeError) as error:
        raise _damaged(key) from error


def _look_at_repositories(objects: Objects, prefix: str, before: float, found: References) -> None:
    """Add what OCI clients pushed into a space."""
    links: list[Link] = []
    named: dict[str, set[str]] = {}
    uploads: dict[str, list[Entry]] = {}
    for entry in objects.entries(f"{prefix}/oci"):
        place, kind, rest = key_parts(entry.key)
        if kind == "manifests":
            digest = rest.replace("/", ":", 1)
            named.setdefault(place, set()).update((digest, *_named_by(objects, digest)))
        elif kind == "blobs":
            links.append(Link(place, rest.replace("/", ":", 1), entry))
        elif kind == "uploads":
            uploads.setdefault(f"{place}/{rest.partition('/')[0]}", []).append(entry)
    for digests in named.values():
        found.wanted |= digests
    for link in links:
        if link.entry.modified >= before:
            found.wanted.add(link.digest)
        elif link.digest not in named.get(link.place, ()):
            found.links.append(link)
    found.named.update(named)
    found.uploads.extend(uploads.values())


def key_parts(key: str) -> tuple[str, str, str]:
    """The repository's prefix, kind and rest of "data/ID/oci/REPOSITORY/_KIND/REST"."""
    place, _, rest = key.partition("/_")
    kind, _, rest = rest.partition("/")
    return place, kind, rest


def manifest_fields(objects: Objects, digest: str) -> dict[str, Any]:
    """A manifest's fields, also of one that is set aside; none if it isn't there any more.

    Raises StorageError for one that can't be read.
    """
    for key in (Blobs.key(digest), Blobs.aside(digest), Blobs.key(digest)):  # it may be put back at this moment
        try:
            fields = json.loads(objects.get(key)[0])
        except AbsentError:
            continue
        except (ValueError, RecursionError) as error:
            raise _damaged(digest) from error
        if not isinstance(fields, dict):
            raise _damaged(digest)
        return fields
    return {}


def _named_by(objects: Objects, digest: str) -> Iterator[str]:
    """The digests in a manifest."""
    fields = manifest_fields(objects, digest)
    parts: list[Any] = [fields.get("config")]
    for name in ("layers", "manifests", "blobs"):
        parts.extend(fields.get(name) or ())
    yield from (part["digest"] for part in parts if isinstance(part, dict) and is_digest(str(part.get("digest"))))


def _damaged(what: str) -> StorageError:
    return StorageError(f"storage: {what} can't be read, so nobody knows what it refers to: nothing is collected")
