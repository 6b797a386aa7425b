"""The real Helm, and nav, on a served registry's OCI face: log in, push, pull, show, install; seen from other faces."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from typing import TYPE_CHECKING, NamedTuple

import bcrypt
import pytest

from support.certificates import Authority
from support.oracle import HELM, real_helm
from support.serving import NAV, Serving
from support.signing import dearmored
from support.spaces import chart_yaml, packed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.real, real_helm()]


class Ran(NamedTuple):
    code: int
    out: str
    err: str


def run(folder: Path, program: str, line: str) -> Ran:
    """A command line in a folder, with a home for each program."""
    home = folder / f"home-{os.path.basename(program)}"
    home.mkdir(exist_ok=True)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "TZ": "UTC", "SOURCE_DATE_EPOCH": "0"}
    done = subprocess.run(
        [program, *line.split()], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def both(folder: Path, line: str) -> Ran:
    """What Helm and nav both say; it must be the same, and no failure."""
    theirs, ours = run(folder, HELM, line), run(folder, NAV, line)
    assert theirs.code == 0, theirs.err
    assert ours == theirs
    return theirs


def read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=300) as answer:
        return answer.read()


def put(folder: Path, name: str, version: str) -> Path:
    files = {"Chart.yaml": chart_yaml(name, version, description="words"), "values.yaml": "a: 1\n"}
    archive = folder / f"{name}-{version}.tgz"
    archive.write_bytes(packed(name, version, files))
    return archive


@pytest.mark.parametrize("program", [HELM, NAV], ids=["helm", "nav"])
def test_what_one_pushes_all_see(tmp_path: Path, program: str) -> None:
    archives = {version: put(tmp_path, "web", version) for version in ("1.0.0", "1.10.0+b.1", "1.9.0")}
    with Serving("workers: 2", folder=str(tmp_path)) as server:
        place = server.url.replace("http://", "oci://") + "/lib"
        for archive in archives.values():
            done = run(tmp_path, program, f"push {archive.name} {place} --plain-http")
            assert done.code == 0, done.err
        for version, archive in archives.items():
            assert read(f"{server.url}/lib/charts/web-{version}.tgz") == archive.read_bytes()
            assert read(f"{server.url}/api/v1/spaces/lib/charts/web/versions/{version}") == archive.read_bytes()
        listed = json.loads(read(f"{server.url}/api/v1/spaces/lib/charts/web/versions"))
        assert listed["items"] == ["1.0.0", "1.9.0", "1.10.0+b.1"]
        tags = json.loads(read(f"{server.url}/v2/lib/web/tags/list"))["tags"]
        assert tags == ["1.0.0", "1.10.0_b.1", "1.9.0"]
        for line in (
            "show chart {place}/web --plain-http --version ~1.9",
            "show values {place}/web --plain-http",
            "template r {place}/web --version 1.0.0 --plain-http",
            "pull {place}/web --version 1.10.0+b.1 -d {program} --plain-http --untar=false",
        ):
            for name in ("helm", "nav"):
                (tmp_path / name).mkdir(exist_ok=True)
            ran = [
                run(tmp_path, each, line.format(place=place, program=os.path.basename(each))) for each in (HELM, NAV)
            ]
            assert ran[0].code == 0, ran[0].err
            assert ran[1] == ran[0]
        for name in ("helm", "nav"):
            pulled = tmp_path / name / "web-1.10.0+b.1.tgz"
            assert pulled.read_bytes() == archives["1.10.0+b.1"].read_bytes()


def test_a_version_uploaded_elsewhere_is_pulled_by_its_digest(tmp_path: Path) -> None:
    archive = put(tmp_path, "web", "1.0.0")
    with Serving(folder=str(tmp_path)) as server:
        request = urllib.request.Request(
            f"{server.url}/api/lib/charts", archive.read_bytes(), {"Content-Type": "application/gzip"}
        )
        with urllib.request.urlopen(request, timeout=300) as answer:
            assert answer.status == 201
        place = server.url.replace("http://", "oci://") + "/lib/web"
        digest = both(tmp_path, f"pull {place} --version 1.0.0 --plain-http").out.split("Digest: ")[1].strip()
        both(tmp_path, f"show chart {place}@{digest} --plain-http")


def test_manifests_are_those_of_helm(tmp_path: Path) -> None:
    """Helm's push of an archive, and an upload of the same: configs and layers have the same digests."""
    archive = put(tmp_path, "web", "1.0.0")
    with Serving(folder=str(tmp_path)) as server:
        place = server.url.replace("http://", "oci://")
        assert run(tmp_path, HELM, f"push {archive.name} {place}/pushed --plain-http").code == 0
        request = urllib.request.Request(
            f"{server.url}/api/uploaded/charts", archive.read_bytes(), {"Content-Type": "application/gzip"}
        )
        with urllib.request.urlopen(request, timeout=300):
            pass
        pushed, uploaded = (
            json.loads(
                re.sub(
                    rb'("org.opencontainers.image.created":")[^"]*',
                    rb"\1",
                    read(f"{server.url}/v2/{space}/web/manifests/1.0.0"),
                )
            )
            for space in ("pushed", "uploaded")
        )
        assert uploaded == pushed


