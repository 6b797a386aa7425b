"""Certificates and keys that can't be used stop the server with the key's path; doubtful ones are told of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from navarch.registry.certificates import check_tls, doubts
from navarch.registry.config import Tls
from navarch.registry.keys import SettingsError
from support.certificates import Authority

if TYPE_CHECKING:
    from pathlib import Path

AUTHORITY = Authority()
PAIR = AUTHORITY.issue(ips=("127.0.0.1",))


def encrypted(key: bytes) -> bytes:
    found = load_pem_private_key(key, None)
    return found.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))


def files(folder: Path, **given: bytes) -> Tls:
    """The pair in files, or what is given for a part of it."""
    parts = {"certificate": PAIR.certificate, "key": PAIR.key, **given}
    for name, data in parts.items():
        path = folder / name
        path.write_bytes(data)
        path.chmod(0o600)
    return Tls(*(str(folder / name) if name in parts else "" for name in ("certificate", "key", "clientca")))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"certificate": b""}, "tls.certificate: {}/certificate: there is no certificate in it"),
        ({"certificate": PAIR.key}, "tls.certificate: {}/certificate: there is no certificate in it"),
        ({"certificate": PAIR.certificate[:200]}, "tls.certificate: {}/certificate: there is no certificate in it"),
        ({"key": b""}, "tls.key: {}/key: there is no key in it"),
        ({"key": PAIR.certificate}, "tls.key: {}/key: there is no key in it"),
        ({"key": PAIR.key[:60]}, "tls.key: {}/key: there is no key in it"),
        ({"key": AUTHORITY.issue().key}, "tls.key: {0}/key: it isn't the key of {0}/certificate"),
        ({"key": encrypted(PAIR.key)}, "tls.key: {}/key: it is encrypted, and there is nobody to ask for its password"),
        ({"clientca": b"x"}, "tls.clientca: {}/clientca: there is no certificate in it"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, given: dict[str, bytes], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_tls(files(tmp_path, **given))
    assert str(caught.value) == message.format(tmp_path)


@pytest.mark.parametrize("name", ["certificate", "key", "clientca"])
def test_files_that_are_not_there(tmp_path: Path, name: str) -> None:
    found = files(tmp_path, clientca=AUTHORITY.certificate)
    os.unlink(tmp_path / name)
    with pytest.raises(SettingsError, match=rf"^tls\.{name}: .*/{name}: No such file or directory$"):
        check_tls(found)


@pytest.mark.parametrize(
    ("days", "said"), [((-2, -1), "has expired"), ((1, 2), "isn't valid yet"), ((-1, 1), ""), ((-400, 400), "")]
)
def test_dates(tmp_path: Path, days: tuple[int, int], said: str) -> None:
    pair = AUTHORITY.issue(ips=("127.0.0.1",), days=days)
    found = files(tmp_path, certificate=pair.certificate, key=pair.key)
    check_tls(found)
    assert doubts(found) == ([f"tls.certificate: {tmp_path}/certificate {said}"] if said else [])


@pytest.mark.parametrize(("mode", "told"), [(0o600, False), (0o640, False), (0o644, True), (0o602, True)])
def test_a_key_for_everybody_is_told_of(tmp_path: Path, mode: int, told: bool) -> None:
    found = files(tmp_path)
    os.chmod(found.key, mode)
    wanted = f"tls.key: {found.key} can be read or changed by everybody on this machine"
    assert doubts(found) == ([wanted] if told else [])
