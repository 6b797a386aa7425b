"""Signatures that GnuPG made, checked through the library. Helm's answers to the same are in tests/cli/signing."""

from __future__ import annotations

import calendar
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import ProvenanceError
from navarch.provenance import Keyring, Signatory, verify, verify_bytes
from navarch.provenance.armor import armor
from navarch.provenance.cleartext import read_cleartext
from navarch.provenance.packets import Packets, encode_packet
from navarch.provenance.verification import signer
from support.signing import ARCHIVE, dearmored, provenance

NAME = "web-1.0.0.tgz"
GOOD = ("rsa", "ed25519", "p256", "p384", "brainpool", "dsa", "locked", "names", "sub", "stub", "sha1", "prolonged")


def ring(*names):
    return Keyring.parse(b"".join(map(dearmored, names)))


def at(text):
    return calendar.timegm((*map(int, text.split("-")), 0, 0, 0))


@pytest.mark.parametrize("name", GOOD)
def test_who_signed(name):
    keys = ring(name)
    found = verify_bytes(ARCHIVE, provenance(name), NAME, keys)
    assert found.signed_by == keys.entities[0].names
    assert found.signed_by[-1 if name == "names" else 0].startswith(f"{'other names' if name == 'names' else name} key")
    assert found.fingerprint == keys.entities[0].fingerprint
    assert found.file_hash == f"sha256:{hashlib.sha256(ARCHIVE).hexdigest()}"
    assert found.file_name == NAME


@pytest.mark.parametrize("name", GOOD)
def test_nobody_else_signed(name):
    others = [other for other in GOOD if other != name]
    with pytest.raises(ProvenanceError, match=r"^openpgp: signature made by unknown entity$"):
        verify_bytes(ARCHIVE, provenance(name), NAME, ring(*others))


@pytest.mark.parametrize("name", GOOD)
def test_another_file(name):
    with pytest.raises(ProvenanceError, match=r"^sha256 sum does not match for web-1\.0\.0\.tgz: "):
        verify_bytes(ARCHIVE + b"x", provenance(name), NAME, ring(name))


@pytest.mark.parametrize("name", ["rsa", "ed25519", "p256", "dsa", "sub"])
def test_a_flipped_bit_anywhere_in_the_signed_text(name):
    clear = read_cleartext(provenance(name))
    keys = ring(name)
    for place in range(0, len(clear.signed), 7):
        changed = bytearray(clear.signed)
        changed[place] ^= 1
        with pytest.raises(ProvenanceError, match=r"verification failure$"):
            signer(clear.signature, bytes(changed), keys)


@given(st.integers(0, 2000), st.integers(1, 255))
def test_a_changed_signature_never_counts(place, mask):
    clear = read_cleartext(provenance("rsa"))
    changed = bytearray(clear.signature)
    changed[place % len(changed)] ^= mask
    try:
        entity = signer(bytes(changed), clear.signed, ring("rsa"))
    except ProvenanceError:
        return
    # Only what is not signed may change: where the signature says again whose it is, and the hash's first bytes.
    assert entity.names == ["rsa key <rsa@example.com>"]
    assert Packets(bytes(changed)).next().numbers == Packets(clear.signature).next().numbers
    assert Packets(bytes(changed)).next().suffix == Packets(clear.signature).next().suffix


@given(st.binary(max_size=300))
def test_garbage_is_refused(data):
    clear = read_cleartext(provenance("rsa"))
    with pytest.raises(ProvenanceError):
        signer(data, clear.signed, ring("rsa"))


@given(st.binary(max_size=80), st.sampled_from([2, 5, 6, 7, 13, 14]))
def test_garbage_in_packets_is_refused(data, kind):
    clear = read_cleartext(provenance("rsa"))
    with pytest.raises(ProvenanceError):
        signer(encode_packet(kind, data), clear.signed, ring("rsa"))


def test_signatures_in_signatures():
    """Thousands fit into one packet, and each could hold another."""
    head = bytes((4, 0x19, 1, 8, 0, 6, 5, 2, 0, 0, 0, 0))
    tail = b"\0\0" + bytes((0, 1, 1))
    body = head + b"\0\0" + tail
    while len(body) < 65000:
        body = head + (len(body) + 6).to_bytes(2) + b"\xff" + (len(body) + 1).to_bytes(4) + b"\x20" + body + tail
    with pytest.raises(ProvenanceError, match=r"^openpgp: invalid data: too many layers of packets$"):
        signer(encode_packet(2, body), b"", ring("rsa"))