def test_accounts_over_tls(tmp_path: Path) -> None:
    authority = Authority()
    pair = authority.issue(ips=("127.0.0.1",))
    for name, data in (("c", pair.certificate), ("k", pair.key), ("ca", authority.certificate)):
        (tmp_path / name).write_bytes(data)
    hashes = {name: bcrypt.hashpw(name.encode(), bcrypt.gensalt(5)) for name in ("ann", "bob")}
    (tmp_path / "htpasswd").write_bytes(b"".join(b"%b:%b\n" % (name.encode(), hashes[name]) for name in hashes))
    text = f"""
tls: {{certificate: {tmp_path}/c, key: {tmp_path}/k}}
auth: {{htpasswd: {tmp_path}/htpasswd, users: {{ann: {{lib: [pull, push]}}, bob: {{lib: [pull]}}}}}}
"""
    archive = put(tmp_path, "web", "1.0.0")
    with Serving(text, folder=str(tmp_path)) as server:
        host = server.url.removeprefix("https://")
        for program in (HELM, NAV):
            ca = "--ca-file ca"
            refused = run(tmp_path, program, f"push {archive.name} oci://{host}/lib {ca}")
            assert (refused.code, refused.err.endswith(": basic credential not found\n")) == (1, True), refused.err
            assert run(tmp_path, program, f"registry login {host} -u ann -p wrong {ca}").code == 1
            assert run(tmp_path, program, f"registry login {host} -u ann -p ann {ca}").code == 0
            assert run(tmp_path, program, f"push {archive.name} oci://{host}/lib {ca}").code == 0
            denied = run(tmp_path, program, f"push {archive.name} oci://{host}/other {ca}")
            assert (denied.code, "403" in denied.err) == (1, True)
            assert run(tmp_path, program, f"registry logout {host}").code == 0
            assert run(tmp_path, program, f"registry login {host} -u bob -p bob {ca}").code == 0
            assert (
                run(
                    tmp_path,
                    program,
                    f"pull oci://{host}/lib/web --version 1.0.0 {ca}",
                ).code
                == 0
            )
            assert run(tmp_path, program, f"push {archive.name} oci://{host}/lib {ca}").code == 1


def test_signatures_travel(tmp_path: Path) -> None:
    (tmp_path / "ring.gpg").write_bytes(dearmored("rsa"))
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "Chart.yaml").write_text(chart_yaml("web", "1.0.0"))
    assert run(tmp_path, HELM, "package web --sign --key rsa --keyring ring.gpg").code == 0
    with Serving(folder=str(tmp_path)) as server:
        place = server.url.replace("http://", "oci://")
        assert run(tmp_path, HELM, f"push web-1.0.0.tgz {place}/lib --plain-http").code == 0
        prov = read(f"{server.url}/lib/charts/web-1.0.0.tgz.prov")
        assert prov == (tmp_path / "web-1.0.0.tgz.prov").read_bytes()
        for program in (HELM, NAV):
            line = f"pull {place}/lib/web --version 1.0.0 --verify --keyring ring.gpg --plain-http"
            done = run(tmp_path, program, line)
            assert done.code == 0, done.err
