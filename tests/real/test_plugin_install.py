"""Plugins installed, updated, removed, packaged and verified by the real Helm and by nav: the same words, and what one
writes the other reads.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sysconfig
import tarfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.httpd import Httpd, answer
from support.oracle import HELM, real_helm
from support.plugin_sources import LAYER, Entry, archive, commit, folder, manifest, plugin_yaml, upload
from support.real_registry import RealRegistry, registry_program
from support.signing import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NAV = os.path.join(sysconfig.get_path("scripts"), "nav")
PLUGINS = ".local/share/helm/plugins"
HOOKS = "{install: [{command: echo, args: [hooked in]}], update: [{command: echo, args: [up]}], delete: [{command: echo, args: [out]}]}"
IGNORED = re.compile(
    r'^level=(WARN msg="failed to load plugin \(ignoring\)"|ERROR msg="failed to load plugins").*\n', re.MULTILINE
)

pytestmark = [pytest.mark.real, real_helm()]


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Place:
    """A folder of plugins to install, and a home, for each of the two programs."""

    def __init__(self, base: Path) -> None:
        self.base = base
        os.makedirs(base / "bin")
        os.symlink(NAV, base / "bin" / "helm")  # who is called helm calls itself so
        for program in (HELM, NAV):
            fill(self.work(program))

    def work(self, program: str) -> Path:
        return self.base / os.path.basename(program) / "work"

    def home(self, program: str) -> Path:
        return self.base / os.path.basename(program) / "home"

    def run(self, program: str, *words: str) -> Ran:
        home = self.home(program)
        home.mkdir(exist_ok=True)
        done = subprocess.run(
            [HELM if program == HELM else str(self.base / "bin" / "helm"), *words],
            cwd=self.work(program),
            env={"PATH": "/usr/bin:/bin", "HOME": str(home), "TZ": "UTC", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        out, err = (self._even(text, program) for text in (done.stdout, done.stderr))
        return Ran(done.returncode, out, err)

    def _even(self, text: str, program: str) -> str:
        """A text without what may differ: folders, digests, plugins that Helm looks at for every command."""
        text = IGNORED.sub("", text).replace(str(self.home(program)), "~").replace(str(self.work(program)), "HERE")
        text = re.sub(r"Cloning into '~/\S+'", "Cloning into 'CLONE'", text)
        text = re.sub(r"/tmp/helm-plugin-extract-\d+|~/\S*/\.nav-plugin-\w+/plugin", "TEMP", text)
        return re.sub(r"sha256:[0-9a-f]{64}", "sha256:DIGEST", text)

    def both(self, line: str) -> tuple[Ran, Ran]:
        theirs, ours = (self.run(program, *line.split()) for program in (HELM, NAV))
        return theirs, ours

    def same(self, lines: Sequence[str]) -> None:
        """Run the lines by both, each in turn, and compare all that they say."""
        for line in lines:
            theirs, ours = self.both(line)
            assert ours == theirs, line


def fill(work: Path) -> None:
    """Write plugins good and bad."""
    folder(work / "echo", "echo", "1.2.3", hooks=HOOKS)
    folder(work / "failing", "failing", hooks='{install: [{command: "false"}], delete: [{command: "false"}]}')
    shutil.copy(os.path.join(KEYS, "rsa.asc"), work)
    shutil.copy(os.path.join(KEYS, "locked.asc"), work)
    link = Entry("link/l", kind=tarfile.SYMTYPE, link="/etc/passwd")
    files = {
        "old/plugin.yaml": "name: old\nversion: 0.1.0\nusage: u\ndescription: |-\n  a\n  b\ncommand: $HELM_PLUGIN_DIR/x\n"
        "hooks: {install: 'echo in $HELM_PLUGIN_NAME', delete: 'echo out; exit 0'}\n",
        "getter/plugin.yaml": "apiVersion: v1\nname: getter\nversion: 1.0.0\ntype: getter/v1\nruntime: subprocess\n"
        "config: {protocols: [s3, x]}\n"
        "runtimeConfig: {protocolCommands: [{protocols: [s3], platformCommand: [{command: echo}]}]}\n",
        "wasm/plugin.yaml": "apiVersion: v1\nname: wasm\nversion: 1.0.0\ntype: getter/v1\nruntime: extism/v1\n"
        "config: {protocols: [w]}\nruntimeConfig: {timeout: 3, allowedHosts: ['*'], memory: {maxPages: 4, maxVarBytes: 5},"
        " fileSystem: {createTempDir: true}, config: {b: c, a: b}}\n",
        "wasm/plugin.wasm": "",
        "nomodule/plugin.yaml": "apiVersion: v1\nname: w\nversion: 1.0.0\ntype: getter/v1\nruntime: extism/v1\n"
        "config: {protocols: [w]}\nruntimeConfig: {}\n",
        "noversion/plugin.yaml": "name: noversion\ncommand: echo\n",
        "bad/plugin.yaml": "apiVersion: v1\nname: bad\n",
        "empty/x": "",
        "foo-1.0.0.tgz": archive(Entry("foo/plugin.yaml", plugin_yaml("foo")), Entry("foo/x", "y")),
        "flat-1.0.0.tgz": archive(Entry("plugin.yaml", plugin_yaml("flat"))),
        "bare.tar.gz": archive(Entry("bare/plugin.yaml", plugin_yaml("bare"))),
        "helm-diff-linux-amd64.tgz": archive(Entry("diff/plugin.yaml", plugin_yaml("diff"))),
        "nothing-1.0.0.tgz": archive(Entry("nothing/x", "y")),
        "deep-1.0.0.tgz": archive(Entry("a/deep/plugin.yaml", plugin_yaml("deep"))),
        "dots-1.0.0.tgz": archive(Entry("dots/plugin.yaml", plugin_yaml("dots")), Entry("dots/../../x")),
        "absolute-1.0.0.tgz": archive(Entry("absolute/plugin.yaml", plugin_yaml("absolute")), Entry("/x")),
        "colon-1.0.0.tgz": archive(Entry("colon/plugin.yaml", plugin_yaml("colon")), Entry("colon/a:b")),
        "link-1.0.0.tgz": archive(Entry("link/plugin.yaml", plugin_yaml("link")), link),
        "hard-1.0.0.tgz": archive(Entry("hard/plugin.yaml", plugin_yaml("hard")), link._replace(kind=tarfile.LNKTYPE)),
        "clash-1.0.0.tgz": archive(Entry("clash/plugin.yaml", plugin_yaml("clash")), Entry("clash/plugin.yaml/x")),
        "name-1.0.0.tgz": archive(Entry("name/plugin.yaml", plugin_yaml("a b"))),
        "yaml-1.0.0.tgz": archive(Entry("yaml/plugin.yaml", "a: [")),
        "text-1.0.0.tgz": b"hello world, this is text",
        "none-1.0.0.tgz": b"",
        "folder-1.0.0.tgz/x": b"",
        "proof-1.0.0.tgz": archive(Entry("proof/plugin.yaml", plugin_yaml("proof"))),
        "proof-1.0.0.tgz.prov/x": b"",
    }
    files["cut-1.0.0.tgz"] = files["foo-1.0.0.tgz"][:100]
    for name, data in files.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_bytes(data if isinstance(data, bytes) else str(data).encode())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_folders(place: Place) -> None:
    place.same(
        [
            "plugin install echo",
            "plugin install echo",
            "plugin install --verify old",
            "plugin list",
            "plugin update echo nothing",
            "plugin uninstall echo old",
            "plugin uninstall echo",
            "plugin uninstall",
            "plugin update",
            "plugin install failing",
        ]
    )
    place.run(HELM, "plugin", "uninstall", "failing")  # which nav has not left
    place.same(["plugin install bad"])
    place.run(HELM, "plugin", "list")
    place.same(
        [
            "plugin install empty",
            "plugin install nomodule",
            "plugin install rsa.asc",
            "plugin install nothing",
            "plugin install --verify=false nothing",
            "plugin install ht!tp://x",
            "plugin install a b",
        ]
    )


def test_archives(place: Place) -> None:
    names = [name for name in sorted(os.listdir(place.work(HELM))) if name.endswith(("gz",))]
    assert len(names) > 15
    place.same([f"plugin install --verify=false {name}" for name in names])
    place.same([f"plugin install {name}-1.0.0.tgz" for name in ("folder", "proof", "none")])
    place.same(["plugin install foo-1.0.0.tgz", "plugin install nosuch-1.0.0.tgz", "plugin list"])
    place.same(["plugin uninstall foo", "plugin install bare.tar.gz", "plugin list"])


def test_packages(place: Place) -> None:
    key = "--key rsa@ --keyring rsa.asc"
    place.same(
        [
            *(f"plugin package {name} {key}" for name in ("echo", "old", "getter", "wasm", "noversion")),
            "plugin package echo -d out/deep --sign=false",
            "plugin package nomodule --sign=false",
            "plugin package bad --sign=false",
            "plugin package empty --sign=false",
            "plugin package nothing",
            "plugin package foo-1.0.0.tgz",
            "plugin package echo",
            "plugin package echo --keyring rsa.asc",
            "plugin package echo --keyring rsa.asc --key nobody",
            f"plugin package echo {key} --passphrase-file nothing",
            "plugin package echo --keyring locked.asc --key locked@ --passphrase-file rsa.asc",
            "plugin verify echo-1.2.3.tgz --keyring rsa.asc",
            "plugin verify echo-1.2.3.tgz",
            "plugin verify foo-1.0.0.tgz",
            "plugin verify nothing",
            "plugin verify echo",
            "plugin verify rsa.asc",
            "plugin install echo-1.2.3.tgz",
            "plugin install echo-1.2.3.tgz --keyring locked.asc",
            "plugin install echo-1.2.3.tgz --keyring rsa.asc",
            "plugin list",
        ]
    )


def test_what_one_packages_the_other_installs(place: Place) -> None:
    """The signed text is the same but for the digest, and so is what is in the archive."""
    names = ("echo-1.2.3", "old-0.1.0", "getter-1.0.0", "wasm-1.0.0", "noversion-")
    for program in (HELM, NAV):
        for name in names:
            plugin = name.partition("-")[0]
            done = place.run(program, "plugin", "package", plugin, "--key", "rsa@", "--keyring", "rsa.asc")
            assert (done.code, done.err) == (0, "")
    for name in names:
        texts, contents = [], []
        for program, other in ((HELM, NAV), (NAV, HELM)):
            path = str(place.work(program) / f"{name}.tgz")
            with open(f"{path}.prov", encoding="utf-8") as file:
                texts.append(re.sub("sha256:[0-9a-f]+", "", file.read().partition("-----BEGIN PGP SIGNATURE")[0]))
            with tarfile.open(path) as tar:
                contents.append([(info.name, info.type, info.mode, info.size) for info in tar])
            assert place.run(other, "plugin", "verify", path, "--keyring", "rsa.asc").code == 0
            if name != "noversion-":
                done = place.run(other, "plugin", "install", path, "--keyring", "rsa.asc")
                assert (done.code, done.err) == (0, ""), (name, other)
        assert texts[0] == texts[1]
        assert contents[0] == contents[1]
    listed = [place.run(program, "plugin", "list") for program in (HELM, NAV)]
    assert listed[0] == listed[1]
    assert listed[0].out.count("\tsigned ") == 4


def test_each_removes_what_the_other_installed(place: Place) -> None:
    shutil.rmtree(place.home(NAV), ignore_errors=True)
    place.home(HELM).mkdir(exist_ok=True)
    os.symlink(place.home(HELM), place.home(NAV))
    for one, other in ((HELM, NAV), (NAV, HELM)):
        assert place.run(one, "plugin", "install", "--verify=false", "foo-1.0.0.tgz").code == 0
        assert place.run(other, "plugin", "install", "--verify=false", "foo-1.0.0.tgz").err.endswith("already exists\n")
        assert place.run(other, "plugin", "list").out == place.run(one, "plugin", "list").out
        assert place.run(other, "plugin", "uninstall", "foo") == (0, "Uninstalled plugin: foo\n", "")
        assert not os.listdir(place.home(HELM) / PLUGINS)


@pytest.fixture
def web(place: Place) -> Iterator[Httpd]:
    """Serves the archives, and a signature for the plugin echo."""
    done = place.run(HELM, "plugin", "package", "echo", "--key", "rsa@", "--keyring", "rsa.asc")
    assert done.code == 0

    def respond(request: object) -> bytes:
        path = place.work(HELM) / request.target[1:]  # type: ignore[attr-defined]
        return answer(body=path.read_bytes()) if path.is_file() else answer(404, b"", "Not Found")

    with Httpd(respond) as server:
        yield server


def test_the_web(place: Place, web: Httpd) -> None:
    install = "plugin install --verify=false"
    place.same(
        [
            f"plugin install {web.url}/foo-1.0.0.tgz",
            f"plugin install {web.url}/nosuch-1.0.0.tgz",
            f"{install} {web.url}/nosuch-1.0.0.tgz",
            f"{install} {web.url}/nosuch",
            f"plugin install {web.url}/echo-1.2.3.tgz",
            f"plugin install --keyring rsa.asc {web.url}/echo-1.2.3.tgz",
            *(f"{install} {web.url}/{name}-1.0.0.tgz" for name in ("foo", "flat", "nothing", "dots", "absolute")),
            *(f"{install} {web.url}/{name}-1.0.0.tgz" for name in ("link", "name", "yaml", "text", "none", "cut")),
            f"{install} {web.url}/helm-diff-linux-amd64.tgz",
            "plugin list",
            "plugin update echo",
            "plugin uninstall echo foo flat diff",
            f"{install} http://127.0.0.1:1/x-1.0.0.tgz",
            f"{install} http://127.0.0.1:1/x",
            f"{install} https://127.0.0.1:1/x.hg",
            f"{install} https://127.0.0.1:1/x.git",
        ]
    )


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with versions of a plugin."""
    path = tmp_path / "origin" / "vp"
    for version in ("0.1.0", "0.2.0", "0.3.0", "1.0.0-rc.1", "1.0.0"):
        commit(folder(path, "echo", version, hooks=HOOKS), f"v{version}")
    subprocess.run(["git", "tag", "other", "v0.1.0"], cwd=path, check=True)
    subprocess.run(["git", "branch", "side", "v0.2.0"], cwd=path, check=True)
    return path


