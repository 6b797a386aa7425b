"""Certificates for tests: an authority that signs what is asked for."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import tempfile
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

__all__ = ["Authority", "Pair", "server_context"]

_DAY = dt.timedelta(days=1)


class Pair(NamedTuple):
    """A certificate and its key, both PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """Signs certificates; `certificate` is its own (PEM)."""

    def __init__(self, name: str = "test authority") -> None:
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign(self._name, self._key, authority=True).certificate

    def issue(
        self,
        name: str = "server",
        *,
        names: tuple[str, ...] = (),
        ips: tuple[str, ...] = (),
        days: tuple[int, int] = (-1, 2),
    ) -> Pair:
        """A certificate for DNS names and addresses, good from one day to the other, counted from now."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return self._sign(subject, ec.generate_private_key(ec.SECP256R1()), names=names, ips=ips, days=days)

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        authority: bool = False,
        names: tuple[str, ...] = (),
        ips: tuple[str, ...] = (),
        days: tuple[int, int] = (-1, 2),
    ) -> Pair:
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + days[0] * _DAY)
            .not_valid_after(now + days[1] * _DAY)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        others = [x509.DNSName(name) for name in names] + [x509.IPAddress(ipaddress.ip_address(ip)) for ip in ips]
        if others:
            builder = builder.add_extension(x509.SubjectAlternativeName(others), critical=False)
        signed = builder.sign(self._key, hashes.SHA256())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Pair(signed.public_bytes(Encoding.PEM), private)


def server_context(pair: Pair, *, clients: bytes | None = None) -> ssl.SSLContext:
    """TLS for a server; with `clients`, only for clients that this authority (PEM) knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(pair.certificate + pair.key)
        file.flush()
        context.load_cert_chain(file.name)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients.decode())
    return context
