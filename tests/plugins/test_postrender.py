"""Post-renderers by name, and programs as post-renderers."""

import pytest

from navarch.errors import PluginError
from navarch.plugins.postrender import command_post_renderer, post_renderer
from support import plugin_programs as programs


def test_a_plugin_by_name(tmp_path):
    programs.post_renderer(tmp_path, 'echo "# $*"; cat')
    render = post_renderer("render", ["a", "b c"], folders=[str(tmp_path)])
    assert render("x: ü\udcff\n") == "# render a b c\nx: ü\udcff\n"


def test_no_plugin_of_the_name(tmp_path):
    programs.post_renderer(tmp_path, "cat")
    programs.getter(tmp_path, "cat", name="other")
    for name in ("other", "absent"):
        with pytest.raises(PluginError) as caught:
            post_renderer(name, folders=[str(tmp_path)])
        assert str(caught.value) == f"plugin: {{Name:{name} Type:postrenderer/v1}} not found"


def test_a_plugin_that_fails(tmp_path):
    programs.post_renderer(tmp_path, "echo because >&2; exit 2")
    with pytest.raises(PluginError) as caught:
        post_renderer("render", folders=[str(tmp_path)])("a: 1\n")
    assert str(caught.value) == 'failed to invoke post-renderer plugin "render": plugin "render" exited with error'
    assert caught.value.hint == "because"


def test_a_plugin_that_hangs(tmp_path):
    programs.post_renderer(tmp_path, "sleep 60")
    with pytest.raises(PluginError, match=r'plugin "render" did not end within 200ms and was ended$'):
        post_renderer("render", folders=[str(tmp_path)], timeout=0.2)("a: 1\n")


@pytest.mark.parametrize("script", ["cat > /dev/null", "echo '  '"])
def test_an_empty_answer(tmp_path, script):
    programs.post_renderer(tmp_path, script)
    with pytest.raises(PluginError, match=r'^post-renderer "render" produced empty output$'):
        post_renderer("render", folders=[str(tmp_path)])("a: 1\n")


def test_a_module(tmp_path):
    programs.module(tmp_path, programs.ECHO, type="postrenderer/v1")
    assert post_renderer("wasm", folders=[str(tmp_path)])("a: 1\n") == "a: 1\n"


def test_a_module_that_answers_nothing(tmp_path):
    programs.module(tmp_path, programs.answering('{"manifests": {}}'), type="postrenderer/v1")
    with pytest.raises(PluginError, match=r'^post-renderer "wasm" produced empty output$'):
        post_renderer("wasm", folders=[str(tmp_path)])("a: 1\n")


def test_a_program():
    assert command_post_renderer(["sed", "s/1/2/"])("a: 1\n") == "a: 2\n"


def test_a_program_that_fails_or_hangs():
    with pytest.raises(PluginError, match=r'^plugin "false" exited with error$'):
        command_post_renderer(["/bin/false"])("a: 1\n")
    with pytest.raises(PluginError, match=r"did not end within 200ms"):
        command_post_renderer(["sleep", "60"], timeout=0.2)("a: 1\n")