@pytest.mark.parametrize(
    "version",
    [
        "",
        "0.2.0",
        "v0.2.0",
        "^0.2.0",
        "~0.1",
        ">=0.1.0",
        "<1",
        "<1.0.0-0",
        "1.0.0-rc.1",
        "other",
        "side",
        "9.9.9",
        "nothing",
    ],
)
def test_repositories(place: Place, origin: Path, version: str) -> None:
    more = f"--version {version}" if version else ""
    place.same([f"plugin install --verify=false file://{origin} {more}", "plugin list", "plugin update echo"])
    folder(origin, "echo", "1.1.0", hooks=HOOKS)
    commit(origin)
    place.same(["plugin update echo", "plugin list", "plugin uninstall echo", "plugin list"])


def test_repositories_that_are_refused(place: Place, origin: Path) -> None:
    commit_only = origin.parent / "empty"
    commit_only.mkdir()
    commit(commit_only)
    place.same(
        [
            f"plugin install file://{origin}",
            f"plugin install --verify=false file://{origin}/nothing",
            f"plugin install --verify=false file://{commit_only}",
            f"plugin install --verify=false file://{origin}",
            f"plugin install --verify=false file://{origin}",
        ]
    )
    for program in (HELM, NAV):
        (place.home(program) / PLUGINS / "vp" / "run.sh").write_text("changed\n")
    place.same(["plugin update echo"])
    for program in (HELM, NAV):
        (place.home(program) / PLUGINS / "vp" / "run.sh").write_text("#!/bin/sh\n")
    os.rename(origin, f"{origin}x")
    place.same(["plugin update echo"])
    os.rename(f"{origin}x", origin)
    place.same(["plugin update echo"])


