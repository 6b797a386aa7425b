"""`plugin install`, `update`, `uninstall`, `package` and `verify`. Texts are those that Helm answers, but for refusals."""

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

from navarch.errors import PluginError
from navarch.plugins.install import installing
from support.httpd import Httpd, answer
from support.plugin_sources import ARTIFACT, LAYER, Entry, archive, commit, folder, manifest, plugin_yaml
from support.registry import FakeRegistry
from support.signing import KEYS

RING = ("--keyring", os.path.join(KEYS, "rsa.asc"))
FINGERPRINT = "B4102C043AD0FFE9741B7CBAD1E31A5CAFA4DEC8"
PLUGINS = ".local/share/helm/plugins"
UNVERIFIED = "WARNING: Skipping plugin signature verification\n"
LINKED = "Installing plugin from local directory (development mode)\n"
TOUCH = "{install: [{command: touch, args: [installed]}], update: [{command: touch, args: [updated]}], delete: [{command: touch, args: [deleted]}]}"
FAILING = '{install: [{command: "false"}], delete: [{command: "false"}]}'

CUT = b"HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\nshort"

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def plugins(home):
    """The folder that plugins are in."""
    return home / PLUGINS


@pytest.fixture
def signed(home, nav):
    """The archive of a plugin, and its signature."""
    folder(home / "echo", "echo", "1.2.3", hooks=TOUCH)
    done = nav("plugin", "package", "echo", "--key", "rsa@", *RING)
    assert (done.code, done.err) == (0, "")
    return home / "echo-1.2.3.tgz"


def kept(plugins):
    """All that is in the folder of plugins."""
    return sorted(os.listdir(plugins)) if plugins.exists() else []


def one(name="foo", version="1.0.0", *more, top="", hooks="{}"):
    """An archive of a plugin, whose folder in it is `top` if that is another than its name."""
    top = top or name
    return archive(Entry(f"{top}/plugin.yaml", plugin_yaml(name, version, hooks=hooks)), *more)


# folders


def test_a_folder_is_linked_to(nav, home, plugins):
    folder(home / "here", "echo", hooks=TOUCH)
    done = nav("plugin", "install", "here")
    assert done == (0, f"{LINKED}Installed plugin: echo\n", "")
    assert os.readlink(plugins / "here") == str(home / "here")
    assert (home / "installed").exists()
    assert kept(plugins) == ["here"]


def test_what_is_there_stays(nav, home, plugins):
    folder(home / "here", "echo")
    nav("plugin", "install", "here")
    done = nav("plugin", "install", "here")
    told = f'level=WARN msg="plugin already exists" path={plugins}/here error=<nil>\nError: plugin already exists\n'
    assert done == (1, LINKED, told)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"here": "text"}, "expected plugin to be a directory (containing a file 'plugin.yaml')"),
        ({"here/x": ""}, "plugin metadata (plugin.yaml) missing"),
        (
            {"here/plugin.yaml": "apiVersion: v1\nname: bad\n"},
            'plugin is installed but unusable: failed to load plugin "HERE": plugin `version` is required',
        ),
    ],
)
def test_folders_that_are_no_plugins(nav, write, plugins, files, problem):
    write(files)
    done = nav("plugin", "install", "here")
    assert done == (1, LINKED, f"Error: {problem}\n".replace("HERE", str(plugins / "here")))
    assert kept(plugins) == []


def test_nothing_there(nav):
    done = nav("plugin", "install", "nothing")
    told = "(if it's a local directory, does it exist?), last error was: Cannot detect VCS"
    assert done == (1, "", f'Error: cannot get information about plugin source "nothing" {told}\n')


def test_a_failing_hook_leaves_nothing(nav, home, plugins):
    folder(home / "here", "echo", hooks=FAILING)
    done = nav("plugin", "install", "here")
    assert done == (1, LINKED, 'Error: plugin install hook for "echo" exited with error\n')
    assert kept(plugins) == []
    assert (home / "here" / "plugin.yaml").exists()


def test_a_name_that_is_taken(nav, home, plugins):
    """Helm installs it, and can then load none of them."""
    folder(home / "one", "echo")
    folder(home / "two", "echo")
    nav("plugin", "install", "one")
    done = nav("plugin", "install", "two")
    assert done.err == f'Error: two plugins claim the name "echo" at "{plugins}/one" and "{plugins}/two"\n'
    assert kept(plugins) == ["one"]


