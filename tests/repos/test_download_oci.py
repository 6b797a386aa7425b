"""Charts from registries in the content cache: taken in as they came, not downloaded again, never trusted unchecked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import IntegrityError
from navarch.oci import Registry
from navarch.repos import content
from navarch.repos.download import Downloader, Places
from support.registry import FakeRegistry, archive, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server() -> Iterator[FakeRegistry]:
    with FakeRegistry() as one:
        serve(one, "1.0.0", name="charts/web")
        yield one


@pytest.fixture
def downloader(tmp_path: Path) -> Iterator[Downloader]:
    def pull(reference: str, *, version: str, dest: str, proof: bool, access: object, known: Any, indexed: bool) -> Any:
        del access, indexed
        with Registry(plain_http=True) as registry:
            return registry.pull(reference, version=version, dest=dest, prov=proof, known=known)

    places = Places(str(tmp_path / "repositories.yaml"), str(tmp_path / "indexes"), str(tmp_path / "content"))
    with Downloader(places, registry=pull) as made:
        yield made


def blobs(server: FakeRegistry) -> int:
    return sum("/blobs/" in line for line in server.lines())


def test_it_is_moved_in_and_hashed_as_it_comes(
    downloader: Downloader, server: FakeRegistry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(content, "digest_of_file", None)
    located = downloader.locate(f"oci://{server.address}/charts/web", version="1.0.0")
    with open(located.path, "rb") as file:
        assert file.read() == archive()
    assert located.path == str(tmp_path / "content" / located.digest[:2] / f"{located.digest}.chart")
    assert [path.name for path in (tmp_path / "content").iterdir()] == [located.digest[:2]]


def test_it_is_not_downloaded_again(downloader: Downloader, server: FakeRegistry) -> None:
    reference = f"oci://{server.address}/charts/web"
    first = downloader.locate(reference)
    count = blobs(server)
    assert count > 0
    assert downloader.locate(reference, version="^1") == first
    assert blobs(server) == count


def test_a_damaged_copy_is_replaced(downloader: Downloader, server: FakeRegistry) -> None:
    reference = f"oci://{server.address}/charts/web"
    located = downloader.locate(reference)
    for damage in (b"", b"something else", archive()[:-1]):
        with open(located.path, "wb") as file:
            file.write(damage)
        assert downloader.locate(reference) == located
        with open(located.path, "rb") as file:
            assert file.read() == archive()


def test_a_tag_that_moved_to_another_version_is_refused(
    downloader: Downloader, server: FakeRegistry, tmp_path: Path
) -> None:
    reference = f"oci://{server.address}/charts/web"
    located = downloader.locate(reference, version="1.0.0")
    serve(server, "2.0.0", name="charts/web")
    server.manifests["charts/web", "1.0.0"] = server.manifests["charts/web", "2.0.0"]
    with pytest.raises(IntegrityError, match=r"holds web 2\.0\.0, not version 1\.0\.0$"):
        downloader.locate(reference, version="1.0.0")
    assert [path.name for path in (tmp_path / "content").glob("*/*")] == [f"{located.digest}.chart"]
