"""Who we are: what goes into the Authorization header, and which certificate is shown.

Tokens, files of them that are read again, passwords; plugins and OIDC are in modules of their own.
"""

from __future__ import annotations

import time

from navarch.errors import ConfigError
from navarch.kube.kubeconfig import read_file
from navarch.kube.net.address import basic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.kube.config import Config, Impersonation

__all__ = ["Certificate", "Credentials", "credentials_for", "impersonation_headers"]

_TOKEN = frozenset("!#$&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_REREAD = 50.0  # seconds; client-go keeps a token for a minute and looks ten seconds early


class Certificate:
    """A certificate chain and its key, both PEM."""

    __slots__ = ("chain", "key")

    def __init__(self, chain: bytes, key: bytes) -> None:
        self.chain = chain
        self.key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and (self.chain, self.key) == (other.chain, other.key)

    def __hash__(self) -> int:
        return hash((self.chain, self.key))


class Credentials:
    """What doesn't change: a header, or nothing; and a certificate, or none."""

    def __init__(self, authorization: str = "", certificate: Certificate | None = None) -> None:
        self._authorization = authorization
        self._certificate = certificate

    def authorization(self) -> str:
        """The value of the Authorization header; "" for none. Raises ConfigError."""
        return self._authorization

    def certificate(self) -> Certificate | None:
        """The certificate to show, if any. Raises ConfigError."""
        return self._certificate

    def refused(self, _authorization: str) -> bool:
        """The server said 401 to this header: whether it is worth another try, with new credentials."""
        return False


class _TokenFile(Credentials):
    """A file with a token, which others may write to. Reading that fails leaves the token as it was."""

    def __init__(self, path: str, token: str, certificate: Certificate | None) -> None:
        super().__init__(certificate=certificate)
        self._path = path
        self._token = token
        self._read_at = 0.0

    def authorization(self) -> str:
        now = time.monotonic()
        if not self._read_at or now - self._read_at > _REREAD:
            self._token = self._read() or self._token
            self._read_at = now
        return f"Bearer {self._token}"

    def refused(self, _authorization: str) -> bool:
        self._read_at = 0.0
        return self.authorization() != _authorization

    def _read(self) -> str:
        try:
            return read_file(self._path).decode().strip()
        except (ConfigError, UnicodeDecodeError):
            return ""


def credentials_for(config: Config) -> Credentials:
    """The credentials that a configuration names. Raises ConfigError where they don't go together."""
    certificate = _certificate(config)
    if config.username and (config.token or config.token_file):
        raise ConfigError("username/password or bearer token may be set, but not both")
    if config.exec_plugin is not None and not (config.token or config.username or certificate):
        from navarch.kube.exec import plugin_credentials

        return plugin_credentials(config)
    if config.token_file:
        if not config.token and not read_file(config.token_file).strip():
            from navarch.golang.strconv import quote

            raise ConfigError(f"read empty token from file {quote(config.token_file)}")
        return _TokenFile(config.token_file, config.token, certificate)
    if config.token:
        return Credentials(f"Bearer {config.token}", certificate)
    if config.username:
        return Credentials(basic(config.username, config.password), certificate)
    if config.auth_provider is not None:
        from navarch.kube.oidc import provider_credentials

        return provider_credentials(config, certificate)
    return Credentials(certificate=certificate)


def impersonation_headers(whom: Impersonation) -> list[str]:
    """The header lines that ask to act as somebody else."""
    pairs = [("Impersonate-User", whom.user)]
    if whom.uid:
        pairs.append(("Impersonate-Uid", whom.uid))
    pairs += [("Impersonate-Group", group) for group in whom.groups]
    pairs += [(f"Impersonate-Extra-{_escape_key(key)}", value) for key in whom.extra for value in whom.extra[key]]
    for name, value in pairs:
        if value and not value.isprintable():
            raise ConfigError(f'net/http: invalid header field value for "{name}"')
    return [f"{name}: {value}" for name, value in pairs]


def _escape_key(key: str) -> str:
    """A name as it may stand in a header's name (client-go's headerKeyEscape)."""
    return "".join(char if char in _TOKEN else "".join(f"%{byte:02X}" for byte in char.encode()) for char in key)


def _certificate(config: Config) -> Certificate | None:
    chain = config.cert_data or (read_file(config.cert_file) if config.cert_file else b"")
    key = config.key_data or (read_file(config.key_file) if config.key_file else b"")
    return Certificate(chain, key) if chain and key else None