def test_the_name_of_a_command(nav, home, plugins):
    """Helm installs it, and can then run no plugin behind it."""
    folder(home / "here", "template")
    done = nav("plugin", "install", "here")
    told = 'the plugin "template" claims the name of the command "template"'
    assert done == (1, LINKED, f"Error: {told}\n")
    assert kept(plugins) == []


# archives


def test_a_signed_archive(nav, home, plugins, signed):
    done = nav("plugin", "install", signed.name, *RING)
    lines = done.out.split("\n")
    assert lines[:3] == [
        "Verifying plugin signature...",
        "Signed by: rsa key <rsa@example.com>",
        f"Using Key With Fingerprint: {FINGERPRINT}",
    ]
    assert lines[3].startswith("Plugin Hash Verified: sha256:")
    assert lines[4:] == ["Installed plugin: echo", ""]
    assert kept(plugins) == ["echo", "echo-1.2.3.tgz", "echo-1.2.3.tgz.prov"]
    assert os.access(plugins / "echo" / "run.sh", os.X_OK)
    assert "signed" in nav("plugin", "list").out.split("\n")[1].split()
    (plugins / "echo-1.2.3.tgz.prov").write_text("garbage")
    assert "invalid provenance" in nav("plugin", "list").out
    (plugins / "echo-1.2.3.tgz.prov").unlink()
    assert "unsigned" in nav("plugin", "list").out


def test_an_archive_that_was_changed_afterwards(nav, plugins, signed):
    nav("plugin", "install", signed.name, *RING)
    with open(plugins / "echo-1.2.3.tgz", "ab") as file:
        file.write(b"x")
    assert "mismatched provenance" in nav("plugin", "list").out


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda path, _: path.write_bytes(path.read_bytes() + b"x"), "sha256 sum does not match for echo-1.2.3.tgz"),
        (lambda _, proof: proof.unlink(), "no provenance file (.prov) found"),
        (lambda _, proof: proof.write_text(""), "no provenance file (.prov) found"),
        (lambda _, proof: proof.write_text("hello"), "signature block not found"),
        (lambda _, proof: proof.write_text(proof.read_text().replace("Name: echo", "Name: ecko")), "openpgp: "),
    ],
)
def test_archives_whose_signature_does_not_hold(nav, plugins, signed, change, problem):
    change(signed, signed.with_name(f"{signed.name}.prov"))
    done = nav("plugin", "install", signed.name, *RING)
    assert done.code == 1
    assert done.err.startswith(f"Error: plugin verification failed: {problem}")
    assert kept(plugins) == []


def test_a_signature_for_another_name(nav, home, plugins, signed):
    for end in ("", ".prov"):
        os.rename(f"{signed}{end}", home / f"echo.tgz{end}")
    done = nav("plugin", "install", "echo.tgz", *RING)
    told = 'provenance does not contain a SHA for a file named "echo.tgz"'
    assert done.err == f"Error: plugin verification failed: {told}\n"
    assert kept(plugins) == []


def test_a_key_that_nobody_knows(nav, plugins, signed):
    done = nav("plugin", "install", signed.name, "--keyring", os.path.join(KEYS, "ed25519.asc"))
    assert done.err == "Error: plugin verification failed: openpgp: signature made by unknown entity\n"
    assert kept(plugins) == []


