"""Plugins on command lines that render and fetch: --post-renderer, getters, functions and values in Python."""

import sys
from importlib import metadata
from types import SimpleNamespace

import pytest

import navarch
from navarch.plugins import python
from support import plugin_programs as programs

CHART = {
    "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "web/templates/a.yaml": "kind: A\nmetadata: {name: a}\nis: {{ .Values.who | default `one` }}\n",
    "web/templates/b.yaml": "kind: B\nmetadata: {name: b, annotations: {helm.sh/hook: pre-install}}\nis: one\n",
}


@pytest.fixture
def plugins(home, monkeypatch):
    monkeypatch.setenv("HELM_PLUGINS", str(home / "plugins"))
    return home / "plugins"


def documents(ran):
    assert (ran.err, ran.code) == ("", 0)
    return {part.partition("\n")[0]: part for part in ran.out.split("# Source: web/templates/")[1:]}


def test_manifests_and_hooks_pass_through_it(nav, write, plugins):
    write(CHART)
    programs.post_renderer(plugins, 'sed "s/one/$2/"')
    words = ("--post-renderer", "render", "--post-renderer-args", "two")
    shown = documents(nav("template", "web", *words))
    assert "is: two" in shown["a.yaml"]
    assert "is: two" in shown["b.yaml"]
    assert documents(nav("template", "web", *words[2:], *words[:2])) == shown


@pytest.mark.parametrize(
    ("strategy", "hook", "calls"), [("combined", "two", 1), ("separate", "two", 2), ("nohooks", "one", 1)]
)
def test_strategies(nav, write, plugins, home, strategy, hook, calls):
    write(CHART)
    programs.post_renderer(plugins, f"echo . >> {home}/calls; sed s/one/two/")
    ran = nav("template", "web", "--post-renderer", "render", "--post-renderer-strategy", strategy)
    shown = documents(ran)
    assert "is: two" in shown["a.yaml"]
    assert f"is: {hook}" in shown["b.yaml"]
    assert (home / "calls").read_text().count(".") == calls


def test_a_strategy_that_there_is_not(nav, write):
    write(CHART)
    ran = nav("template", "web", "--post-renderer-strategy", "both")
    assert ran.err == (
        'Error: invalid argument "both" for "--post-renderer-strategy" flag: unknown post-render strategy: \'both\'\n'
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("absent",),
            'invalid argument "absent" for "--post-renderer" flag: plugin: {Name:absent Type:postrenderer/v1} not found',
        ),
        (
            ("render", "--post-renderer", "render"),
            'invalid argument "render" for "--post-renderer" flag: cannot specify --post-renderer flag more than once',
        ),
    ],
)
def test_names_that_are_refused(nav, write, plugins, words, message):
    write(CHART)
    programs.post_renderer(plugins, "cat")
    ran = nav("template", "web", "--post-renderer", *words)
    assert (ran.err, ran.code) == (f"Error: {message}\n", 1)


def test_no_name_is_no_post_renderer(nav, write):
    write(CHART)
    assert "is: one" in nav("template", "web", "--post-renderer", "").out


FAILED = 'failed to invoke post-renderer plugin "render": plugin "render"'


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 3", f"error while running post render on files: {FAILED} exited with error"),
        ("true", 'error while running post render on files: post-renderer "render" produced empty output'),
        (
            "echo '- 1'",
            (
                "error while parsing post rendered output: error parsing YAML: "
                "wrong node kind: expected MappingNode but got SequenceNode: node contents:\n- 1\n"
            ),
        ),
        ("sleep 60", f"error while running post render on files: {FAILED} did not end within 300ms and was ended"),
    ],
)
def test_a_post_renderer_that_fails(nav, write, plugins, monkeypatch, script, message):
    write(CHART)
    monkeypatch.setenv("NAVARCH_PLUGIN_TIMEOUT", "300ms")
    programs.post_renderer(plugins, script)
    ran = nav("template", "web", "--post-renderer", "render")
    assert (ran.out, ran.err, ran.code) == ("", f"Error: {message}\n\nUse --debug flag to render out invalid YAML\n", 1)


