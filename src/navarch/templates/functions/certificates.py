"""Private keys and certificates in templates.

Made as Go's crypto/x509 makes them: the same fields, extensions in the same order, the same PEM forms. What can't be
made raises FunctionError in sprig's words; where those end with a reason of crypto/x509's, it may be another.
"""

from __future__ import annotations

from navarch.errors import FunctionError
from navarch.golang.runes import from_bytes, to_bytes
from navarch.templates.functions.crypto import decode_base64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

__all__ = ["FUNCTIONS", "Certificate"]

_RSA_CERTIFICATE_BITS = 2048
_RSA_BITS = 4096
_DAY = 86_400 * 10**9
_KEY = " PRIVATE KEY"
_SIGNING_HASHES = {384: "SHA384", 521: "SHA512"}  # by the size of an elliptic curve; SHA256 for others


class Certificate:
    """sprig's certificate: itself and its private key, both in PEM."""

    __slots__ = ("Cert", "Key")
    go_type = "sprig.certificate"
    go_kind = "struct"
    go_fields = ("Cert", "Key")

    def __init__(self, cert: str, key: str) -> None:
        self.Cert = cert
        self.Key = key

    def go_json(self) -> dict[str, str]:
        return {"Cert": self.Cert, "Key": self.Key}


# private keys


def gen_private_key(kind: str) -> str:
    """A new key in PEM: rsa (the default), dsa, ecdsa or ed25519. Another kind is answered in words."""
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

    if kind in {"", "rsa"}:
        return _key_in_pem(rsa.generate_private_key(65537, _RSA_BITS))
    if kind == "dsa":
        return _key_in_pem(dsa.generate_private_key(2048))
    if kind == "ecdsa":
        return _key_in_pem(ec.generate_private_key(ec.SECP256R1()))
    if kind == "ed25519":
        return _key_in_pem(ed25519.Ed25519PrivateKey.generate())
    return f"Unknown type {kind}"


def _new_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(65537, _RSA_CERTIFICATE_BITS)


def _key_in_pem(key: Any) -> str:
    """A key in the form that its kind has of old, or in PKCS #8 where there's none."""
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    old = isinstance(key, rsa.RSAPrivateKey | dsa.DSAPrivateKey | ec.EllipticCurvePrivateKey)
    form = PrivateFormat.TraditionalOpenSSL if old else PrivateFormat.PKCS8
    data: bytes = key.private_bytes(Encoding.PEM, form, NoEncryption())
    return data.decode()


def _pem_block(text: str) -> tuple[str, bytes] | None:
    """The type and content of the first PEM block in a text."""
    lines = [line.rstrip(" \t\r") for line in text.split("\n")]
    for at, line in enumerate(lines):
        if not (line.startswith("-----BEGIN ") and line.endswith("-----") and len(line) > 16):
            continue
        kind = line[11:-5]
        try:
            end = lines.index(f"-----END {kind}-----", at + 1)
        except ValueError:
            continue
        body = lines[at + 1 : end]
        while body and ":" in body[0]:  # headers
            body = body[1:]
        data = decode_base64("".join(body).replace(" ", "").replace("\t", ""))
        if data is not None:
            return kind, data
    return None


def _parse_key(pem: str) -> Any:
    """The private key in a PEM text."""
    block = _pem_block(pem)
    if block is None:
        raise FunctionError("no PEM data in input")
    kind, data = block
    if kind == "PRIVATE KEY":
        return _load_key(data, "decoding PEM as PKCS#8", 0x30)
    if not kind.endswith(_KEY):
        raise FunctionError(f"no private key data in PEM block of type {kind}")
    name = kind.removesuffix(_KEY)
    if name not in {"RSA", "EC", "DSA"}:
        raise FunctionError(f"invalid private key type {kind}")
    return _load_key(data, f"parsing {name} private key from PEM", 0x04 if name == "EC" else 0x02)