def test_an_unsigned_archive(nav, write, plugins):
    write({"foo-1.0.0.tgz": one()})
    done = nav("plugin", "install", "foo-1.0.0.tgz")
    told = "Error: plugin verification failed: no provenance file (.prov) found\n"
    assert done == (1, "Verifying plugin signature...\n", told)
    assert nav("plugin", "install", "--verify=false", "foo-1.0.0.tgz") == (
        0,
        f"{UNVERIFIED}Installed plugin: foo\n",
        "",
    )
    assert kept(plugins) == ["foo", "foo-1.0.0.tgz"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (one("other", top="foo"), "foo-1.0.0.tgz holds the plugin other 1.0.0, not foo 1.0.0"),
        (one("foo", "2.0.0"), "foo-1.0.0.tgz holds the plugin foo 2.0.0, not foo 1.0.0"),
        (
            archive(Entry("foo/a/plugin.yaml", plugin_yaml("foo")), Entry("foo/plugin.yaml", plugin_yaml("evil"))),
            "foo-1.0.0.tgz holds the plugin evil 1.0.0, not foo 1.0.0",
        ),
        (
            archive(Entry("foo/plugin.yaml", plugin_yaml("foo")), Entry("foo/plugin.yaml", plugin_yaml("evil"))),
            "foo-1.0.0.tgz holds the plugin evil 1.0.0, not foo 1.0.0",
        ),
        (archive(Entry("x", "y")), "failed to extract plugin metadata from tarball: plugin.yaml not found in tarball"),
        (
            archive(Entry("foo/plugin.yaml", plugin_yaml("a b"))),
            "failed to extract plugin metadata from tarball: invalid plugin `name`",
        ),
        (b"text, no archive", "failed to extract plugin metadata from tarball: gzip: invalid header"),
        (one()[:-60], "failed to extract plugin metadata from tarball: unexpected EOF"),
        (
            one("foo", "1.0.0", Entry("foo/../../x", "")),
            "failed to extract archive: path contains '..', which is illegal",
        ),
        (
            one("foo", "1.0.0", Entry("foo/l", kind=tarfile.SYMTYPE, link="/etc")),
            "failed to extract archive: unknown type: 110010 in foo/l",
        ),
    ],
)
def test_archives_that_are_refused(nav, write, plugins, data, problem):
    write({"foo-1.0.0.tgz": data})
    done = nav("plugin", "install", "--verify=false", "foo-1.0.0.tgz")
    assert done == (1, UNVERIFIED, f"Error: {problem}\n")
    assert kept(plugins) == []


def test_an_archive_with_another_folder_in_it(nav, write, plugins):
    """Helm takes such from the web only."""
    write({"foo-1.0.0.tgz": one("foo", top="bar")})
    done = nav("plugin", "install", "--verify=false", "foo-1.0.0.tgz")
    assert done.err.startswith("Error: plugin.yaml not found in expected directory ")
    assert done.err.endswith("/foo/plugin.yaml: no such file or directory\n")
    assert kept(plugins) == []


def test_a_module_that_is_missing(nav, write, plugins):
    text = "apiVersion: v1\nname: foo\nversion: 1.0.0\ntype: getter/v1\nruntime: extism/v1\n"
    text += "config: {protocols: [x]}\nruntimeConfig: {}\n"
    write({"foo-1.0.0.tgz": archive(Entry("foo/plugin.yaml", text))})
    done = nav("plugin", "install", "--verify=false", "foo-1.0.0.tgz")
    told = f'wasm binary missing for extism/v1 plugin: "{plugins}/foo/plugin.wasm"'
    assert done.err == f"Error: plugin is installed but unusable: {told}\n"
    assert kept(plugins) == []


def test_an_old_signature_is_not_taken_for_a_new_archives(nav, plugins, signed, home):
    nav("plugin", "install", signed.name, *RING)
    shutil.rmtree(plugins / "echo")
    signed.with_name("echo-1.2.3.tgz.prov").unlink()
    nav("plugin", "install", "--verify=false", signed.name)
    assert kept(plugins) == ["echo", "echo-1.2.3.tgz"]


def test_all_goes_where_the_setting_says(nav, write, home, monkeypatch, plugins):
    monkeypatch.setenv("HELM_PLUGINS", f"{home}/a:{home}/b")
    folder(home / "b" / "bar", "bar")
    write({"foo-1.0.0.tgz": one()})
    nav("plugin", "install", "--verify=false", "foo-1.0.0.tgz")
    assert kept(home / "a") == ["foo", "foo-1.0.0.tgz"]
    assert not plugins.exists()
    assert nav("plugin", "uninstall", "foo", "bar").out == "Uninstalled plugin: foo\nUninstalled plugin: bar\n"
    assert kept(home / "a") == kept(home / "b") == []