def test_a_time_that_can_not_be_read(nav, write, plugins, monkeypatch):
    write(CHART)
    monkeypatch.setenv("NAVARCH_PLUGIN_TIMEOUT", "soon")
    programs.post_renderer(plugins, "cat")
    ran = nav("template", "web", "--post-renderer", "render")
    assert ran.code == 1
    assert 'NAVARCH_PLUGIN_TIMEOUT: time: invalid duration "soon"' in ran.err


def test_values_from_a_getter(nav, write, plugins):
    write(CHART)
    programs.getter(plugins, 'echo "who: $4"')
    assert "is: s3://b/v.yaml" in documents(nav("template", "web", "-f", "s3://b/v.yaml"))["a.yaml"]


def test_a_file_with_a_colon_is_a_file(nav, write, plugins):
    write({**CHART, "gs:values.yaml": "who: file\n"})
    programs.getter(plugins, "echo no")
    assert "is: file" in documents(nav("template", "web", "-f", "gs:values.yaml"))["a.yaml"]


def test_a_repository_of_a_getter(nav, write, plugins, home):
    write(CHART)
    assert nav("package", "web", "-d", "store").code == 0
    assert nav("repo", "index", "store").code == 0
    programs.getter(plugins, f'exec cat "{home}/store/${{4#s3://b/}}"')
    assert nav("repo", "add", "b", "s3://b").out == '"b" has been added to your repositories\n'
    assert nav("repo", "update").code == 0
    assert nav("pull", "b/web").code == 0
    assert navarch.load_chart(str(home / "web-1.0.0.tgz")).name == "web"
    assert "is: one" in nav("template", "s3://b/web-1.0.0.tgz").out
    ran = nav("pull", "s3://b/absent-1.0.0.tgz")
    assert ran.err == 'Error: plugin "fetch" failed to invoke: plugin "fetch" exited with error\n'


def test_a_chart_that_a_getter_gives_for_another_is_refused(nav, write, plugins, home):
    write(CHART)
    nav("package", "web", "-d", "store")
    nav("repo", "index", "store")
    nav("package", "web", "-d", "store", "--version", "2.0.0")
    (home / "store" / "web-2.0.0.tgz").replace(home / "store" / "web-1.0.0.tgz")
    programs.getter(plugins, f'exec cat "{home}/store/${{4#s3://b/}}"')
    nav("repo", "add", "b", "s3://b")
    ran = nav("pull", "b/web")
    assert ran.code == 1
    assert "the digest is" in ran.err
    assert not (home / "web-1.0.0.tgz").exists()


@pytest.fixture
def offered(monkeypatch):
    """What an installed package would offer."""
    offer = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "offered", offer)
    entries = [metadata.EntryPoint("offered", "offered", python.GROUP)]
    monkeypatch.setattr(metadata, "entry_points", lambda group: entries)
    return offer


def test_functions_in_python(nav, write, offered):
    write({**CHART, "web/templates/a.yaml": "kind: A\nis: {{ shout `one` }}\n"})
    offered.functions = {"shout": str.upper}
    assert "is: ONE" in nav("template", "web").out
    assert nav("lint", "web").code == 0
    assert "is: ONE" in nav("install", "x", "web", "--dry-run=client").out


def test_a_function_that_fails(nav, write, offered):
    write({**CHART, "web/templates/a.yaml": "kind: A\nis: {{ shout 1 }}\n"})
    offered.functions = {"shout": str.upper}
    ran = nav("template", "web")
    assert ran.code == 1
    assert "error calling shout" in ran.err
    assert "Traceback" not in ran.err


def test_values_in_python(nav, write, offered):
    write(CHART)
    offered.value_sources = {"vault": lambda address: {"who": address}}
    assert "is: vault://x" in nav("template", "web", "-f", "vault://x").out


def test_a_post_renderer_in_python(nav, write, offered, plugins):
    write(CHART)
    offered.post_renderers = {"swap": lambda manifests, words: manifests.replace(*words)}
    words = ("--post-renderer", "swap", "--post-renderer-args", "one", "--post-renderer-args", "two")
    assert "is: two" in nav("template", "web", *words).out
    offered.post_renderers = {"swap": lambda manifests, words: ""}
    assert 'post-renderer "swap" produced empty output' in nav("template", "web", *words).err


def test_a_getter_in_python(nav, write, offered):
    write(CHART)
    offered.getters = {"shelf": lambda request: b"who: " + request.url.encode()}
    assert "is: shelf://x" in nav("template", "web", "-f", "shelf://x").out
