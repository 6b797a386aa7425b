"""dependency update, build and list, and --dependency-update: on the command line. The words are Helm's."""

from __future__ import annotations

from hashlib import sha256

import pytest

from support.charts_server import Web, archive, index_of

HANG = "Hang tight while we grab the latest from your chart repositories...\n"
DONE = "Update Complete. ⎈Happy Helming!⎈\n"
GOT = '...Successfully got an update from the "shop" chart repository\n'


@pytest.fixture
def web(tmp_path):
    made = {f"web-{version}.tgz": archive(tmp_path / "made", "web", version) for version in ("1.0.0", "1.1.0")}
    index = index_of(made, tmp_path)
    with Web({f"/{name}": data for name, data in made.items()}) as server:
        server.files["/index.yaml"] = index.to_yaml().encode()
        yield server


@pytest.fixture
def chart(home, web):
    folder = home / "app"
    (folder / "templates").mkdir(parents=True)
    (folder / "templates/c.yaml").write_text("kind: App\n")
    (folder / "Chart.yaml").write_text(
        "apiVersion: v2\nname: app\nversion: 0.1.0\n"
        f"dependencies:\n- name: web\n  version: ^1\n  repository: {web.url}\n"
    )
    return folder


def test_update_and_build(nav, chart, web):
    nav("repo", "add", "shop", web.url)
    saving = f"Saving 1 charts\nDownloading web from repo {web.url}\nDeleting outdated charts\n"
    assert nav("dependency", "update", "app/") == (0, f"{HANG}{GOT}{DONE}{saving}", "")
    assert nav("dep", "up", "app", "--skip-refresh") == (0, saving, "")
    assert nav("dep", "build", "app") == (0, f"{HANG}{GOT}{DONE}{saving}", "")
    (chart / "Chart.yaml").write_text((chart / "Chart.yaml").read_text().replace("^1", "1.0.0"))
    assert nav("dep", "build", "app").err == (
        "Error: the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). "
        "Please update the dependencies with 'helm dependency update'\n"
    )


def test_a_repository_that_was_not_added(nav, chart, web):
    got = f'...Successfully got an update from the "{web.url}" chart repository\n'
    ran = nav("dep", "up", "app")
    assert ran.code == 0
    assert ran.out.startswith(f"Getting updates for unmanaged Helm repositories...\n{got}Saving 1 charts\n")
    assert nav("dep", "build", "app").err == (
        f"Error: no repository definition for {web.url}. Please add the missing repos via 'helm repo add'\n"
    )


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("gone", "could not find gone: stat gone: no such file or directory"),
        ("file", "only unpacked charts can be updated"),
        ("", "Chart.yaml file is missing"),
    ],
)
@pytest.mark.parametrize("command", ["update", "build"])
def test_what_has_no_dependencies(nav, home, command, path, message):
    (home / "file").write_text("")
    assert nav("dependency", command, *([path] if path else [])) == (1, "", f"Error: {message}\n")


def test_a_download_that_fails(nav, chart, web):
    web.changed["/index.yaml"] = None
    name = f"helm-manager-{sha256(web.url.encode()).hexdigest()}"
    ran = nav("dep", "up", "app")
    assert ran.out.startswith(
        "Getting updates for unmanaged Helm repositories...\n"
        f'...Unable to get an update from the "{web.url}" chart repository:\n\tGet "{web.url}/index.yaml": EOF\n'
    )
    assert ran.err.startswith(f"Error: no cached repository for {name} found. (try 'helm repo update'): open ")
    web.changed = {"/web-1.1.0.tgz": None}
    problem = f'could not download {web.url}/web-1.1.0.tgz: Get "{web.url}/web-1.1.0.tgz": EOF'
    ran = nav("dep", "up", "app")
    assert ran.out.endswith(f"\nSave error occurred:  {problem}\n")
    assert ran.err == f"Error: {problem}\n"


def test_template_fetches_what_is_missing(nav, chart):
    missing = nav("template", "r", "app")
    assert missing.err.endswith("found in Chart.yaml, but missing in charts/ directory: web\n")
    ran = nav("template", "r", "app", "--dependency-update")
    assert ran.out.startswith("Getting updates for unmanaged Helm repositories...\n")
    assert "# Source: app/charts/web/templates/c.yaml\n" in ran.out
    assert "Saving" not in nav("template", "r", "app", "--dependency-update").out


def test_install_fetches_what_is_missing(nav, chart):
    ran = nav("install", "r", "app", "--dependency-update", "--dry-run=client")
    assert "\nSaving 1 charts\n" in ran.out
    assert "missing in charts/" not in ran.err
    assert (chart / "Chart.lock").exists()


def test_package_fetches_without_a_word(nav, chart, home):
    assert nav("package", "app", "-u") == (
        0,
        f"Successfully packaged chart and saved it to: {home}/app-0.1.0.tgz\n",
        "",
    )
    assert [path.name for path in (chart / "charts").iterdir()] == ["web-1.1.0.tgz"]


@pytest.mark.parametrize(
    "words",
    ["template r app", "install r app", "upgrade r app", "show chart app", "pull x/y", "package app", "push a b"],
)
@pytest.mark.parametrize(
    ("flags", "which"), [("--ca-file", "can't read CA"), ("--key-file /none --cert-file", "unable to read cert")]
)
@pytest.mark.usefixtures("chart")
def test_certificates_are_read_whatever_the_chart_is(nav, words, flags, which):
    done = nav(*words.split(), *flags.split(), "/none")
    why = f'{which} file: "/none": open /none: no such file or directory'
    assert done.code == 1
    assert done.err == f"Error: missing registry client: can't create TLS config for client: {why}\n"


def test_settings_for_registries_are_looked_at_first(nav, chart):
    assert nav("dep", "up", "app", "--ca-file", "/none").err == (
        "Error: missing registry client: can't create TLS config for client: "
        'can\'t read CA file: "/none": open /none: no such file or directory\n'
    )
    assert not (chart / "charts").exists()
