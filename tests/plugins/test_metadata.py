"""What a plugin.yaml says. Messages are those of the real Helm, metadata as its conversion makes it (metadata.go)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import NavarchError
from navarch.plugins.load import parse_metadata
from navarch.plugins.metadata import (
    CliConfig,
    EmptyConfig,
    GetterConfig,
    Metadata,
    PlatformCommand,
    ProtocolCommand,
    SubprocessConfig,
    WasmConfig,
    is_name,
)
from support.plugin_files import CASES, V1, as_bytes


def read(text):
    return parse_metadata(as_bytes(text))


@pytest.mark.parametrize("name", CASES)
def test_what_helm_says(name):
    text, message = CASES[name]
    if not message:
        assert read(text).name
        return
    with pytest.raises(NavarchError) as caught:
        read(text)
    assert str(caught.value) == message


def test_v1():
    assert read(CASES["v1 with everything"][0]) == Metadata(
        api_version="v1",
        name="foo",
        type="cli/v1",
        runtime="subprocess",
        version="1.2.3",
        source_url="https://example.com",
        config=CliConfig("foo", "a", "b", ignore_flags=True),
        runtime_config=SubprocessConfig(
            (PlatformCommand("linux", "amd64", "a", ("b",)),),
            {"install": (PlatformCommand(command="a"),)},
            (ProtocolCommand(("a",), (PlatformCommand(command="a"),)),),
        ),
    )


def test_what_is_left_out_is_empty():
    found = read(V1)
    assert found.config == CliConfig("", "", "", ignore_flags=False)
    assert found.runtime_config == SubprocessConfig((), {}, (), expand_hook_args=False)
    assert read(CASES["a post-renderer"][0]).config == EmptyConfig()


def test_v1_texts_take_the_way_of_helm():
    """A configuration is written and read again, so that dates and numbers lose the form they had."""
    assert read(CASES["v1 with a date for a usage"][0]).config == CliConfig("2020-01-02T00:00:00Z", "1.5", "31")
    assert read(CASES["a getter with null among its protocols"][0]).config == GetterConfig(("a",))


def test_a_module():
    text = V1.replace("subprocess", "extism/v1") + (
        "runtimeConfig:\n  memory: {maxPages: 3, maxHttpResponseBytes: 4, maxVarBytes: -1}\n  config: {a: 1}\n"
        "  allowedHosts: ['*.example.com']\n  fileSystem: {createTempDir: true}\n  timeout: 500\n"
        "  hostFunctions: [f]\n  entryFuncName: main\n"
    )
    assert read(text).runtime_config == WasmConfig(3, 4, -1, {"a": "1"}, ("*.example.com",), True, 500, ("f",), "main")


LEGACY = """
name: foo
version: 1.0.0
usage: "one\\tline\\n\\x07more"
description: |
  long
  text
ignoreFlags: true
command: $HELM_PLUGIN_DIR/foo a
hooks:
  install: echo $HOME
"""


def test_legacy():
    found = read(LEGACY)
    assert (found.api_version, found.type, found.runtime, found.source_url) == ("legacy", "cli/v1", "subprocess", "")
    assert found.config == CliConfig("", "one line more", "long\ntext\n", ignore_flags=True)
    assert found.runtime_config == SubprocessConfig(
        commands=(PlatformCommand(command="$HELM_PLUGIN_DIR/foo a"),),
        hooks={"install": (PlatformCommand(command="sh", args=("-c", "echo $HOME")),)},
    )


def test_legacy_downloaders():
    found = read(
        "name: foo\ncommand: x\ndownloaders: [{command: a, protocols: [s3, gs]}, {command: b c, protocols: [t]}]\n"
        "platformHooks: {update: [{command: y, args: [z]}]}"
    )
    assert (found.type, found.config) == ("getter/v1", GetterConfig(("s3", "gs", "t")))
    assert found.runtime_config == SubprocessConfig(
        (PlatformCommand(command="x"),),
        {"update": (PlatformCommand(command="y", args=("z",)),)},
        (
            ProtocolCommand(("s3", "gs"), (PlatformCommand(command="a"),)),
            ProtocolCommand(("t",), (PlatformCommand(command="b c"),)),
        ),
        expand_hook_args=True,
    )


@given(st.text(max_size=8))
def test_names(text):
    allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
    assert is_name(text) == (text != "" and all(char in allowed for char in text))


@given(st.binary(max_size=60))
def test_whatever_lies_there_there_is_no_traceback(data):
    try:
        parse_metadata(b"name: foo\n" + data)
    except NavarchError:
        pass
