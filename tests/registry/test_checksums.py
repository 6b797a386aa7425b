"""Checksums of texts in a row against zlib's of the whole."""

from __future__ import annotations

import zlib

from hypothesis import given
from hypothesis import strategies as st

from navarch.registry.checksums import shift, times


@given(st.binary(max_size=300), st.binary(max_size=300), st.integers(0, 5000))
def test_of_two_texts(before: bytes, after: bytes, often: int) -> None:
    text = after * often
    assert times(shift(len(text)), zlib.crc32(before)) ^ zlib.crc32(text) == zlib.crc32(before + text)
