"""nav space and nav chart, against a registry on loopback."""

import io
import json

import pytest

import navarch
from support.asgi import registry
from support.spaces import WEB, WORKER, Served, packed, shop

NO_MORE = ["_activeHelp_ This command takes no more arguments, only flags."]


@pytest.fixture
def server():
    with Served(registry()) as served:
        yield served


@pytest.fixture
def ask(server, nav, monkeypatch, home):
    monkeypatch.setenv("NAVARCH_REGISTRY", server.url)
    (home / "web.tgz").write_bytes(WEB)
    (home / "worker.tgz").write_bytes(WORKER)
    return nav


@pytest.fixture
def full(ask):
    assert ask("chart", "put", "library", "web.tgz", "worker.tgz").code == 0
    return ask


def test_spaces(ask):
    assert ask("space", "create", "a", "b") == (0, 'Space "a" is created\nSpace "b" is created\n', "")
    assert ask("space", "create", "a") == (1, "", "Error: resource conflict because a exist\n")
    assert ask("space", "list") == (0, "NAME\na   \nb   \n", "")
    assert ask("space", "ls", "-o", "json") == (0, '[{"name":"a"},{"name":"b"}]\n', "")
    assert ask("space", "delete", "a", "b").code == 0
    assert ask("space", "list") == (0, "", "no spaces to show\n")
    assert ask("space", "rm", "a") == (1, "", "Error: a not found\n")


def test_put_says_where_it_is(ask, server):
    assert ask("chart", "put", "library", "web.tgz") == (
        0,
        f"library/web/1.2.0 is at {server.url}/api/v1/spaces/library/charts/web/versions/1.2.0\n",
        "",
    )


def test_put_again(full, home):
    assert (
        full("chart", "put", "library", "web.tgz").err == "Error: resource conflict because library/web/1.2.0 exist\n"
    )
    other = packed("web", "1.2.0", {"README.md": "new"})
    (home / "web.tgz").write_bytes(other)
    assert full("chart", "put", "library", "web.tgz", "--replace").code == 0
    assert full("chart", "get", "library/web", "-d", "..").code == 0
    assert (home.parent / "web-1.2.0.tgz").read_bytes() == other


def test_put_a_folder(ask, write):
    write({"own/Chart.yaml": "apiVersion: v2\nname: own\nversion: 0.1.0\n"})
    assert ask("chart", "put", "library", "own").out.startswith("library/own/0.1.0 is at ")


def test_put_takes_the_signature_along(ask, server, home):
    (home / "web.tgz.prov").write_text("signature")
    assert ask("chart", "put", "library", "web.tgz").code == 0
    assert b'name="prov"; filename="web.tgz.prov"' in server.requests[-1].body


def test_list_and_versions(full, home):
    (home / "new.tgz").write_bytes(
        packed(
            "web",
            "1.10.0",
            {"Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.10.0\nappVersion: '7'\ndescription: serves\n"},
        )
    )
    full("chart", "put", "library", "new.tgz")
    rows = [[cell.strip() for cell in line.split("\t")] for line in full("chart", "list", "library").out.splitlines()]
    assert rows == [
        ["NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION"],
        ["library/web", "1.10.0", "7", "serves"],
        ["library/worker", "3.0.0", "", ""],
    ]
    found = json.loads(full("chart", "versions", "library/web", "-o", "json").out)
    assert [one["version"] for one in found] == ["1.10.0", "1.2.0"]
    assert 'appVersion: "7"' in full("chart", "versions", "library/web", "-o", "yaml").out
    assert full("chart", "list", "nope").err == "Error: nope not found\n"


def test_show(full):
    assert json.loads(full("chart", "show", "metadata", "library/worker", "-o", "json").out)["version"] == "3.0.0"
    assert "mem: 64Mi" in full("chart", "show", "values", "library/worker/3.0.0").out
    assert "threads: 2" in full("chart", "show", "values", "library/worker").out
    assert full("chart", "show", "values", "library/worker", "-o", "table").code == 1


