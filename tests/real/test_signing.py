"""Signatures between the real Helm, GnuPG and us: what one makes, the others must take, or refuse in the same words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from typing import TYPE_CHECKING, TypeAlias

import pytest

from support.oracle import HELM, real_helm
from support.signing import ANSWERS, ARCHIVE, KEYS, command_lines, dearmored, helm_answer, lay_out, variables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAV = os.path.join(sysconfig.get_path("scripts"), "nav")
KINDS = ("rsa", "ed25519", "p256", "p384", "dsa", "prolonged")
CHART = "apiVersion: v2\nname: api\nversion: 1.0.0\ndescription: '- dashes '\nannotations: {a: \"x \\n y\\t\\n\", b: '- c'}\n"

pytestmark = [pytest.mark.real, real_helm()]

Run: TypeAlias = "Callable[..., subprocess.CompletedProcess[str]]"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command among the charts and keys of tests/support/signing.py."""
    lay_out(str(tmp_path))

    def one(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**variables(str(tmp_path / "home")), "PATH": os.environ["PATH"], **more}
        return subprocess.run(
            words,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            stdin=subprocess.DEVNULL,
        )

    return one


def need_gnupg() -> None:
    """Skip without GnuPG; fail in CI, where it must be there."""
    if shutil.which("gpg"):
        return
    if os.environ.get("CI") == "true":
        pytest.fail("gpg not found: apt-get install gnupg")
    pytest.skip("gpg not found")


def test_the_record_is_what_helm_answers() -> None:
    with open(ANSWERS, encoding="utf-8") as file:
        recorded = {row.pop("run"): row for row in map(json.loads, file)}
    assert set(recorded) == set(command_lines())
    for line in command_lines()[::5]:
        assert helm_answer(line) == recorded[line], line


@pytest.mark.parametrize("signer", [HELM, NAV])
@pytest.mark.parametrize("checker", [HELM, NAV])
@pytest.mark.parametrize("kind", KINDS)
def test_both_ways(run: Run, kind: str, signer: str, checker: str) -> None:
    ring = ("--keyring", f"keys/{kind}.asc")
    made = run(signer, "package", "api", "old", "--sign", "--key", f"{kind}@", *ring)
    assert (made.returncode, made.stderr) == (0, "")
    for archive in ("api-1.0.0.tgz", "old-1.0.0+b.tgz"):
        done = run(checker, "verify", archive, *ring)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"Signed by: {kind} key <{kind}@example.com>\n")
        assert run(checker, "verify", archive, "--keyring", "many.gpg").returncode == int(
            kind not in {"rsa", "ed25519"}
        )


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_the_same_text(run: Run, tmp_path: Path, kind: str) -> None:
    """All that is readable in both signatures of the same archive is the same; but the signature itself never is."""
    texts = []
    for signer in (HELM, NAV):
        assert run(signer, "package", "api", "--sign", "--key", f"{kind}@", "--keyring", "many.gpg").returncode == 0
        text, mark, signature = (
            (tmp_path / "api-1.0.0.tgz.prov").read_text().partition("-----BEGIN PGP SIGNATURE-----\n\n")
        )
        assert mark
        digest = text.partition("sha256:")[2].strip()
        lines = signature.split("\n")
        assert lines[-1] == "-----END PGP SIGNATURE-----"  # no newline after it
        assert all(len(line) == 64 for line in lines[:-2])
        assert not any(line.startswith("=") for line in lines)  # no checksum
        texts.append(text.replace(digest, "DIGEST"))
    assert texts[0] == texts[1]


@pytest.mark.parametrize("suite", ["Cv25519", "Cv448", "P256", "P384", "P521", "RSA2k"])
@pytest.mark.parametrize("profile", ["RFC4880", "RFC9580"])
def test_subkeys_and_keys_of_version_6(run: Run, tmp_path: Path, suite: str, profile: str) -> None:
    """Helm takes our signatures by a subkey, though it makes none itself."""
    from pysequoia import CipherSuite, Profile, Tsk

    key = Tsk.generate(
        "made here <made@example.com>", profile=getattr(Profile, profile), cipher_suite=getattr(CipherSuite, suite)
    )
    (tmp_path / "made.gpg").write_bytes(bytes(key))
    assert run(NAV, "package", "api", "--sign", "--key", "made@", "--keyring", "made.gpg").returncode == 0
    answers = [run(program, "verify", "api-1.0.0.tgz", "--keyring", "made.gpg") for program in (HELM, NAV)]
    assert answers[0].stdout == answers[1].stdout != ""
    prov = tmp_path / "api-1.0.0.tgz.prov"
    prov.write_text(prov.read_text().replace("name: api", "name: apo"))
    answers = [run(program, "verify", "api-1.0.0.tgz", "--keyring", "made.gpg") for program in (HELM, NAV)]
    assert answers[0].stderr == answers[1].stderr != ""


