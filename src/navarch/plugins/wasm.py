"""Plugins that are WebAssembly modules, run by Extism: JSON in, JSON out, and nothing else unless their file allows it.

A module sees no files, no network and none of our memory. What its plugin.yaml may allow it: hosts to talk to by HTTP,
a folder of its own as /tmp for the call. It is ended when its time is over, also when it loops without end, and it gets
no more memory than its limit. Needs the package `extism` (the extra `wasm`).
"""

from __future__ import annotations

import os
import threading
import time

from navarch.errors import JsonError, PluginError, PluginExitError
from navarch.golang.strconv import quote
from navarch.plugins.interrupting import interruptibly
from navarch.plugins.load import WASM_FILE
from navarch.plugins.metadata import WasmConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from navarch.plugins.interrupting import Stoppable
    from navarch.plugins.load import Plugin
    from navarch.plugins.web import Web
    from navarch.repos.getting import GetterRequest

__all__ = ["MAX_PAGES", "TIMEOUT", "call", "fetch", "post_render", "run_cli"]

TIMEOUT = 120.0
"""How many seconds a call may take where the plugin's file doesn't say."""

MAX_PAGES = 16384
"""How many pages of 64 KiB a module may have where its file doesn't say: 1 GiB."""

ENTRY = "helm_plugin_main"
_UNREAD = "failed to json marshal plugin output message: reflect.Value: "
_OUTPUT = "EXTISM_ENABLE_WASI_OUTPUT"
_lock = threading.Lock()
_output_lock = threading.RLock()
_log: Any = None
_lines: list[str] = []


def fetch(plugin: Plugin, request: GetterRequest, *, timeout: float | None) -> bytes:
    """What a getter answers for an address. Raises PluginError."""
    options = {
        "URL": request.owner,
        "CertFile": request.cert_file,
        "KeyFile": request.key_file,
        "CAFile": request.ca_file,
        "UNTar": False,
        "InsecureSkipVerifyTLS": request.insecure_skip_tls_verify,
        "PlainHTTP": request.plain_http,
        "AcceptHeader": request.accept,
        "Username": request.username,
        "Password": request.password,
        "PassCredentialsAll": request.pass_credentials,
        "UserAgent": "",
        "Version": "",
        "Timeout": 0,
    }
    message = {"href": request.url, "protocol": request.scheme, "options": options}
    return _bytes(call(plugin, message, timeout=timeout, answer="OutputMessageGetterV1").get("data"))


def post_render(plugin: Plugin, manifests: bytes, arguments: Sequence[str], *, timeout: float | None) -> bytes:
    """What a post-renderer makes of manifests. Raises PluginError.

    Both ways "manifests" is a text. (Helm 4.3 sends an empty object in its place, and reads none.)
    """
    message = {"manifests": manifests.decode("utf-8", "surrogateescape"), "extraArgs": list(arguments)}
    name = "OutputMessagePostRendererV1"
    text = call(plugin, message, timeout=timeout, answer=name).get("manifests")
    if text is None or text == {}:
        return b""
    if not isinstance(text, str):
        raise _misfit(text, f"{name}.manifests", "string")
    return text.encode("utf-8", "surrogateescape")


def run_cli(plugin: Plugin, arguments: Sequence[str]) -> None:
    """Run the command that a plugin adds; it prints on our stdout and stderr. Raises PluginError."""
    call(plugin, {"extraArgs": list(arguments)}, output=True, answer="OutputMessageCLIV1")


def call(
    plugin: Plugin,
    message: Mapping[str, Any],
    *,
    answer: str,
    timeout: float | None = None,
    output: bool = False,
) -> dict[str, Any]:
    """Hand a message to a module's entry function and answer what it answers, its keys in small letters.

    `answer` is what Helm calls the answer's type. The file's own limit of time counts, else `timeout` in seconds, else
    TIMEOUT. With `output` the module may print on our stdout and stderr. Raises PluginExitError where the function
    answers another number than 0, PluginError for everything else that can go wrong.
    """
    config = plugin.metadata.runtime_config
    if not isinstance(config, WasmConfig):
        raise PluginError(f"plugin {quote(plugin.name)} is no module")
    for name in config.host_functions:
        raise PluginError(f"plugin requested host function {quote(name)} not found")
    extism, data = _extism(plugin), _json(message)
    with _folder(config) as folder, _printing(output=output):
        manifest = _manifest(plugin, config, folder, timeout or TIMEOUT)
        found = interruptibly(lambda told: _run(extism, plugin, manifest, data, told))
    return _answer(found, answer)


def _extism(plugin: Plugin) -> Any:
    """The package that runs modules. Raises PluginError where it isn't installed."""
    try:
        import extism
    except ImportError as error:
        missing = f"plugin {quote(plugin.name)} is a WebAssembly module"
        raise PluginError(
            f"{missing}: running it needs the package extism", hint='pip install "navarch[wasm]"'
        ) from error
    _listen(extism)
    return extism


def _run(extism: Any, plugin: Plugin, manifest: dict[str, Any], data: bytes, told: Stoppable) -> bytes:
    """Load a module and call it once."""
    from navarch.plugins.web import Web, host_functions

    config = plugin.metadata.runtime_config
    assert isinstance(config, WasmConfig)
    limit = manifest["timeout_ms"] / 1000
    try:
        module = extism.Plugin(manifest, wasi=True, functions=host_functions(extism))
    except extism.Error as error:
        raise PluginError(f"failed to create existing plugin: {error}") from error
    with module:
        entry = config.entry or ENTRY
        if not module.function_exists(entry):
            raise PluginError(f"plugin error: unknown function: {entry}")
        told.offer(module.cancel_handle().cancel)
        web = Web(config.allowed_hosts, config.max_http_response_bytes, time.monotonic() + limit)
        try:
            found = b"" if told.asked else bytes(module.call(entry, data, host_context=web))
        except extism.Error as error:
            raise _failed(plugin, str(error), _reason(str(module.id)), limit, web) from error
        finally:
            told.offer(None)
        if web.problem is not None:
            raise PluginError(f"plugin error: {web.problem}")
        return found