def test_times_of_a_key():
    clear = read_cleartext(provenance("expired"))
    assert signer(clear.signature, clear.signed, ring("expired"), now=at("2020-07-01"))
    for then in ("2021-01-01", "2019-01-01"):
        with pytest.raises(ProvenanceError, match=r"^openpgp: key expired$"):
            signer(clear.signature, clear.signed, ring("expired"), now=at(then))


def test_a_signature_from_the_future():
    clear = read_cleartext(provenance("rsa"))
    with pytest.raises(ProvenanceError, match=r"^openpgp: signature expired$"):
        signer(clear.signature, clear.signed, ring("rsa"), now=at("2023-05-01"))


def test_a_signature_for_a_day():
    clear = read_cleartext(provenance("short-lived"))
    assert signer(clear.signature, clear.signed, ring("rsa"), now=at("2023-06-01") + 86000)
    with pytest.raises(ProvenanceError, match=r"^openpgp: signature expired$"):
        signer(clear.signature, clear.signed, ring("rsa"), now=at("2023-06-03"))


def test_a_key_that_was_prolonged_after_it_signed():
    """Its self-signature is younger than the signature, as GnuPG keeps only the newest."""
    keys = ring("prolonged")
    clear = read_cleartext(provenance("prolonged"))
    binding, _ = keys.entities[0].self_signature()
    assert binding.created > Packets(clear.signature).next().created
    assert signer(clear.signature, clear.signed, keys) is keys.entities[0]


def test_signatures_of_several_keys():
    """Of signatures one after the other, the first by a known key counts."""
    clear = read_cleartext(provenance("rsa"))
    other = read_cleartext(provenance("ed25519")).signature
    assert signer(other + clear.signature, clear.signed, ring("rsa")).names == ["rsa key <rsa@example.com>"]


def rewritten(signature):
    """A signature as Go's old library wrote it: integers with as many bits as their bytes have."""
    packet = Packets(signature).next()
    numbers = [number.to_bytes((number.bit_length() + 7) // 8) for number in packet.numbers]
    return encode_packet(2, packet.head + b"".join((8 * len(one)).to_bytes(2) + one for one in numbers))


@pytest.mark.parametrize("name", [name for name in GOOD if name != "sub"])
def test_integers_with_zeros_at_their_beginning(name):
    clear = read_cleartext(provenance(name))
    text = provenance(name).partition(b"-----BEGIN PGP SIGNATURE")[0]
    old = text + armor("PGP SIGNATURE", rewritten(clear.signature))
    assert verify_bytes(ARCHIVE, old, NAME, ring(name)).signed_by


DECODING = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal"
MISSING = 'provenance does not contain a SHA for a file named "web-1.0.0.tgz"'
DIGEST = hashlib.sha256(ARCHIVE).hexdigest()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        # What Helm answers to the same texts; tests/real/test_signing.py asks it.
        ("a: b", "message block must have at least two parts"),
        ("a: b\n...\n- x", f"{DECODING} array into Go value of type provenance.SumCollection"),
        (
            "a: b\n...\nfiles: [x]",
            f"{DECODING} array into Go struct field SumCollection.files of type map[string]string",
        ),
        (
            "\n...\nfiles: {web-1.0.0.tgz: [x]}",
            f"{DECODING} array into Go struct field SumCollection.files of type string",
        ),
        ("a: b\n...\nfiles: {}", MISSING),
        ("a: b\n...\nfiles: null", MISSING),
        ("a: b\n...\nfiles: {web-1.0.1.tgz: x}", MISSING),
        ("a: b\n...\n", MISSING),
        (
            "a: b\n...\nFiles: {web-1.0.0.tgz: 5}",
            f'sha256 sum does not match for web-1.0.0.tgz: "5" != "sha256:{DIGEST}"',
        ),
    ],
)
def test_what_the_text_says_must_be_whole(text, problem):
    signatory = Signatory(ring("rsa").entities[0])
    signatory.unlock(lambda _: b"")
    with pytest.raises(ProvenanceError) as caught:
        verify_bytes(ARCHIVE, signatory.sign(text.encode()), NAME, ring("rsa"))
    assert str(caught.value) == problem


def test_a_signature_longer_than_any(tmp_path):
    archive = tmp_path / NAME
    archive.write_bytes(ARCHIVE)
    (tmp_path / f"{NAME}.prov").write_bytes(b"x" * (17 << 20))
    (tmp_path / "ring").write_bytes(dearmored("rsa"))
    with pytest.raises(ProvenanceError, match=r"^failed to read provenance file: .* is larger than 16777216 bytes$"):
        verify(str(archive), f"{archive}.prov", str(tmp_path / "ring"))
