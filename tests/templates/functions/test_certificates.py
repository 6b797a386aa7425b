"""Keys and certificates in templates: what crypto/x509 puts into them, and sprig's words for what is refused."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from navarch.errors import FunctionError
from navarch.templates.functions.certificates import FUNCTIONS, Certificate

EXTENSIONS = ["keyUsage", "extendedKeyUsage", "basicConstraints"]


@pytest.fixture(scope="module")
def keys():
    return {kind: FUNCTIONS["genPrivateKey"](kind) for kind in ("rsa", "dsa", "ecdsa", "ed25519")}


@pytest.fixture(scope="module")
def ca():
    return FUNCTIONS["genCA"]("an authority", 365)


def b64(text):
    return base64.b64encode(text.encode()).decode()


def parse(certificate):
    return x509.load_pem_x509_certificate(certificate.Cert.encode())


def extensions_of(certificate):
    return [(extension.oid._name, extension.critical) for extension in parse(certificate).extensions]


def refusal(name, *arguments):
    with pytest.raises(FunctionError) as error:
        FUNCTIONS[name](*arguments)
    return str(error.value)


@pytest.mark.parametrize(
    ("kind", "header", "class_", "size"),
    [
        ("rsa", "RSA PRIVATE KEY", rsa.RSAPrivateKey, 4096),
        ("dsa", "DSA PRIVATE KEY", dsa.DSAPrivateKey, 2048),
        ("ecdsa", "EC PRIVATE KEY", ec.EllipticCurvePrivateKey, 256),
        ("ed25519", "PRIVATE KEY", ed25519.Ed25519PrivateKey, None),
    ],
)
def test_a_private_key_is_made(keys, kind, header, class_, size):
    assert keys[kind].startswith(f"-----BEGIN {header}-----\n")
    key = load_pem_private_key(keys[kind].encode(), None)
    assert isinstance(key, class_)
    assert getattr(key, "key_size", None) == size


def test_an_unknown_kind_of_key_is_answered_in_words():
    assert FUNCTIONS["genPrivateKey"]("foo") == "Unknown type foo"


def test_a_certificate_authority(ca):
    certificate = parse(ca)
    assert certificate.subject.rfc4514_string() == certificate.issuer.rfc4514_string() == "CN=an authority"
    assert certificate.version is x509.Version.v3
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=365)
    assert extensions_of(ca) == [
        ("keyUsage", True),
        ("extendedKeyUsage", False),
        ("basicConstraints", True),
        ("subjectKeyIdentifier", False),
    ]
    usage = certificate.extensions[0].value
    assert (usage.digital_signature, usage.key_encipherment, usage.key_cert_sign, usage.crl_sign) == (
        True,
        True,
        True,
        False,
    )
    assert certificate.extensions[2].value == x509.BasicConstraints(ca=True, path_length=None)
    assert parse(ca).public_key() == load_pem_private_key(ca.Key.encode(), None).public_key()


def test_a_self_signed_certificate_with_names():
    made = FUNCTIONS["genSelfSignedCert"]("", ["192.0.2.1", "::1", "::ffff:192.0.2.2"], ["a.b", "*.c"], 10)
    certificate = parse(made)
    assert extensions_of(made)[3:] == [("subjectAltName", True)]  # critical, for want of a subject
    names = certificate.extensions[3].value
    assert [str(name.value) for name in names] == ["a.b", "*.c", "192.0.2.1", "::1", "192.0.2.2"]
    assert list(certificate.subject) == []
    certificate.verify_directly_issued_by(certificate)


def test_a_certificate_signed_by_an_authority(ca):
    made = FUNCTIONS["genSignedCert"]("svc", None, ["svc"], 30, ca)
    certificate, issuer = parse(made), parse(ca)
    certificate.verify_directly_issued_by(issuer)
    assert extensions_of(made)[3:] == [("authorityKeyIdentifier", False), ("subjectAltName", False)]
    assert certificate.extensions[3].value.key_identifier == issuer.extensions[3].value.digest


@pytest.mark.parametrize(("kind", "hash_name"), [("rsa", "sha256"), ("ecdsa", "sha256"), ("ed25519", None)])
def test_certificates_with_given_keys(keys, kind, hash_name):
    authority = FUNCTIONS["genCAWithKey"]("ca", 1, keys[kind])
    own = FUNCTIONS["genSelfSignedCertWithKey"]("own", [], [], 1, keys[kind])
    signed = FUNCTIONS["genSignedCertWithKey"]("signed", [], [], 1, authority, keys["ecdsa"])
    assert authority.Key == own.Key == keys[kind]
    assert signed.Key == keys["ecdsa"]
    parse(signed).verify_directly_issued_by(parse(authority))
    found = parse(own).signature_hash_algorithm
    assert (found and found.name) == hash_name


@pytest.mark.parametrize("days", [-5, 365_000])
def test_a_certificate_may_have_expired(days):
    certificate = parse(FUNCTIONS["genSelfSignedCert"]("x", None, None, days))
    assert certificate.not_valid_after_utc < certificate.not_valid_before_utc


def test_a_long_name_is_let_pass_without_a_warning():
    made = FUNCTIONS["genCA"]("é" * 100, 1)
    assert made.Cert.startswith("-----BEGIN CERTIFICATE-----")
    FUNCTIONS["genSignedCert"]("x", None, None, 1, made)


def test_a_certificate_of_one_s_own(ca):
    made = FUNCTIONS["buildCustomCert"](b64(ca.Cert), b64(ca.Key))
    assert (made.Cert, made.Key) == (ca.Cert, ca.Key)
    assert made.go_json() == {"Cert": ca.Cert, "Key": ca.Key}


def test_what_is_no_certificate_or_key_is_refused(ca):
    assert refusal("buildCustomCert", "x", "y") == "unable to decode base64 certificate"
    assert refusal("buildCustomCert", b64("x"), "y") == "unable to decode base64 private key"
    assert refusal("buildCustomCert", b64("x"), b64("y")) == "unable to decode certificate"
    assert refusal("buildCustomCert", b64(ca.Key), b64("y")).startswith(
        "error parsing certificate: decodedCert.Bytes: x509: malformed"
    )
    assert refusal("buildCustomCert", b64(ca.Cert), b64("y")) == "error parsing private key: no PEM data in input"


def test_names_must_be_texts():
    assert refusal("genSelfSignedCert", "n", [1], None, 1) == "error parsing ip: 1 is not a string"
    assert refusal("genSelfSignedCert", "n", ["x"], None, 1) == "error parsing ip: x"
    assert refusal("genSelfSignedCert", "n", ["fe80::1%eth0"], None, 1) == "error parsing ip: fe80::1%eth0"
    assert refusal("genSelfSignedCert", "n", None, [1.5], 1) == (
        "error processing alternate dns name: 1.5 is not a string"
    )
    assert refusal("genSelfSignedCert", "n", None, ["é"], 1) == (
        'error creating certificate: x509: "é" cannot be encoded as an IA5String'
    )


def test_keys_that_can_t_be_used_are_refused(ca, keys):
    assert refusal("genCAWithKey", "n", 1, "x") == "parsing private key: no PEM data in input"
    assert refusal("genCAWithKey", "n", 1, ca.Cert) == (
        "parsing private key: no private key data in PEM block of type CERTIFICATE"
    )
    assert refusal("genCAWithKey", "n", 1, keys["rsa"].replace("RSA", "FOO")) == (
        "parsing private key: invalid private key type FOO PRIVATE KEY"
    )
    assert refusal("genCAWithKey", "n", 1, keys["rsa"].replace("RSA", "EC")).startswith(
        "parsing private key: parsing EC private key from PEM: "
    )
    assert refusal("genCAWithKey", "n", 1, keys["dsa"]) == (
        "error creating certificate: x509: certificate private key does not implement crypto.Signer"
    )


def test_a_signer_s_key_must_be_that_of_its_certificate(ca, keys):
    assert refusal("genSignedCert", "n", None, None, 1, Certificate(ca.Cert, keys["ecdsa"])) == (
        "error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey"
    )
    assert refusal("genSignedCert", "n", None, None, 1, Certificate("", "")) == "unable to decode certificate"
    assert refusal("genSignedCert", "n", None, None, 1, Certificate(ca.Cert, "")) == (
        "error parsing private key: no PEM data in input"
    )
