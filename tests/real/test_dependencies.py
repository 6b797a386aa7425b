"""Dependencies through the real Helm and through nav, on one loopback server: words, codes, files."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sysconfig
import tarfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from navarch.repos.content import digest_of_file
from support.charts_server import Web, archive
from support.oracle import HELM, real_helm
from support.real_registry import RealRegistry, registry_program
from support.signing import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


NAV = os.path.join(sysconfig.get_path("scripts"), "nav")

pytestmark = [pytest.mark.real, real_helm()]

CHARTS = {
    "plain": "[{name: web, version: 1.0.0, repository: URL}]",
    "range": "[{name: web, version: ^1.0, repository: URL}, {name: db, version: 0.x, repository: URL/}]",
    "devel": "[{name: web, version: '>1.0.0-0', repository: URL}]",
    "alias": "[{name: web, version: 1.x, repository: '@shop'}, {name: db, version: '*', repository: 'alias:shop'}]",
    "twice": "[{name: web, version: 1.0.0, repository: URL}, {name: web, version: 1.2.0, repository: URL, alias: two}]",
    "same": "[{name: web, version: 1.0.0, repository: URL}, {name: web, version: 1.0.0, repository: URL, alias: two}]",
    "unmanaged": "[{name: web, version: ^1, repository: URL/other}, {name: db, version: 0.1.0, repository: URL/other}]",
    "noindex": "[{name: web, version: ^1, repository: URL/nothing}]",
    "missing": "[{name: web, version: ^7, repository: URL}, {name: db, version: 5.0.0, repository: URL}]",
    "nochart": "[{name: cache, version: ^7, repository: URL}]",
    "badrange": "[{name: web, version: a.b.c, repository: URL}]",
    "noversion": "[{name: web, repository: URL}]",
    "stable": "[{name: web, version: 1.0.0, repository: stable}, {name: db, version: 1.0.0, repository: '@none'}]",
    "unknown": "[{name: db, version: 1.0.0, repository: '@none'}, {name: x, version: 1.0.0, repository: 'alias:no'}]",
    "scheme": "[{name: web, version: 1.0.0, repository: 'ftp://x/y'}]",
    "local": "[{name: lib, version: ^0.1.0, repository: 'file://../lib'}]",
    "localwrong": "[{name: lib, version: ^2, repository: 'file://../lib'}, {name: web, version: ^9, repository: URL}]",
    "localnone": "[{name: lib, version: ^2, repository: 'file://../nowhere'}]",
    "absolute": "[{name: lib, version: '>0.0.0', repository: 'file://COMMON/lib'}]",
    "localbad": "[{name: plainfile, version: '>0.0.0', repository: 'file://../file'}]",
    "inside": "[{name: sub, version: ^0.1.0, repository: ''}, {name: web, version: 1.0.0, repository: URL}]",
    "insidewrong": "[{name: sub, version: ^2.0.0}]",
    "insidenone": "[{name: gone, version: ^2.0.0}]",
    "gonefile": "[{name: lost, version: 1.0.0, repository: URL}, {name: web, version: 1.0.0, repository: URL}]",
    "nourls": "[{name: nourls, version: 1.0.0, repository: URL}]",
    "full": "[{name: web, version: ^1, repository: URL, condition: a.b, tags: [x, '<y>'], alias: w, import-values: "
    "[data, {child: a, parent: b}]}]",
    "empty": "[]",
    "none": "",
    "null": "[null]",
}

OCI_CHARTS = {
    "oci": "[{name: web, version: 1.0.0, repository: OCI}]",
    "ocirange": "[{name: web, version: ^1.0, repository: OCI}, {name: db, version: '*', repository: OCI/}]",
    "ociplus": "[{name: plus, version: 1.0.0+b.1, repository: OCI}]",
    "ociplusrange": "[{name: plus, version: 1.x, repository: OCI}]",
    "ocimissing": "[{name: web, version: ^9, repository: OCI}]",
    "ocimissing2": "[{name: web, version: 9.0.0, repository: OCI}]",
    "ocinone": "[{name: none, version: ^9, repository: OCI}]",
    "ocinone2": "[{name: none, version: 9.0.0, repository: OCI}]",
    "ociodd": "[{name: web, version: 1.0, repository: OCI}]",
}

LINES = """
dependency update
dependency update none
dependency build none
dependency update gone
dependency update file
dependency build file
dependency update null
dependency update plain
dependency build plain
dependency list plain
repo add shop URL
dependency update plain
dependency list plain
dependency update plain
dependency build plain
dependency update plain --skip-refresh
dependency build plain --skip-refresh
dependency update range
dependency build range
dependency list range
dependency update devel
dependency update alias
dependency build alias
dependency update twice
dependency build twice
dependency list twice
dependency update same
dependency update unmanaged
dependency build unmanaged
dependency update noindex
dependency build noindex
dependency update unmanaged --skip-refresh
dependency update missing
dependency update nochart
dependency update badrange
dependency update noversion
dependency update stable
dependency update unknown
dependency update scheme
dependency update local
dependency build local
dependency list local
dependency update localwrong
dependency update localnone
dependency update absolute
dependency update localbad
dependency update inside
dependency build inside
dependency list inside
dependency update insidewrong
dependency update insidenone
dependency update gonefile
dependency update nourls
dependency update full
dependency build full
dependency update empty
dependency build empty
dependency update plain --verify
dependency build plain --verify
dependency update plain --ca-file /none
package plain -u
package range -u -d out
package missing -u
package local -u -d out
template x unmanaged --dependency-update
template x devel --dependency-update
template x fresh --dependency-update
template x fresh2
template x missing --dependency-update
lint plain
repo remove shop
dependency build plain
dependency build range
dependency update range --skip-refresh
"""

OCI_LINES = """
dependency update oci --plain-http
dependency update oci --plain-http
dependency build oci --plain-http
dependency list oci
dependency update ocirange --plain-http
dependency build ocirange --plain-http
dependency update ociplus --plain-http
dependency build ociplus --plain-http
dependency update ociplusrange --plain-http
dependency update ocimissing --plain-http
dependency update ocimissing2 --plain-http
dependency update ocinone --plain-http
dependency update ocinone2 --plain-http
dependency update ociodd --plain-http
dependency update oci --plain-http --verify
dependency build oci --plain-http --verify
package oci -u --plain-http
"""


class Ran(NamedTuple):
    code: int
    out: str
    err: str
    files: dict[str, object]


def chart(folder: Path, dependencies: str, *, version: str = "0.1.0", api: str = "v2") -> None:
    """A chart in a folder, with dependencies in YAML's flow style."""
    (folder / "templates").mkdir(parents=True)
    name = folder.name
    listed = f"dependencies: {dependencies}\n" if dependencies else ""
    head = f"apiVersion: {api}\nname: {name}\nversion: {version}\n"
    if api == "v1":
        (folder / "Chart.yaml").write_text(head)
        (folder / "requirements.yaml").write_text(listed)
    else:
        (folder / "Chart.yaml").write_text(head + listed)
    (folder / "templates/c.yaml").write_text("kind: ConfigMap\napiVersion: v1\nmetadata: {name: '{{ .Chart.Name }}'}\n")


