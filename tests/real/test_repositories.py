"""Repositories through the real Helm and through nav, on one loopback server: words, codes, files."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sysconfig
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.charts_server import Web, archive
from support.httpd import Request, answer
from support.oracle import HELM, real_helm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAV = os.path.join(sysconfig.get_path("scripts"), "nav")
BASIC = "Basic " + base64.b64encode(b"u:p").decode()

pytestmark = [pytest.mark.real, real_helm()]

LINES = """
repo list
repo update
repo remove x
search repo
search repo x -o json
pull web
repo add stable URL
repo add stable URL
repo add stable URL/x
repo add a/b URL
repo add json URL/json
repo add garbage URL/garbage
repo add none URL/none
repo add cut URL/cut
repo add away URL/away
repo add file URL/file
repo add loop URL/loop
repo add locked URL/locked --username u --password p
repo add locked2 URL/locked --username u --password x
repo add locked3 URL/locked --username u
repo add ftp ftp://x/y
repo add local file:///tmp
repo add oci oci://127.0.0.1:1/x
repo add old https://kubernetes-charts.storage.googleapis.com
repo add ca https://127.0.0.1:1 --ca-file /nonexistent
repo add pair https://127.0.0.1:1 --cert-file /nonexistent --key-file /none
repo add tls TLS
repo list
repo list -o json
repo list -o yaml
repo list --no-headers
repo update stable
repo update none
search repo
search repo -o yaml
search repo web -l -o json
search repo none
search repo none --fail-on-no-result
search repo none -o json
search repo web --devel
search repo web --version ^1.0
search repo WEB -l
search repo -r w.b$
search repo -r ^db
search repo -r (
search repo shared -l --devel
search repo --version x.y.z
search repo --max-col-width 12
pull stable/web
pull stable/web --version 1.2.0
pull stable/web --version ^1 -d .
pull stable/web --devel
pull stable/web --version 9
pull stable/none
pull none/web
pull stable/web --version 1.2 --untar
pull stable/web --untar
pull stable/web --untar --untardir ud
pull stable/db --untar --untardir ud -d dd
pull stable/db json/web -d dd
pull URL/web-1.0.0.tgz
pull URL/none.tgz
pull URL/cut/x.tgz
pull URL/away/db-0.1.0.tgz
pull --repo URL web
pull --repo URL web --version 1.0.0
pull --repo URL none
pull --repo URL web --version 7.0.0
pull --repo URL/none web
pull --repo URL/locked web --username u --password p
pull --repo URL/locked web
pull stable/web --prov
show chart stable/web
show all stable/db
show values json/web --version 1.0.0
show chart URL/db-0.1.0.tgz
show chart --repo URL web --devel
show chart stable/web --version 1.1.0
show chart stable/web --version 1.2
show chart web
show chart ./none
template x stable/web
template x stable/web --version ~1.0
template x --repo URL/json web --version 1.x
template x stable/web --version >5
repo remove none
repo remove locked json
repo rm stable
repo list
"""


class Ran(NamedTuple):
    code: int
    out: str
    err: str
    files: dict[str, object]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    folder = tmp_path / "www"
    folder.mkdir()
    for version in ("1.0.0", "1.2.0", "1.10.0", "2.0.0-rc.1"):
        archive(folder, "web", version, description="Zażółć a <web>", appVersion="'1.5'", keywords="[shared, kw]")
    archive(folder, "db", "0.1.0", keywords="[shared]", appVersion="x")
    subprocess.run([HELM, "repo", "index", folder, "--json"], check=True)
    with Web() as server:
        server.files["/json/index.yaml"] = (folder / "index.yaml").read_bytes()
        subprocess.run([HELM, "repo", "index", folder, "--url", server.url], check=True)
        server.files["/index.yaml"] = server.files["/locked/index.yaml"] = (folder / "index.yaml").read_bytes()
        for file in folder.glob("*.tgz"):
            server.files |= {f"{below}/{file.name}": file.read_bytes() for below in ("", "/json", "/locked")}
        server.files["/garbage/index.yaml"] = b"<html>\n<b>a: b: c</b>\n"
        plain = server._file
        server._respond = lambda request: _answer(request, plain)  # type: ignore[assignment]
        yield server


def _answer(request: Request, plain: Callable[[Request], bytes | None]) -> bytes | None:
    """A file, or the odd answer that a path stands for."""
    path = request.target
    if path.startswith("/locked/") and request.headers.get("authorization") != BASIC:
        return answer(401, b"", "Unauthorized")
    if path.startswith("/cut/"):
        request.sock.sendall(answer(body=b"apiVersion: v1", content_length="100"))
        return None
    if path.startswith("/away/"):
        return answer(302, reason="Found", location=path.removeprefix("/away"))
    if path.startswith("/loop/"):
        return answer(302, reason="Found", location=path)
    if path.startswith("/file/"):
        return answer(302, reason="Found", location="file:///etc/passwd")
    return plain(request)


def _run(program: str, home: Path, words: list[str]) -> Ran:
    (home / "work").mkdir(parents=True, exist_ok=True)
    places = {f"HELM_{kind}_HOME": str(home / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    done = subprocess.run(
        [program, *words],
        cwd=home / "work",
        env={**os.environ, **places, "HOME": str(home)},
        capture_output=True,
        text=True,
        input="",
        timeout=300,
        check=False,
    )
    out, err = (text.replace(str(home), "HOME") for text in (done.stdout, done.stderr))
    return Ran(done.returncode, out, err, _files(home))


def _files(home: Path) -> dict[str, object]:
    """Every file with its permissions and content; what only we keep is left out."""
    found: dict[str, object] = {}
    for path in home.rglob("*"):
        name = str(path.relative_to(home))
        if name.endswith(".etag") or "arriving" in name or name.startswith("cache/navarch"):
            continue
        if path.is_dir():
            found[name] = "folder"
        else:
            data = path.read_bytes()
            content = sorted(data.split()) if name.endswith("charts.txt") else hashlib.sha256(data).hexdigest()
            found[name] = (path.stat().st_mode & 0o777, content)
    return found


def test_every_command_line(tmp_path: Path, web: Web) -> None:
    different = []
    for line in LINES.strip().split("\n"):
        words = line.replace("URL", web.url).replace("TLS", web.url.replace("http", "https")).split()
        theirs, ours = (_run(program, tmp_path / name, words) for program, name in ((HELM, "helm"), (NAV, "nav")))
        if theirs != ours:
            different.append((line, theirs[:3], ours[:3], dict(set(_flat(theirs)) ^ set(_flat(ours)))))
    assert different == []


def _flat(ran: Ran) -> list[tuple[str, str]]:
    return [(name, str(content)) for name, content in ran.files.items()]


def test_indexes_are_the_same_but_for_the_time(tmp_path: Path) -> None:
    texts: list[tuple[str, object, str]] = []
    for program in (HELM, NAV):
        folder = tmp_path / os.path.basename(program)
        archive(
            folder,
            "web",
            "1.0.0",
            description="'It''s: \"odd\" & <long>'",
            appVersion="'1e3'",
            annotations="{a/b: 'x', c: 'yes'}",
        )
        archive(
            folder,
            "web",
            "1.1.0",
            maintainers="[{name: J, email: j@x}]",
            dependencies="[{name: db, version: ^1, repository: '', tags: [a], condition: x.y}]",
        )
        archive(
            folder / "sub", "db", "0.1.0+b", type="library", deprecated="true", kubeVersion="'>=1.20'", sources="[a, b]"
        )
        (folder / "no.tgz").write_bytes(b"no")
        for flags in (
            [],
            ["--json"],
            ["--url", "http://x/y?z"],
            ["--merge", "sub/merged.yaml"],
            ["--merge", "index.yaml"],
        ):
            subprocess.run([program, "repo", "index", ".", *flags], cwd=folder, check=True)
            texts.append((program, flags, re.sub(r"20\d\d-[-0-9T:.]+Z", "TIME", (folder / "index.yaml").read_text())))
        texts.append(
            (program, "merged", re.sub(r"20\d\d-[-0-9T:.]+Z", "TIME", (folder / "sub/merged.yaml").read_text()))
        )
    half = len(texts) // 2
    assert [text for _, _, text in texts[:half]] == [text for _, _, text in texts[half:]]


def test_helm_reads_what_we_write(tmp_path: Path, web: Web) -> None:
    home = tmp_path / "home"
    words = ["repo", "add", "x", web.url, "--username", "ü: '", "--password", '# "', "--pass-credentials"]
    assert _run(NAV, home, words).code == 0
    assert _run(HELM, home, ["repo", "list", "-o", "json"]).out == f'[{{"name":"x","url":"{web.url}"}}]\n'
    ours = (home / "config/repositories.yaml").read_bytes()
    assert _run(HELM, home, ["repo", "add", "y", web.url]).code == 0
    assert _run(HELM, home, ["repo", "remove", "y"]).code == 0
    assert (home / "config/repositories.yaml").read_bytes() == ours
    assert _run(NAV, home, ["show", "chart", "x/web"]) == _run(HELM, home, ["show", "chart", "x/web"])
