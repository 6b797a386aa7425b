"""Answers as they come over a wire: whole, in pieces, broken."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.kube.net.http1 import BrokenError, Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

OK = b"HTTP/1.1 200 OK\r\n"


class Wire:
    """A socket's reading side that hands out prepared pieces, and then nothing."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def recv(self, size: int) -> bytes:
        if not self._pieces:
            return b""
        piece = self._pieces.pop(0)
        if len(piece) > size:
            self._pieces.insert(0, piece[size:])
        return piece[:size]

    def getsockname(self) -> tuple[str, int]:
        return "10.0.0.1", 1

    def getpeername(self) -> tuple[str, int]:
        return "10.0.0.2", 2


def read(data: bytes, *, method: str = "GET", cuts: list[int] | None = None) -> tuple[int, bytes, bool, Connection]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts or []), len(data)]
    connection = Connection(Wire([data[a:b] for a, b in zip(places, places[1:], strict=False)]))  # type: ignore[arg-type]
    head = connection.head()
    body = connection.body(head, method)
    return head.status, body, head.keep, connection


WHOLE = [
    (OK + b"Content-Length: 5\r\n\r\nhello", b"hello", True),
    (OK + b"Content-Length: 0\r\n\r\n", b"", True),
    (OK + b"content-length:5\r\nConnection: close\r\n\r\nhello", b"hello", False),
    (OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", b"hello", True),
    (OK + b"Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", b"", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", b"hello", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n", b"hello", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"", True),
    (OK + b"\r\nto the end", b"to the end", False),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi", False),
    (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi", b"hi", True),
    (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", b"", True),
    (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\nx",
        b"x",
        True,
    ),
    (b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", b"x", True),
    (OK.replace(b"\r", b"") + b"Content-Length: 1\n\nx", b"x", True),
]


@given(st.sampled_from(WHOLE), st.lists(st.integers(0, 500), max_size=8))
def test_whole_answers_in_any_pieces(case: tuple[bytes, bytes, bool], cuts: list[int]) -> None:
    data, body, keep = case
    assert read(data, cuts=cuts)[1:3] == (body, keep)


def test_answers_to_head_have_no_body() -> None:
    assert read(OK + b"Content-Length: 5\r\n\r\n", method="HEAD")[1] == b""


def test_two_answers_on_one_connection() -> None:
    one = OK + b"Content-Length: 1\r\n\r\na"
    *_, connection = read(one + one.replace(b"\r\n\r\na", b"\r\n\r\nb"))
    assert connection.body(connection.head(), "GET") == b"b"
    assert connection.used == 2


def test_headers() -> None:
    *_, connection = read(
        OK + b"Content-Length: 0\r\n\r\n" + OK + b"A: 1\r\na:2 \r\nLong: x\r\n  y\r\nContent-Length: 0\r\n\r\n"
    )
    assert connection.head().headers == {"a": "1, 2", "long": "x y", "content-length": "0"}


BROKEN = [
    (b"", "EOF", False),
    (b"HTTP/1.1 2", "unexpected EOF", True),
    (b"garbage\r\n\r\n", 'malformed HTTP response "garbage"', True),
    (b"gar", 'malformed HTTP response "gar"', True),
    (b"\x00\xff\r\n\r\n", 'malformed HTTP response "\\x00\\xff"', True),
    (b"HTTP/1.1\r\n\r\n", 'malformed HTTP response "HTTP/1.1"', True),
    (b"HTTP/1.1 abc\r\n\r\n", 'malformed HTTP status code "abc"', True),
    (b"HTTP/9 200 OK\r\n\r\n", 'malformed HTTP version "HTTP/9"', True),
    (OK + b"foo\r\n\r\n", 'malformed MIME header: missing colon: "foo"', True),
    (OK + b"Content-Length: x\r\n\r\n", 'bad Content-Length "x"', True),
    (OK + b"Content-Length: -1\r\n\r\n", 'bad Content-Length "-1"', True),
    (
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        'http: message cannot contain multiple Content-Length headers; got ["5" "6"]',
        True,
    ),
    (OK + b"Transfer-Encoding: gzip\r\n\r\n", 'unsupported transfer encoding: "gzip"', True),
    (OK + b"Content-Length: 9\r\n\r\nshort", "unexpected EOF", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n", "unexpected EOF", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "unexpected EOF", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello", "unexpected EOF", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "invalid byte in chunk length", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", "invalid byte in chunk length", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabcd", "malformed chunked encoding", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 5000, "header line too long", True),
    (OK + b"A: " + b"x" * (1 << 20), "net/http: server response headers exceeded 1048576 bytes; aborted", True),
]


@pytest.mark.parametrize(("data", "words", "received"), BROKEN, ids=range(len(BROKEN)))
def test_broken_answers(data: bytes, words: str, received: bool) -> None:
    with pytest.raises(BrokenError) as caught:
        read(data)
    if words.startswith(("malformed HTTP", "malformed MIME", "bad", "unsupported", "http:")):
        words = f"net/http: HTTP/1.x transport connection broken: {words}"
    assert str(caught.value) == words
    assert caught.value.received == received


@given(st.binary(max_size=200), st.sampled_from([b"", OK, OK + b"Transfer-Encoding: chunked\r\n\r\n"]))
def test_any_bytes_are_an_answer_or_broken(data: bytes, start: bytes) -> None:
    try:
        status, *_ = read(start + data)
    except BrokenError:
        return
    assert 100 <= status <= 999


@contextmanager
def pair() -> Iterator[tuple[Connection, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = socket.create_connection(listener.getsockname())
        other, _ = listener.accept()
        with one, other:
            yield Connection(one), other


def test_deadlines_bound_reading() -> None:
    with pair() as (connection, other):
        other.sendall(OK)
        connection.deadline = 0.0
        with pytest.raises(TimeoutError):
            connection.head()
        connection.unbind()
        other.sendall(b"Content-Length: 0\r\n\r\n")
        assert connection.head().status == 200
