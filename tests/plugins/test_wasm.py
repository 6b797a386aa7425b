"""Plugins that are WebAssembly modules: what goes in and out, and what they may not do."""

import json
import os
import signal
import sys
import threading
import time
from base64 import b64encode
from typing import Any

import pytest

from navarch.errors import PluginError, PluginExitError
from navarch.plugins import wasm
from navarch.repos.getting import GetterRequest
from support import plugin_programs as programs
from support.pressing import ctrl_c

REQUEST = GetterRequest("w://b/x", "w", "w://b", "me", "secret", True, "c.pem", "k.pem", "ca.pem", True, True, "a/b")
TYPE = "OutputMessageGetterV1"


def call(plugin, message=None, **options):
    return wasm.call(plugin, {"a": 1} if message is None else message, answer=TYPE, **options)


def test_a_message_goes_in_and_out(tmp_path):
    message = {"text": "ü\n<>", "list": [1, None], "map": {"b": 1, "a": True}}
    assert call(programs.module(tmp_path, programs.ECHO), message) == message


def test_a_message_is_written_as_go_writes_the_struct():
    assert wasm._json({"b": "<", "a": {"d": [], "c": "\udcff"}}) == b'{"b":"\\u003c","a":{"d":[],"c":"\\ufffd"}}'


def test_what_a_getter_is_told(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(wasm, "call", lambda plugin, message, **_: told.append(message) or {})
    wasm.fetch(programs.module(tmp_path, programs.ECHO), REQUEST, timeout=None)
    options = {
        "URL": "w://b",
        "CertFile": "c.pem",
        "KeyFile": "k.pem",
        "CAFile": "ca.pem",
        "UNTar": False,
        "InsecureSkipVerifyTLS": True,
        "PlainHTTP": True,
        "AcceptHeader": "a/b",
        "Username": "me",
        "Password": "secret",
        "PassCredentialsAll": True,
        "UserAgent": "",
        "Version": "",
        "Timeout": 0,
    }
    assert told == [{"href": "w://b/x", "protocol": "w", "options": options}]
    assert list(told[0]["options"]) == list(options)


def test_what_a_getter_answers(tmp_path):
    data = b"\x00\xff chart"
    plugin = programs.module(tmp_path, programs.answering(json.dumps({"Data": b64encode(data).decode()})))
    assert wasm.fetch(plugin, REQUEST, timeout=None) == data


def test_a_getter_that_answers_nothing(tmp_path):
    assert wasm.fetch(programs.module(tmp_path, programs.answering("null")), REQUEST, timeout=None) == b""


READING = "failed to json marshal plugin output message: reflect.Value: "


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("{nope", "invalid character 'n' looking for beginning of object key string"),
        ("", "unexpected end of JSON input"),
        ("[]", "json: cannot unmarshal array into Go value of type schema.OutputMessageGetterV1"),
        (
            '{"data": 1}',
            "json: cannot unmarshal number into Go struct field OutputMessageGetterV1.data of type []uint8",
        ),
        ('{"data": "***"}', "illegal base64 data at input byte 0"),
    ],
)
def test_what_is_no_answer(tmp_path, answer, message):
    plugin = programs.module(tmp_path, programs.answering(answer))
    with pytest.raises(PluginError) as caught:
        wasm.fetch(plugin, REQUEST, timeout=None)
    assert str(caught.value) == READING + message


def test_a_post_renderer_gets_and_answers_text(tmp_path):
    plugin = programs.module(tmp_path, programs.ECHO, type="postrenderer/v1")
    assert wasm.post_render(plugin, "a: ü\n".encode(), ["x"], timeout=None) == "a: ü\n".encode()


@pytest.mark.parametrize("answer", ["{}", '{"manifests": {}}', '{"manifests": ""}'])
def test_a_post_renderer_without_an_answer(tmp_path, answer):
    plugin = programs.module(tmp_path, programs.answering(answer), type="postrenderer/v1")
    assert wasm.post_render(plugin, b"a: 1\n", [], timeout=None) == b""


def test_a_module_that_loops_is_ended_when_its_own_time_is_over(tmp_path):
    plugin = programs.module(tmp_path, programs.answering("{}", before="(loop $l (br $l))"), runtime="{timeout: 300}")
    begun = time.monotonic()
    with pytest.raises(PluginError) as caught:
        call(plugin, timeout=600)
    assert str(caught.value) == "plugin error: module closed with context deadline exceeded"
    assert caught.value.hint == "it did not end within 0.3 seconds"
    assert time.monotonic() - begun < 300


def test_a_module_that_loops_is_ended_without_a_time_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(wasm, "TIMEOUT", 0.3)
    plugin = programs.module(tmp_path, programs.answering("{}", before="(loop $l (br $l))"))
    with pytest.raises(PluginError, match=r"deadline exceeded"):
        call(plugin)


GROW = "(br_if 0 (i32.ne (memory.grow (i32.const {pages})) (i32.const -1))) unreachable"


