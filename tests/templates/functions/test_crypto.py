"""Digests, passwords and encryption in templates; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import subprocess
import sys

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.golang.types import Int
from navarch.templates.functions.crypto import FUNCTIONS

CASES = [
    ("sha1sum", ("",), '"da39a3ee5e6b4b0d3255bfef95601890afd80709"'),
    ("sha1sum", ("hello",), '"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"'),
    ("sha1sum", ("żółw",), '"a305eff5a54997cbda4e67f8b318ac96ba194bdd"'),
    ("sha256sum", ("",), '"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"'),
    ("sha256sum", ("hello",), '"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"'),
    ("sha256sum", ("żółw",), '"f36b811094f4408ff06897bb585bbd814e42bb0463782c8b0b4d28d9ca8e2591"'),
    (
        "sha512sum",
        ("",),
        (
            '"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b'
            '0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"'
        ),
    ),
    (
        "sha512sum",
        ("hello",),
        (
            '"9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11'
            'd7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043"'
        ),
    ),
    (
        "sha512sum",
        ("żółw",),
        (
            '"6b8fb10325adcff2499a17210774646f050d24968cff92c26fb829c8e49558fb0efecef9db4e3e9'
            '62c48e3df9b2ba29f3922dd3ef745450e3a57a3409088b0aa"'
        ),
    ),
    ("adler32sum", ("",), '"1"'),
    ("adler32sum", ("hello",), '"103547413"'),
    ("adler32sum", ("żółw",), '"339150006"'),
    ("derivePassword", (Int(1), "long", "password", "user", "example.com"), '"ZedaFaxcZaso9*"'),
    ("derivePassword", (Int(2), "maximum", "password", "user", "example.com"), '"O8-6Bwz1*I5XVPPq)@H!"'),
    ("derivePassword", (Int(1), "medium", "password", "user", "example.com"), '"ZedJuz8$"'),
    ("derivePassword", (Int(1), "short", "password", "user", "example.com"), '"Zed5"'),
    ("derivePassword", (Int(1), "basic", "password", "user", "example.com"), '"pIS54PLs"'),
    ("derivePassword", (Int(4294967295), "pin", "password", "user", "example.com"), '"1258"'),
    ("derivePassword", (Int(1), "other", "password", "user", "example.com"), '"cannot find password template other"'),
    ("htpasswd", ("a:b", "c"), '"invalid username: a:b"'),
    (
        "bcrypt",
        ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",),
        '"failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"',
    ),
    ("encryptAES", ("key", ""), '""'),
    ("decryptAES", ("key", ""), '""'),
    ("decryptAES", ("key", "abc"), "error: illegal base64 data at input byte 0"),
    ("decryptAES", ("key", "****"), "error: illegal base64 data at input byte 0"),
    ("decryptAES", ("key", "QUJD"), "error: runtime error: slice bounds out of range [:16] with capacity 3"),
    ("decryptAES", ("key", "eHh4eHh4eHh4eHh4eHh4eA=="), "error: runtime error: index out of range [-1]"),
    (
        "decryptAES",
        ("key", "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"),
        "error: crypto/cipher: input not full blocks",
    ),
    (
        "decryptAES",
        ("key", "5Ni5HpQyXWqKNy3FIGDOtgxi2dnOL8nQq9bHnmbYCKY="),
        "error: runtime error: slice bounds out of range [:-98]",
    ),
    ("decryptAES", ("secretkey", "YEnnNaYFALarzryVWNMgdzyQBRTbjHnVNB2DHsJfvMY="), '"plaintext ü"'),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_functions(call, name, arguments, expected):
    assert call(name, *arguments) == expected


def test_a_password_s_hash_is_bcrypt_s():
    found = FUNCTIONS["bcrypt"]("pass")
    assert found.startswith("$2a$10$")
    assert bcrypt.checkpw(b"pass", found.encode())


def test_a_line_of_a_password_file():
    user, _, found = FUNCTIONS["htpasswd"]("user", "pass").partition(":")
    assert user == "user"
    assert bcrypt.checkpw(b"pass", found.encode())


@given(st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_what_is_encrypted_can_be_decrypted(password, text):
    encrypted = FUNCTIONS["encryptAES"](password, text)
    assert encrypted != FUNCTIONS["encryptAES"](password, text)
    assert FUNCTIONS["decryptAES"](password, encrypted) == text


def test_a_checksum_does_not_import_hashlib():
    code = (
        "import sys; from navarch.templates.functions.crypto import FUNCTIONS; "
        "FUNCTIONS['sha256sum']('x'); assert not {'hashlib', 'cryptography', 'bcrypt'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
