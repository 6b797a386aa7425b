"""Ways through proxies: HTTP, HTTPS and SOCKS5 ones, with passwords, and ones that refuse."""

from __future__ import annotations

import base64
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from navarch.errors import UnreachableError
from navarch.kube.config import Config
from navarch.kube.net.address import environment_proxy, server_address
from navarch.kube.transport import Transport
from support.certificates import Authority, server_context
from support.httpd import Httpd, Request, answer

if TYPE_CHECKING:
    from collections.abc import Callable

DONE = answer(200, {"kind": "X"})
OURS = Authority()
GOOD = server_context(OURS.issue(ips=("127.0.0.1",), names=("api.example",)))


def relay(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes both ways until either side ends."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for sock in (source, sink):
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    thread = threading.Thread(target=pump, args=(other, one), daemon=True)
    thread.start()
    pump(one, other)
    thread.join()
    other.close()


def connecting(port: int, seen: list[str]) -> Callable[[Request], bytes | None]:
    """A proxy's answer to CONNECT, wherever to: a way to a port of ours."""

    def respond(request: Request) -> None:
        seen.append(f"{request.method} {request.target} {request.headers.get('proxy-authorization', '')}".strip())
        request.sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        relay(request.sock, socket.create_connection(("127.0.0.1", port)))

    return respond


def ask(url: str, proxy: str) -> str:
    """What the server at an address answers through a proxy, or why there is no answer."""
    config = Config(url)
    config.ca_data, config.proxy_url = OURS.certificate, proxy
    with Transport(config) as transport:
        try:
            return str(transport.request("GET", "/version").json()["kind"])
        except UnreachableError as error:
            return error.cause


@pytest.mark.parametrize("encrypted", [False, True])
def test_connect(encrypted: bool) -> None:
    seen: list[str] = []
    with Httpd(lambda _: DONE, tls=GOOD) as server:
        with Httpd(connecting(server.port, seen), tls=GOOD if encrypted else None) as proxy:
            assert ask("https://api.example", proxy.url) == "X"
            assert ask("https://api.example:8443", proxy.url.replace("//", "//me:p%20w@")) == "X"
        token = base64.b64encode(b"me:p w").decode()
        assert seen == ["CONNECT api.example:443", f"CONNECT api.example:8443 Basic {token}"]


def test_plain_requests_go_to_the_proxy_itself() -> None:
    with Httpd(lambda _: DONE) as proxy:
        assert ask("http://api.example/base", proxy.url.replace("//", "//me:pw@")) == "X"
        (request,) = proxy.requests
    assert request.target == "http://api.example/base/version"
    assert request.headers["host"] == "api.example"
    assert request.headers["proxy-authorization"] == "Basic bWU6cHc="


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (answer(407, b"", reason="Proxy Authentication Required"), "Proxy Authentication Required"),
        (answer(403, b"", reason="Forbidden"), "Forbidden"),
        (b"junk\r\n\r\n", 'net/http: HTTP/1.x transport connection broken: malformed HTTP response "junk"'),
        (None, "EOF"),
    ],
    ids=range(4),
)
def test_proxies_that_refuse(said: bytes | None, words: str) -> None:
    with Httpd(lambda _: said) as proxy:
        assert ask("https://api.example", proxy.url) == words


@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
def test_proxies_that_are_not_there(scheme: str) -> None:
    words = "proxyconnect tcp: dial tcp 127.0.0.1:1: connect: connection refused"
    assert ask("https://api.example", f"{scheme}://127.0.0.1:1") == words


# SOCKS


def socks(port: int, seen: list[bytes], *, method: int = 0, reply: int = 0) -> Callable[[socket.socket], bool]:
    """A SOCKS5 server that leads to a port of ours; RFC 1928 and 1929."""

    def greet(sock: socket.socket) -> bool:
        version, count = sock.recv(2)
        assert version == 5
        seen.append(sock.recv(count))
        sock.sendall(bytes([5, method]))
        if method == 2:
            seen.append(sock.recv(1000))
            sock.sendall(b"\x01" + (b"\x00" if b"secret" in seen[-1] else b"\x01"))
        seen.append(sock.recv(1000))
        sock.sendall(bytes([5, reply, 0, 1, 127, 0, 0, 1, 0, 80]))
        relay(sock, socket.create_connection(("127.0.0.1", port)))
        return False

    return greet


@pytest.mark.parametrize(
    ("host", "encoded"),
    [("api.example", b"\x03\x0bapi.example"), ("127.0.0.1", b"\x01\x7f\x00\x00\x01")],
)
def test_socks(host: str, encoded: bytes) -> None:
    seen: list[bytes] = []
    with (
        Httpd(lambda _: DONE, tls=GOOD) as server,
        Httpd(lambda _: None, greet=socks(server.port, seen)) as proxy,
    ):
        assert ask(f"https://{host}:8443", f"socks5://{proxy.address}") == "X"
    assert seen == [b"\x00", b"\x05\x01\x00" + encoded + (8443).to_bytes(2, "big")]


