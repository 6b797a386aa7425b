"""Addresses of servers and proxies, and which proxy the environment wants for a server."""

from __future__ import annotations

import os

from navarch.errors import ConfigError, NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.golang.url import URL

__all__ = ["Address", "basic", "environment_problem", "environment_proxy", "proxy_address", "server_address"]

_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


class Address:
    """A URL in the parts that connecting needs. `path` has no slash at its end; `shown` is the host with the port
    as written, both in ASCII where they have such a form, `shown_user` the user without the password.
    """

    __slots__ = ("host", "password", "path", "port", "scheme", "shown", "shown_user", "user")

    def __init__(self, url: URL) -> None:
        self.scheme = url.scheme
        self.host = url.hostname()
        self.shown = url.host
        if not url.host.isascii():
            from navarch.golang.hosts import to_ascii
            from navarch.golang.url import ascii_host

            self.shown = ascii_host(url)
            self.host = to_ascii(self.host)
        self.path = _cleaned(url.path)
        port = url.host.rpartition(":")[2]
        has_port = port.isascii() and port.isdigit() and not url.host.endswith("]")
        self.port = int(port) if has_port else _PORTS.get(url.scheme, 80)
        self.user, password = url.user or ("", None)
        self.password = password or ""
        self.shown_user = f"{self.user}:***@" if password is not None else f"{self.user}@" if url.user else ""

    @property
    def joined(self) -> str:
        """Host and port as Go's dialer shows them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _cleaned(path: str) -> str:
    """A path as Go's path.Join leaves it, without a slash at its end."""
    if not path.strip("/"):
        return ""
    from navarch.golang.path import clean

    return clean(f"/{path}")


def server_address(server: str, *, default_tls: bool) -> Address:
    """The address of an API server, as client-go's rest.DefaultServerURL reads it. Raises ConfigError."""
    from navarch.golang.url import parse_url

    try:
        url = parse_url(server or "localhost")
        complete = bool(url.scheme and url.host)
    except NavarchError:
        complete = False
    if complete:
        return Address(url)
    try:
        url = parse_url(f"{'https' if default_tls else 'http'}://{server or 'localhost'}")
    except NavarchError as error:
        raise ConfigError(str(error)) from error
    if url.path not in ("", "/"):
        from navarch.golang.strconv import quote

        raise ConfigError(f"host must be a URL or a host:port pair: {quote(server)}")
    return Address(url)


def proxy_address(proxy: str) -> Address | None:
    """The address of a proxy, which may lack its scheme; None where it makes no sense (as Go passes it over)."""
    from navarch.golang.url import parse_url

    for text in (proxy, f"http://{proxy}"):
        try:
            url = parse_url(text)
        except NavarchError:
            continue
        if url.scheme and url.host:
            return Address(url)
    return None


def environment_proxy(server: Address) -> Address | None:
    """The proxy that $HTTPS_PROXY or $HTTP_PROXY and $NO_PROXY want for a server (Go's httpproxy)."""
    proxy = _variable(f"{server.scheme.upper()}_PROXY")
    if not proxy or server.scheme not in ("http", "https") or server.host == "localhost":
        return None
    if _excluded(server.host.lower(), server.port, _variable("NO_PROXY")):
        return None
    return proxy_address(proxy)


def environment_problem(server: Address) -> str:
    """Why the environment's proxy must not be used; "" if it may. In CGI, $HTTP_PROXY is a header of the request."""
    if server.scheme != "http" or not os.environ.get("REQUEST_METHOD") or not _variable("HTTP_PROXY"):
        return ""
    return "refusing to use HTTP_PROXY value in CGI environment; see golang.org/s/cgihttpproxy"


def basic(user: str, password: str) -> str:
    """The value of an Authorization header with a password."""
    from binascii import b2a_base64

    return f"Basic {b2a_base64(f'{user}:{password}'.encode(), newline=False).decode()}"


def _variable(name: str) -> str:
    return os.environ.get(name) or os.environ.get(name.lower()) or ""


def _excluded(host: str, port: int, listed: str) -> bool:
    from ipaddress import ip_address

    try:
        ip = ip_address(host)
    except ValueError:
        ip = None
    if ip is not None and ip.is_loopback:
        return True
    for entry in listed.lower().split(","):
        rule = entry.strip()
        if rule == "*" or (rule and _matches(rule, host, port, is_ip=ip is not None)):
            return True
    return False


def _matches(rule: str, host: str, port: int, *, is_ip: bool) -> bool:
    """Whether an entry of $NO_PROXY means a host: a network, an address or a domain, the last two with a port maybe."""
    from ipaddress import ip_address, ip_network

    if "/" in rule:
        try:
            return is_ip and ip_address(host) in ip_network(rule, strict=False)
        except ValueError:
            return False
    name, colon, number = rule.rpartition(":")
    if not colon or (":" in name and not name.endswith("]")):
        name, number = rule, ""
    if number and number != str(port):
        return False
    name = name.strip("[]")
    if is_ip:
        try:
            return ip_address(name) == ip_address(host)
        except ValueError:
            return False
    name = name.removeprefix("*")
    return bool(name) and (host.endswith(name if name.startswith(".") else f".{name}") or host == name)
