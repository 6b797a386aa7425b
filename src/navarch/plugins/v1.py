"""plugin.yaml with apiVersion v1: read strictly, `config` by the plugin's type, `runtimeConfig` by its runtime."""

from __future__ import annotations

from navarch.errors import NavarchError, PluginError
from navarch.golang.strconv import quote
from navarch.golang.yaml.rewritten import rewritten
from navarch.golang.yaml.structs import decode_node
from navarch.plugins.metadata import (
    CliConfig,
    EmptyConfig,
    GetterConfig,
    Metadata,
    PlatformCommand,
    ProtocolCommand,
    SubprocessConfig,
    WasmConfig,
    check,
    is_name,
    is_version,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.golang.yaml.compose import Node

__all__ = ["COMMANDS", "TYPES", "api_version", "commands_of", "hooks_of", "read"]

_ANYTHING = "map[string]interface {}"
COMMANDS: dict[str, dict[str, str] | str] = {
    "plugin.PlatformCommand": {"os": "string", "arch": "string", "command": "string", "args": "[]string"},
    "plugin.PlatformHooks": "map[string][]plugin.PlatformCommand",
}
"""The types that both formats have."""

_FILE: dict[str, dict[str, str] | str] = {
    "plugin.apiVersion": {"apiVersion": "string"},
    "plugin.MetadataV1": {
        "apiVersion": "string",
        "name": "string",
        "type": "string",
        "runtime": "string",
        "version": "string",
        "sourceURL": "string",
        "config": _ANYTHING,
        "runtimeConfig": _ANYTHING,
    },
}
_CONFIGS: dict[str, dict[str, str] | str] = {
    "schema.ConfigCLIV1": {"usage": "string", "shortHelp": "string", "longHelp": "string", "ignoreFlags": "bool"},
    "schema.ConfigGetterV1": {"protocols": "[]string"},
    "schema.ConfigPostRendererV1": {},
    "schema.ConfigTestV1": {},
}
_RUNTIMES: dict[str, dict[str, str] | str] = {
    **COMMANDS,
    "plugin.SubprocessProtocolCommand": {"protocols": "[]string", "platformCommand": "[]plugin.PlatformCommand"},
    "plugin.RuntimeConfigSubprocess": {
        "platformCommand": "[]plugin.PlatformCommand",
        "platformHooks": "plugin.PlatformHooks",
        "protocolCommands": "[]plugin.SubprocessProtocolCommand",
    },
    "plugin.RuntimeConfigExtismV1Memory": {
        "maxPages": "uint32",
        "maxHttpResponseBytes": "int64",
        "maxVarBytes": "int64",
    },
    "plugin.RuntimeConfigExtismV1FileSystem": {"createTempDir": "bool"},
    "plugin.RuntimeConfigExtismV1": {
        "memory": "plugin.RuntimeConfigExtismV1Memory",
        "config": "map[string]string",
        "allowedHosts": "[]string",
        "fileSystem": "plugin.RuntimeConfigExtismV1FileSystem",
        "timeout": "uint64",
        "hostFunctions": "[]string",
        "entryFuncName": "string",
    },
}


def api_version(root: Node) -> str:
    """The apiVersion of a plugin.yaml, "" in the legacy format. Raises YamlError."""
    return str(decode_node(root, "plugin.apiVersion", _FILE).get("apiVersion", ""))


def read(root: Node) -> Metadata:
    """What a plugin.yaml of this version says. Raises PluginError or YamlError."""
    found = decode_node(root, "plugin.MetadataV1", _FILE, known_fields=True)
    _check(found)
    try:
        config = _config(found["type"], found.get("config", {}))
        runtime_config = _runtime_config(found["runtime"], found.get("runtimeConfig", {}))
    except NavarchError as error:
        raise PluginError(f"failed to convert MetadataV1 to Metadata: {error}") from error
    return check(
        Metadata(
            api_version=found["apiVersion"],
            name=found["name"],
            type=found["type"],
            runtime=found["runtime"],
            version=found["version"],
            source_url=found.get("sourceURL", ""),
            config=config,
            runtime_config=runtime_config,
        )
    )


def _check(found: dict[str, Any]) -> None:
    if not is_name(found.get("name", "")):
        raise PluginError("invalid plugin `name`")
    version = found.get("version", "")
    if not version:
        raise PluginError("plugin `version` is required")
    if not is_version(version):
        raise PluginError(f"invalid plugin `version` {quote(version)}: must be valid semver")
    for field in ("type", "runtime"):
        if not found.get(field):
            raise PluginError(f"`{field}` missing")


def _config(plugin_type: str, fields: dict[str, Any]) -> CliConfig | GetterConfig | EmptyConfig:
    if plugin_type not in TYPES:
        raise PluginError(f"unknown plugin type {quote(plugin_type)}")
    go_type, make = TYPES[plugin_type]
    return make(decode_node(rewritten(fields), go_type, _CONFIGS, known_fields=True))


def _cli(fields: dict[str, Any]) -> CliConfig:
    usage, short, long = (fields.get(name, "") for name in ("usage", "shortHelp", "longHelp"))
    return CliConfig(usage, short, long, fields.get("ignoreFlags", False))


def _getter(fields: dict[str, Any]) -> GetterConfig:
    return GetterConfig(tuple(fields.get("protocols", ())))


def _empty(_fields: dict[str, Any]) -> EmptyConfig:
    return EmptyConfig()


TYPES: dict[str, tuple[str, Callable[[dict[str, Any]], CliConfig | GetterConfig | EmptyConfig]]] = {
    "test/v1": ("schema.ConfigTestV1", _empty),
    "cli/v1": ("schema.ConfigCLIV1", _cli),
    "getter/v1": ("schema.ConfigGetterV1", _getter),
    "postrenderer/v1": ("schema.ConfigPostRendererV1", _empty),
}
"""The types that there are: what Go calls their configuration, and what makes it."""


def _runtime_config(runtime: str, fields: dict[str, Any]) -> SubprocessConfig | WasmConfig:
    if runtime not in _READERS:
        raise PluginError(f"unsupported plugin runtime type: {quote(runtime)}")
    go_type, make = _READERS[runtime]
    try:
        return make(decode_node(rewritten(fields), go_type, _RUNTIMES))
    except NavarchError as error:
        raise PluginError(f"failed to unmarshal runtimeConfig for {runtime} runtime: {error}") from error


def _subprocess(fields: dict[str, Any]) -> SubprocessConfig:
    return SubprocessConfig(
        commands=commands_of(fields.get("platformCommand", ())),
        hooks=hooks_of(fields.get("platformHooks", {})),
        protocol_commands=tuple(
            ProtocolCommand(tuple(item.get("protocols", ())), commands_of(item.get("platformCommand", ())))
            for item in fields.get("protocolCommands", ())
        ),
    )


def _wasm(fields: dict[str, Any]) -> WasmConfig:
    memory = fields.get("memory", {})
    return WasmConfig(
        max_pages=memory.get("maxPages", 0),
        max_http_response_bytes=memory.get("maxHttpResponseBytes", 0),
        max_var_bytes=memory.get("maxVarBytes", 0),
        config=fields.get("config", {}),
        allowed_hosts=tuple(fields.get("allowedHosts", ())),
        create_temp_dir=fields.get("fileSystem", {}).get("createTempDir", False),
        timeout=fields.get("timeout", 0),
        host_functions=tuple(fields.get("hostFunctions", ())),
        entry=fields.get("entryFuncName", ""),
    )


_READERS: dict[str, tuple[str, Callable[[dict[str, Any]], SubprocessConfig | WasmConfig]]] = {
    "subprocess": ("plugin.RuntimeConfigSubprocess", _subprocess),
    "extism/v1": ("plugin.RuntimeConfigExtismV1", _wasm),
}


def commands_of(items: list[dict[str, Any]] | tuple[()]) -> tuple[PlatformCommand, ...]:
    """Commands from the fields that the file has of them."""
    return tuple(
        PlatformCommand(item.get("os", ""), item.get("arch", ""), item.get("command", ""), tuple(item.get("args", ())))
        for item in items
    )


def hooks_of(events: dict[str, list[dict[str, Any]] | None]) -> dict[str, tuple[PlatformCommand, ...]]:
    """The commands of hooks by event."""
    return {event: commands_of(items or ()) for event, items in events.items()}
