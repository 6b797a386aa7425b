"""Keyrings in each of their forms, whole and broken."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import ProvenanceError
from navarch.provenance import Keyring
from navarch.provenance.keybox import keybox_keys
from navarch.provenance.packets import Packets, UserId, canonical_packets, encode_packet
from navarch.provenance.signatures import Signature
from support.signing import dearmored, read

BOX = base64.b64decode(read("pubring.kbx.base64"))
NAMES = ("rsa", "ed25519", "names", "sub")


def names(keyring):
    return [name for entity in keyring.entities for name in entity.names]


def test_the_same_keys_in_each_form(tmp_path):
    binary = b"".join(map(dearmored, NAMES))
    armored = b"\n\n".join(read(f"{name}.asc") for name in NAMES)
    expected = [
        "rsa key <rsa@example.com>",
        "ed25519 key <ed25519@example.com>",
        "names key <names@example.com>",
        "other names key <other@example.com>",
        "sub key <sub@example.com>",
    ]
    for content in (binary, armored, b"\n \n" + armored.replace(b"\n", b"\r\n")):
        path = tmp_path / "ring"
        path.write_bytes(content)
        assert sorted(names(Keyring.load(str(path)))) == sorted(expected)


def test_a_keybox_has_public_keys():
    keys = Keyring.parse(BOX).entities
    assert len(keys) == 15
    assert not any(entity.secret for entity in keys)
    assert all(entity.secret for entity in Keyring.parse(dearmored("rsa")).entities)


def blob(kind, content, *, flags=0):
    head = 16
    return (
        (head + len(content)).to_bytes(4)
        + bytes((kind, 1))
        + flags.to_bytes(2)
        + head.to_bytes(4)
        + len(content).to_bytes(4)
        + content
    )


def test_what_a_keybox_has_besides_is_passed_over():
    header = BOX[:32]
    rsa, other = dearmored("rsa"), dearmored("ed25519")
    box = header + blob(3, b"x509") + blob(2, rsa) + blob(0, b"gone") + blob(2, other, flags=2) + b"\0\0\0\x05\x00"
    assert keybox_keys(box) == rsa
    with pytest.raises(ProvenanceError, match=r"^keybox contains no OpenPGP keys$"):
        keybox_keys(header + blob(2, other, flags=2))


@given(st.integers(0, len(BOX)), st.binary(max_size=8))
def test_a_damaged_keybox(place, instead):
    try:
        found = Keyring.parse(BOX[:place] + instead + BOX[place + len(instead) :])
    except ProvenanceError:
        return
    assert set(names(found)) <= set(names(Keyring.parse(BOX)))


@given(st.binary(max_size=200))
def test_garbage(data):
    try:
        found = Keyring.parse(data)
    except ProvenanceError:
        return
    assert found.entities == []


KEY = dearmored("sub")


@given(st.integers(0, len(KEY) - 1), st.integers(1, 255))
def test_a_key_with_a_changed_byte_never_gets_other_names_or_uses(place, mask):
    """A change in what is signed leaves the key out; elsewhere it changes nothing that counts."""
    changed = bytearray(KEY)
    changed[place] ^= mask
    try:
        entities = Keyring.parse(bytes(changed)).entities
    except ProvenanceError:
        return
    (good,) = Keyring.parse(KEY).entities
    for entity in entities:
        assert entity.names == good.names
        assert entity.fingerprint == good.fingerprint
        assert {one.key.fingerprint for one in entity.subkeys} <= {one.key.fingerprint for one in good.subkeys}


def test_a_name_without_a_self_signature_is_no_name():
    """Nobody can add a name to a key but its owner."""
    packets = Packets(dearmored("rsa"))
    packets.next()
    key = packets.piece(*packets.span)
    rest = dearmored("rsa")[len(key) :]
    forged = key + rest + encode_packet(13, b"forged <forged@example.com>")
    (entity,) = Keyring.parse(forged).entities
    assert entity.names == ["rsa key <rsa@example.com>"]


def test_a_self_signature_of_another_name():
    data = dearmored("rsa").replace(b"rsa key", b"RSA key")
    with pytest.raises(ProvenanceError, match=r"user ID self-signature invalid: .*RSA verification failure$"):
        Keyring.parse(data)


def test_finding():
    keyring = Keyring.parse(b"".join(map(dearmored, NAMES)))
    assert keyring.find("rsa@example.com").names == ["rsa key <rsa@example.com>"]
    assert keyring.find("other names key <other@example.com>").names[0] == "names key <names@example.com>"
    assert keyring.find("nobody") is None
    for vague in ("example.com", "names key"):
        with pytest.raises(ProvenanceError, match=f'^more than one key contain the id "{vague}"$'):
            keyring.find(vague)
    # one that is the whole name counts, whatever contains it
    assert keyring.find("names key <names@example.com>").names[0] == "names key <names@example.com>"


def test_integers_as_short_as_they_can_be():
    """What Go's old library wrote becomes what Sequoia takes, and all else stays as it was."""
    padded = changed = 0
    for name in ("rsa", "ed25519", "p256", "dsa", "locked", "names"):
        data = dearmored(name)
        old = b""
        packets = Packets(data)
        while packet := packets.next():
            piece = packets.piece(*packets.span)
            if isinstance(packet, Signature):
                numbers = [number.to_bytes((number.bit_length() + 7) // 8) for number in packet.numbers]
                body = packet.head + b"".join((8 * len(one)).to_bytes(2) + one for one in numbers)
                changed += any(one[0] < 0x80 for one in numbers)
                padded += 1
                piece = encode_packet(2, body)
            old += piece
        canonical = canonical_packets(old)
        assert [p.raw for p in users(canonical)] == [p.raw for p in users(data)]
        assert canonical == canonical_packets(data)
        assert Keyring.parse(old).entities[0].fingerprint == Keyring.parse(data).entities[0].fingerprint
    assert 0 < changed <= padded


def users(data):
    packets = Packets(data)
    while packet := packets.next():
        if isinstance(packet, UserId):
            yield packet
