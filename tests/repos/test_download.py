"""From references to archives: what is downloaded, what is refused, what is kept."""

from __future__ import annotations

import os
import threading
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from navarch.errors import ChartError, DownloadError, IntegrityError, NavarchError, RepositoryError
from navarch.kube.net.access import Access
from navarch.repos.config import Entry, Repositories
from navarch.repos.download import ALWAYS, LATER, Downloader, Places
from navarch.repos.index import Index
from navarch.repos.repository import Repository
from support.charts_server import Web, archive, index_of
from support.httpd import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

JANE = Access(username="jane", password="secret")


class Shop:
    """A repository on a server, added as "stable"."""

    def __init__(self, tmp: Path, web: Web) -> None:
        self.tmp = tmp
        self.web = web
        self.places = Places(str(tmp / "repositories.yaml"), str(tmp / "indexes"), str(tmp / "content"))
        self.warnings: list[str] = []
        self.downloader = Downloader(self.places, warn=self.warnings.append)
        self.archives = {
            f"web-{version}.tgz": archive(tmp / "made", "web", version) for version in ("1.0.0", "1.2.0", "2.0.0-rc.1")
        }
        web.files |= {f"/charts/{name}": data for name, data in self.archives.items()}
        self.publish(index_of(self.archives, tmp))

    def publish(self, index: Index, access: Access | None = None) -> None:
        self.web.files["/charts/index.yaml"] = index.to_yaml().encode()
        entry = Entry("stable", f"{self.web.url}/charts", access)
        with Repositories.edit(self.places.repository_config) as repositories:
            repositories.add(entry)
        Repository(entry, self.places.repository_cache).update()
        self.web.requests.clear()

    def republish(self, version: str = "1.2.0", **changes: object) -> None:
        """Publish the index with another version's entry changed."""
        index = Index.parse(self.web.files["/charts/index.yaml"])
        entry = index.get("web", version)
        for name, value in changes.items():
            setattr(entry.metadata if name in ("name", "version") else entry, name, value)
        self.publish(index)

    def kept(self) -> list[str]:
        return [chart.digest for chart in self.downloader.content.charts()]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Web() as web:
        made = Shop(tmp_path, web)
        with made.downloader:
            yield made


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("", "web-1.2.0"),
        ("1.0.0", "web-1.0.0"),
        ("~1.0", "web-1.0.0"),
        (">0.0.0-0", "web-2.0.0-rc.1"),
        ("^1", "web-1.2.0"),
    ],
)
def test_repository_and_name(shop: Shop, version: str, name: str) -> None:
    data = shop.archives[f"{name}.tgz"]
    digest = sha256(data).hexdigest()
    found = shop.downloader.locate("stable/web", version=version)
    assert (found.url, found.digest) == (f"{shop.web.url}/charts/{name}.tgz", digest)
    assert found.path == str(shop.tmp / "content" / digest[:2] / f"{digest}.chart")
    assert Path(found.path).read_bytes() == data
    assert shop.web.paths() == [f"/charts/{name}.tgz"]
    assert shop.web.requests[0].headers["accept"] == "application/gzip,application/octet-stream"


def test_nothing_is_downloaded_twice(shop: Shop) -> None:
    first = shop.downloader.locate("stable/web")
    assert shop.downloader.locate("stable/web", version="1.2.0") == first
    saved = shop.downloader.save("stable/web", str(shop.tmp))
    assert Path(saved.path).read_bytes() == Path(first.path).read_bytes()
    assert len(shop.web.requests) == 1


def test_damage_in_the_cache_is_seen(shop: Shop) -> None:
    first = shop.downloader.locate("stable/web")
    Path(first.path).write_bytes(b"something else")
    again = shop.downloader.locate("stable/web")
    assert Path(again.path).read_bytes() == shop.archives["web-1.2.0.tgz"]
    assert len(shop.web.requests) == 2


@pytest.mark.parametrize("prefix", ["", "sha256:"])
@pytest.mark.parametrize("save", [False, True])
def test_wrong_digests_are_refused(shop: Shop, prefix: str, save: bool) -> None:
    shop.republish(digest=prefix + "ab" * 32)
    target = shop.tmp / "target"
    target.mkdir()
    with pytest.raises(IntegrityError, match=f"digest is sha256:[0-9a-f]{{64}}, not sha256:{'ab' * 32}"):
        shop.downloader.save("stable/web", str(target)) if save else shop.downloader.locate("stable/web")
    assert (shop.kept(), list(target.iterdir())) == ([], [])
    assert [p for p in (shop.tmp / "content").rglob("*") if p.is_file()] == []