def test_a_module_gets_no_more_memory_than_its_limit(tmp_path):
    grow = programs.answering("{}", before=f"(block {GROW.format(pages=1000)})")  # text, so that Extism's limit counts
    with pytest.raises(PluginError, match=r"^plugin error: "):
        call(programs.module(tmp_path, grow, name="small", runtime="{memory: {maxPages: 499}}"))
    assert call(programs.module(tmp_path, grow, name="large", runtime="{memory: {maxPages: 501}}")) == {}


def test_a_module_without_a_limit_of_its_own_has_one(tmp_path):
    grow = programs.answering("{}", before=f"(block {GROW.format(pages=2 * wasm.MAX_PAGES + 1)})")
    with pytest.raises(PluginError, match=r"^plugin error: "):
        call(programs.module(tmp_path, grow))


def test_an_entry_function_of_another_name(tmp_path):
    renamed = programs.answering('{"a": 1}').replace("helm_plugin_main", "start_here")
    assert call(programs.module(tmp_path, renamed, runtime="{entryFuncName: start_here}")) == {"a": 1}


def test_an_entry_function_that_is_not_there(tmp_path):
    with pytest.raises(PluginError, match=r"^plugin error: unknown function: nope$"):
        call(programs.module(tmp_path, programs.ECHO, runtime="{entryFuncName: nope}"))


def test_a_function_that_answers_a_number(tmp_path):
    with pytest.raises(PluginExitError) as caught:
        call(programs.module(tmp_path, programs.answering("{}", code=7)))
    assert (str(caught.value), caught.value.exit_code) == ('plugin "wasm" exited with error', 7)


def test_an_error_that_a_module_sets(tmp_path):
    sets = programs.answering("no such thing", code=1)
    sets = sets.replace("(call $output (local.get $at) (i64.const 13))", "(call $error (local.get $at))")
    sets = sets.replace("(memory", '(import "extism:host/env" "error_set" (func $error (param i64))) (memory')
    with pytest.raises(PluginError, match=r"^plugin error: no such thing$"):
        call(programs.module(tmp_path, sets))


def test_a_module_that_fails_says_why(tmp_path):
    with pytest.raises(PluginError, match=r"^plugin error: wasm trap: wasm `unreachable` instruction executed$"):
        call(programs.module(tmp_path, programs.answering("{}", before="unreachable")))


def test_a_host_function(tmp_path):
    with pytest.raises(PluginError, match=r'^plugin requested host function "x" not found$'):
        call(programs.module(tmp_path, programs.ECHO, runtime="{hostFunctions: [x]}"))


@pytest.mark.parametrize("text", ["\0asm garbage", '(module (import "a" "b" (func)))', "(module"])
def test_what_is_no_module(tmp_path, text):
    with pytest.raises(PluginError, match=r"^failed to create existing plugin: "):
        call(programs.module(tmp_path, text))


def test_without_extism(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "extism", None)
    with pytest.raises(PluginError, match=r"running it needs the package extism") as caught:
        call(programs.module(tmp_path, programs.ECHO))
    assert caught.value.hint == 'pip install "navarch[wasm]"'


def test_a_folder_for_the_time_of_a_call(tmp_path, monkeypatch):
    seen = []
    real = wasm._manifest

    def manifest(plugin, config, folder, timeout):
        seen.append((folder, os.path.isdir(folder)))
        return real(plugin, config, folder, timeout)

    monkeypatch.setattr(wasm, "_manifest", manifest)
    call(programs.module(tmp_path, programs.ECHO, runtime="{fileSystem: {createTempDir: true}}"))
    ((folder, was_there),) = seen
    assert was_there
    assert not os.path.exists(folder)


def test_what_a_module_may_use(tmp_path):
    runtime = "{timeout: 5, allowedHosts: [a], config: {k: v}, memory: {maxPages: 9, maxHttpResponseBytes: 8}}"
    plugin = programs.module(tmp_path, programs.ECHO, runtime=runtime)
    config: Any = plugin.metadata.runtime_config
    assert wasm._manifest(plugin, config, "", 60.0) == {
        "wasm": [{"data": programs.ECHO.encode()}],
        "memory": {"max_pages": 18, "max_http_response_bytes": 8, "max_var_bytes": 0},
        "config": {"k": "v"},
        "allowed_hosts": [],
        "allowed_paths": {},
        "timeout_ms": 5,
    }


def test_ctrl_c_ends_a_module(tmp_path):
    plugin = programs.module(tmp_path, programs.answering("{}", before="(loop $l (br $l))"))
    with pytest.raises(KeyboardInterrupt), ctrl_c(0.3):
        call(plugin, timeout=60)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert call(programs.module(tmp_path, programs.ECHO, name="next"), {"a": 1}) == {"a": 1}


def test_ctrl_c_several_times(tmp_path):
    plugin = programs.module(tmp_path, programs.answering("{}", before="(loop $l (br $l))"))
    with pytest.raises(KeyboardInterrupt), ctrl_c(0.3, 0.31, 0.32):
        call(plugin, timeout=60)


def test_from_several_threads(tmp_path):
    plugin = programs.module(tmp_path, programs.ECHO)
    answers = {}

    def ask(number):
        answers[number] = call(plugin, {"n": number})

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: {"n": n} for n in range(8)}
