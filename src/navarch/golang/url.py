"""URLs as Go's net/url takes them apart and puts them together.

Inside, texts have a character for each byte, as Go's have.
"""

from __future__ import annotations

from navarch.errors import FunctionError

__all__ = ["URL", "ascii_host", "parse_url"]

_ALWAYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
# what may stand unescaped in each part
_PATH = frozenset(_ALWAYS + "$&+,/:;=@")
_HOST = frozenset(_ALWAYS + "!\"$&'()*+,:;<=>[]")
_USER = frozenset(_ALWAYS + "$&+,;=")
_FRAGMENT = frozenset(_ALWAYS + "!$&()*+,/:;=?@")
_VALID_USERINFO = frozenset(_ALWAYS + ":!$&'()*+,;=%@")
_VALID_ESCAPED = frozenset("!$&'()*+,;=:@[]%")
_HEX = frozenset("0123456789abcdefABCDEF")
_LETTERS = frozenset(_ALWAYS[:52])
_SCHEME = frozenset(_ALWAYS[:62] + "+-.")
_DIGITS = frozenset("0123456789")


class URL:
    """A URL in parts; `path` and `fragment` are unescaped, raw_* keep them as they were where that differs."""

    __slots__ = (
        "force_query",
        "fragment",
        "host",
        "omit_host",
        "opaque",
        "path",
        "query",
        "raw_fragment",
        "raw_path",
        "scheme",
        "user",
    )

    def __init__(  # the parts that can be given
        self,
        *,
        scheme: str = "",
        opaque: str = "",
        user: tuple[str, str | None] | None = None,
        host: str = "",
        path: str = "",
        query: str = "",
        fragment: str = "",
    ) -> None:
        """`user` is the name, and the password or None."""
        self.scheme = scheme
        self.opaque = opaque
        self.user = user
        self.host = host
        self.path = path
        self.query = query
        self.fragment = fragment
        self.raw_path = self.raw_fragment = ""
        self.force_query = self.omit_host = False

    def hostname(self) -> str:
        """The host without its port and the brackets of an IPv6 address."""
        host = self.host
        colon = host.rfind(":")
        if colon >= 0 and _is_port(host[colon:]):
            host = host[:colon]
        return host[1:-1] if host.startswith("[") and host.endswith("]") else host

    def escaped_path(self) -> str:
        """The path as it stands in a URL."""
        return _escaped(self.path, self.raw_path, _PATH)

    def set_path(self, escaped: str) -> None:
        """Put another path in, given as it stands in a URL. Raises FunctionError."""
        escaped = _bytewise(escaped)
        bare = _unescape(escaped)
        self.path = _characters(bare)
        self.raw_path = "" if _escape(bare, _PATH) == escaped else escaped

    def userinfo(self) -> str:
        """The user, and the password after a colon, escaped; "" for none."""
        if self.user is None:
            return ""
        name, password = self.user
        text = _escape(_bytewise(name), _USER)
        if password is not None:
            text += ":" + _escape(_bytewise(password), _USER)
        return text

    def masked(self, text: str = "") -> str:
        """The URL, or another text in which its user stands, with *** in the place of the password."""
        text = text or str(self)
        if self.user is None or self.user[1] is None:
            return text
        return text.replace(f"{self.userinfo()}@", f"{self.user[0]}:***@", 1)

    def __str__(self) -> str:
        text = f"{self.scheme}:" if self.scheme else ""
        text += self.opaque or self._hierarchy(text)
        if self.force_query or self.query:
            text += "?" + self.query
        if self.fragment:
            text += "#" + _escaped(self.fragment, self.raw_fragment, _FRAGMENT)
        return text

    def _hierarchy(self, before: str) -> str:
        """Host and path, for a URL whose text so far is `before`."""
        text = ""
        has_user = self.user is not None
        if (self.scheme or self.host or has_user) and not (self.omit_host and not self.host and not has_user):
            if self.host or self.path or has_user:
                text = "//"
            if has_user:
                text += self.userinfo() + "@"
            text += _escape(_bytewise(self.host), _HOST)
        path = "*" if self.path == "*" else self.escaped_path()
        if path and path[0] != "/" and self.host:
            text += "/"
        if not before and not text and ":" in path.partition("/")[0]:
            text = "./"  # or the first segment would be taken for a scheme
        return text + path


def ascii_host(url: URL) -> str:
    """Host and port as a request names them, and as they are looked up."""
    if url.host.isascii():
        return url.host
    from navarch.golang.hosts import to_ascii

    name = url.hostname()
    return url.host.replace(name, to_ascii(name), 1)


def parse_url(text: str) -> URL:
    """The parts of a URL. Raises FunctionError with url.Parse's message."""
    main, _, fragment = _bytewise(text).partition("#")
    try:
        url = _parse(main)
    except FunctionError as error:
        raise _parse_error(main, error) from None
    if fragment:
        try:
            bare = _unescape(fragment)
        except FunctionError as error:
            raise _parse_error(_bytewise(text), error) from None
        url.fragment = _characters(bare)
        url.raw_fragment = "" if _escape(bare, _FRAGMENT) == fragment else fragment
    return url


def _parse_error(text: str, error: FunctionError) -> FunctionError:
    return FunctionError(f"parse {_quote(text)}: {error}")


