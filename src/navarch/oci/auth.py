"""Who asks: the answers to a registry's challenges. Basic passwords, and tokens by the two ways that registries know.

By oras-go's rules: a request goes out with what is known to have worked; a 401 says what is wanted instead; tokens are
kept for their scopes as long as the process lives. No credentials go to another server than the one they are for.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

from navarch.errors import RegistryError
from navarch.golang.url import parse_url
from navarch.oci.address import parse_address, same_origin
from navarch.oci.problems import refusal
from navarch.oci.transport import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from navarch.golang.url import URL
    from navarch.oci.transport import Answer, Sink, Transport

__all__ = ["NOBODY", "Authenticator", "Credential", "clean_scopes", "parse_challenge"]

_TOKEN_LIMIT = 128 << 10
_CLIENT_ID = "oras-go"


class Credential(NamedTuple):
    """A user and password, or tokens: one to get others with, or one to show as it is. All empty: nobody."""

    username: str = ""
    password: str = ""
    refresh_token: str = ""
    access_token: str = ""


NOBODY = Credential()


class Authenticator:
    """Sends requests as somebody. `find` gives the credential for a registry's host, NOBODY if there is none.

    `by_form` asks for tokens with the password in a form, which some registries want for it to be checked.
    """

    def __init__(self, transport: Transport, find: Callable[[str], Credential]) -> None:
        self.transport = transport
        self.find = find
        self.by_form = False
        self._schemes: dict[str, str] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def send(
        self,
        request: Request,
        *,
        scopes: Iterable[str] = (),
        sink: Sink | None = None,
        expect: int | None = None,
    ) -> Answer:
        """The answer to a request, with credentials if the registry wants to see some.

        `scopes` are what a token is to be good for: "repository:charts/web:pull"; `sink` and `expect` are as in
        Transport.send. Raises RegistryError where there is no answer, or no token; an answer that still says no is one.
        """
        if "Authorization" in request.headers:
            return self.transport.send(request, sink=sink, expect=expect)
        host = parse_address(request.url).host
        wanted = clean_scopes(scopes)
        tried = " ".join(wanted)
        known = self._known(host, tried)
        answer = self.transport.send(known(request) if known else request, sink=sink, expect=expect)
        if answer.status != 401 or not same_origin(parse_address(request.url), parse_address(answer.url)):
            return answer
        scheme, values = parse_challenge(answer.headers.get("www-authenticate", ""))
        if scheme == "basic":
            return self.transport.send(self._basic(request, host, answer), sink=sink, expect=expect)
        if scheme != "bearer":
            return answer
        wanted = clean_scopes((*wanted, *filter(None, values.get("scope", "").split(" "))))
        key = " ".join(wanted)
        if key != tried and (again := self._known(host, key)):
            answer = self.transport.send(again(request), sink=sink, expect=expect)
            if answer.status != 401:
                return answer
        token = self._token(host, values, wanted, answer, parse_address(request.url))
        return self.transport.send(request.having("Authorization", f"Bearer {token}"), sink=sink, expect=expect)

    def _known(self, host: str, scopes: str) -> Callable[[Request], Request] | None:
        """What adds to a request what worked before with its host, if something did."""
        with self._lock:
            scheme = self._schemes.get(host, "")
            token = self._tokens.get((host, scopes if scheme == "Bearer" else ""), "") if scheme else ""
        return (lambda request: request.having("Authorization", f"{scheme} {token}")) if token else None

    def _keep(self, host: str, scheme: str, scopes: str, token: str) -> None:
        with self._lock:
            if self._schemes.get(host) != scheme:
                self._tokens = {key: kept for key, kept in self._tokens.items() if key[0] != host}
            self._schemes[host] = scheme
            self._tokens[host, scopes] = token

    def _basic(self, request: Request, host: str, answer: Answer) -> Request:
        """The request with a password."""
        from binascii import b2a_base64

        try:
            credential = self.find(host)
        except RegistryError as error:
            raise error.within(f"{answer.where}: failed to resolve credential") from error
        if credential == NOBODY:
            raise RegistryError(f"{answer.where}: basic credential not found", url=answer.url, status=401)
        if not (credential.username and credential.password):
            raise RegistryError(
                f"{answer.where}: missing username or password for basic auth", url=answer.url, status=401
            )
        pair = f"{credential.username}:{credential.password}".encode("utf-8", "surrogateescape")
        token = b2a_base64(pair, newline=False).decode()
        self._keep(host, "Basic", "", token)
        return request.having("Authorization", f"Basic {token}")

    def _token(self, host: str, values: dict[str, str], scopes: list[str], answer: Answer, asked: URL) -> str:
        """A token for some scopes, from where the challenge says."""
        try:
            _check_realm(values.get("realm", ""), asked)
            credential = self.find(host)
            if credential.access_token:
                token = credential.access_token
            elif credential == NOBODY or not (credential.refresh_token or self.by_form):
                token = self._plain_token(values, scopes, credential)
            else:
                token = self._form_token(values, scopes, credential)
        except RegistryError as error:
            raise error.within(answer.where) from error
        self._keep(host, "Bearer", " ".join(scopes), token)
        return token

    def _plain_token(self, values: dict[str, str], scopes: list[str], credential: Credential) -> str:
        """A token as the distribution project's specification has it: asked for with GET, maybe by nobody."""
        from binascii import b2a_base64

        fields = [("scope", scope) for scope in scopes]
        fields += [("service", values["service"])] if values.get("service") else []
        realm = values.get("realm", "")
        request = Request("GET", f"{realm}{'&' if '?' in realm else '?' if fields else ''}{_encoded(fields)}")
        if credential.username or credential.password:
            pair = f"{credential.username}:{credential.password}".encode("utf-8", "surrogateescape")
            request = request.having("Authorization", f"Basic {b2a_base64(pair, newline=False).decode()}")
        return self._read_token(request, ("access_token", "token"))

    def _form_token(self, values: dict[str, str], scopes: list[str], credential: Credential) -> str:
        """A token as OAuth2 has it: a form with a password or a refresh token."""
        fields = [("client_id", _CLIENT_ID), ("service", values.get("service", ""))]
        fields += [("scope", " ".join(scopes))] if scopes else []
        if credential.refresh_token:
            fields += [("grant_type", "refresh_token"), ("refresh_token", credential.refresh_token)]
        elif credential.username and credential.password:
            fields += [("grant_type", "password"), ("username", credential.username), ("password", credential.password)]
        else:
            raise RegistryError("missing username or password for bearer auth")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        request = Request("POST", values.get("realm", ""), form, _encoded(fields).encode())
        return self._read_token(request, ("access_token",))

    def _read_token(self, request: Request, names: tuple[str, ...]) -> str:
        from navarch.errors import JsonError
        from navarch.golang.json import loads

        answer = self.transport.send(request, limit=_TOKEN_LIMIT)
        if answer.status != 200:
            raise refusal(answer)
        try:
            found: Any = loads(answer.body.decode("utf-8", "surrogateescape"))
        except JsonError as error:
            raise RegistryError(f"{answer.where}: failed to decode response: {error}", url=answer.url) from error
        texts = [found.get(name) for name in names] if isinstance(found, dict) else []
        token = next((text for text in texts if isinstance(text, str) and text), "")
        if not token:
            raise RegistryError(f"{answer.where}: empty token returned", url=answer.url)
        return token


