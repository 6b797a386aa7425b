"""Clearsigned text and armor, written and read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import ProvenanceError
from navarch.provenance.armor import armor, read_armor
from navarch.provenance.cleartext import read_cleartext, signed_form, write_cleartext

LINES = st.lists(
    st.sampled_from([b"a", b"- a", b"-", b"--", b"", b" ", b"a \t", b"-----BEGIN PGP SIGNATURE-----", b"\xff"])
)


@given(LINES, st.binary(min_size=1, max_size=200))
def test_written_and_read(lines, signature):
    text = b"\n".join(lines)
    written = write_cleartext(text, "SHA512", signature)
    for form in (written, written + b"\n", b"before\n" + written + b"\nafter", written.replace(b"\n", b"\r\n")):
        found = read_cleartext(form)
        assert found.signature == signature
        assert found.signed == signed_form(text)
        assert found.text == found.signed.replace(b"\r\n", b"\n")


def test_the_form():
    """To the byte what Helm's library writes: a blank line above the signature, no checksum, no newline at the end."""
    assert write_cleartext(b"a: 1 \n- b\n", "SHA512", bytes(50)) == (
        b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\na: 1\n- - b\n\n-----BEGIN PGP SIGNATURE-----\n\n"
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAA=\n-----END PGP SIGNATURE-----"
    )


@given(st.binary(max_size=400))
def test_garbage(data):
    assert read_cleartext(data) is None


@given(st.integers(0, 400), st.binary(max_size=5))
def test_damage(place, instead):
    written = write_cleartext(b"a: 1\n...\nb: 2\n", "SHA512", bytes(range(200)))
    try:
        found = read_cleartext(written[:place] + instead + written[place + len(instead) :])
    except ProvenanceError:
        return
    assert found is None or found.text is not None


@given(st.binary(max_size=300), st.sampled_from(["PGP SIGNATURE", "PGP PUBLIC KEY BLOCK"]))
def test_armor(content, kind):
    lines = armor(kind, content).split(b"\n")
    found = read_armor([b"before", *lines, b"after"])
    assert (found.kind, found.content, found.rest) == (kind, content, [b"after"])


def test_armor_with_headers_and_checksum():
    lines = b"-----BEGIN PGP SIGNATURE-----\nComment: made by hand\n\nAAAA\n=njUN\n-----END PGP SIGNATURE-----".split(
        b"\n"
    )
    assert read_armor(lines).content == bytes(3)


@pytest.mark.parametrize("text", ["AAA!", "AAA", "A=AA"])
def test_armor_that_is_no_base64(text):
    with pytest.raises(ProvenanceError):
        read_armor([b"-----BEGIN PGP SIGNATURE-----", b"", text.encode(), b"-----END PGP SIGNATURE-----"])
