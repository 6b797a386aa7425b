"""Commands about registries; what they say where Helm says something too is compared in tests/real."""

import json

import pytest

from support.registry import FakeRegistry, archive, serve


@pytest.fixture
def server():
    with FakeRegistry(auth="basic", users={"user": "pass"}) as one:
        yield one


@pytest.fixture
def open_server():
    with FakeRegistry() as one:
        yield one


def test_log_in_push_log_out(nav, home, server, monkeypatch):
    (home / "web-1.0.0.tgz").write_bytes(archive())
    login = ("registry", "login", server.address, "--plain-http", "-u", "user", "-p", "pass")
    assert nav(*login) == (
        0,
        "Login Succeeded\n",
        'level=WARN msg="using --password via the CLI is insecure. Use --password-stdin"\n',
    )
    pushed = nav("push", "web-1.0.0.tgz", f"oci://{server.address}/charts", "--plain-http")
    assert (pushed.code, pushed.out.splitlines()[0]) == (0, f"Pushed: {server.address}/charts/web:1.0.0")
    config = home / ".config/helm/registry/config.json"
    assert list(json.loads(config.read_text())["auths"]) == [server.address]
    assert nav("registry", "logout", server.address).out == f"Removing login credentials for {server.address}\n"
    assert nav("push", "web-1.0.0.tgz", f"oci://{server.address}/charts", "--plain-http").code == 1


def test_a_refused_login_keeps_nothing(nav, home, server):
    assert nav("registry", "login", server.address, "--plain-http", "-u", "user", "-p", "x").code == 1
    assert not (home / ".config/helm/registry").exists()


def test_a_file_that_can_not_be_read(nav, write, server):
    write({"bad.json": "{bad"})
    said = (
        'level=WARN msg="command failed" error="failed to decode config file bad.json: invalid config format: '
        "invalid character 'b' looking for beginning of object key string\"\n"
    )
    for words in (("registry", "logout", "x"), ("push", "a", "oci://b/c"), ("registry", "login", "x", "-u", "a")):
        assert nav(*words, "--registry-config", "bad.json") == (1, "", said)


def test_pull(nav, home, open_server):
    serve(open_server, "1.2.0", proof=b"signed")
    serve(open_server, "1.3.0")
    base = f"oci://{open_server.address}/charts/web"
    ran = nav("pull", base, "--version", "1.2.x", "--plain-http", "--prov")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count(f"Pulled: {open_server.address}/charts/web:1.2.0\n") == 2
    assert (home / "web-1.2.0.tgz.prov").read_bytes() == b"signed"
    ran = nav("pull", base, "--plain-http", "--prov", "--untar")
    warning = f"WARNING: Verification not found for {base}: manifest does not contain a layer with mediatype"
    assert warning in ran.out
    assert (home / "web" / "Chart.yaml").exists()


def test_no_signature_where_one_is_demanded(nav, home, open_server):
    serve(open_server)
    ran = nav("pull", f"oci://{open_server.address}/charts/web", "--plain-http", "--verify")
    assert ran.err == f'Error: failed to fetch provenance "oci://{open_server.address}/charts/web:1.0.0.prov"\n'
    assert ran.out.startswith("Pulled: ")
    assert list(home.glob("*.tgz")) == []


def test_straight_from_a_registry(nav, open_server):
    serve(open_server)
    base = f"oci://{open_server.address}/charts/web"
    ran = nav("show", "chart", base, "--plain-http")
    assert (ran.code, ran.out) == (0, "apiVersion: v2\ndescription: about web\nname: web\nversion: 1.0.0\n\n")
    assert ran.err.startswith(f"Pulled: {open_server.address}/charts/web:1.0.0\n")
    assert nav("template", "x", base, "--plain-http").code == 0
    before = len(open_server.requests)
    assert nav("template", "x", base, "--plain-http").code == 0
    assert not any("/blobs/" in line for line in open_server.lines()[before:])