def _filled(text: str, **names: str) -> str:
    for word, meaning in names.items():
        text = text.replace(word, meaning)
    return text


def lay_out(work: Path, charts: dict[str, str], **names: str) -> None:
    """The charts of a table, and what they need beside them."""
    for name, dependencies in charts.items():
        chart(work / name, _filled(dependencies, COMMON=str(work.parent.parent), **names))
    chart(work / "lib", "", version="0.1.5")
    for name in ("inside", "insidewrong"):
        if name in charts:
            chart(work / name / "charts/sub", "", version="0.1.2")
    (work / "file").write_text("no chart")


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    folder = tmp_path / "www"
    folder.mkdir()
    for version in ("1.0.0", "1.2.0", "1.10.0", "2.0.0-rc.1"):
        archive(folder, "web", version)
    archive(folder, "db", "0.1.0")
    archive(folder, "lost", "1.0.0")
    archive(folder, "nourls", "1.0.0")
    with Web() as server:
        for place in ("", "/other"):
            subprocess.run([HELM, "repo", "index", folder, "--url", server.url + place], check=True)
            index = (folder / "index.yaml").read_text()
            index = re.sub(r"urls:\n    - \S*nourls-1.0.0.tgz", "urls: []", index)
            server.files[f"{place}/index.yaml"] = index.encode()
            for file in folder.glob("*.tgz"):
                server.files[f"{place}/{file.name}"] = file.read_bytes()
        del server.files["/lost-1.0.0.tgz"]
        yield server


