"""Certificates, where OpenSSL's answer is not enough: odd files of them, and Go's words for why one is refused.

Only errors and rare configurations come here.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

from navarch.errors import ConfigError
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.kube.credentials import Certificate

__all__ = ["check_pair", "pem_blocks", "trust_readable", "verification_words"]

_MOST_NAMES = 100
_WRONG_NAME = (62, 64)
_OTHER = {
    24: "certificate is not authorized to sign other certificates",
    25: "too many intermediates for path length constraint",
    26: "certificate specifies an incompatible key usage",
    79: "certificate is not authorized to sign other certificates",
}


def pem_blocks(data: bytes) -> list[tuple[str, bytes]]:
    """The kinds and contents of the PEM blocks in a text; broken ones are passed over, as Go's pem.Decode does."""
    from binascii import Error, a2b_base64

    found = []
    parts = data.decode("latin-1").split("-----BEGIN ")[1:]
    for part in parts:
        kind, dashes, rest = part.partition("-----")
        inner, end, _ = rest.partition(f"-----END {kind}-----")
        if not dashes or not end or ":" in inner:  # blocks with headers are not for us
            continue
        try:
            found.append((kind, a2b_base64("".join(inner.split()), strict_mode=True)))
        except (Error, ValueError):
            continue
    return found


def trust_readable(context: ssl.SSLContext, authorities: bytes) -> None:
    """Trust the certificates in a PEM text that can be read. Raises ConfigError where none can."""
    blocks = pem_blocks(authorities)
    trusted = False
    problem = "unable to parse bytes as PEM block" if not blocks else "no valid certificate authority data seen"
    for kind, content in blocks:
        if kind != "CERTIFICATE":
            continue
        try:
            context.load_verify_locations(cadata=content)
            trusted = True
        except ssl.SSLError:
            problem = "failed to parse certificate: x509: malformed certificate"
    if not trusted:
        raise ConfigError(f"unable to load root certificates: {problem}")


