"""Registries through the real Helm and through nav: the same words, the same digests, the same files."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sysconfig
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.oracle import HELM, real_helm
from support.real_registry import PASSWORD, USER, RealRegistry, registry_program

if TYPE_CHECKING:
    from collections.abc import Iterator

NAV = os.path.join(sysconfig.get_path("scripts"), "nav")
MANIFEST = "application/vnd.oci.image.manifest.v1+json"

pytestmark = [
    pytest.mark.real,
    real_helm(),
    pytest.mark.skipif(registry_program() is None, reason="no registry is installed (make test-real does it)"),
]

CHARTS = {
    "web": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "full": """\
apiVersion: v2
name: full
version: 2.1.0-rc.1+build.5
appVersion: "3"
description: "a <b> & \\u2028 ä"
home: https://home.example
icon: https://icon.example/i.png
type: application
deprecated: true
kubeVersion: ">=1.20"
condition: a.b
tags: x,y
keywords: [one, "two <3"]
sources: [https://one.example, https://two.example]
maintainers:
  - {name: Ann, email: ann@x.example, url: https://ann.example}
  - {name: Bob}
  - {email: c@x.example}
annotations:
  org.opencontainers.image.title: other
  org.opencontainers.image.version: "9"
  org.opencontainers.image.url: https://mine.example
  extra: "yes"
dependencies:
  - {name: sub, version: 1.x, repository: "https://r.example", condition: sub.on, tags: [t], alias: s,
     import-values: [data, {child: a, parent: b}]}
""",
    "old": "apiVersion: v1\nname: old\nversion: 0.1.0\ndescription: '  '\nmaintainers: []\n",
}


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Place:
    """Charts in a folder, a home for each program, and a registry."""

    def __init__(self, folder: Path, registry: RealRegistry) -> None:
        self.folder = folder
        self.registry = registry
        for name, text in CHARTS.items():
            (folder / name).mkdir()
            (folder / name / "Chart.yaml").write_text(text)
            (folder / name / "values.yaml").write_text("a: 1\n")
        (folder / "old" / "requirements.yaml").write_text("dependencies: [{name: d, version: '1', repository: ''}]\n")
        for name in ("full", "old"):
            (folder / name / "charts").mkdir()
        for child, parent in (("sub", "full"), ("d", "old")):
            (folder / parent / "charts" / child).mkdir()
            (folder / parent / "charts" / child / "Chart.yaml").write_text(
                f"apiVersion: v2\nname: {child}\nversion: 1.0.0\n"
            )
        done = self.run(HELM, "package", *CHARTS)
        assert done.code == 0, done.err

    def run(self, program: str, *words: str, stdin: str = "", **variables: str) -> Ran:
        home = self.folder / f"home-{Path(program).name}"
        home.mkdir(exist_ok=True)
        environment = {
            "PATH": f"{self.folder}/bin:/usr/bin:/bin",
            "HOME": str(home),
            "TZ": "Europe/Berlin",
            "SOURCE_DATE_EPOCH": "1700000000",
            **variables,
        }
        done = subprocess.run(
            [program, *words],
            cwd=self.folder,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout.replace(str(home), "~"), done.stderr.replace(str(home), "~"))

    def both(self, line: str, **more: str) -> tuple[Ran, Ran]:
        words = line.replace("REG", self.registry.address).replace("CA", self.registry.ca_file).split()
        return self.run(HELM, *words, **more), self.run(NAV, *words, **more)

    def file(self, program: str, name: str) -> bytes:
        return (self.folder / f"home-{Path(program).name}" / name).read_bytes()

    def manifest(self, reference: str) -> bytes:
        name, _, tag = reference.rpartition(":")
        request = urllib.request.Request(f"{self.registry.url}/v2/{name}/manifests/{tag}", headers={"Accept": MANIFEST})
        with urllib.request.urlopen(request) as answer:
            return answer.read()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("oci")
    with RealRegistry(str(folder / "registry")) as registry:
        yield Place(folder, registry)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("guarded")
    with RealRegistry(str(folder / "registry"), passwords=True) as registry:
        yield Place(folder, registry)


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("secure")
    with RealRegistry(str(folder / "registry"), tls=True, passwords=True) as registry:
        yield Place(folder, registry)


@pytest.mark.parametrize("archive", ["web-1.0.0", "full-2.1.0-rc.1+build.5", "old-0.1.0"])
@pytest.mark.parametrize("proof", [False, True], ids=["alone", "signed"])
def test_manifests_are_equal(place: Place, archive: str, proof: bool) -> None:
    path = place.folder / f"{archive}.tgz"
    prov = Path(f"{path}.prov")
    if proof:
        prov.write_text(f"a signature of {archive}")
    os.utime(path, (1700000000.9, 1700000000.9))
    suffix = f"{archive}/{proof}".lower().replace("+", "-")
    answers: list[object] = []
    for program, name in ((HELM, "helm"), (NAV, "nav")):
        base = f"{name}/{suffix}"
        ran = place.run(program, "push", path.name, f"oci://{place.registry.address}/{base}", "--plain-http")
        assert ran.code == 0, ran
        answers.append((ran.out.replace(base, "BASE"), ran.err))
        chart, _, version = archive.partition("-")
        answers.append(place.manifest(f"{base}/{chart}:{version.replace('+', '_')}"))
    prov.unlink(missing_ok=True)
    assert answers[2:] == answers[:2]


def test_what_one_pushes_the_other_pulls(place: Place) -> None:
    for giver, taker, base in ((HELM, NAV, "h"), (NAV, HELM, "n")):
        for archive in ("web-1.0.0.tgz", "full-2.1.0-rc.1+build.5.tgz"):
            (place.folder / f"{archive}.prov").write_text("signed")
            assert place.run(giver, "push", archive, f"oci://{place.registry.address}/{base}", "--plain-http").code == 0
            (place.folder / f"{archive}.prov").unlink()
            name, _, version = archive.removesuffix(".tgz").partition("-")
            dest = place.folder / f"from-{base}"
            dest.mkdir(exist_ok=True)
            reference = f"oci://{place.registry.address}/{base}/{name}"
            words = [reference, "--version", version, "--plain-http", "-d", str(dest), "--prov"]
            pulled = _pulled(place, taker, words)
            assert (dest / archive).read_bytes() == (place.folder / archive).read_bytes(), pulled
            assert (dest / f"{archive}.prov").read_text() == "signed"


def _pulled(place: Place, program: str, words: list[str]) -> str:
    """Pull by the command, or by our library."""
    if program == HELM:
        ran = place.run(HELM, "pull", *words)
        assert ran.code == 0, ran
        return ran.out
    from navarch.oci import Registry

    lines: list[str] = []
    config = place.folder / "empty.json"
    with Registry(plain_http=True, config=str(config), docker_config="", say=lines.append) as registry:
        registry.pull(words[0], version=words[2], dest=words[5], prov=True)
    return "\n".join(lines)


PULLS = [
    ("web:1.0.0", ""),
    ("web", ""),
    ("web", "^1"),
    ("web", "1.0.0"),
    ("web", "1.0"),
    ("web", "9.x"),
    ("web", "so so"),
    ("web:2.0.0", ""),
    ("web:1.0.0", "2.0.0"),
    ("web:latest", ""),
    ("web@", ""),
    ("web:", ""),
    ("web@sha256:abc", ""),
    ("web@sha999:abc", ""),
    ("web@sha256:" + "a" * 64, ""),
    ("web:1.0.0@sha256:" + "a" * 64, ""),
    ("web@DIGEST", ""),
    ("web:1.0.0@DIGEST", ""),
    ("web@DIGEST", "1.0.0"),
    ("nothing", ""),
    ("WEB", ""),
    ("full", ""),
    ("full", ">0.0.0-0"),
    ("full", "2.1.0-rc.1+build.5"),
]


@pytest.mark.parametrize(("name", "version"), PULLS)
def test_what_a_reference_means(place: Place, name: str, version: str) -> None:
    from navarch.errors import NavarchError
    from navarch.oci import Registry

    for archive in ("web-1.0.0", "full-2.1.0-rc.1+build.5"):
        base = f"oci://{place.registry.address}/pulls"
        assert place.run(HELM, "push", f"{archive}.tgz", base, "--plain-http").code == 0
    digest = f"sha256:{hashlib.sha256(place.manifest('pulls/web:1.0.0')).hexdigest()}"
    reference = f"oci://{place.registry.address}/pulls/{name.replace('DIGEST', digest)}"
    theirs, ours = place.folder / "theirs", place.folder / "ours"
    for folder in (theirs, ours):
        folder.mkdir(exist_ok=True)
        for file in folder.iterdir():
            file.unlink()
    versions = ["--version", version] if version else []
    ran = place.run(HELM, "pull", reference, "--plain-http", "-d", str(theirs), *versions)
    lines: list[str] = []
    error = ""
    config = str(place.folder / "empty.json")
    with Registry(plain_http=True, config=config, docker_config="", say=lines.append) as registry:
        try:
            registry.pull(reference, version=version, dest=ours)
        except NavarchError as problem:
            error = f"Error: {problem}\n"
    assert ("".join(f"{line}\n" for line in lines), error) == (ran.out, ran.err)
    assert _content(ours) == _content(theirs)


def _content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


OPEN_LINES = [
    "push web-1.0.0.tgz oci://REG/x",
    "push nix.tgz oci://REG/x",
    "push web oci://REG/x",
    "push web/Chart.yaml oci://REG/x",
    "push web-1.0.0.tgz REG/x",
    "push web-1.0.0.tgz localhost/x",
    "push web-1.0.0.tgz https://localhost/x",
    "push web-1.0.0.tgz oci://REG/X --plain-http",
    "push web-1.0.0.tgz oci:///x --plain-http",
    "push web-1.0.0.tgz oci://REG --plain-http",
    "push web-1.0.0.tgz oci://REG/a/../b//c/ --plain-http",
    "push web-1.0.0.tgz oci://127.0.0.1:1/x --plain-http",
    "push web-1.0.0.tgz oci://REG/x --plain-http --ca-file /nix",
    "push web-1.0.0.tgz oci://REG/x --cert-file /nix --ca-file /nix2",
    "push web-1.0.0.tgz oci://REG/x --cert-file /nix --key-file /nix2",
    "push web-1.0.0.tgz oci://REG/x --plain-http --cert-file /nix",
    "push web-1.0.0.tgz",
    "registry login REG --plain-http -u a -p b",
    "registry logout REG",
    "registry logout elsewhere/x",
]


@pytest.mark.parametrize("line", OPEN_LINES)
def test_an_open_registry(place: Place, line: str) -> None:
    theirs, ours = place.both(line)
    assert _as_helm(ours) == theirs


def _as_helm(ran: Ran) -> Ran:
    return Ran(ran.code, ran.out, ran.err.replace('"nav ', '"helm ').replace("  nav ", "  helm "))


GUARDED_LINES = [
    "registry login REG --plain-http -u user -p wrong",
    "registry login REG/foo --plain-http -u user -p x",
    "registry login oci://REG -u user -p x",
    "registry login REG -u user -p x",
    "registry login REG --plain-http -u user",
    "registry login REG --plain-http",
    "registry login 127.0.0.1:1 --plain-http -u user -p x",
    "registry login",
    "push web-1.0.0.tgz oci://REG/x --plain-http",
    "push web-1.0.0.tgz oci://REG/x --plain-http --username user --password bad",
    "push web-1.0.0.tgz oci://REG/x --plain-http --username user",
]


@pytest.mark.parametrize("line", GUARDED_LINES)
def test_a_registry_that_wants_a_password(guarded: Place, line: str) -> None:
    theirs, ours = guarded.both(line)
    assert _as_helm(ours) == theirs


@pytest.mark.parametrize("typed", ["", "x", f"{PASSWORD}\r\n", "\n"])
def test_a_password_from_stdin(guarded: Place, typed: str) -> None:
    theirs, ours = guarded.both(f"registry login REG --plain-http -u {USER} --password-stdin", stdin=typed)
    assert ours == theirs
    assert ours.code == (0 if typed.startswith(PASSWORD) else 1)


CONFIGS = [
    None,
    "",
    "{}",
    '{"x":{"b":1.0,"a":[ ],"c":{}},"auths":{"http://old.example/v1/":{"auth":"YTpi"}},"HttpHeaders":{"A":"<b>&"}}',
    '{"auths":{"REG":{"auth":"YTpi","other":[1, 2]},"b":{}},"credHelpers":{"else":"nix"}}',
    '{"auths":{"http://REG/v2/":{"auth":"YTpi"}}}',
    '{"auths":null,"credsStore":""}',
    '{"credsStore":"nix"}',
    '{"credHelpers":{"REG":"mine"}}',
    '{"credsStore":"mine","auths":{"z":{},"a":{"auth":"\\u0041"}}}',
    "{bad",
    "{",
    "[1]",
    "3 4",
    '{"auths":[]}',
    '{"auths":{"REG":{"auth":"!!"}}}',
    '{"auths":{"REG":{"auth":"YQ=="}}}',
    '{"auths":{"REG":{"auth":5}}}',
    '{"auths":{"REG":[]}}',
    '{"credsStore":5}',
    '{"credHelpers":[]}',
    '{"credHelpers":{"a":5}}',
]

HELPER = """#!/bin/sh
# keeps what it is told in a file, as docker-credential programs do
file="$HOME/kept"
case $1 in
  store) cat > "$file" ;;
  get) if [ -s "$file" ]; then cat "$file"; else echo "credentials not found in native keychain"; exit 1; fi ;;
  erase) cat > "$file.erased"; rm "$file" 2>/dev/null || { echo "nothing to erase"; exit 1; } ;;
