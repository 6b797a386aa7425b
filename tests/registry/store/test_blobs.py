"""Blobs: which are kept in memory, and how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from obstore.store import MemoryStore

from navarch.registry.problems import Problem
from navarch.registry.store.blobs import Blobs
from navarch.registry.store.bucket import Bucket
from navarch.registry.store.filesystem import Filesystem

if TYPE_CHECKING:
    from pathlib import Path


class Counting(Bucket):
    """Counts what is read."""

    reads = 0

    def get(self, key: str) -> tuple[bytes, str]:
        self.reads += 1
        return super().get(key)


def test_small_ones_of_a_bucket_are_read_once() -> None:
    objects = Counting(MemoryStore())
    blobs = Blobs(objects)
    small, large = blobs.put(b"small"), blobs.put(b"l" * 300_000)
    for _ in range(3):
        assert (blobs.get(small), len(blobs.get(large))) == (b"small", 300_000)
    assert objects.reads == 1 + 3
    assert (blobs.kept(small), blobs.kept(large)) == (b"small", None)


def test_those_in_memory_are_the_latest_and_not_too_many() -> None:
    blobs = Blobs(Bucket(MemoryStore()))
    digests = [blobs.put(bytes([number]) * (1 << 18)) for number in range(80)]
    for digest in digests:
        blobs.get(digest)
        blobs.get(digests[0])
    kept = [digest for digest in digests if blobs.kept(digest) is not None]
    assert kept == [digests[0], *digests[-63:]]


def test_files_are_not_kept_in_memory(tmp_path: Path) -> None:
    objects = Filesystem(str(tmp_path))
    blobs = Blobs(objects)
    digest = blobs.put(b"a")
    assert blobs.get(digest) == b"a"
    assert blobs.kept(digest) is None
    objects.delete(blobs.key(digest))
    with pytest.raises(Problem):
        blobs.get(digest)
