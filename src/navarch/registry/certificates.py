"""The server's certificate and key, looked at before they are used: what is wrong with them, what is doubtful."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from navarch.registry.keys import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.registry.config import Tls

__all__ = ["check_tls", "doubts"]

_TIMES = {9: "isn't valid yet", 10: "has expired"}
"""OpenSSL's numbers for what is wrong with a certificate's dates."""
_OTHERS = 0o007


def check_tls(tls: Tls) -> None:
    """Raise SettingsError where the server couldn't use a file."""
    for key, path in (("key", tls.key), ("clientca", tls.client_authority), ("certificate", tls.certificate)):
        try:
            if path:
                Path(path).read_bytes()
        except OSError as error:
            raise SettingsError(f"tls.{key}: {path}: {error.strerror or error}") from error
    if not _has_certificate(tls.certificate):
        raise SettingsError(f"tls.certificate: {tls.certificate}: there is no certificate in it")
    _check_key(tls)
    if tls.client_authority and not _has_certificate(tls.client_authority):
        raise SettingsError(f"tls.clientca: {tls.client_authority}: there is no certificate in it")


def _has_certificate(path: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return False
    return True


def _check_key(tls: Tls) -> None:
    encrypted = False

    def asked() -> str:
        nonlocal encrypted
        encrypted = True
        return ""  # nobody is there to be asked

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.certificate, tls.key, password=asked)
    except OSError as error:  # SSLError is one
        what = "there is no key in it"
        if encrypted:
            what = "it is encrypted, and there is nobody to ask for its password"
        elif isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
            what = f"it isn't the key of {tls.certificate}"
        raise SettingsError(f"tls.key: {tls.key}: {what}") from error


def doubts(tls: Tls) -> list[str]:
    """What isn't as it should be, though it can be used."""
    found = []
    said = _time_problem(tls)
    if said:
        found.append(f"tls.certificate: {tls.certificate} {said}")
    if os.stat(tls.key).st_mode & _OTHERS:
        found.append(f"tls.key: {tls.key} can be read or changed by everybody on this machine")
    return found


def _time_problem(tls: Tls) -> str:
    """What a client would say of the certificate's dates: it is asked here, with nothing between it and the server."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tls.certificate, tls.key)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(tls.certificate)
    ways = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = server.wrap_bio(ways[0], ways[1], server_side=True), client.wrap_bio(ways[1], ways[0])
    for _ in range(4):
        for end in reversed(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError as error:
                return _TIMES.get(error.verify_code, "")
            except ssl.SSLError:
                return ""
    return ""