@pytest.mark.parametrize(
    ("digest", "message"),
    [
        ("zz", "encoding/hex: invalid byte: U+007A 'z'"),
        ("abc", "encoding/hex: odd length hex string"),
        ("abcd", "invalid digest length: 2"),
    ],
)
def test_digests_that_are_none(shop: Shop, digest: str, message: str) -> None:
    shop.republish(digest=digest)
    with pytest.raises(RepositoryError) as caught:
        shop.downloader.save("stable/web", str(shop.tmp))
    assert str(caught.value) == message


def test_another_version_than_the_index_says_is_refused(shop: Shop) -> None:
    data = shop.archives["web-1.0.0.tgz"]
    shop.web.files["/charts/web-1.2.0.tgz"] = data
    shop.republish(digest=sha256(data).hexdigest())
    with pytest.raises(IntegrityError, match=r"is web 1.0.0 by its Chart.yaml, but web 1.2.0 was asked for"):
        shop.downloader.locate("stable/web")
    assert shop.kept() == []


def test_another_chart_than_the_index_says_is_refused(shop: Shop) -> None:
    data = archive(shop.tmp / "made", "evil", "1.2.0")
    shop.web.files["/charts/web-1.2.0.tgz"] = data
    shop.republish(digest="")
    with pytest.raises(IntegrityError, match=r"is evil 1.2.0 by its Chart.yaml"):
        shop.downloader.save("stable/web", str(shop.tmp))
    assert not (shop.tmp / "web-1.2.0.tgz").exists()


def test_what_is_no_archive_is_refused(shop: Shop) -> None:
    shop.web.files["/charts/web-1.2.0.tgz"] = b"<html>Log in</html>"
    shop.republish(digest="")
    with pytest.raises(IntegrityError, match="is no chart"):
        shop.downloader.locate("stable/web")
    assert shop.kept() == []


def test_truncated_downloads_leave_nothing(shop: Shop) -> None:
    whole = answer(body=shop.archives["web-1.2.0.tgz"])
    shop.web.changed["/charts/web-1.2.0.tgz"] = None

    def cut(request: object) -> None:
        request.sock.sendall(whole[:-10])  # type: ignore[attr-defined]

    shop.web._respond = cut  # type: ignore[assignment]
    with pytest.raises(IntegrityError, match="unexpected EOF"):
        shop.downloader.save("stable/web", str(shop.tmp))
    with pytest.raises(IntegrityError, match="unexpected EOF"):
        shop.downloader.locate("stable/web")
    assert not (shop.tmp / "web-1.2.0.tgz").exists()
    assert list(shop.tmp.rglob("*.part")) == []
    assert [p for p in (shop.tmp / "content").rglob("*") if p.is_file()] == []


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://x/web-1.2.0.tgz"])
def test_an_index_can_not_point_to_files(shop: Shop, address: str) -> None:
    shop.republish(urls=[address])
    with pytest.raises(DownloadError, match=f'scheme "{address.partition(":")[0]}" not supported'):
        shop.downloader.locate("stable/web")


def test_an_index_can_not_name_folders(shop: Shop) -> None:
    shop.republish(urls=["/"])
    with pytest.raises(DownloadError, match="does not name a file"):
        shop.downloader.save("stable/web", str(shop.tmp))


@pytest.mark.parametrize("trusting", [False, True])
def test_credentials_of_a_repository_stay_on_its_server(shop: Shop, trusting: bool) -> None:
    with Web({"/x/web-1.2.0.tgz": shop.archives["web-1.2.0.tgz"]}) as other:
        index = Index.parse(shop.web.files["/charts/index.yaml"])
        index.get("web", "1.2.0").urls = [f"{other.url}/x/web-1.2.0.tgz"]
        shop.publish(index, JANE.but(pass_credentials=trusting))
        shop.downloader.locate("stable/web")
        assert ("authorization" in other.requests[0].headers) is trusting
        shop.downloader.locate("stable/web", version="1.0.0")
    assert "authorization" in shop.web.requests[-1].headers


@pytest.mark.parametrize("trusting", [False, True])
def test_credentials_for_repo_stay_on_its_server(shop: Shop, trusting: bool) -> None:
    with Web({"/x/web-1.2.0.tgz": shop.archives["web-1.2.0.tgz"]}) as other:
        shop.republish(urls=[f"{other.url}/x/web-1.2.0.tgz"])
        os.unlink(shop.places.repository_config)
        access = JANE.but(pass_credentials=trusting)
        shop.downloader.locate("web", repo_url=f"{shop.web.url}/charts", access=access)
        assert ("authorization" in other.requests[0].headers) is trusting
    assert shop.web.paths() == ["/charts/index.yaml"]
    assert "authorization" in shop.web.requests[0].headers


def test_addresses_of_an_added_repository_use_its_credentials(shop: Shop) -> None:
    index = Index.parse(shop.web.files["/charts/index.yaml"])
    address = f"{shop.web.url}/charts/web-1.0.0.tgz"
    index.get("web", "1.0.0").urls = [address]
    shop.publish(index, JANE)
    shop.downloader.locate(address)
    shop.downloader.locate(f"{shop.web.url}/charts/web-1.2.0.tgz")
    assert ["authorization" in request.headers for request in shop.web.requests] == [True, False]


