"""Objects in a bucket (S3, Google, Azure) or in memory, by obstore."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from navarch.registry.store.objects import AbsentError, ChangedError, Entry, StorageError, TakenError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from obstore.store import ObjectStore

__all__ = ["Bucket"]

_PIECE = 1 << 20


class Bucket:
    """Objects in one of obstore's stores, which need to know create-only and conditional writes."""

    def __init__(self, store: ObjectStore) -> None:
        import obstore

        self._store = store
        self._api = obstore

    def get(self, key: str) -> tuple[bytes, str]:
        with _failures(key):
            found = self._api.get(self._store, key)
            return bytes(found.bytes()), found.meta["e_tag"] or ""

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        options: Any = {"range": (start, end)} if end is not None else {"range": {"offset": start}} if start else {}
        with _failures(key):
            return self._pieces(key, self._api.get(self._store, key, options=options))

    @staticmethod
    def _pieces(key: str, found: Any) -> Iterator[bytes]:
        with _failures(key):
            for piece in found.stream(min_chunk_size=_PIECE):
                yield bytes(piece)

    def head(self, key: str) -> Entry | None:
        try:
            with _failures(key):
                return _entry(self._api.head(self._store, key))
        except AbsentError:
            return None

    def path(self, key: str) -> str | None:  # noqa: ARG002 - no file
        return None

    def create(self, key: str, data: bytes) -> str:
        return self._put(key, data, "create")

    def swap(self, key: str, data: bytes, mark: str) -> str:
        try:
            return self._put(key, data, {"e_tag": mark})
        except AbsentError:
            raise ChangedError(key) from None

    def put(self, key: str, data: bytes, *, durable: bool = True) -> str:  # noqa: ARG002 - it always is
        return self._put(key, data, "overwrite")

    def _put(self, key: str, data: bytes, mode: Any) -> str:
        with _failures(key):
            return self._api.put(self._store, key, data, mode=mode, use_multipart=False)["e_tag"] or ""

    def put_file(self, key: str, path: str) -> None:
        with _failures(key), open(path, "rb") as file:
            self._api.put(self._store, key, file)

    def copy(self, key: str, target: str) -> None:
        with _failures(key):
            self._api.copy(self._store, key, target)

    def delete(self, key: str) -> None:
        try:
            with _failures(key):
                self._api.delete(self._store, key)
        except AbsentError:
            pass

    def entries(self, prefix: str, after: str = "") -> Iterator[Entry]:
        with _failures(prefix):
            for found in self._api.list(self._store, prefix=prefix, offset=after or None):
                yield from map(_entry, found)

    def keys(self, prefix: str, after: str = "") -> list[str]:
        return [entry.key for entry in self.entries(prefix, after)]

    def children(self, prefix: str) -> list[str]:
        with _failures(prefix):
            found = self._api.list_with_delimiter(self._store, prefix=prefix or None)
            return sorted(path.rstrip("/").rpartition("/")[2] for path in found["common_prefixes"])


@contextmanager
def _failures(key: str) -> Iterator[None]:
    from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, PreconditionError

    try:
        yield
    except (FileNotFoundError, NotFoundError):
        raise AbsentError(key) from None
    except AlreadyExistsError:
        raise TakenError(key) from None
    except PreconditionError:
        raise ChangedError(key) from None
    except (BaseError, OSError) as error:
        first = str(error).partition("\n")[0]
        raise StorageError(f"storage: {first}") from error


def _entry(found: Any) -> Entry:
    return Entry(found["path"], found["size"], found["e_tag"] or "", found["last_modified"].timestamp())
