"""plugin.yaml without an apiVersion, as plugins had it before Helm 4: read leniently, made into the same metadata."""

from __future__ import annotations

from navarch.errors import PluginError
from navarch.golang.strconv import quote
from navarch.golang.yaml.structs import decode_node
from navarch.plugins.metadata import (
    CliConfig,
    GetterConfig,
    Metadata,
    PlatformCommand,
    ProtocolCommand,
    SubprocessConfig,
    check,
    is_name,
    is_version,
)
from navarch.plugins.v1 import COMMANDS, commands_of, hooks_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.golang.yaml.compose import Node

__all__ = ["read"]

_NO_SPACE = "\x1c\x1d\x1e\x1f"
"""What Python takes for white space and Go doesn't."""

_FILE: dict[str, dict[str, str] | str] = {
    **COMMANDS,
    "plugin.Hooks": "map[string]string",
    "plugin.Downloaders": {"protocols": "[]string", "command": "string"},
    "plugin.MetadataLegacy": {
        "name": "string",
        "version": "string",
        "usage": "string",
        "description": "string",
        "platformCommand": "[]plugin.PlatformCommand",
        "command": "string",
        "ignoreFlags": "bool",
        "platformHooks": "plugin.PlatformHooks",
        "hooks": "plugin.Hooks",
        "downloaders": "[]plugin.Downloaders",
    },
}


def read(root: Node) -> Metadata:
    """What a plugin.yaml in this format says. Raises PluginError or YamlError."""
    found = decode_node(root, "plugin.MetadataLegacy", _FILE)
    _check(found)
    downloaders = found.get("downloaders", ())
    protocols = tuple(protocol for item in downloaders for protocol in item["protocols"])
    return check(
        Metadata(
            api_version="legacy",
            name=found["name"],
            type="getter/v1" if downloaders else "cli/v1",
            runtime="subprocess",
            version=found.get("version", ""),
            source_url="",
            config=GetterConfig(protocols) if downloaders else _cli(found),
            runtime_config=_subprocess(found),
        )
    )


def _cli(found: dict[str, Any]) -> CliConfig:
    return CliConfig(
        short_help=_one_line(found.get("usage", "")),
        long_help=found.get("description", ""),
        ignore_flags=found.get("ignoreFlags", False),
    )


def _subprocess(found: dict[str, Any]) -> SubprocessConfig:
    commands = commands_of(found.get("platformCommand", ()))
    if not commands and found.get("command"):
        commands = (PlatformCommand(command=found["command"]),)
    lines = found.get("hooks", {})
    return SubprocessConfig(
        commands=commands,
        hooks=(
            {event: (PlatformCommand(command="sh", args=("-c", line)),) for event, line in lines.items()}
            or hooks_of(found.get("platformHooks", {}))
        ),
        protocol_commands=tuple(
            ProtocolCommand(tuple(item["protocols"]), (PlatformCommand(command=item["command"]),))
            for item in found.get("downloaders", ())
        ),
        expand_hook_args=not lines,
    )


def _check(found: dict[str, Any]) -> None:
    name, version = found.get("name", ""), found.get("version", "")
    if not is_name(name):
        raise PluginError(f"invalid plugin name {quote(name)}: must contain only a-z, A-Z, 0-9, _ and -")
    if version and not is_version(version):
        raise PluginError(f"invalid plugin version {quote(version)}: must be valid semver")
    for one, other in (("platformCommand", "command"), ("platformHooks", "hooks")):
        if found.get(one) and found.get(other):
            raise PluginError(f"both {one} and {other} are set")
    for index, item in enumerate(found.get("downloaders", ())):
        _check_downloader(index, item)


def _check_downloader(index: int, item: dict[str, Any]) -> None:
    if not item.get("command"):
        raise PluginError(f"downloader {index} has empty command")
    protocols = item.get("protocols", ())
    if not protocols:
        raise PluginError(f"downloader {index} has no protocols")
    if "" in protocols:
        raise PluginError(f"downloader {index} has empty protocol at index {protocols.index('')}")


def _one_line(text: str) -> str:
    """A text with a blank for each white space, and without what can't be printed."""
    from navarch.golang.runes import is_printable, valid

    spaced = (" " if char.isspace() and char not in _NO_SPACE else char for char in valid(text))
    return "".join(char for char in spaced if is_printable(char))
