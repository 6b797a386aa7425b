"""Connections to an API server: TCP, through a proxy where there is one, TLS around it.

Failures are told in the words of Go's net and net/http packages.
"""

from __future__ import annotations

import socket
import time

from navarch.kube.kubeconfig import words
from navarch.kube.net.address import basic, environment_problem, environment_proxy, proxy_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl

    from navarch.kube.config import Config
    from navarch.kube.credentials import Certificate
    from navarch.kube.net.address import Address
    from navarch.kube.net.layered import Layered

    Socket = socket.socket | Layered

__all__ = ["DialError", "Dialer", "connect", "ends", "read_words"]

_CONNECT = 30.0  # seconds, as client-go's dialer
_HANDSHAKE = 10.0
_LEAST_PART = 2.0
# seconds until a silent server is asked whether it is there, between questions, and their number
_KEEPALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 3))


class DialError(Exception):
    """No connection. The message is what Go's dialer says; `passing` that it may be otherwise in a moment."""

    def __init__(self, message: str, *, timeout: bool = False, passing: bool = False) -> None:
        super().__init__(message)
        self.timeout = timeout
        self.passing = passing


class Dialer:
    """Opens sockets to one server. `absolute` starts the targets of requests that a plain HTTP proxy passes on."""

    def __init__(self, server: Address, config: Config) -> None:
        self.server = server
        self.config = config
        self.proxy = proxy_address(config.proxy_url) if config.proxy_url else environment_proxy(server)
        plain = server.scheme == "http" and self.proxy is not None and not self.proxy.scheme.startswith("socks")
        self.absolute = f"http://{server.shown}" if plain else ""
        self._impossible = _problem(server, proxied=bool(config.proxy_url))
        self._certificate: Certificate | None = None
        self._context: ssl.SSLContext | None = None
        self._session: tuple[ssl.SSLContext, ssl.SSLSession] | None = None

    def prepare(self, certificate: Certificate | None) -> bool:
        """Set up TLS; whether our certificate changed. Raises ConfigError where certificates can't be used."""
        proxy = self.proxy.scheme if self.proxy is not None else ""
        if "https" not in (self.server.scheme, proxy):
            return False
        if self._context is not None and certificate == self._certificate:
            return False
        from navarch.kube.net.tls import context

        self._context = context(self.config, certificate)
        self._certificate = certificate
        return True

    @property
    def authorization(self) -> str:
        """What a proxy wants to see; "" for nothing."""
        if self.proxy is None or not self.proxy.user:
            return ""
        return basic(self.proxy.user, self.proxy.password)

    def open(self, deadline: float | None) -> Socket:
        """A socket that requests can be written to, without a timeout. Raises DialError."""
        if self._impossible:
            raise DialError(self._impossible)
        sock = self.plain(deadline)
        if self.server.scheme == "https":
            name = self.config.tls_server_name or self.server.host
            sock = self.encrypt(sock, name, deadline, resume=True)
        sock.settimeout(None)
        return sock

    def plain(self, deadline: float | None) -> Socket:
        """A socket to the server, through the proxy, before TLS. Raises DialError."""
        if self.proxy is None:
            return connect(self.server, deadline)
        from navarch.kube.net.proxy import tunnel

        return tunnel(self, self.proxy, deadline)

    def encrypt(self, sock: Socket, name: str, deadline: float | None, *, resume: bool = False) -> Socket:
        """The socket with TLS around it, maybe of an earlier session; closed where that fails. Raises DialError."""
        context = self._context
        known = self._session
        session = known[1] if resume and known is not None and known[0] is context else None
        if context is None:
            raise DialError("TLS is not set up")
        between = ends(sock)
        try:
            sock.settimeout(_left(deadline, _HANDSHAKE))
            if type(sock) is socket.socket:
                return context.wrap_socket(sock, server_hostname=plain_name(name), session=session)
            from navarch.kube.net.layered import Layered

            return Layered(sock, context, name)
        except OSError as error:
            from navarch.kube.net.tls import handshake_error

            sock.close()
            raise handshake_error(error, self, name, between) from error
        except ValueError as error:  # a name that can't be one
            sock.close()
            raise DialError(f"tls: {error}") from error
        except BaseException:
            sock.close()
            raise

    def remember(self, sock: Socket) -> None:
        """Keep the TLS session of a connection for the next one; tickets come with the first answer."""
        if self._context is None:  # and ssl, which takes long to import, need not be there
            return
        from ssl import SSLSocket

        if isinstance(sock, SSLSocket) and sock.session is not None and sock.session.has_ticket:
            self._session = sock.context, sock.session