def _listen(extism: Any) -> None:
    """Have Extism tell us why calls fail: what it raises doesn't say it. That holds for the process."""
    global _log
    with _lock:
        if _log is None:
            _log = extism.set_log_custom(_lines.append, "error")


def _reason(module: str) -> str:
    """Why the last call of a module failed, as Extism tells it; "" where it doesn't."""
    with _lock:
        _log.drain()
        told = [line for line in _lines if module in line]
        _lines.clear()
    _, found, causes = told[-1].rpartition("Caused by:\n") if told else ("", "", "")
    return causes.split("\n\n")[0].partition(' plugin="')[0].strip() if found else ""


def _failed(plugin: Plugin, said: str, reason: str, timeout: float, web: Web) -> PluginError:
    if web.problem is not None:
        return PluginError(f"plugin error: {web.problem}")
    code = said.removeprefix("Error code: ")
    if code != said and code.removeprefix("-").isdigit():
        return PluginExitError(f"plugin {quote(plugin.name)} exited with error", exit_code=int(code) & 0xFFFFFFFF)
    if said == "timeout":
        words = "plugin error: module closed with context deadline exceeded"
        return PluginError(words, hint=f"it did not end within {timeout:g} seconds")
    if said.startswith("error while executing"):
        return PluginError(f"plugin error: {reason or 'the module has ended itself'}", hint=said)
    return PluginError(f"plugin error: {said}")


def _manifest(plugin: Plugin, config: WasmConfig, folder: str, timeout: float) -> dict[str, Any]:
    """What Extism is told. Its limit of memory is for the module's own and for messages, together."""
    return {
        "wasm": [{"data": _module(plugin, config.max_pages or MAX_PAGES)}],
        "memory": {
            "max_pages": 2 * (config.max_pages or MAX_PAGES),
            "max_http_response_bytes": config.max_http_response_bytes,
            "max_var_bytes": config.max_var_bytes,
        },
        "config": dict(config.config),
        "allowed_hosts": [],  # navarch.plugins.web decides that
        "allowed_paths": {folder: "/tmp"} if folder else {},  # noqa: S108 - the module's, not ours
        "timeout_ms": config.timeout or int(timeout * 1000),
    }


def _module(plugin: Plugin, pages: int) -> bytes:
    """The module, with its limit of memory written into it."""
    from navarch.chart.load import reason
    from navarch.plugins.limits import with_limit

    path = os.path.join(plugin.folder, WASM_FILE)
    try:
        with open(path, "rb") as file:
            return with_limit(file.read(), pages)
    except OSError as error:
        raise PluginError(f"failed to create existing plugin: open {path}: {reason(error)}") from error


def _folder(config: WasmConfig) -> AbstractContextManager[str]:
    """A new folder for the time of a call; "" for a module that gets none."""
    if config.create_temp_dir:
        from tempfile import TemporaryDirectory

        return TemporaryDirectory(prefix="helm-plugin-")
    from contextlib import nullcontext

    return nullcontext("")


def _printing(*, output: bool) -> AbstractContextManager[None]:
    """Let what a module prints be seen, for the time of a call. Extism reads from the environment whether it is."""
    from contextlib import contextmanager, nullcontext

    @contextmanager
    def told() -> Iterator[None]:
        with _output_lock:
            before = os.environ.get(_OUTPUT)
            os.environ[_OUTPUT] = "1"
            try:
                yield
            finally:
                del os.environ[_OUTPUT]
                if before is not None:
                    os.environ[_OUTPUT] = before

    return told() if output else nullcontext()


def _json(message: Mapping[str, Any]) -> bytes:
    """A message as encoding/json writes its struct, whose fields have an order."""
    return _object(message).encode("utf-8", "replace")


def _object(fields: Mapping[str, Any]) -> str:
    from navarch.golang.json import dumps

    parts = (f"{dumps(key)}:{_object(part) if isinstance(part, dict) else dumps(part)}" for key, part in fields.items())
    return f"{{{','.join(parts)}}}"


def _answer(data: bytes, name: str) -> dict[str, Any]:
    """A module's answer, a struct that Helm calls by `name`. Raises PluginError."""
    from navarch.golang.json import loads, mismatch

    try:
        found = loads(data.decode("utf-8", "replace"))
    except JsonError as error:
        raise PluginError(f"{_UNREAD}{error}") from error
    if not isinstance(found, dict | None):
        raise PluginError(f"{_UNREAD}{mismatch(found, f'schema.{name}')}")
    return {name.lower(): value for name, value in (found or {}).items()}


def _bytes(text: Any) -> bytes:
    """The bytes that a []byte is in JSON: base64."""
    from binascii import a2b_base64

    from navarch.releases.fields import corrupt_at

    if text is None:
        return b""
    if not isinstance(text, str):
        raise _misfit(text, "OutputMessageGetterV1.data", "[]uint8")
    encoded = text.encode("utf-8", "surrogateescape")
    wrong = corrupt_at(encoded)
    if wrong is not None:
        raise PluginError(f"{_UNREAD}illegal base64 data at input byte {wrong}")
    return a2b_base64(encoded)


def _misfit(value: Any, field: str, go_type: str) -> PluginError:
    """A field of another type than its struct has."""
    from navarch.golang.json import type_name

    fault = f"cannot unmarshal {type_name(value)} into Go struct field {field} of type {go_type}"
    return PluginError(f"{_UNREAD}json: {fault}")
