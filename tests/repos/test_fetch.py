"""Fetching: who gets credentials, where redirects lead, what is refused, in which words."""

from __future__ import annotations

import base64
import threading
import time
from typing import TYPE_CHECKING

import pytest

from navarch.errors import DownloadError, IntegrityError
from navarch.kube.net.access import Access
from navarch.repos.fetch import Fetcher
from support.certificates import Authority, server_context
from support.httpd import Httpd, Request, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

JANE = Access(username="jane", password="secret")
BASIC = "Basic " + base64.b64encode(b"jane:secret").decode()


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(timeout=120) as made:
        yield made


def serving(data: bytes | None) -> Callable[[Request], bytes | None]:
    return lambda _request: data


def redirect(target: str, code: int = 302) -> bytes:
    return answer(code, reason="Found", location=target)


def test_content_headers_and_who_asks(fetcher: Fetcher) -> None:
    with Httpd(serving(answer(body=b"hello", etag='"1"'))) as server:
        found = fetcher.get(f"{server.url}/a%20b?c=d#e", accept="text/plain")
    assert (found.data, found.size, found.status, found.headers["etag"]) == (b"hello", 5, 200, '"1"')
    (request,) = server.requests
    assert request.target == "/a%20b?c=d"
    assert request.headers == {"host": server.address, "user-agent": "Helm/4.3.1", "accept": "text/plain"}


def test_connections_are_used_again_and_replaced(fetcher: Fetcher) -> None:
    with Httpd(serving(answer(body=b"x"))) as server:
        assert fetcher.get(server.url).data == fetcher.get(f"{server.url}/y").data
        assert server.connections == 1
        server.drop()
        time.sleep(0.05)
        assert fetcher.get(server.url).data == b"x"
        assert server.connections == 2


def test_pieces_go_to_the_sink(fetcher: Fetcher) -> None:
    body = bytes(range(256)) * 4096
    told: list[tuple[int, int | None]] = []
    fetcher.progress = lambda _url, size, total: told.append((size, total))
    pieces: list[bytes] = []
    with Httpd(serving(answer(body=body))) as server:
        found = fetcher.get(server.url, sink=pieces.append)
    assert (b"".join(pieces), found.data) == (body, b"")
    assert len(pieces) > 1
    assert told[-1] == (len(body), len(body))


@pytest.mark.parametrize(
    ("access", "owner", "sent"),
    [
        (JANE, None, True),
        (JANE, "{url}/charts", True),
        (JANE, "http://127.0.0.1:1", False),
        (JANE, "https://{address}", False),
        (JANE.but(pass_credentials=True), "http://127.0.0.1:1", True),
        (Access(username="jane"), None, False),
    ],
)
def test_credentials_go_to_their_server(fetcher: Fetcher, access: Access, owner: str | None, sent: bool) -> None:
    with Httpd(serving(answer())) as server:
        where = owner.format(url=server.url, address=server.address) if owner else None
        fetcher.get(f"{server.url}/x", access=access, owner=where)
    assert server.requests[0].headers.get("authorization") == (BASIC if sent else None)


def test_credentials_in_an_address(fetcher: Fetcher) -> None:
    with Httpd(serving(answer())) as server:
        fetcher.get(f"http://jane:secret@{server.address}/x")
    assert server.requests[0].headers["authorization"] == BASIC


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_on_the_server_keep_credentials(fetcher: Fetcher, code: int) -> None:
    with Httpd(lambda r: redirect("../b", code) if r.target == "/x/a" else answer(body=b"b")) as server:
        found = fetcher.get(f"{server.url}/x/a", access=JANE)
    assert (found.data, found.url) == (b"b", f"{server.url}/b")
    assert [request.headers["authorization"] for request in server.requests] == [BASIC, BASIC]


def test_redirects_elsewhere_lose_credentials_for_good(fetcher: Fetcher) -> None:
    with (
        Httpd(lambda r: redirect(f"{other.url}/b") if r.target == "/a" else answer(body=b"c")) as server,
        Httpd(lambda _: redirect(f"{server.url}/c")) as other,
    ):
        assert fetcher.get(f"{server.url}/a", access=JANE, accept="x/y").data == b"c"
    assert [r.headers.get("authorization") for r in server.requests] == [BASIC, None]
    assert other.requests[0].headers.get("authorization") is None
    assert other.requests[0].headers["accept"] == "x/y"


def test_redirects_to_files_are_refused(fetcher: Fetcher) -> None:
    with Httpd(serving(redirect("file:///etc/passwd"))) as server, pytest.raises(DownloadError) as caught:
        fetcher.get(f"{server.url}/a")
    assert str(caught.value) == 'Get "file:///etc/passwd": unsupported protocol scheme "file"'


def test_redirects_end(fetcher: Fetcher) -> None:
    with Httpd(serving(redirect("/again"))) as server, pytest.raises(DownloadError) as caught:
        fetcher.get(f"{server.url}/a")
    assert str(caught.value) == 'Get "/again": stopped after 10 redirects'
    assert len(server.requests) == 10


def test_a_redirect_to_nowhere_is_an_answer(fetcher: Fetcher) -> None:
    with Httpd(serving(answer(302, reason="Found"))) as server, pytest.raises(DownloadError) as caught:
        fetcher.get(f"{server.url}/a")
    assert str(caught.value) == f"failed to fetch {server.url}/a : 302 Found"
    assert caught.value.status == 302


