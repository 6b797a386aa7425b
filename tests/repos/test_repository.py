"""The copies of indexes: fetched, kept as Helm keeps them, not fetched again without need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from navarch.errors import DownloadError, NavarchError, RepositoryError
from navarch.kube.net.access import Access
from navarch.repos.config import Entry
from navarch.repos.repository import Repository, forget
from support.charts_server import Web
from support.httpd import Request, answer

if TYPE_CHECKING:
    from pathlib import Path

INDEX = b"""apiVersion: v1
entries:
  web:
  - name: web
    urls: [web-1.0.0.tgz]
    version: 1.0.0
  db: []
"""


def tagged(request: Request) -> bytes:
    tag = '"1"'
    if request.headers.get("if-none-match") == tag:
        return answer(304, reason="Not Modified", etag=tag)
    return answer(body=INDEX, etag=tag)


def test_files(tmp_path: Path) -> None:
    with Web({"/x/index.yaml": INDEX}) as web:
        repository = Repository(Entry("stable", f"{web.url}/x/?token=1"), str(tmp_path / "cache"))
        path = repository.update()
        assert web.paths() == ["/x/index.yaml?token=1"]
    assert path == str(tmp_path / "cache" / "stable-index.yaml")
    assert (tmp_path / "cache" / "stable-index.yaml").read_bytes() == INDEX
    assert sorted((tmp_path / "cache" / "stable-charts.txt").read_text().split()) == ["db", "web"]
    assert repository.index().get("web").version == "1.0.0"
    forget(str(tmp_path / "cache"), "stable")
    assert list((tmp_path / "cache").iterdir()) == []
    with pytest.raises(RepositoryError, match="no such file or directory"):
        repository.index()


def test_nothing_new_is_not_sent(tmp_path: Path) -> None:
    with Web() as web:
        web._respond = tagged  # type: ignore[assignment]
        repository = Repository(Entry("s", web.url), str(tmp_path))
        for _ in range(3):
            repository.update()
        assert ["if-none-match" in request.headers for request in web.requests] == [False, True, True]
        (tmp_path / "s-index.yaml").write_bytes(b"changed by somebody")
        repository.update()
        assert "if-none-match" not in web.requests[-1].headers
        assert (tmp_path / "s-index.yaml").read_bytes() == INDEX
        Repository(Entry("s", f"{web.url}/other"), str(tmp_path)).update()
        assert "if-none-match" not in web.requests[-1].headers


@pytest.mark.parametrize("bad", [b"<html>\n<b>a: b: c</b>\n", b"", b"entries: {}\n", INDEX + b"web: 1\n"])
def test_what_is_no_index_is_not_kept(tmp_path: Path, bad: bytes) -> None:
    with Web({"/index.yaml": INDEX}) as web:
        repository = Repository(Entry("s", web.url), str(tmp_path))
        repository.update()
        web.files["/index.yaml"] = bad
        with pytest.raises(NavarchError):
            repository.update()
    assert (tmp_path / "s-index.yaml").read_bytes() == INDEX
    assert not list(tmp_path.glob("*.part"))


def test_an_index_of_a_gigabyte_is_refused(tmp_path: Path) -> None:
    def endless(request: Request) -> None:
        request.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\napiVersion: v1\n")

    with Web() as web:
        web._respond = endless  # type: ignore[assignment]
        with pytest.raises(DownloadError, match="has 1073741824 bytes; no more than 268435456 are read"):
            Repository(Entry("s", web.url), str(tmp_path)).update()
    assert list(tmp_path.iterdir()) == []


def test_credentials(tmp_path: Path) -> None:
    with Web({"/index.yaml": INDEX}) as web:
        Repository(Entry("s", web.url, Access(username="u", password="p")), str(tmp_path)).update()
        assert web.requests[0].headers["authorization"] == "Basic dTpw"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://x", "could not find protocol handler for: ftp"),
        ("file:///x", "could not find protocol handler for: file"),
        ("x", "could not find protocol handler for: "),
        ("http://[::1", "invalid chart URL format: http://[::1"),
    ],
)
def test_addresses(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(RepositoryError) as caught:
        Repository(Entry("s", url), str(tmp_path))
    assert str(caught.value) == message
