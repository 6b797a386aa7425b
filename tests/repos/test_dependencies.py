"""Dependencies brought into charts/: what is fetched, what is refused, what is left alone."""

from __future__ import annotations

import hashlib
import os
import threading
from typing import TYPE_CHECKING

import pytest

from navarch import Chart
from navarch.errors import ChartError, IntegrityError, NavarchError, RepositoryError
from navarch.oci import Registry
from navarch.repos import Entry, Repositories
from navarch.repos.dependencies import IF_POSSIBLE, Dependencies
from navarch.repos.finding import Places
from support.charts_server import Web, archive, index_of
from support.httpd import answer
from support.registry import FakeRegistry, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from navarch.repos.dependencies import State


class Home:
    """A chart in a folder, a repository that was added, and what is said."""

    def __init__(self, tmp: Path, web: Web) -> None:
        self.tmp = tmp
        self.web = web
        self.folder = tmp / "chart"
        self.folder.mkdir()
        self.places = Places(*(str(tmp / name) for name in ("repositories.yaml", "indexes", "content", "none.json")))
        self.said: list[str] = []
        self.told: list[str] = []
        with Repositories.edit(self.places.repository_config) as repositories:
            repositories.add(Entry("shop", web.url))

    def serve(self, *versions: str, name: str = "web", below: str = "") -> None:
        """Offer versions of a chart, and only those."""
        made = {f"{name}-{one}.tgz": archive(self.tmp / "made", name, one) for one in versions}
        self.web.files |= {f"{below}/{path}": data for path, data in made.items()}
        self.web.files[f"{below}/index.yaml"] = index_of(made, self.tmp).to_yaml().encode()

    def name(self, *dependencies: str, folder: str = "chart", version: str = "0.1.0") -> None:
        """Write the Chart.yaml of a chart."""
        (self.tmp / folder).mkdir(exist_ok=True)
        lines = "".join(f"- {{{one}}}\n" for one in dependencies)
        head = f"apiVersion: v2\nname: {folder}\nversion: {version}\n"
        (self.tmp / folder / "Chart.yaml").write_text(f"{head}dependencies:\n{lines}" if lines else head)

    @property
    def dependencies(self) -> Dependencies:
        return Dependencies(
            str(self.folder),
            self.places,
            registry=lambda say: Registry(config=self.places.registry_config, plain_http=True, say=say),
            say=self.said.append,
            warn=self.told.append,
            epoch=1_700_000_000,
        )

    def charts(self) -> list[str]:
        return sorted(os.listdir(self.folder / "charts")) if (self.folder / "charts").is_dir() else []

    def lock(self) -> str:
        return (self.folder / "Chart.lock").read_text()

    def pins(self) -> str:
        return (self.folder / "templates/.Chart.lock.sha256").read_text()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Web() as web:
        made = Home(tmp_path, web)
        made.serve("1.0.0", "1.2.0", "2.0.0-rc.1")
        made.name(f"name: web, version: ^1.0, repository: '{web.url}'")
        yield made


def test_update_brings_the_newest_that_fits_and_locks_it(home: Home) -> None:
    lock = home.dependencies.update()
    assert lock is not None
    assert [(d.name, d.version) for d in lock.dependencies] == [("web", "1.2.0")]
    assert home.charts() == ["web-1.2.0.tgz"]
    assert f"digest: {lock.digest}\n" in home.lock()
    digest = hashlib.sha256(home.web.files["/web-1.2.0.tgz"]).hexdigest()
    assert home.pins().endswith(f"\n{digest}  charts/web-1.2.0.tgz\n")
    assert not [name for name in os.listdir(home.folder) if name.startswith("tmpcharts")]


def test_nothing_is_fetched_twice(home: Home) -> None:
    home.dependencies.update()
    lock = home.lock()
    first = home.web.paths()
    assert sorted(first) == ["/index.yaml", "/web-1.2.0.tgz"]
    home.dependencies.update()
    home.dependencies.build()
    again = home.web.requests[len(first) :]
    assert [request.target for request in again] == ["/index.yaml"] * 2
    assert all("if-none-match" in request.headers for request in again)
    assert home.lock() == lock


