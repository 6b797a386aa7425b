"""With which credentials, certificates and precautions a server is talked to, and what TLS makes of that."""

from __future__ import annotations

from navarch.errors import ConfigError, DownloadError
from navarch.kube.kubeconfig import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.kube.config import Config
    from navarch.kube.credentials import Certificate

__all__ = ["Access"]

_FAILED = "can't create TLS config for client"


class Access:
    """Credentials and TLS settings of a server; what is "" is not set.

    `username` and `password` go to the server they are for and to nobody else, unless `pass_credentials`. Files are
    PEM: a client certificate with its key, and the authorities that the server's certificate is checked against.
    `plain_http` is for registries.
    """

    __slots__ = (
        "ca_file",
        "cert_file",
        "insecure_skip_tls_verify",
        "key_file",
        "pass_credentials",
        "password",
        "plain_http",
        "username",
    )

    def __init__(
        self,
        *,
        username: str = "",
        password: str = "",
        cert_file: str = "",
        key_file: str = "",
        ca_file: str = "",
        insecure_skip_tls_verify: bool = False,
        pass_credentials: bool = False,
        plain_http: bool = False,
    ) -> None:
        self.username = username
        self.password = password
        self.cert_file = cert_file
        self.key_file = key_file
        self.ca_file = ca_file
        self.insecure_skip_tls_verify = insecure_skip_tls_verify
        self.pass_credentials = pass_credentials
        self.plain_http = plain_http

    def but(self, **changes: Any) -> Access:
        """The same with some fields changed."""
        return Access(**{**{name: getattr(self, name) for name in self.__slots__}, **changes})

    @property
    def tls(self) -> tuple[str, str, str, bool]:
        """What decides about TLS; the default where nothing does (one of a pair of files counts as nothing)."""
        if not ((self.cert_file and self.key_file) or self.ca_file or self.insecure_skip_tls_verify):
            return "", "", "", False
        return self.cert_file, self.key_file, self.ca_file, self.insecure_skip_tls_verify

    def configure(self, config: Config) -> Certificate | None:
        """Put the TLS settings into a connection's configuration; answers our certificate.

        Raises DownloadError in the words of Helm's internal/tlsutil for files that can't be used.
        """
        cert_file, key_file, ca_file, config.insecure = self.tls
        problems: list[str] = []
        chain = key = b""
        if cert_file or key_file:
            chain = _read(cert_file, f'unable to read cert file: "{cert_file}": ', problems)
            key = b"" if problems else _read(key_file, f'unable to read key file: "{key_file}": ', problems)
        authorities = _read(ca_file, f'can\'t read CA file: "{ca_file}": ', problems) if ca_file else b""
        if problems:
            raise DownloadError(f"{_FAILED}: {chr(10).join(problems)}")
        certificate = _pair(chain, key) if chain and key else None
        if authorities:
            _check_authorities(authorities)
            if not config.insecure:
                config.ca_data = authorities
        return certificate


def _read(path: str, words: str, problems: list[str]) -> bytes:
    try:
        return read_file(path)
    except ConfigError as error:
        problems.append(f"{words}{error}")
        return b""


def _pair(chain: bytes, key: bytes) -> Certificate:
    from navarch.kube.credentials import Certificate
    from navarch.kube.net.certificates import check_pair

    made = Certificate(chain, key)
    try:
        check_pair(made)
    except ConfigError as error:
        raise DownloadError(f"{_FAILED}: unable to load cert from key pair: {error}") from error
    return made


def _check_authorities(data: bytes) -> None:
    """Refuse a file in which there is no certificate."""
    import ssl

    from navarch.kube.net.certificates import trust_readable

    try:
        trust_readable(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), data)
    except ConfigError as error:
        raise DownloadError(f"{_FAILED}: failed to append certificates from pem block") from error
