"""The keys of a cluster: an authority of its own, a certificate for the server and one for its administrator.

They are made once and kept as PEM files, so that a restarted server is the one that kubeconfigs know, and that it needs
nothing but Python's ssl. The administrator's certificate says who he is as kubeadm's does: user kubernetes-admin, group
system:masters.
"""

from __future__ import annotations

import json
import os
import time
from typing import NamedTuple

from navarch.files import write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import GeneralName, KeyUsage, Name

__all__ = ["Certificates", "make", "present"]

_DAYS = 3650
_LEAST_SECONDS = 30 * 86400  # certificates that end sooner are made anew
_NOTE = "certificates.json"
_INSIDE = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "127.0.0.1", "::1")


class Certificates(NamedTuple):
    """The paths of PEM files."""

    authority: str
    server: str
    server_key: str
    client: str
    client_key: str

    def server_context(self) -> ssl.SSLContext:
        """TLS for the server. Clients needn't show a certificate; one that they show must be the authority's."""
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.server, self.server_key)
        context.load_verify_locations(self.authority)
        context.verify_mode = ssl.CERT_OPTIONAL
        return context


def _paths(folder: str) -> Certificates:
    names = ("ca.crt", "server.crt", "server.key", "client.crt", "client.key")
    return Certificates(*(os.path.join(folder, name) for name in names))


def present(folder: str, names: Sequence[str] = ()) -> Certificates | None:
    """The certificates in a folder; None if any is missing or about to end, or if the server's lacks one of `names`."""
    paths = _paths(folder)
    try:
        with open(os.path.join(folder, _NOTE), encoding="utf-8") as file:
            note = json.load(file)
        good = note["until"] > time.time() + _LEAST_SECONDS and set(names) <= set(note["names"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return paths if good and all(map(os.path.exists, paths)) else None


def make(folder: str, names: Sequence[str] = ()) -> Certificates:
    """Make certificates in a folder that exists. `names` are DNS names and addresses beyond those on loopback.

    Raises OSError. What was there is replaced; before the last file is written, `present` doesn't answer the new ones.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def name(**parts: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(getattr(NameOID, key), text) for key, text in parts.items()])

    authority, server, client = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    root = name(COMMON_NAME="navarch")
    administrator = name(ORGANIZATION_NAME="system:masters", COMMON_NAME="kubernetes-admin")
    known = (*_INSIDE, *names)
    paths = _paths(folder)
    note = os.path.join(folder, _NOTE)
    if os.path.exists(note):
        os.unlink(note)
    _write(paths.authority, _signed(root, authority, root, authority))
    _write(paths.server, _signed(name(COMMON_NAME="kube-apiserver"), server, root, authority, names=known))
    _write(paths.server_key, _private(server))
    _write(paths.client, _signed(administrator, client, root, authority))
    _write(paths.client_key, _private(client))
    _write(note, json.dumps({"until": int(time.time()) + _DAYS * 86400, "names": known}).encode())
    return paths


def _signed(
    subject: Name,
    key: EllipticCurvePrivateKey,
    issuer: Name,
    authority: EllipticCurvePrivateKey,
    *,
    names: Sequence[str] = (),
) -> bytes:
    """A certificate as PEM: the authority's own if `key` is its key, a server's if there are names, else a client's."""
    import datetime as dt

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

    root = key is authority
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    builder = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))  # clocks of containers may be behind
        .not_valid_after(now + dt.timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
        .add_extension(_key_usage(root=root), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
    )
    if root:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    else:
        usage = Usage.SERVER_AUTH if names else Usage.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if names:
        others = [_general_name(one) for one in dict.fromkeys(names)]
        builder = builder.add_extension(x509.SubjectAlternativeName(others), critical=False)
    return builder.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _key_usage(*, root: bool) -> KeyUsage:
    from cryptography.x509 import KeyUsage

    return KeyUsage(
        digital_signature=True,
        key_cert_sign=root,
        crl_sign=root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(text: str) -> GeneralName:
    import ipaddress

    from cryptography.x509 import DNSName, IPAddress

    try:
        return IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return DNSName(text)


def _private(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: str, data: bytes) -> None:
    """Write a file that only its owner can read."""
    write_file(path, data, 0o600)