def test_the_lock_is_rewritten_when_the_repository_has_moved_on(home: Home) -> None:
    home.dependencies.update()
    home.serve("1.2.0", "1.3.0")
    home.dependencies.update()
    assert "version: 1.3.0" in home.lock()
    assert home.charts() == ["web-1.3.0.tgz"]
    assert "1.2.0" not in home.pins()


def test_build_keeps_to_the_lock(home: Home) -> None:
    home.dependencies.update()
    home.serve("1.2.0", "1.3.0")
    os.unlink(home.folder / "charts/web-1.2.0.tgz")
    home.dependencies.build()
    assert home.charts() == ["web-1.2.0.tgz"]


def test_build_refuses_a_version_with_other_content(home: Home) -> None:
    home.dependencies.update()
    before = (home.folder / "charts/web-1.2.0.tgz").read_bytes()
    home.web.files["/web-1.2.0.tgz"] = other = archive(home.tmp / "other", "web", "1.2.0", description="changed")
    home.web.files["/index.yaml"] = index_of({"web-1.2.0.tgz": other}, home.tmp).to_yaml().encode()
    with pytest.raises(IntegrityError, match=r"could not download .*/web-1\.2\.0\.tgz: .*\.Chart\.lock\.sha256 says"):
        home.dependencies.build()
    assert (home.folder / "charts/web-1.2.0.tgz").read_bytes() == before
    home.dependencies.update()
    assert (home.folder / "charts/web-1.2.0.tgz").read_bytes() == other
    assert "a version has other content than when the lock was written" in home.told[-1]
    home.dependencies.build()


def test_helm_may_write_the_lock(home: Home) -> None:
    """A lock without our file, or with one for other versions, is as good as Helm's."""
    home.dependencies.update()
    os.unlink(home.folder / "templates/.Chart.lock.sha256")
    home.dependencies.build()
    (home.folder / "templates/.Chart.lock.sha256").write_text(f"{'0' * 64}  charts/web-1.0.0.tgz\n")
    home.dependencies.build()
    (home.folder / "templates/.Chart.lock.sha256").write_text("garbage\n")
    with pytest.raises(ChartError, match="is no digest of an archive"):
        home.dependencies.build()


def test_pins_are_no_part_of_the_chart(home: Home) -> None:
    from navarch import load_chart

    home.dependencies.update()
    chart = load_chart(str(home.folder))
    assert [name for name, _ in (*chart.files, *chart.templates)] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"/web-1.2.0.tgz": answer(body=b"garbage")}, "the digest is sha256:"),
        ({"/web-1.2.0.tgz": None}, "could not download"),
        ({"/index.yaml": answer(body=b"garbage: [")}, "no cached repository for shop found"),
    ],
)
def test_what_goes_wrong_leaves_everything_as_it_was(home: Home, change: dict[str, bytes | None], message: str) -> None:
    (home.folder / "charts").mkdir()
    old = archive(home.folder / "charts", "web", "0.9.0")
    home.web.changed |= change
    with pytest.raises(NavarchError, match=message):
        home.dependencies.update()
    assert home.charts() == ["web-0.9.0.tgz"]
    assert (home.folder / "charts/web-0.9.0.tgz").read_bytes() == old
    assert sorted(os.listdir(home.folder)) == ["Chart.yaml", "charts"]
    content = home.tmp / "content"
    assert [name for _, _, names in os.walk(content) for name in names] == []


def test_an_archive_that_is_another_chart_is_refused(home: Home) -> None:
    home.web.files["/web-1.2.0.tgz"] = wrong = archive(home.tmp / "made", "web", "9.9.9")
    digest = hashlib.sha256(wrong).hexdigest()
    index = home.web.files["/index.yaml"].decode().split("\n")
    at = next(number for number, line in enumerate(index) if "version: 1.2.0" in line)
    before = max(number for number, line in enumerate(index[:at]) if "digest:" in line)
    index[before] = f"    digest: {digest}"
    home.web.files["/index.yaml"] = "\n".join(index).encode()
    with pytest.raises(IntegrityError, match=r"is web 9\.9\.9 by its Chart\.yaml"):
        home.dependencies.update()
    assert home.charts() == []


