"""Plugins in folders: which are found, in which order, and what is said of the others."""

import os

import pytest

from navarch.errors import PluginError
from navarch.plugins import find_plugin, find_plugins, load_all, load_plugin
from support.plugin_files import V1


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Writes plugin.yaml files: made({"one/foo": text}); answers where they are."""
    monkeypatch.chdir(tmp_path)

    def write(files):
        for name, text in files.items():
            (tmp_path / name).mkdir(parents=True, exist_ok=True)
            (tmp_path / name / "plugin.yaml").write_text(text)
        return tmp_path

    return write


def named(name, kind="cli/v1"):
    return V1.replace("foo", name).replace("cli/v1", kind)


def test_one_folder(made):
    base = made({"p/foo": V1})
    plugin = load_plugin(f"{base}/p/foo")
    assert (plugin.folder, plugin.name, plugin.metadata.version) == (f"{base}/p/foo", "foo", "1.2.3")


def test_all_below_a_folder_sorted_by_folder(made):
    base = made({"p/b": named("x"), "p/a": named("z"), "p/.c": named("y"), "p/d/e": named("deep")})
    (base / "p" / "plugin.yaml").write_text(V1)
    (base / "p" / "empty").mkdir()
    assert [plugin.name for plugin in load_all(f"{base}/p")] == ["y", "z", "x"]


def test_no_folder_no_plugins(tmp_path):
    assert load_all(f"{tmp_path}/none") == []


def test_a_linked_folder_counts(made):
    base = made({"away/foo": V1, "p/bar": named("bar")})
    os.symlink(f"{base}/away/foo", f"{base}/p/foo")
    assert [plugin.folder for plugin in load_all(f"{base}/p")] == [f"{base}/p/bar", f"{base}/p/foo"]


def test_what_can_not_be_loaded_is_told(made):
    base = made({"p/bad": "name: a b\n", "p/good": V1})
    (base / "p/folder/plugin.yaml").mkdir(parents=True)
    os.symlink("nowhere", base / "p/good/x")
    told = []
    found = load_all(f"{base}/p", ignored=lambda path, error: told.append((path, str(error))))
    assert [plugin.name for plugin in found] == ["foo"]
    bad, folder = f"{base}/p/bad", f"{base}/p/folder"
    message = f'failed to load plugin "{bad}": invalid plugin name "a b": must contain only a-z, A-Z, 0-9, _ and -'
    read = f'failed to read plugin at "{folder}/plugin.yaml": read {folder}/plugin.yaml: is a directory'
    assert told == [(f"{bad}/plugin.yaml", message), (f"{folder}/plugin.yaml", read)]


def test_files_that_are_too_large_or_none_at_all(made):
    base = made(
        {"p/large": V1 + "# " + "x" * (1 << 20) + "\n", "p/deep": V1 + f"config: {'{a: ' * 4000}1{'}' * 4000}\n"}
    )
    (base / "p/pipe").mkdir()
    os.mkfifo(base / "p/pipe/plugin.yaml")
    told = []
    assert load_all(f"{base}/p", ignored=lambda _path, error: told.append(str(error))) == []
    assert "field a not found in type schema.ConfigCLIV1" in told[0]
    large, pipe = f"{base}/p/large/plugin.yaml", f"{base}/p/pipe/plugin.yaml"
    assert told[1:] == [
        f'failed to read plugin at "{large}": {large} is larger than 1 MiB',
        f'failed to read plugin at "{pipe}": {pipe} is not a file',
    ]


def test_no_plugin_yaml(tmp_path):
    path = f"{tmp_path}/plugin.yaml"
    with pytest.raises(PluginError) as caught:
        load_plugin(str(tmp_path))
    assert str(caught.value) == f'failed to read plugin at "{path}": open {path}: no such file or directory'


def test_a_module_without_its_file(made):
    base = made({"p/foo": V1.replace("subprocess", "extism/v1")})
    with pytest.raises(PluginError) as caught:
        load_plugin(f"{base}/p/foo")
    assert str(caught.value) == f'wasm binary missing for extism/v1 plugin: "{base}/p/foo/plugin.wasm"'


def test_two_of_one_name_in_a_folder(made):
    base = made({"p/a": V1, "p/b": V1})
    with pytest.raises(PluginError) as caught:
        load_all(f"{base}/p")
    assert str(caught.value) == f'two plugins claim the name "foo" at "{base}/p/a" and "{base}/p/b"'


def test_several_folders(made):
    base = made({"p/a": V1, "q/a": V1, "q/b": named("bar", "getter/v1") + "config: {protocols: [x]}\n"})
    folders = [f"{base}/p", f"{base}/q"]
    assert [plugin.folder for plugin in find_plugins(folders)] == [f"{base}/p/a", f"{base}/q/a", f"{base}/q/b"]
    assert [plugin.name for plugin in find_plugins(folders, type="getter/v1")] == ["bar"]
    assert find_plugin(folders, "foo").folder == f"{base}/p/a"


def test_a_plugin_that_is_not_there(made):
    base = made({"p/a": V1})
    with pytest.raises(PluginError, match=r"^plugin: \{Name:foo Type:getter/v1\} not found$"):
        find_plugin([f"{base}/p"], "foo", type="getter/v1")


def test_the_current_folder(made):
    made({"foo": V1})
    assert [plugin.folder for plugin in load_all("")] == ["foo"]
    assert [plugin.folder for plugin in load_all(".")] == ["foo"]
