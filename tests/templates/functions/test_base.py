"""sprig's b64 and b32 functions; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import pytest

BASE64 = [
    ("b64enc", ("żółw\n",), '"xbzDs8WCdwo="'),
    ("b64enc", ("",), '""'),
    ("b64dec", ("xbzDs8WCdw==",), '"żółw"'),
    ("b64dec", ("YWJj\r\nZGVm\n",), '"abcdef"'),
    ("b64dec", ("//79",), '"\\xff\\xfe\\xfd"'),
    ("b64dec", ("YWI=",), '"ab"'),
    ("b64dec", ("YWI",), '"illegal base64 data at input byte 0"'),
    ("b64dec", ("YWI=x",), '"illegal base64 data at input byte 4"'),
    ("b64dec", ("YWI==",), '"illegal base64 data at input byte 4"'),
    ("b64dec", ("YQ=x",), '"illegal base64 data at input byte 2"'),
    ("b64dec", ("YQ=",), '"illegal base64 data at input byte 3"'),
    ("b64dec", ("Y===",), '"illegal base64 data at input byte 1"'),
    ("b64dec", ("=",), '"illegal base64 data at input byte 0"'),
    ("b64dec", ("Y!Jj",), '"illegal base64 data at input byte 1"'),
    ("b64dec", ("YW\nJ",), '"illegal base64 data at input byte 1"'),
    ("b64dec", ("YWJjYQ=\n=\nx",), '"illegal base64 data at input byte 10"'),
    ("b64dec", ("ż",), '"illegal base64 data at input byte 0"'),
]

BASE32 = [
    ("b32enc", ("żółw",), '"YW6MHM6FQJ3Q===="'),
    ("b32enc", ("a",), '"ME======"'),
    ("b32enc", ("",), '""'),
    ("b32dec", ("MFRGG===",), '"abc"'),
    ("b32dec", ("ME======",), '"a"'),
    ("b32dec", ("MFRGGZDF",), '"abcde"'),
    ("b32dec", ("MF\nRGG===",), '"abc"'),
    ("b32dec", ("MFRGG",), '"illegal base32 data at input byte 0"'),
    ("b32dec", ("MFRGG==",), '"illegal base32 data at input byte 7"'),
    ("b32dec", ("MFR=====",), '"illegal base32 data at input byte 3"'),
    ("b32dec", ("mfrgg===",), '"illegal base32 data at input byte 0"'),
    ("b32dec", ("MFRGG==X",), '"illegal base32 data at input byte 6"'),
    ("b32dec", ("MF=====",), '"illegal base32 data at input byte 7"'),
    ("b32dec", ("M=======",), '"illegal base32 data at input byte 1"'),
    ("b32dec", ("MF1GG===",), '"illegal base32 data at input byte 2"'),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), BASE64)
def test_base64(call, name, arguments, expected):
    assert call(name, *arguments) == expected


@pytest.mark.parametrize(("name", "arguments", "expected"), BASE32)
def test_base32(call, name, arguments, expected):
    assert call(name, *arguments) == expected