def run(program: str, home: Path, words: list[str]) -> Ran:
    places = {f"HELM_{kind}_HOME": str(home / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    done = subprocess.run(
        [program, *words],
        cwd=home / "work",
        env={**os.environ, **places, "HOME": str(home), "SOURCE_DATE_EPOCH": "1700000000"},
        capture_output=True,
        text=True,
        input="",
        timeout=300,
        check=False,
    )
    out, err = (_masked(text.replace(str(home), "HOME")) for text in (done.stdout, done.stderr))
    return Ran(done.returncode, out, err, _files(home))


def _masked(text: str) -> str:
    """A text without what differs from run to run, and with lines that come in no order in order."""
    text = re.sub(r"tmpcharts-\d+", "tmpcharts-PID", text)
    return re.sub(r"[-\d]+T[\d:.]+Z", "TIME", text)


def _files(home: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted((home / "work").rglob("*")):
        name = str(path.relative_to(home))
        if name.endswith(".lock.sha256"):
            continue
        if path.name in ("Chart.lock", "requirements.lock"):
            found[name] = _masked(path.read_text())
        elif path.name == "Chart.yaml":
            found[name] = path.read_text().replace(str(home), "HOME")
        elif path.suffix == ".tgz" and "broken" not in name:
            found[name] = (path.stat().st_mode & 0o777, members(path))
        elif path.is_file():
            found[name] = (path.stat().st_mode & 0o777, digest_of_file(str(path)))
        else:
            found[name] = "folder"
    cache = home / "cache/repository"
    found["indexes"] = sorted(path.name for path in cache.glob("*.yaml")) if cache.is_dir() else None
    return found


def members(path: Path) -> list[tuple[object, ...]]:
    """The files of an archive. In which order Helm writes those of several children is left to chance."""
    with tarfile.open(path) as tar:
        return sorted((one.name, one.mode, one.mtime, tar.extractfile(one).read()) for one in tar)  # type: ignore[union-attr]


def different(tmp_path: Path, lines: str, **names: str) -> list[object]:
    """What Helm and nav do differently, line by line."""
    found: list[object] = []
    for line in _filled(lines, **names).strip().split("\n"):
        theirs, ours = (run(program, tmp_path / name, line.split()) for program, name in ((HELM, "helm"), (NAV, "nav")))
        if theirs != ours:
            both = {**theirs.files, **ours.files}
            files = {k: (theirs.files.get(k), ours.files.get(k)) for k in both}
            found.append((line, theirs[:3], ours[:3], {k: v for k, v in files.items() if v[0] != v[1]}))
    return found


def test_every_command_line(tmp_path: Path, web: Web) -> None:
    chart(tmp_path / "lib", "", version="0.1.7")
    for name in ("helm", "nav"):
        work = tmp_path / name / "work"
        lay_out(work, CHARTS, URL=web.url)
        shutil.copytree(work / "range", work / "fresh")
        shutil.copytree(work / "range", work / "fresh2")
    assert different(tmp_path, LINES, URL=web.url) == []


def _edit(path: str, before: str, after: str) -> Callable[[Path], None]:
    return lambda work: _rewrite(work / path, before, after)


def _rewrite(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def _put(path: str, text: str) -> Callable[[Path], None]:
    def put(work: Path) -> None:
        (work / path).parent.mkdir(exist_ok=True)
        (work / path).write_text(text)

    return put


def _broken(path: str) -> Callable[[Path], None]:
    def put(work: Path) -> None:
        (work / path).parent.mkdir(exist_ok=True)
        (work / path).write_bytes(gzip.compress(b"no tar" * 100))

    return put


def _link(work: Path) -> None:
    (work / "plain/Chart.lock").unlink()
    (work / "plain/Chart.lock").symlink_to("elsewhere")


def _older(work: Path) -> None:
    archive(work / "plain/charts", "web", "1.2.0")
    archive(work / "plain/charts", "cache", "1.2.0")
    archive(work / "inside/charts", "sub", "3.0.0")
    chart(work / "plain/charts/folder", "")


def _old_digest(work: Path) -> None:
    """A lock of a chart of v1, with the digest that Helm 2 would have written."""
    url = json.loads((work / "url.json").read_text())
    asked = json.dumps(
        {"dependencies": [{"name": "web", "version": "1.0.0", "repository": url}]}, separators=(",", ":")
    )
    path = work / "old/requirements.lock"
    digest = f"digest: sha256:{hashlib.sha256(asked.encode()).hexdigest()}"
    path.write_text(re.sub(r"digest: \S+", digest, path.read_text()))


STEPS: list[tuple[str, Callable[[Path], None] | None]] = [
    ("repo add shop URL", None),
    ("dependency update old", None),
    ("dependency build old", None),
    ("dependency update plain", None),
    ("dependency build old", _old_digest),
    ("dependency build old", _edit("old/requirements.yaml", "1.0.0", "1.2.0")),
    ("dependency update old", None),
    ("dependency build plain", _edit("plain/Chart.yaml", "1.0.0", "1.2.0")),
    ("dependency update plain", None),
    ("dependency build plain", _edit("plain/Chart.lock", "version: 1.2.0", "version: 1.0.0")),
    ("dependency update plain", _older),
    ("dependency update inside", None),
    ("dependency update plain", _put("plain/charts/readme.txt", "text")),
    ("dependency update plain", _put("plain/charts/.hidden", "text")),
    ("dependency update devel", _broken("devel/charts/_broken.tgz")),
    ("dependency update devel", _broken("devel/charts/broken.tgz")),
    ("dependency update local", _put("local/charts", "no folder")),
    ("dependency update range", _put("range/charts", "no folder")),
    ("dependency update full", _put("full/Chart.lock", "dependencies: x\n")),
    ("dependency build full", _put("full/Chart.lock", "dependencies: [null]\ndigest: sha256:1\n")),
    ("dependency build full", _put("full/Chart.lock", "{}")),
    ("dependency build full", _put("full/Chart.lock", "")),
    ("dependency update full", _put("full/Chart.lock", "")),
    ("dependency build twice", _put("twice/Chart.lock", "digest: sha256:1\n")),
    ("dependency update relative", None),
    ("dependency update relative --skip-refresh", None),
]


def test_folders_in_any_state(tmp_path: Path, web: Web) -> None:
    web.files["/relative/index.yaml"] = web.files["/index.yaml"].replace(f"- {web.url}/".encode(), b"- ../")
    for name in ("helm", "nav"):
        work = tmp_path / name / "work"
        lay_out(work, {**CHARTS, "relative": "[{name: web, version: 1.0.0, repository: URL/relative}]"}, URL=web.url)
        chart(work / "old", f"[{{name: web, version: 1.0.0, repository: '{web.url}'}}]", api="v1")
        (work / "url.json").write_text(json.dumps(web.url))
    found = []
    for line, prepare in STEPS:
        for name in ("helm", "nav"):
            if prepare:
                prepare(tmp_path / name / "work")
        found += different(tmp_path, line, URL=web.url)
    assert found == []


VERIFIED = """
repo add shop URL
dependency update signed --verify --keyring KEYS/rsa.asc
dependency update signed --verify --keyring KEYS/rsa.asc
dependency build signed --verify --keyring KEYS/rsa.asc
dependency update signed --verify --keyring KEYS/ed25519.asc
dependency build signed --verify --keyring KEYS/ed25519.asc
dependency update signed --verify --keyring KEYS/none
dependency update signed --verify
dependency update tampered --verify --keyring KEYS/rsa.asc
dependency build tampered --verify --keyring KEYS/rsa.asc
dependency update tampered
dependency build tampered --verify --keyring KEYS/rsa.asc
"""


def test_signatures(tmp_path: Path, web: Web) -> None:
    made = tmp_path / "signed"
    sign = ("--sign", "--key", "rsa@", "--keyring", f"{KEYS}/rsa.asc")
    for name in ("one", "two"):
        chart(made / name, "")
        subprocess.run([HELM, "package", made / name, "-d", made, *sign], check=True, capture_output=True)
    proof = made / "two-0.1.0.tgz.prov"
    proof.write_text(proof.read_text().replace("name: two", "name: two "))
    subprocess.run([HELM, "repo", "index", made, "--url", web.url], check=True)
    web.files |= {f"/{path.name}": path.read_bytes() for path in made.iterdir() if path.is_file()}
    charts = {
        name: f"[{{name: {one}, version: 0.1.0, repository: URL}}]"
        for name, one in (("signed", "one"), ("tampered", "two"))
    }
    for name in ("helm", "nav"):
        lay_out(tmp_path / name / "work", charts, URL=web.url)
    assert different(tmp_path, VERIFIED, URL=web.url, KEYS=KEYS) == []
    verified = run(
        NAV, tmp_path / "nav", ["dependency", "update", "signed", "--verify", "--keyring", f"{KEYS}/rsa.asc"]
    )
    assert "signed/tmpcharts-PID/one-0.1.0.tgz.prov for moving: " in verified.out


@pytest.mark.skipif(registry_program() is None, reason="no registry is installed")
def test_every_command_line_with_a_registry(tmp_path: Path, web: Web) -> None:
    archive(tmp_path / "www", "plus", "1.0.0+b.1")
    with RealRegistry(str(tmp_path / "registry")) as registry:
        place = f"oci://{registry.address}/x"
        for path in (tmp_path / "www").glob("*.tgz"):
            subprocess.run([HELM, "push", path, place, "--plain-http"], check=True, capture_output=True)
        for name in ("helm", "nav"):
            lay_out(tmp_path / name / "work", OCI_CHARTS, URL=web.url, OCI=place)
        assert different(tmp_path, f"repo add shop {web.url}{OCI_LINES}") == []
