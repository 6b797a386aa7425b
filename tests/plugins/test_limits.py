"""Limits of memory that are written into modules."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import PluginError
from navarch.plugins.limits import with_limit

HEAD = b"\0asm\1\0\0\0"
TYPES = b"\1\4\1\x60\0\0"  # one type: a function of nothing to nothing
AFTER = b"\7\1\0"  # no exports


def leb(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def module(*memories):
    content = leb(len(memories)) + b"".join(memories)
    return HEAD + TYPES + b"\5" + leb(len(content)) + content + AFTER


def memory(fewest, most=None):
    return b"\0" + leb(fewest) if most is None else b"\1" + leb(fewest) + leb(most)


@given(st.integers(0, 65536), st.one_of(st.none(), st.integers(0, 65536)), st.integers(1, 65536))
def test_the_smaller_maximum_counts(fewest, most, pages):
    if fewest > pages:
        with pytest.raises(PluginError, match=f"{fewest} pages of memory over limit of {pages}$"):
            with_limit(module(memory(fewest, most)), pages)
    else:
        expected = pages if most is None else min(most, pages)
        assert with_limit(module(memory(fewest, most)), pages) == module(memory(fewest, expected))


def test_each_memory():
    assert with_limit(module(memory(1), memory(2, 3)), 200) == module(memory(1, 200), memory(2, 3))


def test_without_memory():
    assert with_limit(HEAD + TYPES + AFTER, 1) == HEAD + TYPES + AFTER


def test_what_is_not_a_binary_module():
    assert with_limit(b"(module (memory 9))", 1) == b"(module (memory 9))"


def test_memories_of_other_kinds_are_left_alone():
    assert with_limit(module(b"\3\1\2"), 200) == module(b"\3\1\2")


@given(st.binary(max_size=40))
def test_garbage(data):
    with contextlib.suppress(PluginError):
        with_limit(HEAD + data, 4)


@given(st.integers(0, len(module(memory(1, 300)))))
def test_modules_that_are_cut_off(size):
    with_limit(module(memory(1, 300))[:size], 4)