def test_downloads_run_at_the_same_time(home: Home) -> None:
    """Every answer waits for all requests to be there."""
    names = [f"chart-{number}" for number in range(6)]
    made = {f"{name}-1.0.0.tgz": archive(home.tmp / "made", name, "1.0.0") for name in names}
    home.web.files |= {f"/{path}": data for path, data in made.items()}
    home.web.files["/index.yaml"] = index_of(made, home.tmp).to_yaml().encode()
    home.name(*(f"name: {name}, version: 1.0.0, repository: '{home.web.url}'" for name in names))
    together = threading.Barrier(len(names))
    plain = home.web._respond

    def respond(request: object) -> bytes | None:
        if request.target.endswith(".tgz"):  # type: ignore[attr-defined]
            together.wait(10)
        return plain(request)  # type: ignore[arg-type]

    home.web._respond = respond
    home.dependencies.update()
    assert home.charts() == sorted(made)
    lines = [line for line in "".join(home.said).split("\n") if line.startswith("Downloading")]
    assert lines == [f"Downloading {name} from repo {home.web.url}" for name in names]


def test_of_two_failures_the_first_in_order_is_told(home: Home) -> None:
    home.web.changed |= {"/web-1.0.0.tgz": None, "/web-1.2.0.tgz": None}
    one, two = (f"name: web, version: {v}, repository: '{home.web.url}'" for v in ("1.2.0", "1.0.0"))
    home.name(one, f"{two}, alias: second")
    with pytest.raises(NavarchError, match=r"could not download .*web-1\.2\.0\.tgz"):
        home.dependencies.update()
    assert "".join(home.said).count("Downloading web") == 1


def test_a_repository_that_was_not_added(home: Home) -> None:
    home.serve("3.0.0", below="/else")
    home.name(f"name: web, version: '*', repository: '{home.web.url}/else'")
    home.dependencies.update()
    assert home.charts() == ["web-3.0.0.tgz"]
    assert home.web.paths().count("/else/index.yaml") == 1
    with pytest.raises(RepositoryError, match=r"^no repository definition for .*/else\. Please add the missing repos"):
        home.dependencies.build()


def test_one_name_from_two_repositories(home: Home) -> None:
    home.serve("3.0.0", below="/else")
    home.name(
        f"name: web, version: '*', repository: '{home.web.url}/else'",
        f"name: web, version: ^1, repository: '{home.web.url}', alias: old",
    )
    home.dependencies.update()
    assert home.charts() == ["web-1.2.0.tgz", "web-3.0.0.tgz"]


def test_without_places_nothing_is_kept(home: Home) -> None:
    Dependencies(str(home.folder)).update()
    assert home.charts() == ["web-1.2.0.tgz"]
    assert not (home.tmp / "content").exists()


def test_folders(home: Home) -> None:
    home.name(folder="lib", version="0.3.1")
    home.name("name: lib, version: ~0.3, repository: 'file://../lib'")
    lock = home.dependencies.update()
    assert lock is not None
    assert lock.dependencies[0].version == "0.3.1"
    assert home.charts() == ["lib-0.3.1.tgz"]
    assert not (home.folder / "templates").exists()
    home.name(folder="lib", version="0.4.0")
    with pytest.raises(ChartError, match="can't get a valid version for dependency lib"):
        home.dependencies.build()


@pytest.mark.parametrize("way", [["chart"], ["one", "chart"], ["one", "two", "one"]])
def test_cycles(home: Home, way: list[str]) -> None:
    for folder, below in zip(["chart", *way], way, strict=False):
        home.name(f"name: {below}, version: '*', repository: 'file://../{below}'", folder=folder)
    shown = " -> ".join(way if way[-1] != "chart" else ["chart", *way])
    with pytest.raises(ChartError, match=f"^cyclic dependency: {shown}$"):
        home.dependencies.update()


