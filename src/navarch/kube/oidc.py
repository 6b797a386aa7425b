"""The auth-provider "oidc" of kubeconfigs: an ID token that is refreshed when it is over, and written back.

client-go's rules (plugin/pkg/client/auth/oidc): the token counts until ten seconds before its end; a refresh asks the
issuer's token endpoint; new tokens go into the kubeconfig that the user came from.
"""

from __future__ import annotations

import json
import os
import threading
import time

from navarch.errors import ConfigError
from navarch.files import PartFile
from navarch.kube.credentials import Certificate, Credentials
from navarch.kube.kubeconfig import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.kube.config import Config

__all__ = ["provider_credentials"]

_REMOVED = {
    "gcp": (
        '"gke-gcloud-auth-plugin"',
        "https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke",
    ),
    "azure": (
        "https://github.com/Azure/kubelogin",
        "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins",
    ),
}
_BASE64URL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_EARLY = 10.0  # seconds
_SHOWN = 80
_LOCK_SECONDS = 2.0

_known: dict[tuple[str, str, str], _Provider] = {}
_lock = threading.Lock()


def provider_credentials(config: Config, certificate: Certificate | None) -> Credentials:
    """The credentials of a configuration's auth-provider; one and the same for equal ones. Raises ConfigError."""
    provider = config.auth_provider or {}
    name = provider.get("name", "")
    settings: dict[str, str] = provider.get("config") or {}
    if name != "oidc":
        raise ConfigError(_no_provider(name))
    for needed in ("idp-issuer-url", "client-id"):
        if not settings.get(needed):
            raise ConfigError(f"Must provide {needed}")
    key = (config.server, settings["idp-issuer-url"], settings["client-id"])
    with _lock:
        return _known.setdefault(key, _Provider(config, settings, certificate))


def _no_provider(name: str) -> str:
    """What client-go says of providers that it doesn't have, or has no longer."""
    if name in _REMOVED:
        plugin, page = _REMOVED[name]
        use = f"Please use the {plugin} kubectl/client-go credential plugin instead."
        return f"The {name} auth plugin has been removed.\n{use}\nSee {page} for further details"
    from navarch.golang.strconv import quote

    return f"no Auth Provider found for name {quote(name)}"


class _Provider(Credentials):
    """Refreshes its token when needed, one thread at a time."""

    def __init__(self, config: Config, settings: dict[str, str], certificate: Certificate | None) -> None:
        super().__init__(certificate=certificate)
        self._settings = dict(settings)
        self._user, self._file = config.user, config.user_file
        self._lock = threading.Lock()

    def authorization(self) -> str:
        with self._lock:
            token = self._settings.get("id-token", "")
            if not token or not _still_good(token):
                token = self._refresh()
            return f"Bearer {token}"

    def _refresh(self) -> str:
        refresh = self._settings.get("refresh-token", "")
        if not refresh:
            raise ConfigError("No valid id-token, and cannot refresh without refresh-token")
        answer = self._ask(self._token_endpoint(), refresh)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ConfigError(
                'token response did not contain an id_token, either the scope "openid" wasn\'t requested upon login, '
                "or the provider doesn't support id_tokens as part of the refresh response"
            )
        changed = {**self._settings, "id-token": token}
        if isinstance(answer.get("refresh_token"), str) and answer["refresh_token"]:
            changed["refresh-token"] = answer["refresh_token"]
        if self._file:
            try:
                _persist(self._file, self._user, changed)
            except ConfigError as error:
                raise ConfigError(f"could not persist new tokens: {error}") from error
        self._settings = changed
        return token

    def _fetch(
        self, method: str, url: str, body: bytes | None = None, authorization: str = ""
    ) -> tuple[int, str, bytes]:
        from binascii import Error, a2b_base64

        from navarch.kube.net.fetch import fetch

        try:
            authorities = a2b_base64(self._settings.get("idp-certificate-authority-data", ""), strict_mode=True)
        except (Error, ValueError) as error:
            raise ConfigError(f"illegal base64 data in idp-certificate-authority-data: {error}") from error
        ca_file = self._settings.get("idp-certificate-authority", "")
        return fetch(method, url, body=body, authorization=authorization, ca_data=authorities, ca_file=ca_file)

    def _token_endpoint(self) -> str:
        """Where tokens are to be had, as the issuer's metadata say."""
        issuer = self._settings["idp-issuer-url"].removesuffix("/")
        status, reason, body = self._fetch("GET", f"{issuer}/.well-known/openid-configuration")
        if status != 200:
            from navarch.golang.strconv import quote

            shown = body.decode("utf-8", "replace")
            shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
            raise ConfigError(f"oidc: failed to query metadata endpoint {status} {reason}: {quote(shown)}")
        try:
            url = json.loads(body).get("token_endpoint")
        except (ValueError, AttributeError, RecursionError) as error:
            raise ConfigError(f"oidc: failed to decode provider discovery object: {error}") from error
        if not isinstance(url, str) or not url:
            raise ConfigError("oidc: discovery object doesn't contain a token_endpoint")
        return url

    def _ask(self, endpoint: str, refresh: str) -> dict[str, Any]:
        """The answer to a refresh. The client's password goes into the header; where that is refused, into the form."""
        from binascii import b2a_base64
        from urllib.parse import quote_plus, urlencode

        client, secret = self._settings["client-id"], self._settings.get("client-secret", "")
        pair = f"{quote_plus(client)}:{quote_plus(secret)}".encode()
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        tries: tuple[tuple[dict[str, str], str], ...] = (
            (form, f"Basic {b2a_base64(pair, newline=False).decode()}"),
            ({**form, "client_id": client, **({"client_secret": secret} if secret else {})}, ""),
        )
        problem = ConfigError("")
        for fields, authorization in tries:
            try:
                return _token_answer(*self._fetch("POST", endpoint, urlencode(fields).encode(), authorization))
            except ConfigError as error:
                problem = ConfigError(f"failed to refresh token: {error}")
        raise problem


