"""TLS with servers that are right and wrong; what is said is what Helm says (Go's crypto/tls and crypto/x509)."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import ConfigError, UnreachableError
from navarch.kube.config import Config
from navarch.kube.net import dial
from navarch.kube.transport import Transport
from support.certificates import Authority, Pair, server_context
from support.httpd import Httpd, Request, answer

if TYPE_CHECKING:
    from collections.abc import Callable

DONE = answer(200, {"kind": "X"})
OURS, OTHERS, NAMESAKES = Authority(), Authority("others"), Authority()
GOOD = OURS.issue(ips=("127.0.0.1",), names=("localhost", "*.some.example"))
VERIFY = "tls: failed to verify certificate: x509: "


def error_of(server: Httpd, host: str = "127.0.0.1", **options: Any) -> str:
    """What a request to a server raises, without the address; "" for nothing."""
    config = Config(f"https://{host}:{server.port}")
    config.ca_data = OURS.certificate
    for name, value in options.items():
        setattr(config, name, value)
    with Transport(config) as transport:
        try:
            transport.request("GET", "/version")
        except UnreachableError as error:
            return str(error).removeprefix(f'Get "https://{host}:{server.port}/version": ')
    return ""


HINT = (
    '(possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate '
    '"test authority")'
)
WRONG: list[tuple[Pair, str, str]] = [
    (OTHERS.issue(ips=("127.0.0.1",)), "127.0.0.1", "certificate signed by unknown authority"),
    (NAMESAKES.issue(ips=("127.0.0.1",)), "127.0.0.1", f"certificate signed by unknown authority {HINT}"),
    (OURS.issue(), "127.0.0.1", "cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"),
    (OURS.issue(ips=("10.0.0.1", "::1")), "127.0.0.1", "certificate is valid for 10.0.0.1, ::1, not 127.0.0.1"),
    (OURS.issue(names=("a.b", "*.c.d")), "localhost", "certificate is valid for a.b, *.c.d, not localhost"),
    (OURS.issue("localhost"), "localhost", "certificate relies on legacy Common Name field, use SANs instead"),
    (OURS.issue("foo"), "localhost", "certificate is not valid for any names, but wanted to match localhost"),
    (
        OURS.issue(names=tuple(f"a{number}.example" for number in range(120))),
        "localhost",
        "certificate is valid for 120 names, but none matched localhost",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("pair", "host", "words"), WRONG, ids=range(len(WRONG)))
def test_certificates_of_others(pair: Pair, host: str, words: str) -> None:
    with Httpd(lambda _: DONE, tls=server_context(pair)) as server:
        assert error_of(server, host) == VERIFY + words


@pytest.mark.parametrize(("days", "compared"), [((-3, -2), "after"), ((2, 3), "before")])
@pytest.mark.parametrize("authority", [OURS, OTHERS])
def test_certificates_of_other_times(authority: Authority, days: tuple[int, int], compared: str) -> None:
    pair = authority.issue(ips=("127.0.0.1",), days=days)
    with Httpd(lambda _: DONE, tls=server_context(pair)) as server:
        error = error_of(server)
    moment = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"
    start = re.escape(f"{VERIFY}certificate has expired or is not yet valid: current time ")
    assert re.fullmatch(f"{start}{moment} is {compared} {moment}", error)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tls_server_name": "an.some.example"},
        {"ca_data": GOOD.certificate},  # a server's own certificate may be trusted, as Go has it
        {"ca_data": b"", "insecure": True},
        {"ca_data": OTHERS.certificate + b"junk\n" + OURS.certificate},
    ],
    ids=range(5),
)
def test_servers_that_are_right(options: dict[str, Any]) -> None:
    with Httpd(lambda _: DONE, tls=server_context(GOOD)) as server:
        assert error_of(server, **options) == ""


def test_the_name_that_is_asked_for() -> None:
    names: list[str | None] = []
    context = server_context(GOOD)
    context.sni_callback = lambda _sock, name, _context: names.append(name)  # type: ignore[assignment]
    with Httpd(lambda _: DONE, tls=context) as server:
        error_of(server, tls_server_name="an.some.example")
    assert names == ["an.some.example"]


def test_only_the_newer_versions() -> None:
    context = server_context(GOOD)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with Httpd(lambda _: DONE, tls=context) as server:
        assert error_of(server) == "remote error: tls: protocol version not supported"


def test_system_authorities_are_asked_without_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    path = tmp_path / "bundle"
    path.write_bytes(OURS.certificate)
    with Httpd(lambda _: DONE, tls=server_context(GOOD)) as server:
        assert error_of(server, ca_data=b"") == f"{VERIFY}certificate signed by unknown authority"
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        assert error_of(server, ca_data=b"") == ""


# Certificates of ours


def test_showing_a_certificate(tmp_path: Any) -> None:
    pair = OURS.issue("me")
    files = {"cert_file": str(tmp_path / "crt"), "key_file": str(tmp_path / "key")}
    (tmp_path / "crt").write_bytes(pair.certificate)
    (tmp_path / "key").write_bytes(pair.key)
    with Httpd(lambda _: DONE, tls=server_context(GOOD, clients=OURS.certificate)) as server:
        assert error_of(server) == "remote error: tls: certificate required"
        assert error_of(server, cert_data=pair.certificate, key_data=pair.key) == ""
        assert error_of(server, **files) == ""


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (OTHERS.issue("me"), "remote error: tls: unknown certificate authority"),
        (OURS.issue("me", days=(-3, -2)), "remote error: tls: expired certificate"),
    ],
    ids=range(2),
)
def test_certificates_that_are_refused(pair: Pair, words: str) -> None:
    with Httpd(lambda _: DONE, tls=server_context(GOOD, clients=OURS.certificate)) as server:
        assert error_of(server, cert_data=pair.certificate, key_data=pair.key) == words


PEM = "-----BEGIN {0}-----\nYWJj\n-----END {0}-----\n"
ME = OURS.issue("me")
UNUSABLE: list[tuple[bytes, bytes, str]] = [
    (b"junk", ME.key, "tls: failed to find any PEM data in certificate input"),
    (ME.key, ME.key, "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched"),
    (PEM.format("X").encode(), ME.key, 'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [X]'),
    (PEM.format("CERTIFICATE").encode(), ME.key, "x509: malformed certificate"),
    (ME.certificate, b"junk", "tls: failed to find any PEM data in key input"),
    (ME.certificate, ME.certificate, "tls: found a certificate rather than a key in the PEM for the private key"),
    (ME.certificate, PEM.format("X").encode(), 'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [X]'),
    (ME.certificate, PEM.format("RSA PRIVATE KEY").encode(), "tls: failed to parse private key"),
    (ME.certificate, OURS.issue().key, "tls: private key does not match public key"),
]  # fmt: skip


@pytest.mark.parametrize(("chain", "key", "words"), UNUSABLE, ids=range(len(UNUSABLE)))
def test_certificates_that_cannot_be_used(chain: bytes, key: bytes, words: str) -> None:
    config = Config("https://127.0.0.1:1")
    config.cert_data, config.key_data = chain, key
    with pytest.raises(ConfigError) as caught:
        Transport(config)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"junk", "unable to load root certificates: unable to parse bytes as PEM block"),
        (PEM.format("CERTIFICATE").encode(), "unable to load root certificates: failed to parse certificate: x509: malformed certificate"),
        (PEM.format("X").encode(), "unable to load root certificates: no valid certificate authority data seen"),
    ],
    ids=range(3),
)  # fmt: skip
def test_authorities_that_cannot_be_read(data: bytes, words: str) -> None:
    config = Config("https://127.0.0.1:1")
    config.ca_data = data
    with pytest.raises(ConfigError) as caught:
        Transport(config)
    assert str(caught.value) == words


# Servers that don't speak TLS, or stop


def greeting(act: Callable[[socket.socket], Any]) -> Callable[[socket.socket], bool]:
    def greet(sock: socket.socket) -> bool:
        sock.recv(10000)
        act(sock)
        return False

    return greet


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda sock: sock.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n"), "http: server gave HTTP response to HTTPS client"),
        (lambda sock: sock.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n"), "tls: first record does not look like a TLS handshake"),
        (lambda _sock: None, "EOF"),
    ],
    ids=range(3),
)  # fmt: skip
def test_servers_that_do_not_speak_tls(act: Callable[[socket.socket], Any], words: str) -> None:
    with Httpd(lambda _: DONE, greet=greeting(act)) as server:
        assert error_of(server) == words


def test_connections_reset_in_the_handshake() -> None:
    with Httpd(lambda _: DONE, greet=greeting(reset)) as server:
        error = error_of(server)
    assert re.fullmatch(
        rf"read tcp 127\.0\.0\.1:\d+->127\.0\.0\.1:{server.port}: read: connection reset by peer", error
    )


def test_handshakes_that_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dial, "_HANDSHAKE", 0.1)
    done = threading.Event()
    with Httpd(lambda _: DONE, greet=lambda _: bool(done.wait(5))) as server:
        assert error_of(server) == "net/http: TLS handshake timeout"
        done.set()


# Sessions


def test_sessions_are_resumed() -> None:
    resumed: dict[int, bool] = {}
    both = threading.Barrier(2, timeout=300)

    def respond(request: Request) -> bytes:
        resumed[request.connection] = bool(request.sock.session_reused)  # type: ignore[attr-defined]
        if request.target == "/both":
            both.wait()
        return DONE

    with Httpd(respond, tls=server_context(GOOD)) as server:
        config = Config(server.url)
        config.ca_data = OURS.certificate
        with Transport(config) as transport:
            transport.request("GET", "/x")
            other = threading.Thread(target=transport.request, args=("GET", "/both"))
            other.start()
            transport.request("GET", "/both")
            other.join()
    assert resumed == {0: False, 1: True}


def test_streams_over_tls_closed_by_another_thread() -> None:
    def respond(request: Request) -> None:
        request.sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n")
        request.sock.recv(1)

    with Httpd(respond, tls=server_context(GOOD)) as server:
        config = Config(server.url)
        config.ca_data = OURS.certificate
        with Transport(config) as transport, transport.stream("GET", "/x") as stream:
            lines = iter(stream)
            assert next(lines) == b"one"
            closer = threading.Timer(0.05, stream.close)
            closer.start()
            assert list(lines) == []
            closer.join()


@pytest.mark.parametrize("in_memory", [True, False])
def test_keys_are_not_left_on_disk(in_memory: bool, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    if not in_memory:
        monkeypatch.delattr("os.memfd_create", raising=False)
    with Httpd(lambda _: DONE, tls=server_context(GOOD, clients=OURS.certificate)) as server:
        assert error_of(server, cert_data=ME.certificate, key_data=ME.key) == ""
    assert not list(tmp_path.iterdir())
