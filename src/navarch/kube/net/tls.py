"""TLS as Go's crypto/tls and client-go set it up, and its failures in their words."""

from __future__ import annotations

import os
import socket
import ssl

from navarch.errors import ConfigError
from navarch.kube.kubeconfig import read_file
from navarch.kube.net.dial import DialError, read_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.kube.config import Config
    from navarch.kube.credentials import Certificate
    from navarch.kube.net.dial import Dialer

__all__ = ["context", "handshake_error", "tls_words"]

# where Go looks for the system's authorities, for an OpenSSL that has been built for another system
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST")
# what crypto/tls calls the alerts of a peer, where that isn't their name in small letters
_ALERTS = {
    "bad_record_mac": "bad record MAC",
    "certificate_expired": "expired certificate",
    "certificate_revoked": "revoked certificate",
    "certificate_unknown": "unknown certificate",
    "decode_error": "error decoding message",
    "decrypt_error": "error decrypting message",
    "insufficient_security": "insufficient security level",
    "protocol_version": "protocol version not supported",
    "unknown_ca": "unknown certificate authority",
    "unknown_psk_identity": "unknown PSK identity",
    "user_cancelled": "user canceled",
}


def context(config: Config, certificate: Certificate | None) -> ssl.SSLContext:
    """A context for the server of a configuration, with a certificate of ours. Raises ConfigError."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    authorities = _authorities(config)
    if config.insecure:
        if authorities is not None:
            raise ConfigError("specifying a root certificates file with the insecure flag is not allowed")
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    else:
        made.hostname_checks_common_name = False
        made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # any certificate may be trusted, not only authorities'
        _trust(made, authorities)
    if certificate is not None:
        _identify(made, certificate)
    return made


def _authorities(config: Config) -> bytes | None:
    """The PEM text of whom to trust; None for whom the system trusts."""
    if config.ca_data:
        return config.ca_data
    if not config.ca_file:
        return None
    return read_file(config.ca_file)


def _trust(made: ssl.SSLContext, authorities: bytes | None) -> None:
    if authorities is None:
        made.load_default_certs()
        if not made.cert_store_stats()["x509"]:
            for path in filter(os.path.exists, _BUNDLES):
                made.load_verify_locations(cafile=path)
                break
        return
    if not authorities:  # an empty file: trust nobody
        return
    try:
        made.load_verify_locations(cadata=authorities.decode("latin-1"))
    except (ssl.SSLError, ValueError):
        from navarch.kube.net.certificates import trust_readable

        trust_readable(made, authorities)


def _identify(made: ssl.SSLContext, certificate: Certificate) -> None:
    """Show a certificate to who asks for one. OpenSSL only reads it from files."""
    from navarch.kube.net.memory import file_of

    try:
        with file_of(certificate.chain + b"\n" + certificate.key) as path:
            made.load_cert_chain(path, password=_no_password)
    except (OSError, ValueError) as error:
        from navarch.kube.net.certificates import check_pair

        check_pair(certificate)
        raise ConfigError("tls: failed to parse private key") from error


def _no_password() -> str:
    """Never ask the terminal for one."""
    return ""


def handshake_error(error: OSError, dialer: Dialer, name: str, between: str) -> DialError:
    """A failed handshake in Go's words."""
    if isinstance(error, TimeoutError):
        return DialError("net/http: TLS handshake timeout", passing=True)
    if isinstance(error, ssl.SSLCertVerificationError):
        from navarch.kube.net.certificates import verification_words

        seen = _see(dialer, name)
        problem = verification_words(error.verify_code, seen, name, _authorities(dialer.config))
        return DialError(f"tls: failed to verify certificate: x509: {problem}")
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        if error.reason in _NOT_TLS and _speaks_http(dialer):
            return DialError("http: server gave HTTP response to HTTPS client")
        return DialError(tls_words(error))
    if isinstance(error, ssl.SSLError):
        return DialError("EOF", passing=True)
    return DialError(read_words(between, error), passing=True)


def tls_words(error: ssl.SSLError) -> str:
    """A failure of the protocol in crypto/tls' words."""
    reason = error.reason or ""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "unexpected EOF"
    for mark in ("_ALERT_", "TLSV1_"):
        _, found, alert = reason.lower().partition(mark.lower())
        if found:
            return f"remote error: tls: {_ALERTS.get(alert, alert.replace('_', ' '))}"
    if reason in _NOT_TLS:
        return "tls: first record does not look like a TLS handshake"
    return f"tls: {reason.lower().replace('_', ' ')}"


def _see(dialer: Dialer, name: str) -> bytes:
    """The server's certificate (DER), whatever it is worth; empty where it can't be had."""
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    try:
        sock = dialer.plain(None)
        if not isinstance(sock, socket.socket):
            return b""
        sock.settimeout(5)
        with blind.wrap_socket(sock, server_hostname=name) as wrapped:
            return wrapped.getpeercert(binary_form=True) or b""
    except (OSError, DialError):
        return b""


def _speaks_http(dialer: Dialer) -> bool:
    """Whether a server that didn't understand our greeting answers it in HTTP."""
    out = ssl.MemoryBIO()
    hello = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    try:
        hello.do_handshake()
    except ssl.SSLError:
        pass
    try:
        sock = dialer.plain(None)
        sock.settimeout(5)
        sock.sendall(out.read())
        answer = sock.recv(5)
        sock.close()
    except (OSError, DialError):
        return False
    return answer == b"HTTP/"