def test_two_at_once_install_one(home, plugins, write):
    """Whoever comes second is told so, and nobody sees a half."""
    write({"foo-1.0.0.tgz": one("foo", "1.0.0", Entry("foo/big", os.urandom(1 << 20)))})
    barrier = threading.Barrier(4)
    done = []

    def install():
        from navarch.plugins.install.sources import FileSource

        barrier.wait()
        try:
            installing.install_plugin(FileSource("foo-1.0.0.tgz"), [str(plugins)])
            done.append("installed")
        except PluginError as error:
            done.append(str(error).partition(" at ")[0])

    threads = [threading.Thread(target=install) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done.count("installed") == 1
    assert set(done) <= {"installed", "plugin already exists", 'two plugins claim the name "foo"'}
    assert kept(plugins) == ["foo", "foo-1.0.0.tgz"]
    assert (plugins / "foo" / "big").stat().st_size == 1 << 20


def test_what_a_killed_run_left_is_swept(nav, write, plugins):
    left, young = plugins / ".nav-plugin-old", plugins / ".nav-plugin-young"
    for path in (left, young):
        path.mkdir(parents=True)
    os.utime(left, (time.time() - 48 * 3600,) * 2)
    write({"foo-1.0.0.tgz": one()})
    nav("plugin", "install", "--verify=false", "foo-1.0.0.tgz")
    assert not left.exists()
    assert young.exists()


# the web


class Served(Httpd):
    files: dict[str, bytes]


@pytest.fixture
def web():
    """Serves what is put into `files`; others are not found."""
    files = {}

    def respond(request):
        data = files.get(request.target)
        if data is CUT:
            request.sock.sendall(data)
            return None
        return answer(404, b"", "Not Found") if data is None else data if data[:5] == b"HTTP/" else answer(body=data)

    with Served(respond) as server:
        server.files = files
        yield server


def test_an_archive_on_the_web(nav, plugins, web, signed):
    web.files |= {f"/{signed.name}{end}": Path(f"{signed}{end}").read_bytes() for end in ("", ".prov")}
    done = nav("plugin", "install", f"{web.url}/{signed.name}", *RING)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("Installed plugin: echo\n")
    assert kept(plugins) == ["echo", "echo-1.2.3.tgz", "echo-1.2.3.tgz.prov"]
    assert [request.target for request in web.requests] == ["/echo-1.2.3.tgz", "/echo-1.2.3.tgz.prov"]


def test_archives_on_the_web_may_be_flat_or_have_another_folder(nav, plugins, web):
    web.files["/flat-1.0.0.tgz"] = archive(Entry("plugin.yaml", plugin_yaml("flat")))
    web.files["/helm-diff-linux-amd64.tgz"] = one("diff")
    for name in ("flat-1.0.0", "helm-diff-linux-amd64"):
        done = nav("plugin", "install", "--verify=false", f"{web.url}/{name}.tgz")
        assert (done.code, done.err) == (0, "")
    assert kept(plugins) == ["diff-1.0.0.tgz", "flat", "flat-1.0.0.tgz", "helm-diff-linux-amd64"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (None, "failed to fetch URL : 404 Not Found"),
        (one("other"), "foo-1.0.0.tgz holds the plugin other 1.0.0, not foo 1.0.0"),
        (
            one("foo", "1.0.0", Entry("foo/l", kind=tarfile.FIFOTYPE)),
            "extracting files from archive: unknown type: 110110 in foo/l",
        ),
        (CUT, "unexpected EOF"),
        (
            answer(302, b"", "Found", location="file:///etc/passwd"),
            'Get "file:///etc/passwd": unsupported protocol scheme "file"',
        ),
    ],
)
def test_archives_on_the_web_that_are_refused(nav, plugins, web, data, problem):
    web.files["/foo-1.0.0.tgz"] = data
    url = f"{web.url}/foo-1.0.0.tgz"
    done = nav("plugin", "install", "--verify=false", url)
    assert done == (1, UNVERIFIED, f"Error: {problem}\n".replace("URL", url))
    assert kept(plugins) == []
    if data is None:
        failed = "failed to get verification data: failed to download plugin"
        assert nav("plugin", "install", url).err == f"Error: {failed}: {problem}\n".replace("URL", url)


def test_credentials_stay_with_their_server(nav, web):
    with Httpd(lambda _: answer(404, b"", "Not Found")) as other:
        web.files["/foo-1.0.0.tgz"] = answer(302, b"", "Found", location=f"{other.url}/foo-1.0.0.tgz")
        nav("plugin", "install", "--verify=false", "--username=me", "--password=pw", f"{web.url}/foo-1.0.0.tgz")
        assert "authorization" in web.requests[0].headers
        assert "authorization" not in other.requests[0].headers