def test_socks_with_a_password() -> None:
    seen: list[bytes] = []
    with Httpd(lambda _: DONE) as server, Httpd(lambda _: None, greet=socks(server.port, seen, method=2)) as proxy:
        assert ask("http://api.example", f"socks5://me:secret@{proxy.address}") == "X"
        words = f"socks connect tcp {proxy.address}->api.example:80: username/password authentication failed"
        assert ask("http://api.example", f"socks5://me:wrong@{proxy.address}") == words
    assert seen[1] == b"\x01\x02me\x06secret"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": 255}, "no acceptable authentication methods"),
        ({"reply": 2}, "unknown error connection not allowed by ruleset"),
        ({"reply": 5}, "unknown error connection refused"),
        ({"reply": 99}, "unknown error unknown code: 99"),
    ],
)
def test_socks_refusals(options: dict[str, int], words: str) -> None:
    with Httpd(lambda _: None) as server, Httpd(lambda _: None, greet=socks(server.port, [], **options)) as proxy:
        assert (
            ask("http://api.example", f"socks5://{proxy.address}")
            == f"socks connect tcp {proxy.address}->api.example:80: {words}"
        )


# The environment; what NO_PROXY means is that of golang.org/x/net/http/httpproxy


@pytest.mark.parametrize(
    ("listed", "server", "proxied"),
    [
        ("", "https://example.com", True),
        ("", "https://localhost", False),
        ("", "https://127.0.0.1:6443", False),
        ("", "https://127.0.2.1", False),
        ("", "https://[::1]:6443", False),
        ("", "https://localhost.net", True),
        ("", "https://10.0.0.1", True),
        ("*", "https://example.com", False),
        ("foo, *", "https://10.0.0.1", False),
        ("example.com", "https://example.com", False),
        ("example.com", "https://www.example.com", False),
        ("example.com", "https://wwwexample.com", True),
        (".example.com", "https://www.example.com", False),
        (".example.com", "https://example.com", True),
        ("*.example.com", "https://www.example.com", False),
        ("*.example.com", "https://example.com", True),
        ("EXAMPLE.com", "https://www.Example.COM", False),
        ("example.com:6443", "https://example.com:6443", False),
        ("example.com:443", "https://example.com", False),
        ("example.com:6443", "https://example.com", True),
        ("10.0.0.1", "https://10.0.0.1", False),
        ("10.0.0.1:80", "https://10.0.0.1", True),
        ("10.0.0.1:443", "https://10.0.0.1", False),
        ("10.0.0.0/8", "https://10.1.2.3", False),
        ("10.0.0.0/8", "https://11.1.2.3", True),
        ("10.0.0.1/8", "https://10.1.2.3", False),
        ("10.0.0.0/99", "https://10.1.2.3", True),
        ("fd00::/8", "https://[fd00::1]:6443", False),
        ("[fd00::1]:6443", "https://[fd00::1]:6443", False),
        ("[fd00::1]", "https://[fd00::1]:6443", False),
        ("fd00::1", "https://[fd00::1]:6443", False),
        ("10.0.0.1", "https://a10.0.0.1", True),
        (":443", "https://example.com", True),
        (" , ", "https://example.com", True),
    ],
)  # fmt: skip
def test_whom_the_environment_wants_proxied(
    listed: str, server: str, proxied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", listed)
    found = environment_proxy(server_address(server, default_tls=False))
    assert (found is not None) == proxied


@pytest.mark.parametrize(
    ("variables", "server", "seen"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "https://x", ("http", "p", 1)),
        ({"https_proxy": "http://p:1"}, "https://x", ("http", "p", 1)),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:2"}, "https://x", ("http", "p", 1)),
        ({"HTTPS_PROXY": "p:1"}, "https://x", ("http", "p", 1)),
        ({"HTTPS_PROXY": "p"}, "https://x", ("http", "p", 80)),
        ({"HTTPS_PROXY": "socks5://p"}, "https://x", ("socks5", "p", 1080)),
        ({"HTTPS_PROXY": "https://p"}, "https://x", ("https", "p", 443)),
        ({"HTTP_PROXY": "http://p:1"}, "https://x", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://x", ("http", "p", 1)),
        ({"HTTPS_PROXY": "http://%zz"}, "https://x", None),
    ],
)
def test_which_proxy(
    variables: dict[str, str], server: str, seen: tuple[str, str, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = environment_proxy(server_address(server, default_tls=False))
    assert (None if found is None else (found.scheme, found.host, found.port)) == seen