def _bytewise(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def _characters(text: str) -> str:
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "surrogateescape")


def _quote(text: str) -> str:
    from navarch.golang.strconv import quote

    return quote(_characters(text))


def _parse(text: str) -> URL:
    """A URL without its fragment."""
    if any(char < " " or char == "\x7f" for char in text):
        raise FunctionError("net/url: invalid control character in URL")
    url = URL()
    if text == "*":
        url.path = "*"
        return url
    scheme, rest = _split_scheme(text)
    url.scheme = scheme.lower()
    if rest.endswith("?") and rest.count("?") == 1:
        url.force_query, rest = True, rest[:-1]
    else:
        rest, _, query = rest.partition("?")
        url.query = _characters(query)
    if not rest.startswith("/"):
        if url.scheme:
            url.opaque = _characters(rest)
            return url
        if ":" in rest.partition("/")[0]:
            raise FunctionError("first path segment in URL cannot contain colon")
    if rest.startswith("//") and (url.scheme or not rest.startswith("///")):
        authority, slash, rest = rest[2:].partition("/")
        rest = slash + rest
        _set_authority(url, authority)
    elif url.scheme and rest.startswith("/"):
        url.omit_host = True
    bare = _unescape(rest)
    url.path = _characters(bare)
    url.raw_path = "" if _escape(bare, _PATH) == rest else rest
    return url


def _split_scheme(text: str) -> tuple[str, str]:
    for at, char in enumerate(text):
        if char == ":":
            if at == 0:
                raise FunctionError("missing protocol scheme")
            return text[:at], text[at + 1 :]
        if char not in (_SCHEME if at else _LETTERS):
            break
    return "", text


def _set_authority(url: URL, authority: str) -> None:
    """Host and user from what stands between // and the next slash."""
    userinfo, at, host = authority.rpartition("@")
    url.host = _characters(_parse_host(url.scheme, host))
    if not at:
        return
    if not _VALID_USERINFO.issuperset(userinfo):
        raise FunctionError("net/url: invalid userinfo")
    name, colon, password = userinfo.partition(":")
    url.user = _characters(_unescape(name)), _characters(_unescape(password)) if colon else None


def _parse_host(scheme: str, host: str) -> str:
    bracket = host.rfind("[")
    if bracket > 0:
        raise FunctionError("invalid IP-literal")
    if bracket == 0:
        return _parse_bracketed(host)
    first, last = host.find(":"), host.rfind(":")
    if first >= 0:
        # only the web's schemes refuse a host with several colons and no brackets
        port = host[first if scheme in {"http", "https"} else last :]
        if not _is_port(port):
            raise FunctionError(f"invalid port {_quote(port)} after host")
    return _unescape(host, host=True)


def _parse_bracketed(host: str) -> str:
    """An IPv6 address in brackets, perhaps with a zone, and perhaps a port after it."""
    end = host.rfind("]")
    if end < 0:
        raise FunctionError("missing ']' in host")
    port = host[end + 1 :]
    if not _is_port(port):
        raise FunctionError(f"invalid port {_quote(port)} after host")
    name = host[1:end]
    zone = name.find("%25")
    if zone >= 0:
        name = _unescape(name[:zone], host=True) + _unescape(name[zone:], zone=True)
    else:
        name = _unescape(name, host=True)
    from navarch.golang.netip import parse_ip

    try:
        address = parse_ip(_characters(name))
    except FunctionError as error:
        raise FunctionError(f"invalid host: {error}") from None
    if len(address) == 4:
        raise FunctionError("invalid IP-literal")
    return f"[{name}]{port}"


def _is_port(text: str) -> bool:
    """Whether a text is a colon and digits, perhaps none, or nothing."""
    return not text or (text[0] == ":" and _DIGITS.issuperset(text[1:]))


def _unescape(text: str, *, host: bool = False, zone: bool = False) -> str:
    """Percent-encoding undone; in a host and its zone, what may be encoded and what must be is limited."""
    parts, at = [], 0
    while at < len(text):
        char = text[at]
        if char == "%":
            code = text[at + 1 : at + 3]
            if len(code) < 2 or not _HEX.issuperset(code):
                raise _bad_escape(text[at : at + 3])
            char = chr(int(code, 16))
            if code != "25" and ((host and char < "\x80") or (zone and char != " " and char not in _HOST)):
                raise _bad_escape(text[at : at + 3])
            at += 3
        else:
            if (host or zone) and char < "\x80" and char not in _HOST:
                raise FunctionError(f"invalid character {_quote(char)} in host name")
            at += 1
        parts.append(char)
    return "".join(parts)


def _bad_escape(text: str) -> FunctionError:
    return FunctionError(f"invalid URL escape {_quote(text)}")


def _escape(text: str, allowed: frozenset[str]) -> str:
    return "".join([char if char in allowed else f"%{ord(char):02X}" for char in text])


def _escaped(bare: str, raw: str, allowed: frozenset[str]) -> str:
    """A part escaped: as it was given, if that's a way to escape it, else as Go would."""
    bare = _bytewise(bare)
    if raw and all(char in allowed or char in _VALID_ESCAPED for char in raw):
        try:
            if _unescape(raw) == bare:
                return raw
        except FunctionError:
            pass
    return _escape(bare, allowed)
