"""Exchanges with any server: which connections are shared and kept, and what there is when nobody answers."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from navarch.errors import DownloadError
from navarch.golang.url import parse_url
from navarch.kube.net.access import Access
from navarch.kube.net.pools import Exchange, Pools, UnansweredError
from support.httpd import Httpd, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = Access()


@pytest.fixture
def pools() -> Iterator[Pools]:
    with Pools() as made:
        yield made


def ask(pools: Pools, url: str, access: Access = PLAIN, *, method: str = "GET", seconds: float = 5) -> Exchange:
    parsed = parse_url(url)
    text = f"{method} {parsed.path or '/'} HTTP/1.1\r\nHost: {parsed.host}\r\n\r\n".encode()
    deadline = time.monotonic() + seconds
    return pools.exchange(parsed, access, lambda one, _: one.send(text), method=method, deadline=deadline)


def test_an_answer_is_read_and_its_connection_used_again(pools: Pools) -> None:
    with Httpd(lambda _: answer(body=b"hello")) as server:
        for _ in range(2):
            found = ask(pools, f"{server.url}/a")
            assert (found.head.status, found.length, b"".join(found.pieces())) == (200, 5, b"hello")
            found.finish()
        assert server.connections == 1


def test_who_shows_a_certificate_has_connections_of_its_own(pools: Pools) -> None:
    with Httpd(lambda _: answer()) as server:
        for access in (PLAIN, Access(username="jane"), Access(insecure_skip_tls_verify=True), PLAIN):
            ask(pools, server.url, access).finish()
        assert server.connections == 2


@pytest.mark.parametrize(("size", "connections"), [(0, 1), (1 << 16, 1), ((1 << 16) + 1, 2)])
def test_short_answers_that_nobody_wants_are_read(pools: Pools, size: int, connections: int) -> None:
    with Httpd(lambda _: answer(body=b"x" * size)) as server:
        ask(pools, server.url).drop()
        ask(pools, server.url).drop()
        assert server.connections == connections


@pytest.mark.parametrize("end", ["discard", "drop"])
def test_a_server_that_closes_is_not_asked_on_that_connection_again(pools: Pools, end: str) -> None:
    with Httpd(lambda _: answer(connection="close")) as server:
        getattr(ask(pools, server.url), end)()
        ask(pools, server.url).finish()
        assert server.connections == 2


def test_a_length_is_unknown_where_nothing_is_said(pools: Pools) -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
    with Httpd(lambda _: chunks) as server:
        found = ask(pools, server.url)
        assert (found.length, b"".join(found.pieces())) == (None, b"ab")
        found.finish()


def test_nobody_is_there(pools: Pools) -> None:
    with Httpd(lambda _: answer()) as server:
        url = server.url
    with pytest.raises(UnansweredError, match="connect: connection refused") as caught:
        ask(pools, url)
    assert (caught.value.sent, caught.value.timeout) == (False, False)


def test_a_server_that_hangs_up(pools: Pools) -> None:
    with Httpd(lambda _: None) as server, pytest.raises(UnansweredError, match=r"^EOF$") as caught:
        ask(pools, server.url)
    assert (caught.value.sent, caught.value.timeout) == (True, False)
    assert len(server.requests) == 1


def test_a_server_that_says_nothing(pools: Pools) -> None:
    over = threading.Event()
    with Httpd(lambda _: b"" if over.wait(300) else None) as server:
        with pytest.raises(UnansweredError) as caught:
            ask(pools, server.url, seconds=2.0)
        over.set()
    assert (caught.value.sent, caught.value.timeout) == (True, True)


def test_settings_that_can_not_be_used(pools: Pools) -> None:
    with pytest.raises(DownloadError, match="can't read CA file"):
        ask(pools, "https://127.0.0.1:1", Access(ca_file="/nowhere"))
