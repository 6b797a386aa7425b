"""A request on its way: what is sent, to whom, and who may know the credentials when it is sent somewhere else."""

from __future__ import annotations

from navarch.errors import DownloadError, NavarchError
from navarch.golang.url import ascii_host, parse_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from navarch.golang.url import URL
    from navarch.kube.net.access import Access
    from navarch.kube.net.http1 import Head

__all__ = [
    "HTTP",
    "Request",
    "authorization_for",
    "is_for",
    "own_authorization",
    "parse",
    "redirect_of",
    "same_server",
    "target_of",
]

HTTP = ("http", "https")

_MOST_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_PORTS = {"http": "80", "https": "443"}


class Request:
    """A request on its way, maybe over redirects. `first` is the address that was asked for."""

    def __init__(self, url: str, access: Access, authorization: str, *, accept: str, etag: str, agent: str) -> None:
        self.first = self.url = url
        self.access = access
        self.authorization = authorization
        self.accept = accept
        self.etag = etag
        self.agent = agent
        self.deadline: float | None = None
        self.redirects = 0
        self.stray = ""
        self.origin = self.parsed = parse(url)

    @property
    def shown(self) -> str:
        """The address as Go writes it, without a password."""
        return self.parsed.masked(self.stray)

    def follow(self, target: str, location: str) -> None:
        """Go where an answer points to (`location`, in its words). Credentials stay behind where that is elsewhere."""
        parsed = parse(target)
        before = self.parsed
        self.parsed, self.url = parsed, target
        self.redirects += 1
        if parsed.scheme not in HTTP:
            self.fail(f'unsupported protocol scheme "{parsed.scheme}"', None)
        if self.redirects >= _MOST_REDIRECTS:
            self.stray = location  # what Go's client shows
            self.fail(f"stopped after {_MOST_REDIRECTS} redirects", None)
        if not _may_know(self.origin, before, parsed, trusting=self.access.pass_credentials):
            self.authorization = ""
            self.access = self.access.but(cert_file="", key_file="")

    def text(self, absolute: str, proxy_authorization: str) -> bytes:
        """The request as it is sent."""
        url = self.parsed
        lines = [f"GET {absolute}{target_of(url)} HTTP/1.1", f"Host: {ascii_host(url)}", f"User-Agent: {self.agent}"]
        authorization = self.authorization or own_authorization(url)
        if self.accept:
            lines.append(f"Accept: {self.accept}")
        if authorization:
            lines.append(f"Authorization: {authorization}")
        if self.etag:
            lines.append(f"If-None-Match: {self.etag}")
        if absolute and proxy_authorization:
            lines.append(f"Proxy-Authorization: {proxy_authorization}")
        return "".join(f"{line}\r\n" for line in (*lines, "")).encode("utf-8", "surrogateescape")

    def fail(self, cause: str, error: Exception | None, *, timeout: bool = False) -> NoReturn:
        """Raise the DownloadError that Go's HTTP client would."""
        if isinstance(error, DownloadError):
            raise error
        from navarch.golang.strconv import quote

        raise DownloadError(f"Get {quote(self.shown)}: {cause}", url=self.shown, timeout=timeout) from error


def parse(url: str) -> URL:
    try:
        return parse_url(url)
    except NavarchError as error:
        raise DownloadError(str(error), url=url) from error


def same_server(one: URL, other: URL) -> bool:
    """Whether two addresses have scheme, host and port in common, as Helm compares them before it sends a password."""
    return one.scheme == other.scheme and one.host == other.host


def authorization_for(access: Access, owner: str, url: URL) -> str:
    """The header's value for the server of `url`; "" where the credentials are not for it."""
    return _basic(access.username, access.password) if is_for(access, owner, url) else ""


def is_for(access: Access, owner: str, url: URL) -> bool:
    """Whether there is a password, and the server of `url` may know it."""
    if not (access.username and access.password):
        return False
    try:
        belongs = same_server(parse_url(owner), url)
    except NavarchError as error:
        raise DownloadError(f"unable to parse getter URL: {error}") from error
    return belongs or access.pass_credentials


def own_authorization(url: URL) -> str:
    """What the user and password that stand in an address make."""
    return _basic(url.user[0], url.user[1] or "") if url.user is not None else ""


def _basic(user: str, password: str) -> str:
    from binascii import b2a_base64

    pair = f"{user}:{password}".encode("utf-8", "surrogateescape")
    return f"Basic {b2a_base64(pair, newline=False).decode()}"


def _may_know(origin: URL, before: URL, target: URL, *, trusting: bool) -> bool:
    """Whether a redirect's target may get what was meant for the first address.

    It may if it is the same server, or the same host once more with TLS; where credentials are passed on anyway, also
    other ports and hosts below that host, as Go's client does. It never may when TLS is given up.
    """
    if before.scheme == "https" and target.scheme == "http":
        return False
    if same_server(origin, target):
        return True
    mine, theirs = origin.hostname().lower(), target.hostname().lower()
    if trusting:
        return theirs == mine or (not _is_address(theirs) and theirs.endswith(f".{mine}"))
    return mine == theirs and (origin.scheme, target.scheme, _port(origin), _port(target)) == (
        "http",
        "https",
        "80",
        "443",
    )


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _port(url: URL) -> str:
    return url.host.removeprefix(url.hostname()).lstrip("[]:") or _PORTS.get(url.scheme, "")


def target_of(url: URL) -> str:
    """Path and query as they stand in a request."""
    text = str(url).partition("#")[0].partition("//")[2]
    ends = [at for at in (text.find("/"), text.find("?")) if at >= 0]
    target = text[min(ends) :] if ends else ""
    return target if target.startswith("/") else f"/{target}"


def redirect_of(head: Head, request: Request) -> str:
    """The address that an answer points to; "" where it is no redirect. Raises DownloadError."""
    location = head.headers.get("location", "")
    if head.status not in _REDIRECTS or not location:
        return ""
    from navarch.repos.urls import resolve

    try:
        return str(resolve(request.parsed, parse_url(location)))
    except NavarchError as error:
        request.fail(f'failed to parse Location header "{location}": {error}', error)