def test_get(full, home):
    ran = full("chart", "get", "library/web/1.2.0", "library/worker", "-d", str(home / "nope"))
    assert (ran.code, ran.err.rpartition(": ")[2]) == (1, "no such file or directory\n")
    (home / "there").mkdir()
    ran = full("chart", "get", "library/web/1.2.0", "library/worker", "-d", "there")
    assert ran.out == "there/web-1.2.0.tgz\nthere/worker-3.0.0.tgz\n"
    assert (home / "there/web-1.2.0.tgz").read_bytes() == WEB


def test_delete(full):
    assert full("chart", "delete", "library/web").err.startswith('Error: "library/web" is no chart of a registry')
    assert full("chart", "delete", "library/web/1.2.0") == (0, "library/web/1.2.0 is deleted\n", "")
    assert full("chart", "delete", "--all", "library/worker/3.0.0").code == 1
    assert full("chart", "delete", "--all", "library/worker") == (0, "library/worker is deleted\n", "")
    assert full("chart", "list", "library") == (0, "", 'no charts in space "library"\n')


@pytest.mark.parametrize("text", ["library", "library/", "/web", "a/b/c/d", "", "library//1.0.0"])
def test_references_that_are_none(full, text):
    assert full("chart", "show", "metadata", text).err.startswith(f'Error: "{text}" is no chart of a registry')


def test_compose(full, write):
    write({"plan.json": json.dumps(shop("helm")), "list.yaml": "- a\n", "bad.yaml": "a: [\n"})
    write({"twice.yaml": "save: {chart: x, version: 1.0.0}\nconfigs:\n  kid: {}\n  kid: {}\n"})
    assert full("chart", "compose", "library", "plan.json").out.startswith("library/shop/1.0.0 is at ")
    assert full("chart", "compose", "library", "plan.json").err.endswith("library/shop/1.0.0 exist\n")
    assert full("chart", "compose", "library", "list.yaml").err.startswith("Error: list.yaml is no plan")
    assert full("chart", "compose", "library", "bad.yaml").err.startswith("Error: bad.yaml: ")
    twice = 'Error: twice.yaml: line 4: key "kid" already set in map\n'
    assert full("chart", "compose", "library", "twice.yaml").err == twice
    assert full("chart", "compose", "library", "no.yaml").err == "Error: open no.yaml: no such file or directory\n"


def test_compose_from_yaml_on_stdin(full, monkeypatch):
    package = "{independent: true, space: library, chart: web, version: 1.2.0}"
    text = f"save: {{chart: x, version: 1.0.0}}\nconfigs: {{package: {package}, _config: {{a: 1}}}}\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert full("chart", "compose", "library", "-").code == 0
    assert "a: 1" in full("chart", "show", "values", "library/x").out


class TestSet:
    def test_values_keep_their_comments(self, full, home, write):
        write({"new.yaml": "# how many\nthreads: 9\n"})
        assert full("chart", "set", "values", "library/worker/3.0.0", "new.yaml") == (
            0,
            "library/worker/3.0.0 has new values\n",
            "",
        )
        full("chart", "get", "library/worker", "-d", str(home / ".."))
        chart = navarch.load_chart(home.parent / "worker-3.0.0.tgz")
        assert chart.raw_file("values.yaml") == b"# how many\nthreads: 9\n"
        assert [one.name for one in chart.dependencies] == ["cache"]

    def test_values_from_stdin(self, full, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"threads": 7}')))
        assert full("chart", "set", "values", "library/worker/3.0.0", "-").code == 0
        assert "threads: 7" in full("chart", "show", "values", "library/worker").out

    def test_metadata_as_it_was_shown(self, full, write):
        shown = full("chart", "show", "metadata", "library/worker").out
        write({"new.yaml": f"{shown}description: works\nunknown: 5\nappVersion: 1.5\n"})
        assert full("chart", "set", "metadata", "library/worker/3.0.0", "new.yaml").code == 0
        after = shown.replace("name: worker", "description: works\nname: worker")
        after = after.replace("dependencies:", 'appVersion: "1.5"\ndependencies:', 1)
        assert full("chart", "show", "metadata", "library/worker").out == after

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("values", "library/worker", "a.yaml"), '"library/worker" is no chart of a registry: it has to be SPACE/'),
            (("values", "library/worker/3.0.0", "none"), "open none: no such file or directory"),
            (("values", "library/worker/3.0.0", "list.yaml"), "values should be map, but got unknown"),
            (("values", "library/worker/9.9.9", "a.yaml"), "library/worker/9.9.9 not found"),
            (("metadata", "library/worker/3.0.0", "list.yaml"), "list.yaml: "),
            (("metadata", "library/worker/3.0.0", "bad.yaml"), "bad.yaml: "),
            (("metadata", "library/worker/3.0.0", "a.yaml"), "value of name should be worker, but got "),
        ],
    )
    def test_refused(self, full, write, words, message):
        write({"a.yaml": "a: 1\n", "list.yaml": "- a\n", "bad.yaml": "a: [\n"})
        before = full("chart", "show", "values", "library/worker").out
        ran = full("chart", "set", *words)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith(f"Error: {message}")
        assert full("chart", "show", "values", "library/worker").out == before


