"""Ways through a proxy: CONNECT to HTTP and HTTPS ones, SOCKS5, with passwords. Errors are Go's."""

from __future__ import annotations

import socket

from navarch.kube.net.dial import DialError, connect
from navarch.kube.net.http1 import BrokenError, Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.kube.net.address import Address
    from navarch.kube.net.dial import Dialer, Socket

__all__ = ["tunnel"]

_ANSWER = 60.0  # seconds
_SOCKS_REPLIES = (
    "succeeded",
    "general SOCKS server failure",
    "connection not allowed by ruleset",
    "network unreachable",
    "host unreachable",
    "connection refused",
    "TTL expired",
    "command not supported",
    "address type not supported",
)


def tunnel(dialer: Dialer, proxy: Address, deadline: float | None) -> Socket:
    """A socket that leads to the dialer's server, or to the proxy where that passes on plain requests."""
    try:
        sock: Socket = connect(proxy, deadline)
        if proxy.scheme == "https":
            sock = dialer.encrypt(sock, proxy.host, deadline)
    except DialError as error:
        raise DialError(f"proxyconnect tcp: {error}", timeout=error.timeout, passing=error.passing) from error
    try:
        sock.settimeout(_ANSWER)
        if proxy.scheme.startswith("socks5"):
            _socks(sock, proxy, dialer.server)
        elif not dialer.absolute:
            _connect(sock, dialer)
    except (OSError, BrokenError) as error:
        sock.close()
        raise DialError(str(error) or "context deadline exceeded", passing=True) from error
    except BaseException:
        sock.close()
        raise
    return sock


def _connect(sock: Socket, dialer: Dialer) -> None:
    where = dialer.server.joined
    lines = [f"CONNECT {where} HTTP/1.1", f"Host: {where}", "User-Agent: Go-http-client/1.1"]
    if dialer.authorization:
        lines.append(f"Proxy-Authorization: {dialer.authorization}")
    connection = Connection(sock)
    connection.send("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
    head = connection.head()
    if head.status != 200:
        raise DialError(head.reason or "unknown status code")


def _socks(sock: Socket, proxy: Address, server: Address) -> None:
    try:
        _greet(sock, proxy)
        _ask(sock, server)
    except (DialError, OSError, BrokenError) as error:
        where = f"socks connect tcp {proxy.joined}->{server.joined}"
        raise DialError(f"{where}: {error}", passing=not isinstance(error, DialError)) from error


def _greet(sock: Socket, proxy: Address) -> None:
    sock.sendall(b"\x05\x02\x00\x02" if proxy.user else b"\x05\x01\x00")
    version, method = _exactly(sock, 2)
    if version != 5:
        raise DialError(f"unexpected protocol version {version}")
    if method == 0xFF:
        raise DialError("no acceptable authentication methods")
    if method == 2:
        user, password = proxy.user.encode(), proxy.password.encode()
        if not user or not password or max(len(user), len(password)) > 255:
            raise DialError("invalid username/password")
        sock.sendall(b"\x01" + bytes([len(user)]) + user + bytes([len(password)]) + password)
        if _exactly(sock, 2)[1] != 0:
            raise DialError("username/password authentication failed")


def _ask(sock: Socket, server: Address) -> None:
    sock.sendall(b"\x05\x01\x00" + _encoded(server.host) + server.port.to_bytes(2, "big"))
    version, reply, _, kind = _exactly(sock, 4)
    if version != 5:
        raise DialError(f"unexpected protocol version {version}")
    if reply:
        known = reply < len(_SOCKS_REPLIES)
        raise DialError(f"unknown error {_SOCKS_REPLIES[reply] if known else f'unknown code: {reply}'}")
    sizes = {1: 4, 4: 16}
    if kind not in sizes and kind != 3:
        raise DialError(f"unknown address type {kind}")
    _exactly(sock, (sizes[kind] if kind in sizes else _exactly(sock, 1)[0]) + 2)


def _encoded(host: str) -> bytes:
    for family, kind in ((socket.AF_INET, b"\x01"), (socket.AF_INET6, b"\x04")):
        try:
            return kind + socket.inet_pton(family, host)
        except OSError:
            continue
    name = host.encode()
    if len(name) > 255:
        raise DialError("FQDN too long")
    return b"\x03" + bytes([len(name)]) + name


def _exactly(sock: Socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise BrokenError("EOF" if not data else "unexpected EOF")
        data += more
    return data
