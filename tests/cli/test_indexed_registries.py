"""Repositories whose index points into a registry, as Bitnami's does: by every command, checked like any download."""

import hashlib
import json

import pytest

from support.charts_server import Web, archive
from support.registry import FakeRegistry, serve

SECRET = ("--username", "jane", "--password", "secret")
SILENT = ("pull x/web", "pull x/web --version ^1", "show chart x/web", "template r x/web")


@pytest.fixture
def registry():
    with FakeRegistry() as server:
        yield server


@pytest.fixture
def web():
    with Web() as server:
        yield server


@pytest.fixture
def publish(home, registry, web):
    """Puts web 1.0.0 into the registry and offers it under `tag`, with the digest that the index is to have."""

    def offer(digest="", *, tag=":1.0.0", data=None, proof=b""):
        data = archive(home / "made", "web") if data is None else data
        manifest = serve(registry, "1.0.0", data=data, proof=proof)
        found = {"archive": hashlib.sha256(data).hexdigest(), "manifest": manifest}.get(digest, digest)
        url = f"oci://{registry.address}/charts/web{tag}"
        entry = {"name": "web", "version": "1.0.0", "urls": [url], "digest": found}
        web.files["/index.yaml"] = json.dumps({"apiVersion": "v1", "entries": {"web": [entry]}}).encode()
        return data

    return offer


@pytest.fixture
def added(nav, web, publish):
    publish()
    assert nav("repo", "add", "x", web.url).code == 0


@pytest.mark.parametrize("digest", ["", "archive", "manifest"])
@pytest.mark.parametrize("tag", [":1.0.0", ""])
def test_it_is_pulled_in_silence(nav, home, web, publish, digest, tag):
    data = publish(digest, tag=tag)
    nav("repo", "add", "x", web.url)
    ran = nav("pull", "x/web", "--plain-http")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert (home / "web-1.0.0.tgz").read_bytes() == data
    ran = nav("show", "chart", "web", "--repo", web.url, "--version", "~1.0", "--plain-http")
    assert (ran.code, ran.out, ran.err) == (0, "apiVersion: v2\nname: web\nversion: 1.0.0\n\n", "")
    assert "kind: ConfigMap" in nav("template", "x/web", "--plain-http").out


def test_what_is_in_the_cache_is_not_asked_for(nav, home, registry, web, publish):
    publish("archive")
    nav("repo", "add", "x", web.url)
    assert nav("template", "x/web", "--plain-http").code == 0
    asked = len(registry.requests)
    assert nav("template", "x/web", "--plain-http").code == nav("pull", "x/web").code == 0
    assert len(registry.requests) == asked
    assert (home / "web-1.0.0.tgz").exists()


def test_the_dependency_is_fetched_too(nav, home, registry, web, publish, write):
    data = publish("archive")
    dependency = f"- {{name: web, version: ^1, repository: '{web.url}'}}\n"
    write({"app/Chart.yaml": f"apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n{dependency}"})
    ran = nav("dependency", "update", "app", "--plain-http")
    assert ran.code == 0
    assert f"Downloading web from repo {web.url}\nPulled: {registry.address}/charts/web:1.0.0\n" in ran.out
    assert (home / "app/charts/web-1.0.0.tgz").read_bytes() == data


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize(
    "command", ["pull x/web", "template r x/web", "pull web --repo {url}", "dependency update app"]
)
def test_no_password_goes_there(nav, registry, web, write, command):
    registry.auth, registry.users = "basic", {"jane": "secret"}
    dependency = f"- {{name: web, version: ^1, repository: '{web.url}'}}\n"
    write({"app/Chart.yaml": f"apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n{dependency}"})
    ran = nav(*command.format(url=web.url).split(), *SECRET, "--plain-http")
    assert ran.code == 1
    assert "401" in ran.err or "basic credential not found" in ran.err
    assert {request.headers.get("authorization") for request in registry.requests} == {None}


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize("command", [*SILENT, "pull x/web --untar", "dependency update app"])
def test_what_is_not_what_the_index_says_is_refused(nav, home, web, publish, write, command):
    write({"app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n"})
    with (home / "app/Chart.yaml").open("a") as file:
        file.write(f"- {{name: web, version: ^1, repository: '{web.url}'}}\n")
    for data, digest, why in (
        (None, "0" * 64, "the digest is sha256:"),
        (archive(home / "other", "other"), "", "is other 1.0.0 by its Chart.yaml, but web 1.0.0 was asked for"),
        (archive(home / "other", "web", "2.0.0"), "", "holds web 2.0.0, not version 1.0.0"),
    ):
        publish(digest, data=data)
        assert nav("repo", "update").code == 0
        ran = nav(*command.split(), "--plain-http")
        assert (ran.code, why in ran.err) == (1, True), ran.err
        assert not [path for path in (home / ".cache/helm/content").rglob("*") if path.is_file()]
        assert not [path.name for path in home.iterdir() if path.name.startswith(("web", ".navarch"))]
        assert not (home / "app/charts").exists() or not list((home / "app/charts").iterdir())


@pytest.mark.usefixtures("added")
def test_a_signature_is_demanded_in_helms_words(nav, home, registry, web, publish):
    ran = nav("pull", "x/web", "--verify", "--plain-http")
    proof = f"oci://{registry.address}/charts/web:1.0.0.prov"
    assert (ran.code, ran.err) == (1, f'Error: failed to fetch provenance "{proof}"\n')
    assert not (home / "web-1.0.0.tgz").exists()
    ran = nav("pull", "x/web", "--prov", "--plain-http")
    missing = "manifest does not contain a layer with mediatype application/vnd.cncf.helm.chart.provenance.v1.prov"
    assert (ran.code, ran.out) == (0, f"WARNING: Verification not found for x/web: {missing}\n")
    publish(proof=b"signature")
    assert nav("pull", "x/web", "--prov", "--plain-http").code == 0
    assert (home / "web-1.0.0.tgz.prov").read_bytes() == b"signature"
