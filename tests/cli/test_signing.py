"""`verify`, `package --sign` and `--verify` against what Helm answers, and where ours is meant to differ."""

from __future__ import annotations

import json
import os
import re
import termios
from contextlib import contextmanager

import pytest

from support.signing import ANSWERS, even, lay_out, made, split, variables

with open(ANSWERS, encoding="utf-8") as _file:
    ROWS = {row["run"]: row for row in map(json.loads, _file)}

REFUSED = {
    # Helm takes what others than the key's owner could have signed.
    "verify by/short/web-1.0.0.tgz --keyring pubring.kbx": "openpgp: weak algorithms are rejected: RSA with 1024 bits",
    "verify by/weak-hash/web-1.0.0.tgz --keyring pubring.kbx": "openpgp: weak algorithms are rejected: SHA-1",
    # Helm signs with keys whose signatures it refuses afterwards, or with weak ones.
    "package --sign api --key expired@ --keyring keys/expired.asc": "cannot sign with the key FPR: openpgp: key expired",
    "package --sign api --key revoked@ --keyring keys/revoked.asc": (
        "cannot sign with the key FPR: openpgp: signature made by revoked key"
    ),
    "package --sign api --key short@ --keyring keys/short.asc": (
        "cannot sign with the key FPR: openpgp: weak algorithms are rejected: RSA with 1024 bits"
    ),
    # Sequoia, which signs for us, can't.
    "package --sign api --key sha1@ --keyring keys/sha1.asc": (
        "cannot sign with the key FPR: its self-signature is made with SHA-1"
    ),
    "package --sign api --key brainpool@ --keyring keys/brainpool.asc": (
        "cannot sign with the key FPR: its elliptic curve is not supported"
    ),
}


@pytest.fixture
def run(nav, home, monkeypatch):
    """Runs a command line as `helm` in the folder that Helm had, and answers what Helm's record holds."""
    folder = str(home / "work")
    os.mkdir(folder)
    lay_out(folder)
    for name, value in variables(os.path.join(folder, "home")).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["helm"])
    monkeypatch.chdir(folder)

    def answer(line):
        words, given = split(line)
        with stdin_holding(given):
            done = nav(*words)
        return {"code": done.code, "out": even(done.out, folder), "err": even(done.err, folder), "made": made(folder)}

    return answer


@contextmanager
def stdin_holding(given):
    """File descriptor 0 is a pipe with some bytes, or /dev/null."""
    before = os.dup(0)
    if given is None:
        source = os.open(os.devnull, os.O_RDONLY)
    else:
        source, target = os.pipe()
        os.write(target, given)
        os.close(target)
    os.dup2(source, 0)
    os.close(source)
    try:
        yield
    finally:
        os.dup2(before, 0)
        os.close(before)


def fingerprint(text):
    """A text with its fingerprint taken out: keys are made anew now and then."""
    return re.sub(r"\b[0-9A-F]{40}\b", "FPR", text)


@pytest.mark.parametrize("line", [line for line in ROWS if line not in REFUSED])
def test_as_helm_says_it(line, run):
    assert run(line) == {name: ROWS[line][name] for name in ("code", "out", "err", "made")}


@pytest.mark.parametrize("line", REFUSED)
def test_what_helm_takes_and_we_refuse(line, run):
    assert ROWS[line]["code"] == 0
    done = run(line)
    assert (done["code"], done["out"]) == (1, "")
    assert fingerprint(done["err"]).startswith(f"Error: {REFUSED[line]}\n")
    assert not any(name.endswith((".prov", ".part")) for name in done["made"])


def test_a_key_that_is_found_by_default(run, monkeypatch, home):
    folder = home / "gnupg"
    os.mkdir(folder)
    os.rename("pubring.kbx", folder / "pubring.kbx")
    monkeypatch.setenv("GNUPGHOME", str(folder))
    assert run("verify web-1.0.0.tgz")["out"].startswith("Signed by: rsa key <rsa@example.com>\n")


def test_what_is_signed_verifies(run):
    assert run("package --sign api old --key locked --keyring many.gpg --passphrase-file right")["code"] == 0
    for archive in ("api-1.0.0.tgz", "old-1.0.0+b.tgz"):
        assert run(f"verify {archive} --keyring many.gpg")["out"].startswith("Signed by: locked key")
        assert run(f"show chart {archive} --verify --keyring many.gpg")["code"] == 0
        assert run(f"verify {archive} --keyring ed25519.gpg")["code"] == 1


@pytest.mark.parametrize(
    ("typed", "problem"), [(b"open sesame\n", ""), (b"no\n", "checksum failure"), (b"\x04", "EOF")]
)
def test_a_passphrase_that_is_typed(nav, run, typed, problem):
    """On a terminal, which shows the question and not the answer. Helm's words; at ^D it waits for ever."""
    run("verify plain.txt")  # its folder
    ours, terminal = os.openpty()
    before = os.dup(0)
    os.dup2(terminal, 0)
    try:
        os.write(ours, typed)
        done = nav("package", "--sign", "api", "--key", "locked", "--keyring", "many.gpg")
        assert termios.tcgetattr(terminal)[3] & termios.ECHO
    finally:
        os.dup2(before, 0)
        for descriptor in (before, ours, terminal):
            os.close(descriptor)
    assert done.out.startswith('Password for key "locked key (has a passphrase) <locked@example.com>" >  \n')
    assert done.code == bool(problem)
    assert done.err.endswith(f"{problem}\n") if problem else not done.err
    assert os.path.exists("api-1.0.0.tgz.prov") == (not problem)


def test_a_signature_before_stays_if_there_is_no_new_one(run):
    with open("api-1.0.0.tgz.prov", "w", encoding="utf-8") as file:
        file.write("before")
    assert run("package --sign api --key locked --keyring many.gpg --passphrase-file wrong")["code"] == 1
    with open("api-1.0.0.tgz.prov", encoding="utf-8") as file:
        assert file.read() == "before"


def test_signatures_may_be_read_by_all(run):
    run("package --sign api --key rsa@ --keyring many.gpg")
    umask = os.umask(0)
    os.umask(umask)
    assert os.stat("api-1.0.0.tgz.prov").st_mode & 0o777 == 0o644 & ~umask
