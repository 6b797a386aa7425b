"""Signatures of our own: made with each kind of key, and checked by our own reader; GnuPG and Helm do it elsewhere."""

from __future__ import annotations

import os

import pytest

from navarch.errors import ProvenanceError
from navarch.provenance import Keyring, Signatory, sign, verify
from navarch.provenance.cleartext import read_cleartext
from navarch.provenance.packets import Packets
from support.signing import ARCHIVE, KEYS, dearmored

KINDS = ("rsa", "ed25519", "p256", "p384", "dsa", "names", "sub", "prolonged")
METADATA = "apiVersion: v2\nname: web\nversion: 1.0.0\n"


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "web-1.0.0.tgz"
    path.write_bytes(ARCHIVE)
    return str(path)


def key_file(name):
    return os.path.join(KEYS, f"{name}.asc")


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_key(name, archive):
    text = sign(archive, METADATA, keyring=key_file(name), key=f"{name}@")
    with open(f"{archive}.prov", "w", encoding="utf-8") as file:
        file.write(text)
    found = verify(archive, f"{archive}.prov", key_file(name))
    assert found.fingerprint == Keyring.load(key_file(name)).entities[0].fingerprint
    assert text.startswith(f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{METADATA}\n...\nfiles:\n")


def test_the_primary_key_signs_if_it_may():
    keyring = Keyring.load(key_file("sub"))
    (subkey,) = keyring.entities[0].subkeys
    signatory = Signatory(keyring.entities[0])
    signatory.unlock(lambda _: b"")
    packet = Packets(read_cleartext(signatory.sign(b"x\n")).signature).next()
    assert packet.issuer == subkey.key.key_id  # this primary key only certifies
    signatory = Signatory(Keyring.load(key_file("rsa")).entities[0])
    signatory.unlock(lambda _: b"")
    packet = Packets(read_cleartext(signatory.sign(b"x\n")).signature).next()
    assert packet.issuer == Keyring.load(key_file("rsa")).entities[0].primary.key_id


def test_the_passphrase_is_asked_once_and_by_name(archive):
    asked = []

    def passphrase(name):
        asked.append(name)
        return b"open sesame"

    assert sign(archive, METADATA, keyring=key_file("locked"), key="locked", passphrase=passphrase)
    assert asked == ["locked key (has a passphrase) <locked@example.com>"]


def test_no_passphrase_is_asked_for_an_open_key(archive):
    def passphrase(name):
        raise AssertionError(name)

    assert sign(archive, METADATA, keyring=key_file("rsa"), key="rsa", passphrase=passphrase)


@pytest.mark.parametrize("passphrase", [b"", b"open", b"\xff\xfe", b"open sesame\n"])
def test_wrong_passphrases(archive, passphrase):
    with pytest.raises(ProvenanceError, match=r"^openpgp: invalid data: private key checksum failure$"):
        sign(archive, METADATA, keyring=key_file("locked"), key="locked", passphrase=lambda _: passphrase)


def test_an_encrypted_key_without_a_passphrase(archive):
    with pytest.raises(ProvenanceError, match=r"is encrypted, and no passphrase was given$"):
        sign(archive, METADATA, keyring=key_file("locked"), key="locked")


@pytest.mark.parametrize(
    "text", [b"", b"\n", b"- a\n", b"a \t\n", b"-----BEGIN PGP SIGNATURE-----\n", b"a\r\nb\n", b"\xff\xfe\n", b"a"]
)
def test_what_is_signed_is_what_is_read(text):
    (entity,) = Keyring.parse(dearmored("ed25519")).entities
    signatory = Signatory(entity)
    signatory.unlock(lambda _: b"")
    from navarch.provenance.verification import signer

    clear = read_cleartext(signatory.sign(text))
    assert signer(clear.signature, clear.signed, Keyring([entity])) is entity


def test_signing_before_unlocking():
    (entity,) = Keyring.parse(dearmored("ed25519")).entities
    with pytest.raises(ProvenanceError, match="not unlocked"):
        Signatory(entity).sign(b"x")


@pytest.mark.parametrize("suite", ["Cv25519", "Cv448", "P256", "P384", "P521", "RSA2k"])
@pytest.mark.parametrize("profile", ["RFC4880", "RFC9580"])
def test_keys_of_both_versions(archive, tmp_path, suite, profile):
    """Sequoia's keys: the primary key certifies, a subkey signs; versions 4 and 6."""
    from pysequoia import CipherSuite, Profile, Tsk

    key = Tsk.generate(
        "made here <made@example.com>", profile=getattr(Profile, profile), cipher_suite=getattr(CipherSuite, suite)
    )
    path = tmp_path / "made.gpg"
    path.write_bytes(bytes(key))
    with open(f"{archive}.prov", "w", encoding="utf-8") as file:
        file.write(sign(archive, METADATA, keyring=str(path), key="made@"))
    found = verify(archive, f"{archive}.prov", str(path))
    assert found.fingerprint.lower() == key.extract_certificate().fingerprint
    changed = str(tmp_path / "changed.prov")
    with open(f"{archive}.prov", encoding="utf-8") as file, open(changed, "w", encoding="utf-8") as other:
        other.write(file.read().replace("name: web", "name: wob"))
    with pytest.raises(ProvenanceError, match=r"^openpgp: invalid signature: "):
        verify(archive, changed, str(path))
