"""repo, search, pull, cache, and charts taken from repositories: on the command line."""

import json

import pytest

from support.charts_server import Web, archive, index_of

HANG = "Hang tight while we grab the latest from your chart repositories...\n"
DONE = "Update Complete. ⎈Happy Helming!⎈\n"


@pytest.fixture
def web(tmp_path):
    archives = {
        f"web-{version}.tgz": archive(tmp_path / "made", "web", version, description="Serves")
        for version in ("1.0.0", "1.1.0")
    }
    index = index_of(archives, tmp_path)
    with Web({f"/{name}": data for name, data in archives.items()}) as server:
        server.files["/index.yaml"] = index.to_yaml().encode()
        yield server


@pytest.fixture
def stable(nav, web):
    assert nav("repo", "add", "stable", web.url) == (0, '"stable" has been added to your repositories\n', "")
    web.requests.clear()
    return web


def test_adding_twice(nav, stable, home):
    assert (
        nav("repo", "add", "stable", stable.url).out
        == '"stable" already exists with the same configuration, skipping\n'
    )
    ran = nav("repo", "add", "stable", f"{stable.url}/x")
    assert (ran.code, ran.err) == (
        1,
        "Error: repository name (stable) already exists, please specify a different name\n",
    )
    ran = nav("repo", "add", "stable", f"{stable.url}/x", "--force-update")
    assert ran.err.startswith(
        f'Error: looks like "{stable.url}/x" is not a valid chart repository or cannot be reached: '
    )
    assert nav("repo", "list").out == f"NAME  \tURL                   \nstable\t{stable.url}\n".replace(
        "URL                   ", "URL".ljust(len(stable.url))
    )
    assert (home / ".config/helm/repositories.yaml").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("a/b", "http://x"), "repository name (a/b) contains '/', please specify a different name without '/'"),
        (("x", "ftp://x"), "could not find protocol handler for: ftp"),
        (
            ("x", "https://kubernetes-charts.storage.googleapis.com"),
            'repo "https://kubernetes-charts.storage.googleapis.com" is no longer available; try "https://charts.helm.sh/stable" instead',
        ),
        (
            ("x", "http://127.0.0.1:1"),
            (
                'looks like "http://127.0.0.1:1" is not a valid chart repository or cannot be reached: '
                'Get "http://127.0.0.1:1/index.yaml": dial tcp 127.0.0.1:1: connect: connection refused'
            ),
        ),
    ],
)
def test_what_can_not_be_added(nav, words, message, home):
    assert nav("repo", "add", *words) == (1, "", f"Error: {message}\n")
    assert not (home / ".config/helm/repositories.yaml").exists()


def test_updating(nav, stable):
    said = '...Successfully got an update from the "stable" chart repository\n'
    assert nav("repo", "update") == (0, HANG + said + DONE, "")
    assert "if-none-match" in stable.requests[-1].headers
    stable.files["/index.yaml"] = b"<a: b: c>"
    ran = nav("repo", "update", "stable")
    problem = "error converting YAML to JSON: yaml: mapping values are not allowed in this context"
    assert (
        ran.out == f'{HANG}...Unable to get an update from the "stable" chart repository ({stable.url}):\n\t{problem}\n'
    )
    assert (ran.code, ran.err) == (1, f"Error: failed to update the following repositories: [{stable.url}]\n")
    assert nav("repo", "update", "x").err == "Error: no repositories found matching 'x'.  Nothing will be updated\n"
    assert nav("search", "repo", "web").code == 0


def test_removing(nav, stable, home):
    assert nav("repo", "remove", "none") == (1, "", 'Error: no repo named "none" found\n')
    assert nav("repo", "rm", "stable", "none").out == '"stable" has been removed from your repositories\n'
    assert list((home / ".cache/helm/repository").iterdir()) == []
    assert nav("repo", "remove", "stable").err == "Error: no repositories configured\n"
    assert nav("repo", "list") == (0, "", "no repositories to show\n")
    assert nav("repo", "list", "-o", "json").out == "[]\n"
    assert nav("repo", "update").err == "Error: no repositories found. You must add one before updating\n"


def test_searching(nav, stable):
    ran = nav("search", "repo", "serves", "-l", "-o", "json")
    assert [(found["name"], found["version"]) for found in json.loads(ran.out)] == [
        ("stable/web", "1.1.0"),
        ("stable/web", "1.0.0"),
    ]
    assert nav("search", "repo", "none", "--fail-on-no-result") == (1, "", "Error: no results found\n")
    assert nav("search", "repo", "none") == (0, "No results found\n", "")


def test_a_chart_of_a_repository(nav, stable):
    assert "version: 1.1.0\n" in nav("show", "chart", "stable/web").out
    assert "version: 1.0.0\n" in nav("show", "chart", "stable/web", "--version", "~1.0").out
    assert "kind: ConfigMap" in nav("template", "demo", "web", "--repo", stable.url).out
    assert "kind: ConfigMap" in nav("template", "demo", f"{stable.url}/web-1.0.0.tgz").out
    assert stable.paths() == ["/web-1.1.0.tgz", "/web-1.0.0.tgz", "/index.yaml", "/web-1.0.0.tgz"]