def test_search(nav, open_server):
    for tag in ("1.0.0", "1.1.0", "2.0.0-rc.1"):
        serve(open_server, tag)
    base = f"oci://{open_server.address}/charts/web"
    heading = "NAME CHART VERSION APP VERSION DESCRIPTION"
    for words in (("search", base), ("search", "oci", base)):
        lines = [" ".join(line.split()) for line in nav(*words, "--plain-http").out.splitlines()]
        assert lines == [heading, f"{base} 1.1.0 9 about"]
    found = json.loads(nav("search", base, "--plain-http", "-l", "--devel", "-o", "json").out)
    assert [one["version"] for one in found] == ["2.0.0-rc.1", "1.1.0", "1.0.0"]
    assert found[0] == {"name": base, "version": "2.0.0-rc.1", "app_version": "9", "description": "about"}
    assert nav("search", f"{base}x", "--plain-http", "--fail-on-no-result").err == "Error: no results found\n"
    assert nav("search", base, "--plain-http", "--version", "x y").code == 1
    assert nav("search", "oci", "x").err == "Error: x is no registry's address: it has to begin with oci://\n"


def test_versions(nav, write, open_server):
    for tag in ("1.0.0_b", "1.10.0", "2.0.0-rc.1", "latest"):
        serve(open_server, tag, data=b"x")
    base = f"oci://{open_server.address}/charts/web"
    assert nav("show", "versions", base, "--plain-http") == (0, "1.10.0\n1.0.0+b\n", "")
    assert nav("show", "versions", base, "--plain-http", "--devel").out == "2.0.0-rc.1\n1.10.0\n1.0.0+b\n"
    assert nav("show", "versions", base, "--plain-http", "--version", "<1.5").out == "1.0.0+b\n"
    write({"web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 4.5.6\n"})
    assert nav("show", "versions", "./web").out == "4.5.6\n"
    assert nav("show", "versions", "nix/web").err == "Error: repo nix not found\n"
    index = "apiVersion: v1\nentries:\n  web:\n  - {version: 1.0.0, name: web, urls: [a]}\n  - {version: 1.2.0, name: web, urls: [b]}\n"
    write(
        {
            ".cache/helm/repository/mine-index.yaml": index,
            ".config/helm/repositories.yaml": "apiVersion: ''\nrepositories:\n- {name: mine, url: 'http://x'}\n",
        }
    )
    assert nav("show", "versions", "mine/web") == (0, "1.2.0\n1.0.0\n", "")
    assert nav("show", "versions", "mine/db").err == 'Error: chart "db" not found in mine repository\n'


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("oci://", "non-absolute URLs should be in form of repo_name/path_to_chart, got: oci:"),
        ("oci://?x", "non-absolute URLs should be in form of repo_name/path_to_chart, got: oci:?x"),
        ("oci://a b/c", "invalid chart URL format: oci://a b/c"),
        ("oci://%zz/x", "invalid chart URL format: oci://%zz/x"),
        ("oci://127.0.0.1:port/x", "invalid chart URL format: oci://127.0.0.1:port/x"),
        ("OCI://127.0.0.1:1/x", 'invalid reference: invalid repository "/127.0.0.1"'),
    ],
)
@pytest.mark.parametrize("words", ["pull", "show chart", "template r"])
def test_references_that_are_no_addresses(nav, words, reference, said):
    assert nav(*words.split(), reference) == (1, "", f"Error: {said}\n")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("oci://", "invalid reference: missing registry or repository"),
        ("oci:///x", 'invalid reference: invalid registry ""'),
        ("oci://127.0.0.1:1/", 'invalid reference: invalid repository ""'),
        ("oci://127.0.0.1:1/x", 'failed to perform "FetchReference" on source: invalid reference'),
        ("oci://127.0.0.1:1/x:", 'failed to perform "FetchReference" on source: invalid reference'),
        (
            "oci://127.0.0.1:1/x@sha256:00",
            'invalid reference: invalid digest "sha256:00": invalid checksum digest length',
        ),
        ("oci://127.0.0.1:1/x:1.0.0?y", 'invalid reference: invalid tag "1.0.0?y"'),
    ],
)
def test_values_at_a_registry_s_address(nav, write, address, said):
    write({"app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n"})
    assert nav("template", "r", "app", "-f", address) == (1, "", f"Error: {said}\n")


def test_a_repository_s_index_is_not_in_a_registry(nav):
    start = 'Error: looks like "oci://127.0.0.1:1/X" is not a valid chart repository or cannot be reached: '
    for words in (("repo", "add", "x"), ("pull", "x", "--repo")):
        assert (
            nav(*words, "oci://127.0.0.1:1/X").err == f'{start}invalid reference: invalid repository "X/index.yaml"\n'
        )