# registries


@pytest.fixture
def registry():
    with FakeRegistry() as one:
        yield one


def put(registry, name, tag, layers, **more):
    for _, _, data in layers:
        registry.put_blob(data)
    registry.put_blob(b"{}")
    return registry.put_manifest(name, tag, manifest(layers, **more))


def install_from(nav, registry, reference, *flags):
    return nav("plugin", "install", "--plain-http", f"oci://{registry.address}/{reference}", *flags)


def test_a_plugin_in_a_registry(nav, plugins, registry, signed):
    data = [(LAYER, f"{signed.name}{end}", Path(f"{signed}{end}").read_bytes()) for end in ("", ".prov")]
    digest = put(registry, "p/echo", "1.2.3", data)
    for reference in ("p/echo:1.2.3", f"p/echo@{digest}", f"p/echo:1.2.3@{digest}", "p/echo"):
        done = install_from(nav, registry, reference, *RING)
        assert (done.code, done.err) == (0, "")
        assert done.out.endswith("Installed plugin: echo\n")
        assert kept(plugins) == ["echo", "echo-1.2.3.tgz", "echo-1.2.3.tgz.prov"]
        nav("plugin", "uninstall", "echo")


def test_the_version_is_looked_up(nav, plugins, registry):
    for version in ("1.0.0", "1.1.0", "2.0.0-rc.1"):
        put(registry, "p/foo", version, [(LAYER, f"foo-{version}.tgz", one("foo", version))])
    registry.put_manifest("p/foo", "latest", {})
    for wanted, version in (("", "1.1.0"), ("1.0.0", "1.0.0"), ("~1.0", "1.0.0"), (">1.1.0-0", "2.0.0-rc.1")):
        done = install_from(nav, registry, "p/foo", "--verify=false", *(["--version", wanted] if wanted else []))
        assert (done.code, done.err) == (0, "")
        assert f"foo-{version}.tgz" in kept(plugins)
        nav("plugin", "uninstall", "foo")


@pytest.mark.parametrize(
    ("tag", "layers", "more", "problem"),
    [
        (
            "1.0.0",
            [(LAYER, "foo-1.0.0.tgz", one("other"))],
            {},
            "foo-1.0.0.tgz holds the plugin other 1.0.0, not foo 1.0.0",
        ),
        ("2.0.0", [(LAYER, "foo-1.0.0.tgz", one())], {}, "foo-1.0.0.tgz holds the plugin foo 1.0.0, not foo 2.0.0"),
        ("1.0.0", [(LAYER, "foo-2.0.0.tgz", one())], {}, "foo-2.0.0.tgz holds the plugin foo 1.0.0, not foo 2.0.0"),
        (
            "1.0.0",
            [(LAYER, "bar-1.0.0.tgz", one())],
            {},
            "FAILED: required layer matching pattern foo-VERSION.tgz not found in manifest",
        ),
        (
            "1.0.0",
            [(LAYER, "foo-1.0.0.tgz", one())],
            {"artifact": "application/vnd.x"},
            f"FAILED: expected artifact type {ARTIFACT}, got application/vnd.x",
        ),
        (
            "1.0.0",
            [(LAYER, "foo-1.0.0.tgz", one())],
            {"artifact": ""},
            f"FAILED: expected config media type {ARTIFACT} for legacy compatibility, got application/vnd.oci.empty.v1+json",
        ),
        (
            "1.0.0",
            [(LAYER, "foo-1.0.0.tgz", b"text, no gzip")],
            {},
            "failed to extract plugin metadata from tarball: gzip: invalid header",
        ),
        (
            "1.0.0",
            [(LAYER, "foo-1.0.0.tgz", one("foo", "1.0.0", Entry("/x", "")))],
            {},
            "failed to extract plugin: path is absolute, which is illegal",
        ),
        (
            "1.0.0",
            [(LAYER, "foo-1.0.0.tgz", archive(Entry("a/b/plugin.yaml", plugin_yaml("foo"))))],
            {},
            "plugin metadata (plugin.yaml) missing",
        ),
    ],
)
def test_plugins_in_a_registry_that_are_refused(nav, plugins, registry, tag, layers, more, problem):
    put(registry, "p/foo", tag, layers, **more)
    done = install_from(nav, registry, f"p/foo:{tag}", "--verify=false")
    failed = f"failed to pull plugin from oci://{registry.address}/p/foo:{tag}"
    assert done == (1, UNVERIFIED, f"Error: {problem}\n".replace("FAILED", failed))
    assert kept(plugins) == []