def test_pulling(nav, stable, home):
    assert nav("pull", "stable/web", "-d", str(home)) == (0, "", "")
    assert (home / "web-1.1.0.tgz").read_bytes() == stable.files["/web-1.1.0.tgz"]
    assert nav("pull", "stable/web", "--untar", "--untardir", "out", "--version", "1.0.0") == (0, "", "")
    assert "version: 1.0.0" in (home / "out/web/Chart.yaml").read_text()
    ran = nav("pull", "stable/web", "--untar", "--untardir", "out")
    assert ran.err == "Error: failed to untar: a file or directory with the name out/web already exists\n"


def test_a_tampered_archive_is_not_used(nav, stable, home):
    stable.files["/web-1.1.0.tgz"] = stable.files["/web-1.0.0.tgz"]
    for words in (
        ("pull", "stable/web"),
        ("template", "demo", "stable/web"),
        ("template", "demo", "web", "--repo", stable.url),
    ):
        ran = nav(*words)
        assert ran.code == 1
        assert "the digest is sha256:" in ran.err
    assert not (home / "web-1.1.0.tgz").exists()
    assert nav("cache", "list") == (0, "", "no charts to show\n")


def test_unpacking_stays_in_its_folder(nav, home, write):
    outside = home / "outside"
    outside.mkdir()
    write({"out/web/x": ""})
    (home / "out/web/templates").symlink_to(outside)
    from navarch.chart.unpack import unpack_chart
    from navarch.errors import ChartError

    archive(home, "web", "1.0.0")
    with pytest.raises(ChartError, match="leads out of"):
        unpack_chart(str(home / "web-1.0.0.tgz"), str(home / "out"))
    assert list(outside.iterdir()) == []


def test_indexing(nav, home, tmp_path):
    archive(home / "charts", "web", "1.0.0")
    assert nav("repo", "index", "charts", "--url", "http://x/y") == (0, "", "")
    text = (home / "charts/index.yaml").read_text()
    assert "    - http://x/y/web-1.0.0.tgz\n" in text
    (home / "charts/web-1.0.0.tgz").unlink()
    archive(home / "charts", "db", "2.0.0")
    assert nav("repo", "index", "charts", "--merge", "charts/index.yaml", "--json") == (0, "", "")
    assert sorted(json.loads((home / "charts/index.yaml").read_text())["entries"]) == ["db", "web"]
    assert nav("repo", "index", "charts", "--merge", "new.yaml").code == 0
    assert (home / "new.yaml").read_text().startswith("apiVersion: v1\nentries: {}\n")
    (home / "bad.yaml").write_text("- a\n")
    assert nav("repo", "index", "charts", "--merge", "bad.yaml").err.startswith(
        "Error: merge failed: error loading bad.yaml: "
    )


def test_the_cache(nav, stable):
    nav("show", "chart", "stable/web")
    (listed,) = json.loads(nav("cache", "list", "-o", "json").out)
    assert (listed["chart"], listed["signed"], len(listed["digest"])) == ("web-1.1.0", False, 64)
    assert listed["digest"][:12] in nav("cache", "ls").out
    assert nav("cache", "prune", "--unused", "1h").out.startswith("Deleted 0 charts")
    assert nav("cache", "prune", "--keep", "1Gi").out == "Deleted 0 charts, 0 B are free again\n"
    assert (
        nav("cache", "prune", "--keep", "lots").err
        == 'Error: invalid size "lots": use a number with Ki, Mi or Gi behind it\n'
    )
    assert nav("cache", "prune").out.startswith("Deleted 1 chart, ")
    assert nav("cache", "list").err == "no charts to show\n"


def test_a_hub(nav):
    found = {
        "data": [
            {
                "id": "a/web",
                "artifactHub": {"packageUrl": "https://hub/a/web"},
                "attributes": {"description": "Serves", "repo": {"url": "https://a", "name": "a"}},
                "relationships": {"latestChartVersion": {"data": {"version": "1.0.0", "app_version": "2"}}},
            },
            {"id": "b"},
        ]
    }
    with Web({"/x/api/chartsvc/v1/charts/search": json.dumps(found).encode()}) as hub:
        ran = nav("search", "hub", "two", "words", "--endpoint", f"{hub.url}/x", "-o", "json")
        assert hub.paths() == ["/x/api/chartsvc/v1/charts/search?q=two+words"]
        repository = {"url": "https://a", "name": "a"}
        assert json.loads(ran.out)[0] == {
            "url": "https://hub/a/web",
            "version": "1.0.0",
            "app_version": "2",
            "description": "Serves",
            "repository": repository,
        }
        assert json.loads(ran.out)[1]["url"] == f"{hub.url}/x/charts/b"
        hub.files.clear()
        assert (
            nav("search", "hub", "--endpoint", hub.url).err == f'Error: unable to perform search against "{hub.url}"\n'
        )
    assert (
        nav("search", "hub", "--endpoint", "x").err
        == 'Error: unable to create connection to "x": no hostname provided\n'
    )