def _load_key(data: bytes, what: str, second: int) -> Any:
    """The key in a DER structure; `second` is the tag of what must follow its version number."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        if _second_tag(data) == second:
            return load_der_private_key(data, None)
        reason = "asn1: structure error: tags don't match"
    except (ValueError, TypeError, UnsupportedAlgorithm):
        reason = "asn1: syntax error: invalid key"
    raise FunctionError(f"{what}: {reason}")


def _second_tag(data: bytes) -> int:
    """The tag of the second element of a DER sequence whose first is a number below 128; 0 for other data."""
    start = 2 + (data[1] & 0x7F if len(data) > 1 and data[1] & 0x80 else 0)
    return (
        data[start + 3] if data[:1] == b"\x30" and data[start : start + 2] == b"\x02\x01" and data[start + 3 :] else 0
    )


# certificates


def build_custom_cert(cert: str, key: str) -> Certificate:
    """A certificate and its key as given in base64 of PEM, once both have been seen to be such."""
    cert_data, key_data = decode_base64(cert), decode_base64(key)
    if cert_data is None:
        raise FunctionError("unable to decode base64 certificate")
    if key_data is None:
        raise FunctionError("unable to decode base64 private key")
    made = Certificate(from_bytes(cert_data), from_bytes(key_data))
    _parse_certificate(made.Cert, "decodedCert")
    try:
        _parse_key(made.Key)
    except FunctionError as error:
        raise FunctionError(f"error parsing private key: {error}") from None
    return made


def _parse_certificate(pem: str, name: str) -> Any:
    from cryptography.x509 import load_der_x509_certificate

    block = _pem_block(pem)
    if block is None:
        raise FunctionError("unable to decode certificate")
    try:
        return load_der_x509_certificate(block[1])
    except ValueError:
        raise FunctionError(f"error parsing certificate: {name}.Bytes: x509: malformed certificate") from None


def gen_ca(name: str, days: int) -> Certificate:
    """A certificate authority, signed by itself."""
    return _make(name, None, None, days, _new_key, authority=True)


def gen_ca_with_key(name: str, days: int, key: str) -> Certificate:
    given = _given_key(key)
    return _make(name, None, None, days, lambda: given, authority=True)


def gen_self_signed_cert(name: str, ips: list[Any] | None, hosts: list[Any] | None, days: int) -> Certificate:
    return _make(name, ips, hosts, days, _new_key)


def gen_self_signed_cert_with_key(
    name: str, ips: list[Any] | None, hosts: list[Any] | None, days: int, key: str
) -> Certificate:
    given = _given_key(key)
    return _make(name, ips, hosts, days, lambda: given)


def gen_signed_cert(
    name: str, ips: list[Any] | None, hosts: list[Any] | None, days: int, ca: Certificate
) -> Certificate:
    return _make(name, ips, hosts, days, _new_key, signer=_signer(ca))


def gen_signed_cert_with_key(
    name: str, ips: list[Any] | None, hosts: list[Any] | None, days: int, ca: Certificate, key: str
) -> Certificate:
    given = _given_key(key)
    return _make(name, ips, hosts, days, lambda: given, signer=_signer(ca))


def _given_key(pem: str) -> Any:
    try:
        return _parse_key(pem)
    except FunctionError as error:
        raise FunctionError(f"parsing private key: {error}") from None


def _signer(ca: Certificate) -> tuple[Any, Any]:
    """The certificate and the private key of who signs."""
    certificate = _parse_certificate(ca.Cert, "decodedSignerCert")
    try:
        return certificate, _parse_key(ca.Key)
    except FunctionError as error:
        raise FunctionError(f"error parsing private key: {error}") from None


def _make(
    name: str,
    ips: list[Any] | None,
    hosts: list[Any] | None,
    days: int,
    new_key: Callable[[], Any],
    *,
    authority: bool = False,
    signer: tuple[Any, Any] | None = None,
) -> Certificate:
    """A certificate for a name, addresses and hosts, valid from now on for some days; without signer by itself."""
    from cryptography.hazmat.primitives.serialization import Encoding

    addresses, names = _addresses(ips), _hosts(hosts)
    key = new_key()
    signing = signer[1] if signer else key
    try:
        _check_keys(key, signing, signer)
        builder = _builder(name, key, signer, days)
        for extension, critical in _extensions(key, signer, authority, names, addresses, critical_names=not name):
            builder = builder.add_extension(extension, critical)
        signed = builder.sign(signing, _hash_for(signing))
    except FunctionError as error:
        raise FunctionError(f"error creating certificate: {error}") from None
    return Certificate(signed.public_bytes(Encoding.PEM).decode(), _key_in_pem(key))


def _addresses(ips: list[Any] | None) -> list[bytes]:
    """The addresses as bytes, four or sixteen of them."""
    from navarch.golang.fmt import text
    from navarch.golang.netip import parse_ip

    found = []
    for ip in ips or ():
        if type(ip) is not str:
            raise FunctionError(f"error parsing ip: {text(ip)} is not a string")
        try:
            address = parse_ip(ip, zone=False)
        except FunctionError:
            raise FunctionError(f"error parsing ip: {ip}") from None
        mapped = len(address) == 16 and address[:12] == bytes(10) + b"\xff\xff"
        found.append(address[12:] if mapped else address)
    return found


def _hosts(hosts: list[Any] | None) -> list[str]:
    from navarch.golang.fmt import text

    for host in hosts or ():
        if type(host) is not str:
            raise FunctionError(f"error processing alternate dns name: {text(host)} is not a string")
    return list(hosts or ())


def _check_keys(key: Any, signing: Any, signer: tuple[Any, Any] | None) -> None:
    """Refuse the kinds of keys that Go can't use for certificates, and a signer's key that isn't the certificate's."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    usable = (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey)
    if not isinstance(signing, usable):
        raise FunctionError("x509: certificate private key does not implement crypto.Signer")
    if not isinstance(key, usable):
        raise FunctionError("x509: unsupported public key type: *dsa.PublicKey")
    if signer and signer[0].public_key() != signing.public_key():
        raise FunctionError("x509: provided PrivateKey doesn't match parent's PublicKey")


