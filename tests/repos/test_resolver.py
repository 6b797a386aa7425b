"""From constraints to versions. The messages are what Helm said to the same charts."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from navarch.chart.model import Dependency
from navarch.errors import NavarchError, RegistryError
from navarch.repos.config import Entry, Repositories
from navarch.repos.index import Index
from navarch.repos.resolver import Resolver, found_in, unlisted

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://127.0.0.1:1"
INDEX = b"""apiVersion: v1
entries:
  web:
  - {name: web, version: 1.0.0, urls: [x]}
  - {name: web, version: 1.10.0, urls: [x]}
  - {name: web, version: 1.2.0, urls: [x]}
  - {name: web, version: 2.0.0-rc.1, urls: [x]}
  - {name: web, version: 1.11.0, urls: []}
"""


@pytest.fixture
def repositories() -> Repositories:
    made = Repositories()
    made.add(Entry("shop", URL))
    return made


def resolve(repositories: Repositories, *wanted: tuple[str, str, str], folder: str = "x") -> list[str]:
    def tags(name: str) -> list[str]:
        if name != "host/x/web":
            raise RegistryError("gone")
        return ["1.2.0+b", "1.0.0"]

    needs = found_in([Dependency(*one) for one in wanted], repositories, folder)
    return [found.version for found in Resolver(folder, lambda _: Index.parse(INDEX), tags).resolve(needs)]


@pytest.mark.parametrize(
    ("version", "found"),
    [("^1", "1.10.0"), ("1.2.x", "1.2.0"), ("*", "1.10.0"), (">1.0.0-0", "2.0.0-rc.1"), ("1.0.0", "1.0.0")],
)
@pytest.mark.parametrize("repository", [URL, f"{URL}/", "@shop", "alias:shop"])
def test_the_newest_that_fits_and_can_be_downloaded(
    repositories: Repositories, repository: str, version: str, found: str
) -> None:
    assert resolve(repositories, ("web", version, repository)) == [found]


@pytest.mark.parametrize(
    ("version", "found"), [("^1", "1.2.0+b"), ("1.0", "1.0"), ("7.0.0", "7.0.0"), ("^9", "^9"), ("v1.0.0", "v1.0.0")]
)
def test_in_a_registry_an_exact_version_is_believed(repositories: Repositories, version: str, found: str) -> None:
    assert resolve(repositories, ("web", version, "oci://host/x")) == [found]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            (("web", "^7", URL), ("web", "5.0.0", URL)),
            (
                f'can\'t get a valid version for 2 subchart(s): "web" (repository "{URL}", version "^7"), '
                f'"web" (repository "{URL}", version "5.0.0"). Make sure a matching chart version exists in the repo, '
                "or change the version constraint in Chart.yaml"
            ),
        ),
        ((("cache", "^7", URL),), f"cache chart not found in repo {URL}"),
        (
            (("web", "a.b.c", URL),),
            'dependency "web" has an invalid version/constraint format: improper constraint: "a.b.c"',
        ),
        ((("web", "", URL),), 'dependency "web" has an invalid version/constraint format: improper constraint: ""'),
        (
            (("web", "1", "stable"), ("db", "1", "@none")),
            (
                "no repository definition for stable, @none. Please add them via 'helm repo add'\n"
                'Note that repositories must be URLs or aliases. For example, to refer to the "example"\n'
                'repository, use "https://charts.example.com/" or "@example" instead of\n'
                "\"example\". Don't forget to add the repo, too ('helm repo add')."
            ),
        ),
        (
            (("db", "1", "@none"), ("x", "1", "alias:no")),
            "no repository definition for @none. Please add them via 'helm repo add'",
        ),
        ((("lib", "1", "file://../gone"),), "directory gone not found"),
        ((("sub", "1", ""),), "directory x/charts/sub not found"),
        ((("db", "^1", "oci://host/x"),), "could not retrieve list of tags for repository oci://host/x: gone"),
    ],
)
def test_what_helm_says(repositories: Repositories, wanted: tuple[tuple[str, str, str], ...], message: str) -> None:
    with pytest.raises(NavarchError) as raised:
        resolve(repositories, *wanted)
    assert str(raised.value) == message


def test_folders(repositories: Repositories, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/Chart.yaml").write_text("apiVersion: v2\nname: lib\nversion: 0.1.5\n")
    for repository in ("file://../lib", f"file://{tmp_path}/lib"):
        assert resolve(repositories, ("lib", "^0.1.0", repository), folder=str(tmp_path / "x")) == ["0.1.5"]
        with pytest.raises(NavarchError, match="can't get a valid version for 1 subchart"):
            resolve(repositories, ("lib", "^2", repository), folder=str(tmp_path / "x"))
    (tmp_path / "file").write_text("")
    with pytest.raises(NavarchError, match=r"^Chart\.yaml file is missing$"):
        resolve(repositories, ("lib", "*", "file://file"), folder=str(tmp_path))


def test_a_repository_that_was_not_added_has_helms_name_for_its_index(repositories: Repositories) -> None:
    (need,) = found_in([Dependency("web", "1", "http://else")], repositories, "x")
    assert need.entry is not None
    assert need.entry.name == f"helm-manager-{sha256(b'http://else').hexdigest()}"
    assert not need.added


def test_requirements_stay_as_they_are(repositories: Repositories) -> None:
    wanted = Dependency("web", "1", "@shop")
    (need,) = found_in([wanted], repositories, "x")
    assert (wanted.repository, need.dependency.repository, need.added) == ("@shop", URL, True)


def test_unlisted(repositories: Repositories) -> None:
    lock = [Dependency("a", "1", one) for one in (URL, f"{URL}/", "", "file://x", "oci://y/z", "http://else/")]
    assert unlisted(lock, repositories) == ["http://else/"]