def check_pair(certificate: Certificate) -> None:
    """Raise ConfigError, in the words of Go's tls.X509KeyPair, where a certificate and a key can't be used together."""
    chain = _certificate_blocks(certificate.chain)
    content = _key_block(certificate.key)
    try:
        leaf = x509.load_der_x509_certificate(chain[0])
        wanted = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError("x509: malformed certificate") from None
    try:
        key = load_der_private_key(content, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigError("tls: failed to parse private key") from None
    public = key.public_key()
    if type(public) is not type(leaf.public_key()):
        raise ConfigError("tls: private key type does not match public key type")
    if public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != wanted:
        raise ConfigError("tls: private key does not match public key")


def _certificate_blocks(data: bytes) -> list[bytes]:
    blocks = pem_blocks(data)
    chain = [content for kind, content in blocks if kind == "CERTIFICATE"]
    if chain:
        return chain
    kinds = [kind for kind, _ in blocks]
    if not kinds:
        raise ConfigError("tls: failed to find any PEM data in certificate input")
    if len(kinds) == 1 and kinds[0].endswith("PRIVATE KEY"):
        where = "certificate PEM data in certificate input, but did find a private key"
        raise ConfigError(f"tls: failed to find {where}; PEM inputs may have been switched")
    where = '"CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types'
    raise ConfigError(f"tls: failed to find {where}: [{' '.join(kinds)}]")


def _key_block(data: bytes) -> bytes:
    kinds = []
    for kind, content in pem_blocks(data):
        if kind == "PRIVATE KEY" or kind.endswith(" PRIVATE KEY"):
            return content
        kinds.append(kind)
    if not kinds:
        raise ConfigError("tls: failed to find any PEM data in key input")
    if kinds == ["CERTIFICATE"]:
        raise ConfigError("tls: found a certificate rather than a key in the PEM for the private key")
    where = 'PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types'
    raise ConfigError(f"tls: failed to find {where}: [{' '.join(kinds)}]")


def verification_words(code: int, chain: bytes, name: str, authorities: bytes | None) -> str:
    """Why Go refuses a server's certificate (DER) for a name; `code` is OpenSSL's reason, `authorities` PEM."""
    try:
        leaf = x509.load_der_x509_certificate(chain)
        problem = _time_problem(leaf) or _name_problem(leaf, name, strict=code in _WRONG_NAME)
        return problem or _OTHER.get(code) or _unknown(leaf, authorities)
    except (ValueError, UnsupportedAlgorithm):
        return "malformed certificate"


def _time_problem(leaf: x509.Certificate) -> str:
    now = datetime.now(UTC)
    start, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if now < start:
        compared = f"before {_moment(start)}"
    elif now > end:
        compared = f"after {_moment(end)}"
    else:
        return ""
    return f"certificate has expired or is not yet valid: current time {_moment(now.astimezone())} is {compared}"


def _moment(when: datetime) -> str:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")


def _name_problem(leaf: x509.Certificate, name: str, *, strict: bool) -> str:
    """What Go's HostnameError says where a certificate is not for a name; with `strict`, it is known not to be."""
    from ipaddress import ip_address

    dns, addresses = _names(leaf)
    try:
        ip = ip_address(name.strip("[]"))
    except ValueError:
        if not strict and any(_matches(pattern.lower(), name.lower()) for pattern in dns):
            return ""
        common = leaf.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        if not dns and not addresses and common and _matches(str(common[0].value).lower(), name.lower()):
            return "certificate relies on legacy Common Name field, use SANs instead"
        return _not_valid(dns, "names", name)
    if not strict and ip in addresses:
        return ""
    if not addresses:
        return f"cannot validate certificate for {name} because it doesn't contain any IP SANs"
    return _not_valid([str(address) for address in addresses], "IP SANs", name)


def _names(leaf: x509.Certificate) -> tuple[list[str], list[object]]:
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [], []
    return extension.get_values_for_type(x509.DNSName), list(extension.get_values_for_type(x509.IPAddress))


def _matches(pattern: str, name: str) -> bool:
    """Whether a name in a certificate means a host: its first part may be a star."""
    wanted, parts = pattern.rstrip(".").split("."), name.rstrip(".").split(".")
    return len(wanted) == len(parts) and wanted[1:] == parts[1:] and wanted[0] in ("*", parts[0])


def _not_valid(names: list[str], kind: str, wanted: str) -> str:
    if not names:
        return f"certificate is not valid for any names, but wanted to match {wanted}"
    if len(names) >= _MOST_NAMES:
        return f"certificate is valid for {len(names)} {kind}, but none matched {wanted}"
    return f"certificate is valid for {', '.join(names)}, not {wanted}"


def _unknown(leaf: x509.Certificate, authorities: bytes | None) -> str:
    """An unknown authority, with the candidate of its name that it is not."""
    text = "certificate signed by unknown authority"
    for kind, content in pem_blocks(authorities or b""):
        if kind != "CERTIFICATE":
            continue
        candidate = x509.load_der_x509_certificate(content)
        if candidate.subject != leaf.issuer:
            continue
        if problem := _not_signed_by(leaf, candidate):
            why = f"possibly because of {quote(problem)} while trying to verify candidate authority certificate"
            return f"{text} ({why} {quote(_title(candidate))})"
    return text


def _not_signed_by(leaf: x509.Certificate, candidate: x509.Certificate) -> str:
    try:
        leaf.verify_directly_issued_by(candidate)
    except InvalidSignature:
        key = candidate.public_key()
        if isinstance(key, RSAPublicKey):
            return "crypto/rsa: verification error"
        return f"x509: {'ECDSA' if isinstance(key, EllipticCurvePublicKey) else 'Ed25519'} verification failure"
    except (TypeError, ValueError):
        return "x509: signature algorithm specifies a different kind of public key"
    return ""


def _title(certificate: x509.Certificate) -> str:
    for oid in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME):
        for attribute in certificate.subject.get_attributes_for_oid(oid):
            return str(attribute.value)
    return f"serial:{certificate.serial_number}"
