"""Objects in a bucket (S3, Google, Azure) or in memory, by obstore."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from navarch.registry.store.bucket_errors import explain, is_without_bucket
from navarch.registry.store.objects import AbsentError, ChangedError, Entry, StorageError, TakenError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from obstore.store import ObjectStore

__all__ = ["Bucket"]

_PIECE = 1 << 20
_ONE_REQUEST = 8 << 20  # bytes that are sent at once; more goes in parts, so that a slow line is no silence
_PARTS = 4  # of them at the same time


class Bucket:
    """Objects in one of obstore's stores, which need to know create-only and conditional writes.

    `name` is what problems are told of: "bucket charts".
    """

    def __init__(self, store: ObjectStore, name: str = "the bucket") -> None:
        import obstore

        self._store = store
        self._api = obstore
        self._name = name

    def check(self) -> None:
        try:
            self.get("ready")
        except AbsentError:
            pass

    def get(self, key: str) -> tuple[bytes, str]:
        with self._failures(key):
            found = self._api.get(self._store, key)
            return bytes(found.bytes()), _mark(found.meta)

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        options: Any = {"range": (start, end)} if end is not None else {"range": {"offset": start}} if start else {}
        with self._failures(key):
            return self._pieces(key, self._api.get(self._store, key, options=options))

    def _pieces(self, key: str, found: Any) -> Iterator[bytes]:
        with self._failures(key):
            for piece in found.stream(min_chunk_size=_PIECE):
                yield bytes(piece)

    def head(self, key: str) -> Entry | None:
        try:
            with self._failures(key):
                return _entry(self._api.head(self._store, key))
        except AbsentError:
            return None

    def path(self, key: str) -> str | None:  # noqa: ARG002 - no file
        return None

    def create(self, key: str, data: bytes) -> str:
        return self._put(key, data, "create")

    def swap(self, key: str, data: bytes, mark: str) -> str:
        tag, _, version = mark.partition(" ")
        try:
            with self._failures(key):
                mode: Any = {"e_tag": tag, "version": version} if version else {"e_tag": tag}
                return _mark(self._api.put(self._store, key, data, mode=mode, use_multipart=False))
        except AbsentError:
            raise ChangedError(key) from None

    def put(self, key: str, data: bytes, *, durable: bool = True) -> str:  # noqa: ARG002 - it always is
        if len(data) <= _ONE_REQUEST:
            return self._put(key, data, "overwrite")
        with self._failures(key, absent=False):
            return _mark(self._api.put(self._store, key, data, max_concurrency=_PARTS))

    def _put(self, key: str, data: bytes, mode: Any) -> str:
        with self._failures(key, absent=False):
            return _mark(self._api.put(self._store, key, data, mode=mode, use_multipart=False))

    def touch(self, key: str) -> None:
        self.put(key, secrets.token_hex(8).encode())

    def put_file(self, key: str, path: str) -> None:
        with open(path, "rb") as file, self._failures(key, absent=False):
            self._api.put(self._store, key, file, max_concurrency=_PARTS)

    def copy(self, key: str, target: str) -> None:
        with self._failures(key):
            self._api.copy(self._store, key, target)

    def delete(self, key: str) -> None:
        try:
            with self._failures(key):
                self._api.delete(self._store, key)
        except AbsentError:
            pass

    def entries(self, prefix: str, after: str = "") -> Iterator[Entry]:
        with self._failures(prefix, absent=False):
            for found in self._api.list(self._store, prefix=prefix, offset=after or None):
                yield from map(_entry, found)

    def keys(self, prefix: str, after: str = "") -> list[str]:
        return [entry.key for entry in self.entries(prefix, after)]

    def children(self, prefix: str) -> list[str]:
        with self._failures(prefix, absent=False):
            found = self._api.list_with_delimiter(self._store, prefix=prefix or None)
            return sorted(path.rstrip("/").rpartition("/")[2] for path in found["common_prefixes"])

    @contextmanager
    def _failures(self, key: str, *, absent: bool = True) -> Iterator[None]:
        """Turn obstore's errors into ours. Where nothing can be `absent`, what isn't found is the bucket."""
        from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, PreconditionError

        try:
            yield
        except AlreadyExistsError:
            raise TakenError(key) from None
        except PreconditionError:
            raise ChangedError(key) from None
        except (BaseError, OSError) as error:
            found = isinstance(error, FileNotFoundError | NotFoundError)
            if found and absent and not is_without_bucket(str(error)):
                raise AbsentError(key) from None
            raise StorageError(f"storage: {self._name}: {explain(str(error))}") from error


def _mark(found: Any) -> str:
    """What a swap names: S3 and Azure know an object by its ETag, Google by its generation."""
    version = found.get("version")
    return f"{found['e_tag'] or ''} {version}" if version else found["e_tag"] or ""


def _entry(found: Any) -> Entry:
    """Azure has ETags in quotes, but in listings without."""
    return Entry(found["path"], found["size"], (found["e_tag"] or "").strip('"'), found["last_modified"].timestamp())