def test_a_chart_that_two_depend_on_is_no_cycle(home: Home) -> None:
    home.name(folder="lib")
    for folder in ("one", "two"):
        home.name("name: lib, version: '*', repository: 'file://../lib'", folder=folder)
    home.name(*(f"name: {one}, version: '*', repository: 'file://../{one}'" for one in ("one", "two", "lib")))
    home.dependencies.update()
    assert home.charts() == ["lib-0.1.0.tgz", "one-0.1.0.tgz", "two-0.1.0.tgz"]


def test_from_a_registry(home: Home) -> None:
    with FakeRegistry() as registry:
        serve(registry, "1.5.0", data=archive(home.tmp / "made", "web", "1.5.0"))
        home.name(f"name: web, version: ^1, repository: 'oci://{registry.address}/charts'")
        home.dependencies.update()
        assert home.charts() == ["web-1.5.0.tgz"]
        assert f"Pulled: {registry.address}/charts/web:1.5.0\n" in "".join(home.said)
        blobs = [one.target for one in registry.requests if "/blobs/" in one.target]
        home.dependencies.build()
        assert [one.target for one in registry.requests if "/blobs/" in one.target] == blobs
        serve(registry, "1.5.0", data=archive(home.tmp / "moved", "web", "1.5.0", description="moved"))
        with pytest.raises(IntegrityError, match="says sha256:"):
            home.dependencies.build()


def test_a_missing_signature(home: Home) -> None:
    home.dependencies.update(verify=IF_POSSIBLE)
    assert f"WARNING: Verification not found for {home.web.url}/web-1.2.0.tgz: failed to fetch" in "".join(home.said)
    with pytest.raises(NavarchError, match="failed to fetch provenance"):
        home.dependencies.update(verify=2)


def states(found: list[State]) -> list[tuple[str, str]]:
    return [(state.name, state.status) for state in found]


def test_list_and_resolve(home: Home) -> None:
    assert states(home.dependencies.list()) == [("web", "missing")]
    assert [(d.name, d.version) for d in home.dependencies.resolve()] == [("web", "1.2.0")]
    assert home.charts() == []
    home.dependencies.update()
    assert states(home.dependencies.list()) == [("web", "ok")]
    archive(home.folder / "charts", "web", "1.0.0")
    assert states(home.dependencies.list()) == [("web", "too many matches")]


def test_of_a_chart_in_memory(home: Home) -> None:
    chart = Chart.from_files({"Chart.yaml": (home.folder / "Chart.yaml").read_bytes()})
    dependencies = Dependencies(chart, home.places)
    assert states(dependencies.list()) == [("web", "missing")]
    assert dependencies.resolve()[0].version == "1.2.0"
    with pytest.raises(ChartError, match="only unpacked charts can be updated"):
        dependencies.update()


def test_links_are_not_written_through(home: Home) -> None:
    (home.tmp / "victim").write_text("mine")
    (home.folder / "Chart.lock").symlink_to(home.tmp / "victim")
    with pytest.raises(ChartError, match=r"cannot load Chart\.lock|the Chart\.lock file is a symlink to"):
        home.dependencies.update()
    assert (home.tmp / "victim").read_text() == "mine"


def test_what_a_killed_process_left_goes_after_a_while(home: Home) -> None:
    for name in ("tmpcharts-1", "tmpcharts-2"):
        (home.folder / name).mkdir()
        (home.folder / name / "web-1.0.0.tgz").write_text("x")
    os.utime(home.folder / "tmpcharts-1", (1, 1))
    home.dependencies.update()
    assert sorted(path.name for path in home.folder.glob("tmp*")) == ["tmpcharts-2"]


def test_two_at_once(home: Home) -> None:
    """Each works in a folder of its own process; here two of one process take turns at most."""
    errors: list[Exception] = []

    def update() -> None:
        try:
            Dependencies(str(home.folder), home.places).update()
        except Exception as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=update) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert home.charts() == ["web-1.2.0.tgz"]
