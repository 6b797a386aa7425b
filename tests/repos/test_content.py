"""The content cache: what goes in comes out, and nothing else."""

from __future__ import annotations

import os
import time
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from navarch.errors import IntegrityError
from navarch.repos.content import ContentCache

if TYPE_CHECKING:
    from pathlib import Path


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


@pytest.fixture
def cache(tmp_path: Path) -> ContentCache:
    return ContentCache(str(tmp_path / "content"))


def test_layout(cache: ContentCache, tmp_path: Path) -> None:
    key = cache.put(b"abc")
    assert key == digest(b"abc")
    assert cache.get(key) == str(tmp_path / "content" / "ba" / f"{key}.chart")
    proof = cache.put_signature(key, b"signed")
    assert proof == cache.signature(key) == str(tmp_path / "content" / "ba" / f"{key}.prov")
    assert os.stat(proof).st_mode & 0o777 == 0o644


def test_what_is_not_there(cache: ContentCache) -> None:
    assert cache.get("ab" * 32) is None
    assert cache.signature("ab" * 32) is None
    assert (cache.charts(), cache.prune()) == ([], [])


def test_another_content_than_promised(cache: ContentCache) -> None:
    with pytest.raises(IntegrityError, match=f"digest is sha256:{digest(b'abc')}, not sha256:{'ab' * 32}"):
        cache.put(b"abc", "ab" * 32)
    assert cache.charts() == []
    assert os.listdir(os.path.join(cache.root, "arriving")) == []


@pytest.mark.parametrize("damage", [b"", b"abd"])
def test_damage(cache: ContentCache, damage: bytes) -> None:
    key = cache.put(b"abc")
    with open(cache.path(key), "wb") as file:
        file.write(damage)
    assert cache.get(key) is None
    cache.put(b"abc", key)
    assert cache.get(key)


def test_what_breaks_off_leaves_nothing(cache: ContentCache) -> None:
    def fail() -> None:
        with cache.receive() as receiver:
            receiver(b"abc")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert cache.charts() == []
    assert os.listdir(os.path.join(cache.root, "arriving")) == []


def test_pruning(cache: ContentCache) -> None:
    now = time.time()
    keys = [cache.put(data * 100) for data in (b"a", b"b", b"c")]
    for days, key in zip((30, 20, 10), keys, strict=True):
        os.utime(cache.path(key), (now - days * 86400,) * 2)
    cache.put_signature(keys[0], b"x" * 50)
    assert [(chart.digest, chart.size, chart.signed) for chart in cache.charts()] == [
        (keys[0], 150, True),
        (keys[1], 100, False),
        (keys[2], 100, False),
    ]
    assert [chart.digest for chart in cache.prune(unused=25 * 86400)] == keys[:1]
    assert cache.signature(keys[0]) is None
    assert [chart.digest for chart in cache.prune(most=100)] == keys[1:2]
    assert cache.prune(most=100) == []
    assert cache.prune(unused=86400 * 15, most=0) == []
    assert [chart.digest for chart in cache.prune()] == keys[2:]
    assert [name for name in os.listdir(cache.root) if name != "arriving"] == []


def test_use_keeps_from_being_pruned(cache: ContentCache) -> None:
    key = cache.put(b"a")
    os.utime(cache.path(key), (1, 1))
    assert cache.get(key)
    assert cache.prune(unused=60) == []


def test_leftovers_are_swept(cache: ContentCache) -> None:
    cache.put(b"a")
    old, new = (os.path.join(cache.root, "arriving", f"{name}.part") for name in ("old", "new"))
    for path in (old, new):
        with open(path, "wb"):
            pass
    os.utime(old, (1, 1))
    cache.prune(unused=60)
    assert (os.path.exists(old), os.path.exists(new)) == (False, True)