def parse_challenge(header: str) -> tuple[str, dict[str, str]]:
    """A WWW-Authenticate header: basic, bearer or "", and a bearer challenge's parameters (RFC 7235)."""
    import re

    match = re.match(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]*", header)
    scheme = match[0].lower() if match else ""
    if scheme != "bearer":
        return ("basic" if scheme == "basic" else ""), {}
    values: dict[str, str] = {}
    pattern = re.compile(
        r"""[ \t]*([!#$%&'*+\-.^_`|~\w]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[!#$%&'*+\-.^_`|~\w]+)[ \t]*"""
    )
    at = len(scheme)
    while found := pattern.match(header, at):
        name, value = found.groups()
        values[name] = re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] == '"' else value
        at = found.end()
        if header[at : at + 1] != ",":
            break
        at += 1
    return "bearer", values


def clean_scopes(scopes: Iterable[str]) -> list[str]:
    """Scopes in order, those of one resource as one, the actions in order; * stands for all actions."""
    others: list[str] = []
    actions: dict[tuple[str, str], set[str]] = {}
    for scope in scopes:
        kind, colon, rest = scope.partition(":")
        name, second, wanted = rest.rpartition(":")
        if not colon or not second:
            others.append(scope)
        elif found := set(filter(None, wanted.split(","))):
            actions.setdefault((kind, name), set()).update(found)
    merged = [
        f"{kind}:{name}:{'*' if '*' in some else ','.join(sorted(some))}" for (kind, name), some in actions.items()
    ]
    return sorted({*others, *merged})


def _check_realm(realm: str, asked: URL) -> None:
    """Refuse an address for tokens that a password must not be sent to: plain after TLS, or inside somebody's network.

    The registry's own host is fine whatever it is.
    """
    from navarch.errors import NavarchError
    from navarch.golang.strconv import quote

    try:
        url = parse_url(realm)
    except NavarchError as error:
        raise RegistryError(f"failed to parse bearer realm {quote(realm)}: {error}") from error
    if not realm:
        return
    if url.scheme not in ("http", "https"):
        raise RegistryError(f"bearer realm {quote(realm)} uses unsupported scheme {quote(url.scheme)}")
    if url.scheme == "http" and asked.scheme == "https":
        raise RegistryError(f"bearer realm {quote(realm)} uses http but registry was contacted over https")
    host = url.hostname()
    if host != asked.hostname() and _is_inside(host):
        kinds = "a loopback, link-local, private, or unspecified address"
        raise RegistryError(f"bearer realm host {quote(host)} is {kinds}")


def _is_inside(host: str) -> bool:
    from ipaddress import ip_address

    try:
        ip = ip_address(host)
    except ValueError:
        return False
    return ip.is_loopback or ip.is_link_local or ip.is_private or ip.is_unspecified


def _encoded(fields: list[tuple[str, str]]) -> str:
    """A form or query, sorted by name as Go writes it."""
    from urllib.parse import quote_plus

    pairs = sorted(fields, key=lambda field: field[0])
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