def test_an_unknown_tag_is_asked_for(fetcher: Fetcher) -> None:
    with Httpd(lambda r: answer(304, reason="Not Modified") if "if-none-match" in r.headers else answer()) as server:
        assert fetcher.get(server.url, etag='"7"').status == 304
        assert fetcher.get(server.url).status == 200
    assert server.requests[0].headers["if-none-match"] == '"7"'


def test_a_304_that_nobody_asked_for_is_refused(fetcher: Fetcher) -> None:
    with Httpd(serving(answer(304, reason="Not Modified"))) as server, pytest.raises(DownloadError, match="304"):
        fetcher.get(server.url)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "unexpected EOF"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "unexpected EOF"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "invalid byte in chunk length"),
    ],
)
def test_what_is_cut_off_is_refused(fetcher: Fetcher, data: bytes, message: str) -> None:
    def respond(request: Request) -> None:
        request.sock.sendall(data)

    with Httpd(respond) as server, pytest.raises(IntegrityError) as caught:
        fetcher.get(server.url)
    assert str(caught.value) == message


def test_size_is_refused_early(fetcher: Fetcher) -> None:
    def respond(request: Request) -> None:
        request.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741825\r\n\r\n")
        refused.wait(60)

    refused = threading.Event()
    with Httpd(respond) as server:
        with pytest.raises(IntegrityError, match="1073741825 bytes"):
            fetcher.get(server.url)
        refused.set()
    sent: list[bytes] = []
    chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"64\r\n" + b"x" * 100 + b"\r\n") * 10
    with Httpd(serving(chunk)) as server, pytest.raises(IntegrityError, match="no more than 500"):
        fetcher.get(server.url, limit=500, sink=sent.append)
    assert sum(map(len, sent)) <= 500


def test_time_runs_out() -> None:
    over = threading.Event()

    def late(_request: Request) -> bytes:
        over.wait(60)
        return answer()

    def slow(request: Request) -> None:
        request.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
        over.wait(60)

    exceeded = "context deadline exceeded (Client.Timeout"
    with Fetcher(timeout=0.5) as fetcher, Httpd(late) as first:
        with pytest.raises(DownloadError) as caught:
            fetcher.get(f"{first.url}/x")
        assert str(caught.value) == f'Get "{first.url}/x": {exceeded} exceeded while awaiting headers)'
        assert caught.value.timeout
        over.set()
    over.clear()
    with Fetcher(timeout=5) as fetcher, Httpd(slow) as second:  # in which the headers have to come
        with pytest.raises(DownloadError) as caught:
            fetcher.get(f"{second.url}/x")
        assert str(caught.value) == f"{exceeded} or context cancellation while reading body)"
        over.set()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:1/x", 'Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused'),
        (
            "http://u:p@127.0.0.1:1/x",
            'Get "http://u:***@127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused',
        ),
        ("http:///x", 'Get "http:///x": http: no Host in request URL'),
        ("file:///etc/passwd", 'scheme "file" not supported'),
        ("ftp://x/y", 'scheme "ftp" not supported'),
        ("http://a b/", 'parse "http://a b/": invalid character " " in host name'),
    ],
)
def test_addresses_that_lead_nowhere(fetcher: Fetcher, url: str, message: str) -> None:
    with pytest.raises(DownloadError) as caught:
        fetcher.get(url)
    assert str(caught.value) == message


def test_a_connection_that_ends(fetcher: Fetcher) -> None:
    with Httpd(serving(None)) as server, pytest.raises(DownloadError) as caught:
        fetcher.get(f"{server.url}/x")
    assert str(caught.value) == f'Get "{server.url}/x": EOF'


def test_tls(fetcher: Fetcher, tmp_path: Path) -> None:
    authority = Authority()
    trusted, other = tmp_path / "ca.pem", tmp_path / "other.pem"
    trusted.write_bytes(authority.certificate)
    other.write_bytes(Authority("another").certificate)
    with Httpd(serving(answer(body=b"x")), tls=server_context(authority.issue(ips=("127.0.0.1",)))) as server:
        assert fetcher.get(server.url, access=Access(ca_file=str(trusted))).data == b"x"
        assert fetcher.get(server.url, access=Access(insecure_skip_tls_verify=True)).data == b"x"
        for access in (Access(), Access(ca_file=str(other))):
            with pytest.raises(DownloadError, match="x509: certificate signed by unknown authority"):
                fetcher.get(server.url, access=access)


@pytest.mark.parametrize(
    ("access", "message"),
    [
        (Access(ca_file="/none"), """can't read CA file: "/none": open /none: no such file or directory"""),
        (
            Access(ca_file="/dev/null", cert_file="/none", key_file="/no"),
            'unable to read cert file: "/none": open /none: no such file or directory',
        ),
    ],
)
def test_files_for_tls_must_be_there(fetcher: Fetcher, access: Access, message: str) -> None:
    with pytest.raises(DownloadError) as caught:
        fetcher.get("https://127.0.0.1:1", access=access)
    assert str(caught.value) == f"can't create TLS config for client: {message}"