def test_a_manifest_of_config_type_is_taken(nav, plugins, registry):
    put(registry, "p/foo", "1.0.0", [(LAYER, "foo-1.0.0.tgz", one())], artifact="", config=(ARTIFACT, b"{}"))
    assert install_from(nav, registry, "p/foo:1.0.0", "--verify=false").code == 0


def test_a_registry_that_wants_a_password(nav, plugins):
    with FakeRegistry(auth="basic", users={"me": "pw"}) as registry:
        put(registry, "p/foo", "1.0.0", [(LAYER, "foo-1.0.0.tgz", one())])
        assert install_from(nav, registry, "p/foo:1.0.0", "--verify=false").code == 1
        done = install_from(nav, registry, "p/foo:1.0.0", "--verify=false", "--username=me", "--password=pw")
        assert (done.code, done.err) == (0, "")
    assert kept(plugins) == ["foo", "foo-1.0.0.tgz"]


def test_a_layer_that_is_not_what_its_digest_says(nav, plugins, registry):
    put(registry, "p/foo", "1.0.0", [(LAYER, "foo-1.0.0.tgz", one())])
    digest = next(digest for digest, data in registry.blobs.items() if len(data) > 2)
    registry.blobs[digest] = registry.blobs[digest][:-1] + b"x"
    done = install_from(nav, registry, "p/foo:1.0.0", "--verify=false")
    assert done.code == 1
    assert "mismatch" in done.err
    assert kept(plugins) == []


@pytest.mark.parametrize("layers", [None, 1, [1], [{}], [{"annotations": 1}], [{"annotations": {"a": 1}}]])
def test_manifests_of_garbage(nav, registry, layers):
    found = {**manifest([]), "layers": layers}
    registry.put_manifest("p/foo", "1", found)
    done = install_from(nav, registry, "p/foo:1", "--verify=false")
    assert done.err.endswith("required layer matching pattern foo-VERSION.tgz not found in manifest\n")


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("", "missing registry or repository"),
        ("HOST", "missing registry or repository"),
        ("HOST/P", 'invalid repository "P"'),
    ],
)
def test_references_that_are_none(nav, registry, reference, problem):
    done = nav("plugin", "install", "--verify=false", f"oci://{reference}".replace("HOST", registry.address))
    assert done == (1, "", f"Error: invalid OCI reference: invalid reference: {problem}\n")


# repositories of source code


@needs_git
def test_a_repository(nav, home, plugins):
    for version in ("0.1.0", "0.2.0"):
        commit(folder(home / "vp", "echo", version, hooks=TOUCH), f"v{version}")
    source = f"file://{home}/vp"
    told = "plugin source does not support verification. Use --verify=false to skip verification"
    assert nav("plugin", "install", source) == (1, "", f"Error: {told}\n")
    done = nav("plugin", "install", "--verify=false", source)
    assert done == (0, f"{UNVERIFIED}Installed plugin: echo\n", "")
    assert kept(plugins) == ["vp"]
    commit(folder(home / "vp", "echo", "0.3.0", hooks=TOUCH))
    assert nav("plugin", "update", "echo") == (0, "Updated plugin: echo\n", "")
    assert (home / "updated").exists()
    assert "0.3.0" in nav("plugin", "list").out


@needs_git
def test_a_repository_at_a_version(nav, home, plugins):
    for version in ("0.1.0", "0.2.0"):
        commit(folder(home / "vp", "echo", version), f"v{version}")
    source = f"file://{home}/vp"
    nav("plugin", "install", "--verify=false", source, "--version", "~0.1")
    assert "0.1.0" in nav("plugin", "list").out
    nav("plugin", "uninstall", "echo")
    done = nav("plugin", "install", "--verify=false", source, "--version", "9")
    assert done.err == f'Error: requested version "9" does not exist for plugin "{source}"\n'
    assert kept(plugins) == []


@needs_git
def test_a_repository_without_a_plugin(nav, home, plugins):
    (home / "vp").mkdir()
    commit(home / "vp")
    done = nav("plugin", "install", "--verify=false", f"file://{home}/vp")
    assert done == (1, UNVERIFIED, "Error: plugin metadata (plugin.yaml) missing\n")
    assert kept(plugins) == []