@pytest.mark.skipif(registry_program() is None, reason="no registry is installed (make test-real does it)")
def test_registries(place: Place, tmp_path: Path) -> None:
    assert place.run(HELM, "plugin", "package", "echo", "--key", "rsa@", "--keyring", "rsa.asc").code == 0
    good, proof = ((place.work(HELM) / f"echo-1.2.3.tgz{end}").read_bytes() for end in ("", ".prov"))
    read = lambda name: (place.work(HELM) / name).read_bytes()  # noqa: E731
    empty = ("application/vnd.oci.empty.v1+json", b"{}")
    plugin = ("application/vnd.helm.plugin.v1+json", b"{}")
    artifacts = {
        ("p/echo", "1.2.3"): ([(LAYER, "echo-1.2.3.tgz", good), (LAYER, "echo-1.2.3.tgz.prov", proof)], None, empty),
        ("p/echo", "latest"): ([(f"{LAYER}+gzip", "echo-1.2.3.tgz", good)], None, empty),
        ("p/plain", "1"): ([(LAYER, "plain-1.2.3.tgz", good)], "", empty),
        ("p/other", "1"): ([(LAYER, "other-1.2.3.tgz", good)], "application/vnd.x", empty),
        ("p/title", "1"): ([(LAYER, "echo-1.2.3.tgz", good)], None, empty),
        ("p/foo", "1"): ([(LAYER, "foo-1.0.0.tgz", read("foo-1.0.0.tgz"))], "", plugin),
        ("p/odd", "1"): ([("application/x", "odd-1.0.0.tgz", good)], None, empty),
        ("p/text", "1"): ([(LAYER, "text-1.0.0.tgz", read("text-1.0.0.tgz"))], None, empty),
        ("p/dots", "1"): ([(LAYER, "dots-1.0.0.tgz", read("dots-1.0.0.tgz"))], None, empty),
        ("p/deep", "1"): ([(LAYER, "deep-1.0.0.tgz", read("deep-1.0.0.tgz"))], None, empty),
    }
    with RealRegistry(str(tmp_path / "registry")) as registry:
        for (name, tag), (layers, artifact, config) in artifacts.items():
            more = {} if artifact is None else {"artifact": artifact}
            document = json.dumps(manifest(layers, config=config, **more)).encode()
            digest = upload(registry.url, name, tag, document, [data for _, _, data in layers])
            if (name, tag) == ("p/echo", "1.2.3"):
                exact = digest
        install = f"plugin install --plain-http oci://{registry.address}/p"
        place.same(
            [
                f"plugin install oci://{registry.address}/p/echo:1.2.3",
                f"{install}/echo:1.2.3",
                f"{install}/echo:1.2.3 --keyring rsa.asc",
                "plugin list",
                "plugin update echo",
                "plugin uninstall echo",
                f"{install}/echo@{exact} --keyring rsa.asc",
                "plugin uninstall echo",
                f"{install}/echo:latest",
                f"{install}/echo:latest --verify=false",
                "plugin uninstall echo",
                *(f"{install}/{name}:1 --verify=false" for name in ("plain", "other", "title", "odd", "text", "dots")),
                *(f"{install}/{name}:1 --verify=false" for name in ("deep", "foo", "nothing")),
                f"{install}/nothing:1",
                f"{install}/A --verify=false",
                f"plugin install oci://{registry.address} --verify=false",
                "plugin install oci:// --verify=false",
                "plugin install oci://127.0.0.1:1/x/y:1 --verify=false",
                "plugin list",
            ]
        )
