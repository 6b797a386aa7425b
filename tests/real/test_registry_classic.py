"""The real Helm on a served registry as a classic repository: add, update, search, install, pull, with all it checks."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, NamedTuple

import bcrypt
import pytest

from support.asgi import multipart
from support.certificates import Authority
from support.oracle import HELM, real_helm
from support.serving import NAV, Serving
from support.signing import dearmored
from support.spaces import chart_yaml, packed

if TYPE_CHECKING:
    from pathlib import Path

    from support.cluster import Cluster

pytestmark = [pytest.mark.real, real_helm()]


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Home:
    """Runs programs in a folder with a home of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, program: str, *words: str) -> Ran:
        home = self.folder / f"home-{os.path.basename(program)}"
        home.mkdir(exist_ok=True)
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "TZ": "UTC"}
        done = subprocess.run(
            [program, *words], cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        return Ran(done.returncode, done.stdout.replace(str(home), "~"), done.stderr.replace(str(home), "~"))

    def helm(self, *words: str) -> str:
        """Helm's output. It must succeed, and nav must print the same."""
        theirs, ours = self.run(HELM, *words), self.run(NAV, *words)
        assert theirs.code == 0, theirs.err
        assert (ours.code, ours.out) == (0, theirs.out)
        return theirs.out


def send(url: str, data: bytes, *, method: str = "POST", kind: str = "application/gzip") -> tuple[int, bytes]:
    request = urllib.request.Request(url, data, {"Content-Type": kind}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def web(version: str) -> bytes:
    files = {
        "Chart.yaml": chart_yaml("web", version, description='"<a>: & é\'"', appVersion="'1'"),
        "values.yaml": "a: 1\n",
        "templates/c.yaml": "kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata: {v: '{{ .Chart.Version }}'}\n",
    }
    return packed("web", version, files)


def test_helm_works_with_a_space(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with Serving("workers: 2", folder=str(tmp_path)) as server:
        for version in ("1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1", "1.0.0+build.5"):
            status, _ = send(f"{server.url}/api/lib/charts", web(version))
            assert status == 201
        home.helm("repo", "add", "mine", f"{server.url}/lib")
        home.helm("repo", "update")
        listed = json.loads(home.helm("search", "repo", "mine/", "-l", "--devel", "-o", "json"))
        assert [one["version"] for one in listed] == ["2.0.0-rc.1", "1.10.0", "1.9.0", "1.0.0+build.5", "1.0.0"]
        assert listed[0]["description"] == "<a>: & é'"
        home.helm("search", "repo", "web")
        home.helm("show", "chart", "mine/web")
        assert "v: '1.9.0'" in home.helm("template", "r", "mine/web", "--version", "~1.9")
        assert "v: '1.10.0'" in home.helm("template", "r", "web", "--repo", f"{server.url}/lib")
        home.helm("pull", "mine/web", "--version", "1.0.0+build.5", "-d", str(tmp_path))
        assert (tmp_path / "web-1.0.0+build.5.tgz").read_bytes() == web("1.0.0+build.5")
        assert send(f"{server.url}/api/lib/charts", web("3.0.0"))[0] == 201
        assert send(f"{server.url}/api/lib/charts/web/1.10.0", b"", method="DELETE")[0] == 200
        home.helm("repo", "update", "mine")
        assert json.loads(home.helm("search", "repo", "mine/web", "-o", "json"))[0]["version"] == "3.0.0"
        assert home.run(HELM, "pull", "mine/web", "--version", "1.10.0").code == 1


def test_helm_takes_an_empty_space_and_refuses_a_missing_one(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with Serving(folder=str(tmp_path)) as server:
        send(f"{server.url}/api/v1/spaces?space=empty", b"", kind="application/x-www-form-urlencoded")
        home.helm("repo", "add", "empty", f"{server.url}/empty")
        missing = home.run(HELM, "repo", "add", "none", f"{server.url}/none")
        assert missing.code == 1
        assert "404 Not Found" in missing.err


def test_helm_with_accounts_and_tls(tmp_path: Path) -> None:
    home = Home(tmp_path)
    authority = Authority()
    pair = authority.issue(ips=("127.0.0.1",))
    for name, data in (("c", pair.certificate), ("k", pair.key), ("ca", authority.certificate)):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "htpasswd").write_bytes(b"ann:" + bcrypt.hashpw(b"pw", bcrypt.gensalt(5)) + b"\n")
    text = f"""
tls: {{certificate: {tmp_path}/c, key: {tmp_path}/k}}
auth: {{htpasswd: {tmp_path}/htpasswd, users: {{ann: {{lib: [pull]}}}}}}
"""
    with Serving(folder=str(tmp_path)) as open_server:
        assert send(f"{open_server.url}/api/lib/charts", web("1.0.0"))[0] == 201
    ca = ("--ca-file", str(tmp_path / "ca"))
    with Serving(text, folder=str(tmp_path)) as server:
        add = ("repo", "add", "mine", f"{server.url}/lib", *ca)
        refused = home.run(HELM, *add)
        assert (refused.code, "401 Unauthorized" in refused.err) == (1, True)
        assert home.run(HELM, *add, "--username", "ann", "--password", "wrong").code == 1
        home.helm(*add, "--username", "ann", "--password", "pw")
        home.helm("pull", "mine/web", "-d", str(tmp_path))
        assert (tmp_path / "web-1.0.0.tgz").read_bytes() == web("1.0.0")
        other = home.run(
            HELM, "repo", "add", "other", f"{server.url}/other", *ca, "--username", "ann", "--password", "pw"
        )
        assert (other.code, "403 Forbidden" in other.err) == (1, True)


def test_helm_installs_from_a_space(cluster: Cluster, tmp_path: Path) -> None:
    namespace = cluster.namespace()
    with Serving(folder=str(tmp_path)) as server:
        send(f"{server.url}/api/lib/charts", web("1.0.0"))
        for program in (cluster.helm, cluster.nav):
            words = ("r", "web", "--repo", f"{server.url}/lib", "-n", namespace)
            assert program("install", *words).code == 0
            assert program("upgrade", *words, "--set", "a=2").code == 0
            assert program("uninstall", "r", "-n", namespace).code == 0


def test_signatures_travel(tmp_path: Path) -> None:
    home = Home(tmp_path)
    keyring = str(tmp_path / "ring.gpg")
    (tmp_path / "ring.gpg").write_bytes(dearmored("rsa"))
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "Chart.yaml").write_text(chart_yaml("web", "1.0.0"))
    signed = home.run(HELM, "package", "web", "--sign", "--key", "rsa", "--keyring", keyring)
    assert signed.code == 0, signed.err
    archive, prov = (tmp_path / "web-1.0.0.tgz").read_bytes(), (tmp_path / "web-1.0.0.tgz.prov").read_bytes()
    form, headers = multipart(chart=archive, prov=prov)
    with Serving(folder=str(tmp_path)) as server:
        assert send(f"{server.url}/api/form/charts", form, kind=headers["content-type"])[0] == 201
        assert send(f"{server.url}/api/later/charts", archive)[0] == 201
        assert send(f"{server.url}/api/later/prov", prov)[0] == 201
        for space in ("form", "later"):
            pull = ("pull", "web", "--repo", f"{server.url}/{space}", "--verify", "--keyring", keyring)
            assert "Signed by: " in home.helm(*pull, "-d", str(tmp_path / "home-helm"))
