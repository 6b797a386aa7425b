"""nav registry gc, retain and mirror."""

import json
import time

import pytest

from support.asgi import registry
from support.spaces import Served, packed


@pytest.fixture
def root(home):
    """The folder that the server keeps charts in, and registry.yaml names."""
    folder = home / "charts"
    (home / "registry.yaml").write_text(
        f"manager: {{parameters: {{rootdirectory: {folder}}}}}\n"
        f"log: {{audit: {home}/audit.log}}\n"
        "collection: {spare: 0s}\n"
        "retention:\n  rules:\n  - {newest: 2}\n"
    )
    return folder


@pytest.fixture
def server(root):
    with Served(registry(root=str(root))) as served:
        yield served


@pytest.fixture
def ask(server, nav, monkeypatch, home):
    monkeypatch.setenv("NAVARCH_REGISTRY", server.url)
    for number in range(4):
        (home / f"web-{number}.tgz").write_bytes(packed("web", f"1.{number}.0"))
    assert nav("chart", "put", "library", *(f"web-{number}.tgz" for number in range(4))).code == 0
    time.sleep(0.01)
    return nav


def versions(ask):
    return [one["version"] for one in json.loads(ask("chart", "versions", "library/web", "-o", "json").out)]


def test_retain_and_collect(ask, home):
    found = ask("registry", "retain", "-c", "registry.yaml", "--dry-run")
    lines = found.out.splitlines()
    assert (found.code, found.err, len(lines)) == (0, "", 3)
    assert lines[0].split("\t")[0].strip() == "NAME"
    assert [line.split()[:2] for line in lines[1:]] == [["library/web", "1.0.0"], ["library/web", "1.1.0"]]
    assert len(versions(ask)) == 4
    assert not (home / "audit.log").exists()
    done = json.loads(ask("registry", "retain", "-c", "registry.yaml", "-o", "json").out)
    assert [(one["name"], one["version"]) for one in done] == [("library/web", "1.0.0"), ("library/web", "1.1.0")]
    assert versions(ask) == ["1.3.0", "1.2.0"]
    assert ask("registry", "retain", "-c", "registry.yaml") == (0, "", "nothing to remove: 2 versions stay\n")
    audit = [json.loads(line) for line in (home / "audit.log").read_text().splitlines()]
    assert [(one["who"], one["what"]) for one in audit] == [
        ("nav registry retain", "library/web/1.0.0"),
        ("nav registry retain", "library/web/1.1.0"),
    ]
    size = sum((home / f"web-{number}.tgz").stat().st_size for number in range(2))
    for dry_run in (["--dry-run"], []):
        found = json.loads(ask("registry", "gc", "-c", "registry.yaml", "-o", "json", *dry_run).out)
        assert found[0] == {"bytes": size, "kind": "blobs", "number": 2, "what": "blobs set aside"}
    assert json.loads(ask("registry", "gc", "-c", "registry.yaml", "--spare", "1h", "-o", "json").out)[1]["number"] == 0
    time.sleep(0.01)
    found = ask("registry", "gc", "-c", "registry.yaml")
    assert found.out.splitlines()[2].split() == ["blobs", "deleted", "2", str(size)]
    assert ask("chart", "get", "library/web/1.3.0").code == 0


def test_what_they_say_of_bad_settings(nav, home):
    (home / "memory.yaml").write_text("manager: {parameters: {storagedriver: inmemory}}\n")
    (home / "empty.yaml").write_text(f"manager: {{parameters: {{rootdirectory: {home}/none}}}}\n")
    (home / "plain.yaml").write_text(f"manager: {{parameters: {{rootdirectory: {home}}}}}\n")
    (home / "wrong.yaml").write_text(f"manager: {{parameters: {{rootdirectory: {home}}}}}\nretention: {{rules: 3}}\n")
    for command in ("gc", "retain"):
        told = nav("registry", command, "-c", "memory.yaml")
        assert told == (1, "", "Error: charts that are in a server's memory can be looked after by the server alone\n")
        told = nav("registry", command, "-c", "empty.yaml")
        assert told == (1, "", f"Error: there is no registry in {home}/none\n")
        assert not (home / "none").exists()
        told = nav("registry", command, "-c", "wrong.yaml")
        assert told == (1, "", "Error: wrong.yaml: retention.rules should be a list, but is a number\n")
    told = nav("registry", "retain", "-c", "plain.yaml")
    assert told == (1, "", "Error: the configuration has no retention.rules\n")


def test_mirror(ask, server, home):
    table = ask("registry", "mirror", f"{server.url}/library", "copy", "--version", ">=1.2")
    assert (table.code, table.err) == (0, "")
    assert [line.split()[:3] for line in table.out.splitlines()[1:]] == [
        ["web", "1.3.0", "copied"],
        ["web", "1.2.0", "copied"],
    ]
    host = server.url.partition("//")[2]
    again = ("registry", "mirror", f"oci://{host}/library", "copy", "--source-plain-http")
    found = json.loads(ask(*again, "--newest", "3", "-o", "json", "--dry-run").out)
    assert [(one["version"], one["state"]) for one in found] == [
        ("1.3.0", "different"),  # the copy of an index has manifests of its own
        ("1.2.0", "different"),
        ("1.1.0", "copied"),
    ]
    assert "1.3.0: the space has the manifest sha256:" in ask(*again).err
    assert ask(*again, "--replace").code == 0
    assert ask(*again) == (0, "", "nothing to copy: 4 versions are there\n")
    assert ask(*again, "--chart", "none") == (0, "", "no versions to copy\n")
    (home / "other.tgz").write_bytes(packed("web", "1.0.0", {"README.md": "other"}))
    assert ask("chart", "put", "library", "other.tgz", "--replace").code == 0
    different = ask(*again)
    assert different.code == 1
    assert different.out.splitlines()[1].split() == ["web", "1.0.0", "different", "0"]
    assert different.err.startswith("web 1.0.0: the space has sha256:")
    assert ask(*again, "--replace").out.splitlines()[1].split()[:3] == ["web", "1.0.0", "replaced"]
    assert ask("repo", "add", "mine", f"{server.url}/library").code == 0
    assert ask("registry", "mirror", "mine", "copy") == (0, "", "nothing to copy: 4 versions are there\n")


def test_what_mirror_says_of_bad_sources(ask, server):
    assert ask("registry", "mirror", "nobody", "copy") == (
        1,
        "",
        'Error: no repository "nobody" was added, and it is no address\n',
    )
    told = ask("registry", "mirror", "ftp://127.0.0.1/x", "copy")
    assert told == (1, "", "Error: could not find protocol handler for: ftp\n")
    told = ask("registry", "mirror", f"{server.url}/nothing", "copy")
    assert (told.code, "404" in told.err) == (1, True)
    told = ask("registry", "mirror", f"{server.url}/library", "copy", "--version", ">= nope")
    assert (told.code, "--version: " in told.err) == (1, True)
    told = ask("registry", "mirror", f"{server.url}/library", "_copy")
    assert (told.code, "space is invalid: _copy" in told.err) == (1, True)
