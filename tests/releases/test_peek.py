"""What lists show of a record is the same, whether its ends are looked at or all of it is read."""

from __future__ import annotations

import gzip
import json
import os
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given

from navarch.errors import RecordError
from navarch.releases import peek as module
from navarch.releases.codec import decode, encode
from navarch.releases.drivers.base import summary
from navarch.releases.model import Info, Release
from navarch.releases.peek import peek
from releases.test_codec import RECORD, RELEASES, packed

HERE = os.path.dirname(os.path.abspath(__file__))


@given(RELEASES)
def test_both_ways_agree(release: Release):
    stored = encode(release)
    assert peek(stored, {}) == summary(decode(stored))


def test_helms_record_is_not_read_whole(monkeypatch: pytest.MonkeyPatch):
    stored = b64encode(gzip.compress(RECORD))
    whole = summary(decode(stored))

    def refuse(_: bytes) -> None:
        raise AssertionError("read whole")

    monkeypatch.setattr(module, "decode_json", refuse)
    assert peek(stored, {}) == whole


@pytest.mark.parametrize(
    "manifest",
    ['"},"version":7,"namespace":"x"}', ',"version":7,"namespace":"x"}', 'a\\",\\"version\\":9}'],
)
def test_texts_that_look_like_the_end_are_no_end(manifest: str):
    release = Release("r", "n", 3, info=Info(status="deployed"), chart={"metadata": None}, manifest=manifest)
    found = peek(encode(release), {"a": "b"})
    assert (found.revision, found.namespace, found.chart, found.labels) == (3, "n", "MISSING", {"a": "b"})


@pytest.mark.parametrize(
    "record",
    [
        {"version": 2, "name": "r", "info": {"status": "failed"}, "namespace": "n"},
        {"name": "r", "info": {"status": "failed"}, "chart": {"metadata": {"name": "c", "version": "1"}}, "version": 2},
        {"name": "r", "info": {"status": "failed"}, "chart": None, "config": {"version": 5}, "namespace": "n"},
        {"name": "r", "info": {"last_deployed": ""}, "chart": {"metadata": {}}, "version": 2, "new": 1},
    ],
)
def test_records_written_otherwise_are_read_whole(record: dict[str, Any]):
    stored = packed(json.dumps(record, separators=(",", ":")).encode())
    assert peek(stored, {}) == summary(decode(stored))


@pytest.mark.parametrize("record", [b"hello", {"name": "r"}, {"name": 1, "info": {}}, []])
def test_what_cannot_be_read_is_refused(record: Any):
    with pytest.raises(RecordError):
        peek(packed(record), {})