@pytest.mark.parametrize(
    "text",
    [
        "a: b",
        "a: b\n...\n- x",
        "a: b\n...\nfiles: [x]",
        "\n...\nfiles: {web-1.0.0.tgz: [x]}",
        "a: b\n...\nfiles: {}",
        "a: b\n...\nfiles: null",
        "a: b\n...\nfiles: {web-1.0.1.tgz: x}",
        "a: b\n...\n",
        "a: b\n...\nFiles: {web-1.0.0.tgz: 5}",
        "a: b\n...\nfiles: {web-1.0.0.tgz: true}",
        "a: b\n...\nfiles: {web-1.0.0.tgz: null}",
        "a: b\n...\nfiles: {web-1.0.0.tgz: 1}\n...\nfiles: {web-1.0.0.tgz: 2}",
        "a: [\n...\nfiles: {web-1.0.0.tgz: x}",
        "a: b\n...\nfiles: [",
    ],
)
def test_texts_that_lack_something(run: Run, tmp_path: Path, text: str) -> None:
    from navarch.provenance import Keyring, Signatory

    signatory = Signatory(Keyring.parse(dearmored("rsa")).entities[0])
    signatory.unlock(lambda _: b"")
    (tmp_path / "web-1.0.0.tgz.prov").write_bytes(signatory.sign(text.encode()))
    answers = [run(program, "verify", "web-1.0.0.tgz", "--keyring", "rsa.gpg") for program in (HELM, NAV)]
    assert answers[0].stderr == answers[1].stderr != ""


class TestGnuPG:
    """A home folder of GnuPG, with keys that it makes itself."""

    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        need_gnupg()
        path = tmp_path / "gnupg"
        path.mkdir(mode=0o700)
        yield path  # type: ignore[misc]
        subprocess.run(["gpgconf", "--homedir", str(path), "--kill", "all"], check=False)

    @pytest.fixture
    def gpg(self, run: Run, home: Path) -> Callable[..., str]:
        def one(*words: str) -> str:
            done = run(
                "gpg", "--homedir", str(home), "--batch", "--pinentry-mode", "loopback", "--passphrase", "", *words
            )
            assert done.returncode == 0, done.stderr
            return done.stdout + done.stderr

        return one

    @pytest.mark.parametrize("algorithm", ["rsa2048", "ed25519", "nistp256"])
    def test_fresh_keys(self, run: Run, gpg: Callable[..., str], home: Path, algorithm: str) -> None:
        gpg("--quick-gen-key", "Jane (work) <jane@example.com>", algorithm, "sign", "1y")
        gpg("--output", "secring.gpg", "--export-secret-keys")
        made = run(NAV, "package", "api", "--sign", "--key", "jane@", "--keyring", "secring.gpg")
        assert (made.returncode, made.stderr) == (0, "")
        # GnuPG takes it, and its keybox, found by default, is read by both
        assert 'Good signature from "Jane (work) <jane@example.com>"' in gpg("--verify", "api-1.0.0.tgz.prov")
        answers = [run(program, "verify", "api-1.0.0.tgz", GNUPGHOME=str(home)) for program in (HELM, NAV)]
        assert (answers[0].stdout, answers[0].stderr) == (answers[1].stdout, answers[1].stderr)
        assert answers[1].stdout.startswith("Signed by: Jane (work) <jane@example.com>\n")

    def test_what_gnupg_signed(self, run: Run, gpg: Callable[..., str], home: Path, tmp_path: Path) -> None:
        gpg("--import", os.path.join(KEYS, "rsa.asc"))
        assert (tmp_path / "web-1.0.0.tgz").read_bytes() == ARCHIVE
        text = (tmp_path / "web-1.0.0.tgz.prov").read_bytes().partition(b"\n\n")[2].partition(b"-----BEGIN")[0]
        (tmp_path / "text").write_bytes(text)
        gpg("--yes", "--output", "web-1.0.0.tgz.prov", "--clearsign", "text")
        answers = [run(program, "verify", "web-1.0.0.tgz", GNUPGHOME=str(home)) for program in (HELM, NAV)]
        assert answers[0].stdout == answers[1].stdout != ""