@needs_git
def test_updates_that_are_refused(nav, home, plugins):
    commit(folder(home / "vp", "echo", "0.1.0"))
    nav("plugin", "install", "--verify=false", f"file://{home}/vp")
    (plugins / "vp" / "run.sh").write_text("changed\n")
    failed = "Error: failed to update plugin echo, got error"
    assert nav("plugin", "update", "echo").err == f"{failed} (plugin repo was modified)\n"
    (plugins / "vp" / "run.sh").write_text("#!/bin/sh\n")
    os.unlink(home / "vp" / "plugin.yaml")
    commit(home / "vp")
    assert nav("plugin", "update", "echo").err == f"{failed} (plugin metadata (plugin.yaml) missing)\n"
    assert (plugins / "vp" / "plugin.yaml").exists()


# update, uninstall


def test_an_update_of_what_is_no_repository(nav, home, plugins):
    folder(home / "here", "echo")
    nav("plugin", "install", "here")
    told = "cannot get information about plugin source"
    log = f'level=WARN msg="{told}" location={home}/here error="Cannot detect VCS"\n'
    done = nav("plugin", "update", "echo", "other")
    failed = f"failed to update plugin echo, got error ({told})"
    assert done == (1, "", f"{log}Error: {failed}\nplugin: other not found\n")


def test_uninstall(nav, home, plugins, signed):
    nav("plugin", "install", signed.name, *RING)
    folder(home / "here", "linked")
    nav("plugin", "install", "here")
    done = nav("plugin", "uninstall", "echo", "linked")
    assert done == (0, "Uninstalled plugin: echo\nUninstalled plugin: linked\n", "")
    assert (home / "deleted").exists()
    assert kept(plugins) == []
    assert (home / "here" / "plugin.yaml").exists()


def test_a_failing_hook_when_it_is_removed(nav, write, plugins):
    write({f"{PLUGINS}/echo/plugin.yaml": plugin_yaml("echo", hooks=FAILING)})
    done = nav("plugin", "uninstall", "echo")
    told = 'failed to uninstall plugin echo, got error (plugin delete hook for "echo" exited with error)'
    assert done == (1, "", f"Error: {told}\n")
    assert kept(plugins) == []


def test_a_name_that_is_given_twice(nav, home, plugins):
    folder(home / "here", "echo")
    nav("plugin", "install", "here")
    assert nav("plugin", "uninstall", "echo", "echo").out == "Uninstalled plugin: echo\n" * 2


@pytest.mark.parametrize("verb", ["update", "uninstall"])
def test_names_are_needed(nav, verb):
    assert nav("plugin", verb) == (1, "", f"Error: please provide plugin name to {verb}\n")
    assert nav("plugin", verb, "a", "b").err == "Error: plugin: a not found\nplugin: b not found\n"


# package, verify