esac
"""


@pytest.mark.parametrize("config", CONFIGS)
def test_credential_files(guarded: Place, config: str | None) -> None:
    folder = guarded.folder / "bin"
    folder.mkdir(exist_ok=True)
    helper = folder / "docker-credential-mine"
    helper.write_text(HELPER)
    helper.chmod(0o755)
    answers = []
    for program in (HELM, NAV):
        path = guarded.folder / f"config-{Path(program).name}" / "config.json"
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        if config is not None:
            path.write_text(config.replace("REG", guarded.registry.address))
        answers.append(_steps(guarded, program, path))
    assert answers[1] == answers[0]


def _steps(place: Place, program: str, path: Path) -> list[object]:
    """What a program says and writes when somebody logs in, pushes, and logs out twice."""
    address = place.registry.address
    found: list[object] = []
    for line in (
        f"push web-1.0.0.tgz oci://{address}/c --plain-http",
        f"registry login {address} --plain-http -u {USER} --password-stdin",
        f"push web-1.0.0.tgz oci://{address}/c --plain-http",
        f"registry logout {address}",
        f"registry logout {address}",
    ):
        ran = place.run(program, *line.split(), "--registry-config", str(path), stdin=PASSWORD)
        found.append((*(text.replace(str(path.parent), "DIR") for text in (ran.out, ran.err)), ran.code))
        found.append(path.read_text() if path.exists() else None)
        found.append(oct(path.stat().st_mode) if path.exists() and "login" in line and not ran.code else None)
    kept = place.folder / f"home-{Path(program).name}" / "kept.erased"
    found.append(kept.read_text() if kept.exists() else None)
    kept.unlink(missing_ok=True)
    return found


def test_either_uses_what_the_other_was_told(secure: Place) -> None:
    address, ca_file = secure.registry.address, secure.registry.ca_file
    for first, second in ((HELM, NAV), (NAV, HELM)):
        config = secure.folder / f"{Path(first).name}.json"
        login = f"registry login {address} -u {USER} --password-stdin --ca-file {ca_file} --registry-config {config}"
        ran = secure.run(first, *login.split(), stdin=f"{PASSWORD}\n")
        assert ran == Ran(0, "Login Succeeded\n", "")
        push = f"push web-1.0.0.tgz oci://{address}/{Path(first).name} --ca-file {ca_file} --registry-config {config}"
        ran = secure.run(second, *push.split())
        assert ran.code == 0, ran
        assert oct(config.stat().st_mode)[-3:] == "600"
        fields = json.loads(config.read_text())
        assert list(fields["auths"]) == [address]


SECURE_LINES = [
    "registry login REG -u user -p pass:word",
    "registry login REG -u user -p pass:word --ca-file CA",
    "registry login REG -u user -p pass:word --insecure",
    "registry login REG -u user -p pass:word --plain-http",
    "registry login REG -u user -p pass:word --cert-file /nix --insecure",
    "push web-1.0.0.tgz oci://REG/x",
    "push web-1.0.0.tgz oci://REG/x --ca-file CA --plain-http --username user --password pass:word",
    "push web-1.0.0.tgz oci://REG/x --insecure-skip-tls-verify --username user --password pass:word",
    "push web-1.0.0.tgz oci://REG/x --insecure-skip-tls-verify --username user --password bad",
    "push web-1.0.0.tgz oci://REG/x --plain-http",
    "registry logout REG",
]


@pytest.mark.parametrize("line", SECURE_LINES)
def test_a_registry_with_tls(secure: Place, line: str) -> None:
    theirs, ours = secure.both(line)
    assert ours == theirs


def test_dockers_file_is_read_too(guarded: Place) -> None:
    answers = []
    for program in (HELM, NAV):
        home = guarded.folder / f"home-{Path(program).name}"
        (home / ".docker").mkdir(parents=True, exist_ok=True)
        docker = home / ".docker" / "config.json"
        docker.write_text(json.dumps({"auths": {guarded.registry.address: {"username": USER, "password": PASSWORD}}}))
        words = f"push web-1.0.0.tgz oci://{guarded.registry.address}/d --plain-http"
        answers.append(guarded.run(program, *words.split()))
        before = docker.read_bytes()
        guarded.run(program, "registry", "logout", guarded.registry.address)
        assert docker.read_bytes() == before
        docker.unlink()
    assert answers[1] == answers[0]
    assert answers[0].code == 0


COMMAND_LINES = [
    "pull oci://REG/lines/web --plain-http -d DEST",
    "pull oci://REG/lines/web --plain-http -d DEST --version 9.x",
    "pull oci://REG/lines/web --plain-http -d DEST --prov",
    "pull oci://REG/lines/old --plain-http -d DEST --prov",
    "pull oci://REG/lines/old --plain-http -d DEST --prov --untar",
    "pull oci://REG/lines/web:2 oci://REG/lines/old --plain-http -d DEST",
    "pull oci://REG/lines/full --plain-http -d DEST --devel",
    "pull oci://REG/lines/none --plain-http -d DEST",
    "pull oci://REG/lines/web -d DEST",
    "show chart oci://REG/lines/full --plain-http --version 2.1.0-rc.1+build.5",
    "show values oci://REG/lines/web:1.0.0 --plain-http",
    "template x oci://REG/lines/web --plain-http",
    "template x oci://REG/lines/none --plain-http",
]


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_commands_on_charts_in_a_registry(place: Place, line: str) -> None:
    proof = place.folder / "old-0.1.0.tgz.prov"
    proof.write_text("signed")
    for archive in ("web-1.0.0", "full-2.1.0-rc.1+build.5", "old-0.1.0"):
        base = f"oci://{place.registry.address}/lines"
        assert place.run(HELM, "push", f"{archive}.tgz", base, "--plain-http").code == 0
    proof.unlink()
    answers: list[object] = []
    for program in (HELM, NAV):
        dest = place.folder / f"dest-{Path(program).name}"
        dest.mkdir(exist_ok=True)
        ran = place.run(program, *line.replace("REG", place.registry.address).replace("DEST", dest.name).split())
        answers.append(
            (ran, {str(file.relative_to(dest)): file.read_bytes() for file in dest.rglob("*") if file.is_file()})
        )
        shutil.rmtree(dest)
    assert answers[1] == answers[0]