def _builder(name: str, key: Any, signer: tuple[Any, Any] | None, days: int) -> Any:
    """What all certificates have. Given to the constructor, because the methods refuse one that has already expired."""
    import warnings

    from cryptography.x509 import CertificateBuilder

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names with more than 64 characters
        subject = _name(name)
        issuer = signer[0].subject if signer else subject
    start, end = _validity(days)
    return CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=_serial_number(),
        not_valid_before=start,
        not_valid_after=end,
    )


def _name(common_name: str) -> Any:
    """A name with nothing but the common name, of any length; empty for none."""
    from cryptography.x509 import Name, NameAttribute
    from cryptography.x509.oid import NameOID

    if not common_name:
        return Name([])
    try:
        to_bytes(common_name).decode()
    except UnicodeDecodeError:
        raise FunctionError("asn1: string not valid UTF-8") from None
    return Name([NameAttribute(NameOID.COMMON_NAME, common_name, _validate=False)])


def _serial_number() -> int:
    from os import urandom

    return int.from_bytes(urandom(16), "big") or 1


def _validity(days: int) -> tuple[datetime, datetime]:
    """Now, and so many days later, as Go's 64 bits of nanoseconds have it: more than 292 years lie in the past."""
    from datetime import UTC, datetime, timedelta

    start = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    nanos = (days * _DAY + (1 << 63)) % (1 << 64) - (1 << 63)
    try:
        # the library writes no earlier times
        return start, max(start + timedelta(seconds=nanos // 10**9), datetime(1950, 1, 1))  # noqa: DTZ001
    except OverflowError:
        raise FunctionError("asn1: structure error: cannot represent time as GeneralizedTime") from None


def _extensions(
    key: Any,
    signer: tuple[Any, Any] | None,
    authority: bool,
    hosts: list[str],
    addresses: list[bytes],
    *,
    critical_names: bool,
) -> list[tuple[Any, bool]]:
    """The extensions, in Go's order, and whether they are critical."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

    unused = dict.fromkeys(("content_commitment", "data_encipherment", "key_agreement", "crl_sign"), False)
    unused |= {"encipher_only": False, "decipher_only": False}
    usage = x509.KeyUsage(digital_signature=True, key_encipherment=True, key_cert_sign=authority, **unused)
    extensions: list[tuple[Any, bool]] = [
        (usage, True),
        (x509.ExtendedKeyUsage([Usage.SERVER_AUTH, Usage.CLIENT_AUTH]), False),
        (x509.BasicConstraints(ca=authority, path_length=None), True),
    ]
    if authority:
        extensions.append((x509.SubjectKeyIdentifier(_key_identifier(key)), False))
    if signer and (identifier := _identifier_of(signer[0])):
        extensions.append((x509.AuthorityKeyIdentifier(identifier, None, None), False))
    if hosts or addresses:
        extensions.append((_alternative_names(hosts, addresses), critical_names))
    return extensions


def _key_identifier(key: Any) -> bytes:
    """The first 160 bits of the SHA-256 of the public key's bits (RFC 7093, method 1)."""
    import hashlib

    return hashlib.sha256(_public_bits(key)).digest()[:20]


def _public_bits(key: Any) -> bytes:
    """The public key as it stands in the bit string of a certificate."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = key.public_key()
    data: bytes
    if isinstance(public, ed25519.Ed25519PublicKey):
        data = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    elif isinstance(public, ec.EllipticCurvePublicKey):
        data = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    else:
        data = public.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return data


def _identifier_of(certificate: Any) -> bytes:
    from cryptography.x509 import ExtensionNotFound, SubjectKeyIdentifier

    try:
        value: bytes = certificate.extensions.get_extension_for_class(SubjectKeyIdentifier).value.digest
    except (ExtensionNotFound, ValueError):
        return b""
    return value


def _alternative_names(hosts: list[str], addresses: list[bytes]) -> Any:
    from ipaddress import ip_address

    from cryptography.x509 import DNSName, IPAddress, SubjectAlternativeName

    for host in hosts:
        if not host.isascii():
            from navarch.golang.strconv import quote

            raise FunctionError(f"x509: {quote(host)} cannot be encoded as an IA5String")
    names: list[DNSName | IPAddress] = [DNSName(host) for host in hosts]
    return SubjectAlternativeName([*names, *(IPAddress(ip_address(address)) for address in addresses)])


def _hash_for(key: Any) -> Any:
    """The hash that a signature by that key takes; None for Ed25519, which has its own."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    size = key.curve.key_size if isinstance(key, ec.EllipticCurvePrivateKey) else 0
    return getattr(hashes, _SIGNING_HASHES.get(size, "SHA256"))()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "buildCustomCert": build_custom_cert,
    "genCA": gen_ca,
    "genCAWithKey": gen_ca_with_key,
    "genPrivateKey": gen_private_key,
    "genSelfSignedCert": gen_self_signed_cert,
    "genSelfSignedCertWithKey": gen_self_signed_cert_with_key,
    "genSignedCert": gen_signed_cert,
    "genSignedCertWithKey": gen_signed_cert_with_key,
}