def test_package(nav, home, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    folder(home / "here", "echo", "1.2.3")
    (home / "here" / "bin").mkdir()
    (home / "here" / "bin" / "tool").write_bytes(b"\x00\xff")
    done = nav("plugin", "package", "here", "--sign=false", "-d", "out")
    told = "WARNING: Skipping plugin signing. This is not recommended for plugins intended for distribution.\n"
    assert done == (0, f"{told}Successfully packaged plugin and saved it to: out/echo-1.2.3.tgz\n", "")
    first = (home / "out" / "echo-1.2.3.tgz").read_bytes()
    with tarfile.open(home / "out" / "echo-1.2.3.tgz") as tar:
        assert [(info.name, info.mode & 0o700, info.isdir()) for info in tar] == [
            ("echo", 0o700, True),
            ("echo/bin", 0o700, True),
            ("echo/bin/tool", 0o600, False),
            ("echo/plugin.yaml", 0o600, False),
            ("echo/run.sh", 0o700, False),
        ]
        assert {(info.mtime, info.uid, info.uname) for info in tar} == {(1700000000, 0, "")}
    os.utime(home / "here" / "run.sh", (1, 1))
    nav("plugin", "package", "here", "--sign=false", "-d", "out")
    assert (home / "out" / "echo-1.2.3.tgz").read_bytes() == first
    assert sorted(os.listdir(home / "out")) == ["echo-1.2.3.tgz"]


def test_an_archive_is_no_part_of_itself(nav, home, monkeypatch):
    monkeypatch.chdir(folder(home / "here", "echo"))
    for _ in range(2):
        assert nav("plugin", "package", ".", "--key", "rsa@", *RING).code == 0
    with tarfile.open("echo-1.0.0.tgz") as tar:
        assert tar.getnames() == ["echo", "echo/plugin.yaml", "echo/run.sh"]


def test_links_are_not_packaged(nav, home):
    folder(home / "here", "echo")
    os.symlink("run.sh", home / "here" / "link")
    done = nav("plugin", "package", "here", "--sign=false")
    assert done.err == "Error: failed to create plugin tarball: here/link is neither a file nor a folder\n"
    assert not any(name.startswith("echo") for name in os.listdir(home))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["nothing"], "stat nothing: no such file or directory"),
        (["file"], "plugin package only supports directories, not tarballs"),
        (
            ["empty"],
            'invalid plugin directory: failed to read plugin at "empty/plugin.yaml": open empty/plugin.yaml: no such file or directory',
        ),
        (["here", "--keyring", "nothing"], "error reading from keyring: open nothing: no such file or directory"),
        (["here", *RING], "private key not found"),
        (["here", "--key", "nobody", *RING], "private key not found"),
        (["here", "--key", "rsa@", "--passphrase-file", "nothing", *RING], "open nothing: no such file or directory"),
        (
            ["here", "--key", "locked@", "--passphrase-file", "wrong", "--keyring", f"{KEYS}/locked.asc"],
            "openpgp: invalid data: private key checksum failure",
        ),
    ],
)
def test_packages_that_can_not_be_made(nav, write, home, words, problem):
    write({"file": "", "empty/x": "", "wrong": "no\n"})
    folder(home / "here", "echo")
    assert nav("plugin", "package", *words) == (1, "", f"Error: {problem}\n")
    assert not any(name.startswith("echo") for name in os.listdir(home))


def test_a_passphrase_is_all_of_its_file(nav, write, home):
    folder(home / "here", "echo")
    write({"right": "open sesame\r\n\n", "more": "open sesame\nmore\n"})
    ring = ("--keyring", f"{KEYS}/locked.asc", "--key", "locked@")
    assert nav("plugin", "package", "here", *ring, "--passphrase-file", "more").code == 1
    assert nav("plugin", "package", "here", *ring, "--passphrase-file", "right").code == 0
    assert nav("plugin", "verify", "echo-1.0.0.tgz", *ring[:2]).code == 0


def test_verify(nav, signed):
    done = nav("plugin", "verify", signed.name, *RING)
    lines = done.out.split("\n")
    assert lines[:2] == ["Signed by: rsa key <rsa@example.com>", f"Using Key With Fingerprint: {FINGERPRINT}"]
    assert lines[2].startswith("Plugin Hash Verified: sha256:")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("nothing", "stat nothing: no such file or directory"),
        ("echo", "directory verification not supported - only plugin tarballs can be verified"),
        ("file", "plugin file must be a gzipped tarball (.tar.gz or .tgz)"),
        ("a.tgz", "could not find provenance file a.tgz.prov: stat a.tgz.prov: no such file or directory"),
        ("b.tar.gz", "signature block not found"),
    ],
)
def test_what_can_not_be_verified(nav, write, signed, path, problem):
    write({"file": "", "a.tgz": "", "b.tar.gz": "", "b.tar.gz.prov": ""})
    assert nav("plugin", "verify", path, *RING) == (1, "", f"Error: {problem}\n")


# what is broken off


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_install_that_is_broken_off_leaves_nothing(home, plugins, number):
    """Whoever presses Ctrl-C while the plugin's hook runs can begin anew."""
    hooks = '{install: [{command: sh, args: ["-c", ": > running; exec sleep 600"]}]}'
    folder(home / "here", "echo", hooks=hooks)
    program = [sys.executable, "-c", "from navarch.cli.main import entry; entry()", "plugin", "install", "here"]
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + 120
        while not (home / "running").exists():
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.01)
        assert kept(plugins)[-1] == "here"
        os.killpg(process.pid, number)
        assert process.wait(300) != 0
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert kept(plugins) == []
