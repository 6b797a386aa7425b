"""Certificates that are kept, made anew when they don't do, and that TLS accepts."""

from __future__ import annotations

import json
import socket
import ssl
import stat
import threading
import time

import pytest

from navarch.cluster import certificates
from navarch.cluster.certificates import make, present


@pytest.fixture
def made(tmp_path):
    return make(str(tmp_path))


def handshake(made, host, *, shown=True):
    """What the server sees of a client that connects to `host`."""
    ours, theirs = socket.socketpair()
    seen = {}

    def serve():
        with made.server_context().wrap_socket(theirs, server_side=True) as connection:
            seen["certificate"] = connection.getpeercert()
            connection.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    context = ssl.create_default_context(cafile=made.authority)
    if shown:
        context.load_cert_chain(made.client, made.client_key)
    try:
        with context.wrap_socket(ours, server_hostname=host) as connection:
            connection.send(b"x")
    finally:
        ours.close()
        thread.join()
    return seen["certificate"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "kubernetes.default.svc"])
def test_clients_trust_the_server(made, host):
    assert handshake(made, host)["subject"] == (
        (("organizationName", "system:masters"),),
        (("commonName", "kubernetes-admin"),),
    )


def test_clients_may_be_nobody(made):
    assert not handshake(made, "127.0.0.1", shown=False)


def test_python_s_strict_checks_pass(made):
    context = ssl.create_default_context(cafile=made.authority)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=lambda: made.server_context().wrap_socket(theirs, server_side=True).close())
    thread.start()
    context.wrap_socket(ours, server_hostname="127.0.0.1").close()
    thread.join()


def test_they_are_kept(made, tmp_path):
    assert present(str(tmp_path)) == made
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_names_that_are_missing_want_new_ones(made, tmp_path):
    assert present(str(tmp_path), ["10.1.2.3"]) is None
    make(str(tmp_path), ["10.1.2.3"])
    assert present(str(tmp_path), ["10.1.2.3"])
    assert handshake(made, "10.1.2.3")


@pytest.mark.parametrize("damage", ["ca.crt", "client.key", "certificates.json"])
def test_what_is_missing_is_noticed(made, tmp_path, damage):
    (tmp_path / damage).unlink()
    assert present(str(tmp_path)) is None


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"until": "x", "names": []}', '{"until": 1, "names": []}'])
def test_a_note_that_says_nothing_is_noticed(made, tmp_path, note):
    (tmp_path / "certificates.json").write_text(note)
    assert present(str(tmp_path)) is None


def test_those_about_to_end_are_made_anew(made, tmp_path):
    note = json.loads((tmp_path / "certificates.json").read_text())
    assert note["until"] > time.time() + 9 * 365 * 86400
    note["until"] = time.time() + 86400
    (tmp_path / "certificates.json").write_text(json.dumps(note))
    assert present(str(tmp_path)) is None


def test_half_made_ones_are_not_taken(tmp_path, monkeypatch):
    make(str(tmp_path))
    write = certificates._write

    def fails(path, data):
        if path.endswith("client.crt"):
            raise OSError(28, "No space left on device")
        write(path, data)

    monkeypatch.setattr(certificates, "_write", fails)
    with pytest.raises(OSError, match="space"):
        make(str(tmp_path))
    assert present(str(tmp_path)) is None