def _problem(server: Address, *, proxied: bool) -> str:
    """Why nobody can connect to an address; "" if somebody might."""
    if server.scheme not in ("http", "https"):
        from navarch.golang.strconv import quote

        return f"unsupported protocol scheme {quote(server.scheme)}"
    if not server.host:
        return "http: no Host in request URL"
    if server.port > 65535:
        return f"dial tcp: address {server.port}: invalid port"
    return "" if proxied else environment_problem(server)


def ends(sock: Socket) -> str:
    """Both ends of a connection, as Go's errors name them; "" where it is gone already."""
    try:
        return f"{_joined(sock.getsockname())}->{_joined(sock.getpeername())}"
    except OSError:
        return ""


def _joined(where: tuple[object, ...]) -> str:
    return f"[{where[0]}]:{where[1]}" if ":" in str(where[0]) else f"{where[0]}:{where[1]}"


def read_words(between: str, error: OSError) -> str:
    """A failed read in the words of Go's net package."""
    return f"read tcp {between}: read: {words(error)}" if between else f"read: {words(error)}"


def _left(deadline: float | None, most: float) -> float:
    """Seconds until the deadline, or `most`. Raises DialError where none are left."""
    if deadline is None:
        return most
    left = deadline - time.monotonic()
    if left <= 0:
        raise DialError("context deadline exceeded", timeout=True)
    return min(left, most)


def connect(address: Address, deadline: float | None) -> socket.socket:
    """A TCP connection to the first of a host's addresses that answers. Raises DialError with the first's reason."""
    found = _resolve(address)
    first: DialError | None = None
    for index, (family, _, _, _, where) in enumerate(found):
        left = _left(deadline, _CONNECT)
        last = index == len(found) - 1
        try:
            return _connect(family, where, left if last else max(left / (len(found) - index), _LEAST_PART))
        except OSError as error:
            first = first or _connect_error(error, where, deadline)
    raise first or DialError(f"dial tcp: lookup {address.host}: no such host")


def _connect(family: int, where: tuple[object, ...], timeout: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect(where)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEPALIVE:
            if hasattr(socket, option):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    except BaseException:
        sock.close()
        raise
    return sock


def _connect_error(error: OSError, where: tuple[object, ...], deadline: float | None) -> DialError:
    shown = _joined(where)
    if isinstance(error, TimeoutError) and not error.errno:
        if deadline is not None and time.monotonic() >= deadline:
            return DialError("context deadline exceeded", timeout=True)
        return DialError(f"dial tcp {shown}: i/o timeout", passing=True)
    return DialError(f"dial tcp {shown}: connect: {words(error)}", passing=True)


def _resolve(address: Address) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    """All addresses of a host. Raises DialError, also for what only C's library takes for an address, like 127.1."""
    if not _is_ip(address.host):
        _check_name(address.host)
    try:
        found = socket.getaddrinfo(plain_name(address.host), address.port, 0, socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise DialError(f"dial tcp: lookup {address.host}{_name_server()}: {_lookup_words(error)}") from error
    return found  # type: ignore[return-value]


def _check_name(host: str) -> None:
    from navarch.golang.hosts import is_domain_name

    named = is_domain_name(host)
    if not named or _is_old_address(host):
        server = _name_server() if named else ""
        raise DialError(f"dial tcp: lookup {host}{server}: no such host")


def _is_ip(host: str) -> bool:
    """Whether a host is an IPv4 address of four numbers, or an IPv6 address, perhaps with a zone."""
    if ":" in host:
        return True
    try:
        socket.inet_pton(socket.AF_INET, host)
    except (OSError, ValueError):
        return False
    return True


def _is_old_address(host: str) -> bool:
    try:
        socket.inet_aton(host)
    except (OSError, ValueError):
        return False
    return True


def plain_name(host: str) -> str | bytes:
    """A host's name as bytes where it is ASCII: of texts Python would import its tables of all other alphabets."""
    return host.encode() if host.isascii() else host


def _lookup_words(error: Exception) -> str:
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return "server misbehaving"
    return "no such host"


def _name_server() -> str:
    """Whom Go asked, as its errors say: " on 10.0.0.1:53"; "" where that is not known."""
    try:
        with open("/etc/resolv.conf", encoding="utf-8") as file:
            for line in file:
                parts = line.split()
                if parts[:1] == ["nameserver"] and len(parts) > 1:
                    return f" on [{parts[1]}]:53" if ":" in parts[1] else f" on {parts[1]}:53"
    except (OSError, UnicodeDecodeError):
        pass
    return ""