def test_a_version_asked_for_must_be_in_the_archive(shop: Shop) -> None:
    address = f"{shop.web.url}/charts/web-1.0.0.tgz"
    assert shop.downloader.locate(address, version="^1").digest
    with pytest.raises(IntegrityError, match=r"has version 1.0.0 by its Chart.yaml, but 1.2.0 was asked for"):
        shop.downloader.locate(address, version="1.2.0")


def test_paths(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.tmp)
    path = str(shop.tmp / "indexed" / "web-1.0.0.tgz")
    assert shop.downloader.locate("indexed/web-1.0.0.tgz").path == path
    assert shop.downloader.locate(f"file://{path}").path == path
    for reference in ("./none", "/none", "file:///none"):
        with pytest.raises(ChartError, match=r'path ".*none" not found'):
            shop.downloader.locate(reference)


@pytest.mark.parametrize(
    ("reference", "version", "message"),
    [
        ("web", "", "non-absolute URLs should be in form of repo_name/path_to_chart, got: web"),
        ("other/web", "", "repo other not found"),
        (
            "stable/none",
            "",
            """chart "none" matching  not found in stable index. (try 'helm repo update'): no chart name found""",
        ),
        (
            "stable/web",
            "9",
            """chart "web" matching 9 not found in stable index. (try 'helm repo update'): no chart version found for web-9""",
        ),
        ("http://[::1", "", "invalid chart URL format: http://[::1"),
        ("oci://x/y", "", 'unable to lookup chart "oci://x/y", missing registry client'),
    ],
)
def test_references_to_nothing(shop: Shop, reference: str, version: str, message: str) -> None:
    with pytest.raises(NavarchError) as caught:
        shop.downloader.locate(reference, version=version)
    assert str(caught.value) == message


def test_nothing_in_a_repository_that_was_not_added(shop: Shop) -> None:
    url = f"{shop.web.url}/charts"
    with pytest.raises(RepositoryError) as caught:
        shop.downloader.locate("web", version="7.0.0", repo_url=url)
    assert str(caught.value) == f'chart "web" version "7.0.0" not found in {url} repository'
    with pytest.raises(DownloadError) as refused:
        shop.downloader.locate("web", repo_url=f"{shop.web.url}/none")
    start = f'looks like "{shop.web.url}/none" is not a valid chart repository or cannot be reached: '
    assert str(refused.value) == f"{start}failed to fetch {shop.web.url}/none/index.yaml : 404 Not Found"


def test_an_exact_version_that_is_missing_is_told_of(shop: Shop) -> None:
    assert shop.downloader.locate("stable/web", version="1.2").url.endswith("1.2.0.tgz")
    said = "unable to find exact version requested; falling back to closest available version"
    assert shop.warnings == [f'level=WARN msg="{said}" chart=web requested=1.2 selected=1.2.0']


def test_signatures_come_along(shop: Shop) -> None:
    shop.web.files["/charts/web-1.2.0.tgz.prov"] = b"signed"
    found = shop.downloader.save("stable/web", str(shop.tmp), verify=LATER)
    assert Path(f"{found.path}.prov").read_bytes() == b"signed"
    del shop.web.files["/charts/web-1.2.0.tgz.prov"]
    cached = shop.downloader.locate("stable/web", verify=LATER)
    assert cached.prov_path is None


def test_many_at_once(shop: Shop) -> None:
    found: list[str] = []

    def one() -> None:
        found.append(shop.downloader.locate("stable/web").path)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert Path(found[0]).read_bytes() == shop.archives["web-1.2.0.tgz"]


def test_what_fails_its_check_leaves_what_was_there(shop: Shop) -> None:
    saved = shop.downloader.save("stable/web", str(shop.tmp))
    before = sorted(os.listdir(shop.tmp))
    with pytest.raises(DownloadError, match=r'failed to fetch provenance ".*/charts/web-1\.2\.0\.tgz\.prov"'):
        shop.downloader.save("stable/web", str(shop.tmp), verify=ALWAYS)
    shop.web.files["/charts/web-1.2.0.tgz.prov"] = b"anything"
    with pytest.raises(NavarchError):
        shop.downloader.save("stable/web", str(shop.tmp), verify=ALWAYS, keyring="/dev/null")
    with pytest.raises(NavarchError):
        shop.downloader.locate("stable/web", verify=ALWAYS, keyring="/dev/null")
    assert sorted(os.listdir(shop.tmp)) == sorted({*before, "content"})
    assert Path(saved.path).read_bytes() == shop.archives["web-1.2.0.tgz"]