class TestWhichRegistry:
    def test_flag_over_variable(self, nav, server, monkeypatch):
        monkeypatch.setenv("NAVARCH_REGISTRY", "http://127.0.0.1:1")
        assert nav("space", "list", "--server", server.url).code == 0

    def test_host_of_this_machine_without_a_scheme(self, nav, server):
        assert nav("space", "list", "--server", server.url.removeprefix("http://")).code == 0

    def test_other_hosts_are_asked_with_tls(self, nav):
        assert 'GET "https://registry.invalid/' in nav("space", "list", "--server", "registry.invalid").err

    @pytest.mark.parametrize(
        ("words", "variable", "header"),
        [
            (("--token", "t"), "v", "Bearer t"),
            ((), "v", "Bearer v"),
            (("--username", "u", "--password", "p"), "v", "Basic dTpw"),
            ((), "", "Basic a2VwdDpzZWNyZXQ="),
        ],
    )
    def test_credentials(self, ask, server, monkeypatch, write, words, variable, header):
        host = server.url.removeprefix("http://")
        write({"logins.json": json.dumps({"auths": {host: {"auth": "a2VwdDpzZWNyZXQ="}}})})
        monkeypatch.setenv("HELM_REGISTRY_CONFIG", "logins.json")
        monkeypatch.setenv("NAVARCH_REGISTRY_TOKEN", variable)
        ask("space", "list", *words)
        assert server.requests[-1].headers["authorization"] == header


class TestCompletion:
    @pytest.mark.parametrize(
        ("words", "choices"),
        [
            (("space", "delete", "l"), ["library"]),
            (("chart", "list", ""), ["library", "other"]),
            (("chart", "list", "library", ""), NO_MORE),
            (("chart", "put", "o"), ["other"]),
            (("chart", "get", ""), ["library/", "other/"]),
            (("chart", "get", "library/w"), ["library/web", "library/worker"]),
            (("chart", "get", "library/web/"), ["library/web/1.2.0"]),
            (("chart", "get", "library/web/1.2.0", "library/web/"), []),
            (("chart", "delete", "library/wo"), ["library/worker/"]),
            (("chart", "delete", "--all", "library/wo"), ["library/worker"]),
            (("chart", "get", "nope/"), []),
            (("chart", "set", "values", "library/wo"), ["library/worker"]),
            (("chart", "set", "metadata", "library/worker/"), ["library/worker/3.0.0"]),
            (("chart", "set", "values", "library/worker/3.0.0", ""), []),
            (("registry", "mirror", "library", ""), ["library", "other"]),
            (("registry", "mirror", "oci"), ["oci://\tcharts in a registry"]),
            (("registry", "mirror", "x", "library", ""), NO_MORE),
        ],
    )
    def test_choices(self, full, words, choices):
        full("space", "create", "other")
        lines = full("__complete", *words).out.splitlines()
        assert lines[:-1] == choices

    def test_nothing_where_nobody_answers(self, nav, monkeypatch):
        monkeypatch.setenv("NAVARCH_REGISTRY", "http://127.0.0.1:1")
        assert nav("__complete", "chart", "get", "").out == ":4\n"