def _token_answer(status: int, reason: str, body: bytes) -> dict[str, Any]:
    """The fields of a token endpoint's answer. Raises ConfigError, in the words of Go's oauth2."""
    from navarch.golang.strconv import quote

    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        if 200 <= status < 300:
            raise ConfigError(f"oauth2: cannot parse json: {error}") from error
        found = {}
    if not isinstance(found, dict):
        found = {}
    if problem := found.get("error"):
        description = found.get("error_description")
        raise ConfigError(f"oauth2: {quote(str(problem))}{f' {quote(str(description))}' if description else ''}")
    if not 200 <= status < 300:
        shown = body.decode("utf-8", "replace")
        raise ConfigError(f"oauth2: cannot fetch token: {status} {reason}\nResponse: {shown}")
    if not found.get("access_token"):
        raise ConfigError("oauth2: server response missing access_token")
    return found


def _still_good(token: str) -> bool:
    """Whether an ID token has more than a few seconds left. Raises ConfigError where it is none."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ConfigError("ID Token is not a valid JWT")
    try:
        claims = json.loads(_from_base64url(parts[1]))
        expires = claims.get("exp") or 0
    except (ValueError, AttributeError, RecursionError) as error:
        raise ConfigError(f"parsing claims: {error}") from error
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise ConfigError("parsing claims: exp is not a number")
    return time.time() + _EARLY < expires


def _from_base64url(text: str) -> bytes:
    """base64.RawURLEncoding: no padding. Raises ConfigError."""
    from binascii import a2b_base64

    wrong = next((at for at, char in enumerate(text) if char not in _BASE64URL), None)
    if wrong is None and len(text) % 4 == 1:
        wrong = len(text) - 1
    if wrong is not None:
        raise ConfigError(f"illegal base64 data at input byte {wrong}")
    return a2b_base64(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))


def _persist(path: str, user: str, settings: dict[str, str]) -> None:
    """Write a user's new tokens into a kubeconfig, whose other content stays. Raises ConfigError."""
    from navarch.golang.yaml import dump, load

    real = os.path.realpath(path)
    with _FileLock(f"{real}.lock"):
        try:
            with open(real, "rb") as file:
                document = load(file.read(), exact=True)
            for entry in document.get("users") or ():
                if entry.get("name") == user:
                    entry["user"]["auth-provider"]["config"] = settings
            _replace(real, dump(document).encode())
        except OSError as error:
            raise ConfigError(f"open {path}: {words(error)}") from error
        except (AttributeError, KeyError, TypeError) as error:
            raise ConfigError(f"{path} is no longer a kubeconfig with user {user}") from error


def _replace(path: str, data: bytes) -> None:
    """New content for a file, all or nothing, with its mode."""
    with PartFile(path, 0o600) as file:
        file.write(data)
        os.fchmod(file.fileno(), os.stat(path).st_mode & 0o777)


class _FileLock:
    """client-go's lock on a kubeconfig: a file beside it, which must not be there yet."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        until = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                descriptor = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0)
            except OSError as error:
                if not isinstance(error, FileExistsError) or time.monotonic() > until:
                    raise ConfigError(f"open {self._path}: {words(error)}") from error
                time.sleep(0.05)
            else:
                os.close(descriptor)
                return

    def __exit__(self, *_: object) -> None:
        os.unlink(self._path)
